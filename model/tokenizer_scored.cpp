#include "model/tokenizer.hpp"

#include <array>
#include <bit>
#include <cstring>
#include <unordered_map>

namespace troupe {

namespace {

constexpr token_id first_byte = 3;  ///< <unk>, <s>, </s>, then the 256 bytes
constexpr token_id begin_token = 1;

struct entry {
  std::string text;
  float score = 0;
};

std::string byte_of(std::string_view text) {
  if (text.size() != 6 || !text.starts_with("<0x") || text.back() != '>') return std::string(text);
  auto digit = [](char c) { return c <= '9' ? c - '0' : c - 'A' + 10; };
  return std::string(1, static_cast<char>(digit(text[3]) * 16 + digit(text[4])));
}

class scored_tokenizer final : public tokenizer {
 public:
  explicit scored_tokenizer(std::vector<entry> entries) : entries_(std::move(entries)) {
    for (std::size_t i = 0; i < entries_.size(); ++i)
      ids_.emplace(entries_[i].text, static_cast<token_id>(i));
  }

  std::int64_t size() const noexcept override { return static_cast<std::int64_t>(entries_.size()); }

  std::vector<token_id> encode(std::string_view text, control_tokens) const override {
    if (text.empty()) return {};
    std::vector<token_id> out;
    append_character(" ", out);
    for (std::size_t at = 0; at < text.size();) {
      std::size_t n = 1;
      while (n < 4 && at + n < text.size() &&
             (static_cast<unsigned char>(text[at + n]) & 0xc0) == 0x80)
        ++n;
      append_character(text.substr(at, n), out);
      at += n;
    }
    while (merge_best(out)) {
    }
    return out;
  }

  std::string piece(token_id previous, token_id id) const override {
    if (id <= 2 || id >= size()) return {};
    const std::string& text = entries_[static_cast<std::size_t>(id)].text;
    const bool opens = previous < 0 || previous == begin_token;
    if (opens && text.starts_with(' ')) return text.substr(1);
    return id < first_byte + 256 ? byte_of(text) : text;
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

  bool merge_best(std::vector<token_id>& ids) const {
    float best = -1e10f;
    std::size_t at = ids.size();
    token_id merged = 0;
    for (std::size_t i = 0; i + 1 < ids.size(); ++i) {
      const auto it = ids_.find(entries_[static_cast<std::size_t>(ids[i])].text +
                                entries_[static_cast<std::size_t>(ids[i + 1])].text);
      if (it == ids_.end() || entries_[static_cast<std::size_t>(it->second)].score <= best)
        continue;
      best = entries_[static_cast<std::size_t>(it->second)].score;
      at = i;
      merged = it->second;
    }
    if (at == ids.size()) return false;
    ids[at] = merged;
    ids.erase(ids.begin() + static_cast<std::ptrdiff_t>(at) + 1);
    return true;
  }

  std::vector<entry> entries_;
  std::unordered_map<std::string, token_id> ids_;
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
    previous = id;
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
    auto text = length ? in.text(*length) : std::nullopt;
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
