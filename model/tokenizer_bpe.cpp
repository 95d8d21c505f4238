#include "model/bpe.hpp"
#include "model/split_pattern.hpp"

#include <utf8proc.h>
#include <boost/json.hpp>

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <stdexcept>

namespace troupe {

namespace {

namespace json = boost::json;

struct added_token {
  std::string text;
  token_id id = 0;
  bool special = false;
};

enum class normal_form : std::uint8_t { none, nfc, nfkc };

struct bpe_parts {
  std::vector<std::string> pieces;  ///< bytes by id
  std::unordered_map<std::string, token_id> ids;
  merge_table merges;
  std::vector<token_id> bytes;  ///< id of each byte
  std::vector<added_token> added;
  std::vector<token_id> opening;
  std::vector<split_pattern> splits;
  normal_form form = normal_form::none;
  bool whole_first = false;  ///< a piece that is in the vocabulary is not merged (`ignore_merges`)
};

std::string repaired(std::string_view text) {
  std::string out;
  const auto* data = reinterpret_cast<const utf8proc_uint8_t*>(text.data());
  for (std::size_t i = 0; i < text.size();) {
    utf8proc_int32_t c = -1;
    const auto n = utf8proc_iterate(data + i, static_cast<utf8proc_ssize_t>(text.size() - i), &c);
    if (n > 0)
      out.append(text, i, static_cast<std::size_t>(n));
    else
      out += "\xEF\xBF\xBD";
    i += n > 0 ? static_cast<std::size_t>(n) : 1;
  }
  return out;
}

std::string normalised(std::string_view text, normal_form form) {
  if (form == normal_form::none) return std::string(text);
  int flags = UTF8PROC_STABLE | UTF8PROC_COMPOSE;
  if (form == normal_form::nfkc) flags |= UTF8PROC_COMPAT;
  utf8proc_uint8_t* mapped = nullptr;
  const auto length = utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                   static_cast<utf8proc_ssize_t>(text.size()), &mapped,
                                   static_cast<utf8proc_option_t>(flags));
  std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> owner(mapped, &std::free);
  if (length < 0) return std::string(text);
  return {reinterpret_cast<const char*>(mapped), static_cast<std::size_t>(length)};
}

class bpe_tokenizer final : public tokenizer {
 public:
  explicit bpe_tokenizer(bpe_parts parts) : parts_(std::move(parts)) {}

  std::int64_t size() const noexcept override {
    return static_cast<std::int64_t>(parts_.pieces.size());
  }

  std::vector<token_id> opening() const override { return parts_.opening; }

  std::vector<token_id> encode(std::string_view text, control_tokens controls) const override {
    const std::string valid = repaired(text);
    std::vector<token_id> out;
    std::size_t at = 0;
    while (at < valid.size()) {
      const auto [begin, token] = next_added(valid, at, controls);
      encode_plain(std::string_view(valid).substr(at, begin - at), out);
      if (!token) break;
      out.push_back(token->id);
      at = begin + token->text.size();
    }
    return out;
  }

  std::string piece(token_id, token_id id) const override {
    if (id < 0 || id >= size()) return {};
    return parts_.pieces[static_cast<std::size_t>(id)];
  }

  std::optional<token_id> control(std::string_view text) const override {
    for (const added_token& t : parts_.added)
      if (t.text == text) return t.id;
    return std::nullopt;
  }

 private:
  /// The leftmost added token from `from` on, the longest of those that begin there.
  std::pair<std::size_t, const added_token*> next_added(std::string_view text, std::size_t from,
                                                        control_tokens controls) const {
    std::size_t best = text.size();
    const added_token* found = nullptr;
    for (const added_token& t : parts_.added) {
      if (t.special && controls == control_tokens::as_text) continue;
      const std::size_t at =
          text.substr(0, std::min(text.size(), best + t.text.size())).find(t.text, from);
      if (at == text.npos || at > best) continue;
      if (at == best && found && found->text.size() >= t.text.size()) continue;
      best = at;
      found = &t;
    }
    return {best, found};
  }

