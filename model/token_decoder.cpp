#include "model/token_decoder.hpp"

#include "model/bpe.hpp"
#include "model/json_fields.hpp"
#include "model/text_steps.hpp"

#include <boost/json.hpp>

#include <stdexcept>

namespace troupe {

namespace json = boost::json;

namespace {

void replace_all(std::string& text, const std::string& what, const std::string& by) {
  for (auto at = text.find(what); at != text.npos; at = text.find(what, at + by.size()))
    text.replace(at, what.size(), by);
}

void from_alphabet(std::string& entry) {
  // An added token may be plain text, with characters that the alphabet does not have.
  if (auto bytes = from_byte_alphabet(entry)) entry = *std::move(bytes);
}

/// `<0x41>` is the byte 0x41.
void from_fallback(std::string& entry) {
  if (const auto byte = fallback_byte(entry)) entry.assign(1, static_cast<char>(*byte));
}

class decoder_reader {
 public:
  void read(const json::value& v) {
    const std::string type = text_at(v, "type");
    if (type == "Sequence") {
      for (const json::value& inner : v.at("decoders").as_array()) read(inner);
    } else if (type == "ByteLevel") {
      out_.steps.emplace_back(from_alphabet);
    } else if (type == "ByteFallback") {
      out_.steps.emplace_back(from_fallback);
    } else if (type == "Fuse") {
      fused_ = true;
    } else if (type == "Replace") {
      read_replace(v);
    } else if (type == "Metaspace") {
      read_metaspace(v);
    } else if (type == "Strip") {
      read_strip(v);
    } else {
      refuse_tokenizer_part("the decoder `" + type + "`");
    }
  }

  token_decoder take() { return std::move(out_); }

 private:
  void read_replace(const json::value& v) {
    const auto* what = v.at("pattern").as_object().if_contains("String");
    if (!what || what->as_string().empty())
      refuse_tokenizer_part("a `Replace` decoder without a text");
    out_.steps.emplace_back([what = json::value_to<std::string>(*what), by = text_at(v, "content")](
                                std::string& entry) { replace_all(entry, what, by); });
  }

  void read_metaspace(const json::value& v) {
    const std::string mark = text_at(v, "replacement");
    bool prefixed = true;
    const auto* scheme = v.as_object().if_contains("prepend_scheme");
    const auto* prefix = v.as_object().if_contains("add_prefix_space");
    if (scheme)
      prefixed = *scheme != json::value("never");
    else if (prefix && prefix->is_bool())
      prefixed = prefix->get_bool();
    out_.steps.emplace_back([mark](std::string& entry) { replace_all(entry, mark, " "); });
    if (prefixed) out_.first_mark = mark;
  }

  void read_strip(const json::value& v) {
    if (v.at("stop").to_number<std::int64_t>() != 0 || !fused_)
      refuse_tokenizer_part("a `Strip` decoder before `Fuse`, or at the end,");
    out_.stripped = text_at(v, "content");
    out_.strip = v.at("start").to_number<std::size_t>();
  }

  token_decoder out_;
  bool fused_ = false;
};

}  // namespace

std::string token_decoder::bytes(std::string entry) const {
  for (const auto& step : steps) step(entry);
  return entry;
}

std::string token_decoder::first_bytes(std::string entry) const {
  if (!first_mark.empty()) replace_all(entry, first_mark, "");
  const std::string whole = bytes(std::move(entry));
  std::string_view rest = whole;
  for (std::size_t i = 0; i < strip && rest.starts_with(stripped); ++i)
    rest.remove_prefix(stripped.size());
  return std::string(rest);
}

token_decoder read_token_decoder(const json::value& v, bool bytes) {
  if (v.is_null()) {
    token_decoder out;
    if (bytes) out.steps.emplace_back(from_alphabet);
    return out;
  }
  decoder_reader r;
  r.read(v);
  return r.take();
}

}  // namespace troupe
