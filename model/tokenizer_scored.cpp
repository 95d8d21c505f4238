#include "model/bpe.hpp"
#include "model/text_stream.hpp"

#include <algorithm>
#include <bit>
#include <functional>

namespace troupe {

namespace {

constexpr token_id first_byte = 3;  ///< <unk>, <s>, </s>, then the 256 bytes
constexpr token_id begin_token = 1;
constexpr std::size_t longest_piece = 1024;
constexpr float never = -1e10f;  ///< pieces with this score or less are not merged to

struct entry {
  std::string text;
  float score = 0;
};

class scored_tokenizer final : public tokenizer {
 public:
  explicit scored_tokenizer(std::vector<entry> entries) : entries_(std::move(entries)) {
    for (std::size_t i = 0; i < entries_.size(); ++i)
      ids_.emplace(entries_[i].text, static_cast<token_id>(i));
    std::vector<float> scores;
    for (const entry& e : entries_)
      if (e.score > never) scores.push_back(e.score);
    std::ranges::sort(scores, std::greater<>());
    for (const auto& [text, id] : ids_) {
      const float score = entries_[static_cast<std::size_t>(id)].score;
      if (!(score > never)) continue;
      const auto better = std::ranges::lower_bound(scores, score, std::greater<>());
      add_merges(text, id, better - scores.begin());
    }
  }

  std::int64_t size() const noexcept override { return static_cast<std::int64_t>(entries_.size()); }

  std::vector<token_id> encode(std::string_view text, control_tokens) const override {
    if (text.empty()) return {};
    text_stream repair({});
    std::string valid = repair.push(text);
    valid += repair.finish();
    std::vector<token_id> out;
    append_character(" ", out);
    for (std::size_t at = 0; at < valid.size();) {
      std::size_t n = 1;
      while (at + n < valid.size() && (static_cast<unsigned char>(valid[at + n]) & 0xc0) == 0x80)
        ++n;
      append_character(valid.substr(at, n), out);
      at += n;
    }
    merges_.apply(out);
    return out;
  }

  std::vector<token_id> opening() const override { return {begin_token}; }

  std::string piece(token_id previous, token_id id) const override {
    if (id <= 2 || id >= size()) return {};
    const std::string& text = entries_[static_cast<std::size_t>(id)].text;
    const bool opens = previous < 0 || previous == begin_token;
    if (opens && text.starts_with(' ')) return text.substr(1);
    const auto byte = id < first_byte + 256 ? fallback_byte(text) : std::nullopt;
    return byte ? std::string(1, static_cast<char>(*byte)) : text;
  }

  std::optional<token_id> control(std::string_view text) const override {
    if (text == "<s>") return begin_token;
    if (text == "</s>") return 2;
    return std::nullopt;
  }

 private:
  void append_character(std::string_view c, std::vector<token_id>& out) const {
    if (auto it = ids_.find(std::string(c)); it != ids_.end()) {
      out.push_back(it->second);
      return;
    }
    for (char b : c) out.push_back(first_byte + static_cast<unsigned char>(b));
  }

  /// Every pair of pieces that spells `text` is merged to it.
  void add_merges(const std::string& text, token_id id, std::int64_t rank) {
    for (std::size_t n = 1; n < text.size(); ++n) {
      const auto left = ids_.find(text.substr(0, n)), right = ids_.find(text.substr(n));
      if (left != ids_.end() && right != ids_.end())
        merges_.add(left->second, right->second, id, rank);
    }
  }

  std::vector<entry> entries_;
  std::unordered_map<std::string, token_id> ids_;
  merge_table merges_;
};

/// Little-endian numbers from bytes that may end too early.
class byte_reader {
 public:
  explicit byte_reader(std::span<const std::byte> data) : data_(data) {}
  std::optional<std::uint32_t> number() {
    if (data_.size() < 4) return std::nullopt;
    std::uint32_t out = 0;
    for (std::size_t i = 0; i < 4; ++i) out |= std::to_integer<std::uint32_t>(data_[i]) << (8 * i);
    data_ = data_.subspan(4);
    return out;
  }
  std::optional<std::string> text(std::size_t length) {
    if (length > data_.size()) return std::nullopt;
    std::string out(reinterpret_cast<const char*>(data_.data()), length);
    data_ = data_.subspan(length);
    return out;
  }

 private:
  std::span<const std::byte> data_;
};

}  // namespace

std::string decode(const tokenizer& t, std::span<const token_id> ids) {
  std::string out;
  token_id previous = -1;
  for (token_id id : ids) {
    out += t.piece(previous, id);
    // Control tokens are no text: what follows them at the beginning still begins it.
    if (!t.piece(id, id).empty()) previous = id;
  }
  return out;
}

result<std::shared_ptr<const tokenizer>> parse_scored_tokenizer(std::span<const std::byte> data,
                                                                std::int64_t size,
                                                                const std::string& name) {
  byte_reader in(data);
  std::vector<entry> entries;
  bool whole = in.number().has_value();  // the longest piece's length, which nothing here needs
  for (std::int64_t i = 0; whole && i < size; ++i) {
    const auto score = in.number(), length = in.number();
    auto text = length && *length <= longest_piece ? in.text(*length) : std::nullopt;
    whole = text.has_value();
    if (whole) entries.push_back({*std::move(text), std::bit_cast<float>(*score)});
  }
  if (!whole || size < first_byte + 256)
    return error{errc::invalid_request,
                 "`" + name + "` does not hold a vocabulary of " + std::to_string(size) +
                     " pieces in llama2.c's format; it belongs to another model or is cut short"};
  return std::shared_ptr<const tokenizer>(
      std::make_shared<const scored_tokenizer>(std::move(entries)));
}

}  // namespace troupe
