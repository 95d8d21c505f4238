#include "model/bpe_model.hpp"

#include "model/text_steps.hpp"

#include <boost/json.hpp>

#include <stdexcept>

namespace troupe {

namespace json = boost::json;

namespace {

constexpr token_id highest_id = 10'000'000;

bool flag(const json::value& v, const char* key) {
  const auto* f = v.as_object().if_contains(key);
  return f && f->is_bool() && f->get_bool();
}

/// Nothing if it is missing or empty.
std::string text_or_empty(const json::value& v, const char* key) {
  const auto* t = v.as_object().if_contains(key);
  return t && t->is_string() ? std::string(t->get_string()) : std::string();
}

std::size_t length_at(std::string_view text, std::size_t at) {
  std::size_t n = 1;
  while (at + n < text.size() && (static_cast<unsigned char>(text[at + n]) & 0xC0) == 0x80) ++n;
  return n;
}

}  // namespace

bpe_model::bpe_model(const json::value& model, bool bytes) : bytes_(bytes) {
  if (const std::string type = text_or_empty(model, "type"); type != "BPE")
    refuse_tokenizer_part("a model of type `" + type + "`");
  for (const char* key : {"continuing_subword_prefix", "end_of_word_suffix"})
    if (!text_or_empty(model, key).empty()) refuse_tokenizer_part("`" + std::string(key) + "`");
  if (const auto* d = model.as_object().if_contains("dropout");
      d && d->is_number() && d->to_number<double>() > 0)
    refuse_tokenizer_part("`dropout`");
  whole_first_ = flag(model, "ignore_merges");
  fallback_ = flag(model, "byte_fallback");
  fuse_unknown_ = flag(model, "fuse_unk");
  read_vocabulary(model);
  read_merges(model);
  if (const std::string text = text_or_empty(model, "unk_token"); !text.empty())
    unknown_ = id_of(text);
}

void bpe_model::read_vocabulary(const json::value& model) {
  std::vector<std::pair<std::string_view, token_id>> all;
  for (const auto& [entry, id] : model.at("vocab").as_object()) {
    const auto n = id.to_number<std::int64_t>();
    if (n < 0 || n > highest_id) throw std::invalid_argument("a token id is out of range");
    all.emplace_back(entry, n);
    if (static_cast<std::size_t>(n) >= entries_.size())
      entries_.resize(static_cast<std::size_t>(n) + 1);
  }
  texts_.resize(entries_.size());
  ids_.reserve(all.size());
  byte_ids_.fill(-1);
  for (const auto& [entry, id] : all) {
    const auto at = static_cast<std::size_t>(id);
    entries_[at] = std::string(entry);
    // An added token may be listed as well, in plain text.
    auto text = bytes_ ? from_byte_alphabet(entry) : std::nullopt;
    texts_[at] = text ? *std::move(text) : entries_[at];
  }
  for (const auto& [entry, id] : all) {
    const std::string& text = texts_[static_cast<std::size_t>(id)];
    ids_.emplace(text, id);
    if (bytes_ && text.size() == 1) byte_ids_[static_cast<unsigned char>(text[0])] = id;
    if (const auto byte = fallback_ && !bytes_ ? fallback_byte(entry) : std::nullopt)
      byte_ids_[*byte] = id;
  }
  whole_ = std::vector<std::atomic<whole>>(entries_.size());
}

void bpe_model::read_merges(const json::value& model) {
  auto id = [&](std::string_view entry) {
    const auto text = bytes_ ? from_byte_alphabet(entry) : std::string(entry);
    const token_id found = text ? id_of(*text) : -1;
    if (found < 0)
      throw std::invalid_argument("a merge names `" + std::string(entry) +
                                  "`, which is not in its vocabulary");
    return found;
  };
  std::int64_t rank = 0;
  for (const json::value& m : model.at("merges").as_array()) {
    std::string left, right;
    if (m.is_array()) {
      left = json::value_to<std::string>(m.as_array().at(0));
      right = json::value_to<std::string>(m.as_array().at(1));
    } else {
      const std::string both = json::value_to<std::string>(m);
      const auto space = both.find(' ');
      if (space == both.npos) throw std::invalid_argument("a merge names only one piece");
      left = both.substr(0, space);
      right = both.substr(space + 1);
    }
    merges_.add(id(left), id(right), id(left + right), rank++);
  }
}

token_id bpe_model::id_of(std::string_view piece) const {
  const auto it = ids_.find(piece);
  return it == ids_.end() ? -1 : it->second;
}

/// The ids that merging begins with: of bytes, or of characters.
void bpe_model::append_characters(std::string_view piece, std::vector<token_id>& ids) const {
  if (bytes_) {
    for (const char c : piece)
      if (const token_id id = byte_ids_[static_cast<unsigned char>(c)]; id >= 0)
        ids.push_back(id);
      else if (unknown_ >= 0)
        ids.push_back(unknown_);
    return;
  }
  bool after_unknown = false;
  for (std::size_t at = 0; at < piece.size();) {
    const std::string_view c = piece.substr(at, length_at(piece, at));
    at += c.size();
    if (const token_id id = id_of(c); id >= 0) {
      ids.push_back(id);
      after_unknown = false;
      continue;
    }
    bool known = fallback_;
    for (const char b : c) known = known && byte_ids_[static_cast<unsigned char>(b)] >= 0;
    if (known) {
      for (const char b : c) ids.push_back(byte_ids_[static_cast<unsigned char>(b)]);
    } else if (unknown_ >= 0 && !(fuse_unknown_ && after_unknown)) {
      ids.push_back(unknown_);
    }
    after_unknown = !known;
  }
}

std::vector<token_id> bpe_model::merged(std::string_view piece) const {
  std::vector<token_id> ids;
  ids.reserve(piece.size());
  append_characters(piece, ids);
  merges_.apply(ids);
  return ids;
}

bool bpe_model::stays_whole(token_id id, std::string_view piece) const {
  if (whole_first_) return true;
  auto& state = whole_[static_cast<std::size_t>(id)];
  whole known = state.load(std::memory_order_relaxed);
  if (known == whole::not_known) {
    known = merged(piece) == std::vector<token_id>{id} ? whole::yes : whole::no;
    state.store(known, std::memory_order_relaxed);
  }
  return known == whole::yes;
}

void bpe_model::encode(std::string_view piece, std::vector<token_id>& out) const {
  if (const token_id id = id_of(piece); id >= 0 && stays_whole(id, piece)) {
    out.push_back(id);
    return;
  }
  const std::vector<token_id> ids = merged(piece);
  out.insert(out.end(), ids.begin(), ids.end());
}

}  // namespace troupe