  void encode_plain(std::string_view text, std::vector<token_id>& out) const {
    if (text.empty()) return;
    const std::string normal = normalised(text, parts_.form);
    std::vector<std::string_view> pieces{normal};
    for (const split_pattern& pattern : parts_.splits) {
      std::vector<std::string_view> finer;
      for (std::string_view p : pieces) {
        auto cut = pattern.split(p);
        finer.insert(finer.end(), cut.begin(), cut.end());
      }
      pieces = std::move(finer);
    }
    for (std::string_view p : pieces) {
      if (parts_.whole_first) {
        if (auto it = parts_.ids.find(std::string(p)); it != parts_.ids.end()) {
          out.push_back(it->second);
          continue;
        }
      }
      std::vector<token_id> ids;
      for (char c : p) ids.push_back(parts_.bytes[static_cast<unsigned char>(c)]);
      ids = parts_.merges.apply(std::move(ids));
      out.insert(out.end(), ids.begin(), ids.end());
    }
  }

  bpe_parts parts_;
};

// The readers below throw what parse_bpe_tokenizer turns into an error value.

[[noreturn]] void unsupported(const std::string& what) {
  throw std::invalid_argument(what + " is not supported");
}

std::string text_at(const json::value& v, const char* key) {
  return json::value_to<std::string>(v.at(key));
}

bool flag(const json::value& v, const char* key) {
  const auto* f = v.as_object().if_contains(key);
  return f && f->is_bool() && f->get_bool();
}

token_id id_of(const json::value& v) {
  const auto id = v.to_number<std::int64_t>();
  if (id < 0 || id > 10'000'000) throw std::invalid_argument("a token id is out of range");
  return id;
}

void put_piece(bpe_parts& out, token_id id, std::string bytes) {
  const auto at = static_cast<std::size_t>(id);
  if (out.pieces.size() <= at) out.pieces.resize(at + 1);
  out.pieces[at] = std::move(bytes);
}

void read_vocabulary(const json::value& model, bpe_parts& out) {
  for (auto& [text, id] : model.at("vocab").as_object()) {
    auto bytes = from_byte_alphabet(text);
    // An added token may be listed here too, in plain text.
    if (!bytes) bytes = std::string(text);
    put_piece(out, id_of(id), *bytes);
    out.ids.emplace(*std::move(bytes), id_of(id));
  }
  for (int b = 0; b < 256; ++b) {
    const auto it = out.ids.find(std::string(1, static_cast<char>(b)));
    if (it == out.ids.end()) throw std::invalid_argument("its vocabulary lacks a byte");
    out.bytes.push_back(it->second);
  }
}

void read_merges(const json::value& model, bpe_parts& out) {
  auto id = [&](std::string_view text) {
    const auto bytes = from_byte_alphabet(text);
    const auto it = out.ids.find(bytes ? *bytes : std::string());
    if (it == out.ids.end())
      throw std::invalid_argument("a merge names `" + std::string(text) +
                                  "`, which is not in its vocabulary");
    return it->second;
  };
  for (auto& m : model.at("merges").as_array()) {
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
    out.merges.add(id(left), id(right), id(left + right));
  }
}

void read_model(const json::value& model, bpe_parts& out) {
  if (text_at(model, "type") != "BPE")
    unsupported("a model of type `" + text_at(model, "type") + "`");
  if (flag(model, "byte_fallback")) unsupported("`byte_fallback`");
  for (const char* key : {"continuing_subword_prefix", "end_of_word_suffix"})
    if (auto* v = model.as_object().if_contains(key);
        v && v->is_string() && !v->get_string().empty())
      unsupported("`" + std::string(key) + "`");
  out.whole_first = flag(model, "ignore_merges");
  read_vocabulary(model, out);
  read_merges(model, out);
}

void read_normaliser(const json::value& v, bpe_parts& out) {
  if (v.is_null()) return;
  const std::string type = text_at(v, "type");
  if (type == "Sequence") {
    for (auto& inner : v.at("normalizers").as_array()) read_normaliser(inner, out);
  } else if (type == "NFC" || type == "NFKC") {
    out.form = type == "NFC" ? normal_form::nfc : normal_form::nfkc;
  } else {
    unsupported("the normalizer `" + type + "`");
  }
}

std::string in_backticks(std::string_view literal) {
  std::string out = "\\Q";
  for (char c : literal) out += c == '\\' ? std::string("\\E\\\\\\Q") : std::string(1, c);
  return out + "\\E";
}

void add_split(bpe_parts& out, const std::string& pattern) {
  auto compiled = split_pattern::compile(pattern);
  if (!compiled) throw std::invalid_argument(compiled.error().message);
  out.splits.push_back(*std::move(compiled));
}

void read_pre_tokeniser(const json::value& v, bpe_parts& out) {
  const std::string type = text_at(v, "type");
  if (type == "Sequence") {
    for (auto& inner : v.at("pretokenizers").as_array()) read_pre_tokeniser(inner, out);
  } else if (type == "Split") {
    if (text_at(v, "behavior") != "Isolated" || flag(v, "invert"))
      unsupported("a split that is not `Isolated`");
    const auto& pattern = v.at("pattern").as_object();
    const auto* regex = pattern.if_contains("Regex");
    add_split(out, regex ? json::value_to<std::string>(*regex)
                         : in_backticks(text_at(v.at("pattern"), "String")));
  } else if (type == "Digits") {
    add_split(out, flag(v, "individual_digits") ? "\\p{N}" : "\\p{N}+");
  } else if (type == "ByteLevel") {
    if (flag(v, "add_prefix_space")) unsupported("`add_prefix_space`");
    if (flag(v, "use_regex"))
      add_split(
          out,
          "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+");
  } else {
    unsupported("the pre-tokenizer `" + type + "`");
  }
}

void read_added(const json::value& list, bpe_parts& out) {
  for (auto& t : list.as_array()) {
    for (const char* key : {"lstrip", "rstrip", "single_word"})
      if (flag(t, key)) unsupported("an added token with `" + std::string(key) + "`");
    const added_token token{text_at(t, "content"), id_of(t.at("id")), flag(t, "special")};
    if (token.text.empty()) throw std::invalid_argument("an added token is empty");
    put_piece(out, token.id, token.special ? std::string() : token.text);
    out.added.push_back(token);
  }
}

/// The tokens that a `TemplateProcessing` puts before a single text.
void read_post_processor(const json::value& v, bpe_parts& out) {
  if (v.is_null()) return;
  const std::string type = text_at(v, "type");
  if (type == "Sequence")
    for (auto& inner : v.at("processors").as_array()) read_post_processor(inner, out);
  if (type != "TemplateProcessing") return;
  for (auto& part : v.at("single").as_array()) {
    const auto* token = part.as_object().if_contains("SpecialToken");
    if (!token) return;
    const std::string name = text_at(*token, "id");
    for (auto& id : v.at("special_tokens").at(name).at("ids").as_array())
      out.opening.push_back(id_of(id));
  }
}

}  // namespace

result<std::shared_ptr<const tokenizer>> parse_bpe_tokenizer(std::string_view text,
                                                             const std::string& name) try {
  const json::value root = json::parse(text);
  bpe_parts parts;
  read_model(root.at("model"), parts);
  if (auto* v = root.as_object().if_contains("normalizer")) read_normaliser(*v, parts);
  read_pre_tokeniser(root.at("pre_tokenizer"), parts);
  if (auto* v = root.as_object().if_contains("added_tokens"); v && !v->is_null())
    read_added(*v, parts);
  if (auto* v = root.as_object().if_contains("post_processor")) read_post_processor(*v, parts);
  return std::shared_ptr<const tokenizer>(std::make_shared<const bpe_tokenizer>(std::move(parts)));
} catch (const std::exception& e) {
  return error{errc::invalid_request, "cannot use the tokenizer `" + name + "`: " + e.what()};
}

}  // namespace troupe
