#include "model/json_fields.hpp"
#include "model/split_pattern.hpp"
#include "model/text_steps.hpp"

#include <utf8proc.h>
#include <boost/json.hpp>

#include <cstdlib>
#include <map>
#include <memory>
#include <stdexcept>

namespace troupe {

namespace json = boost::json;

namespace {

/// Whether no character of it has another normal form: ASCII never has one.
bool is_ascii(std::string_view text) {
  for (const char c : text)
    if (static_cast<unsigned char>(c) >= 0x80) return false;
  return true;
}

text_step normal_form(int flags) {
  return [flags](std::string& text) {
    if (is_ascii(text)) return;
    utf8proc_uint8_t* mapped = nullptr;
    const auto length = utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                     static_cast<utf8proc_ssize_t>(text.size()), &mapped,
                                     static_cast<utf8proc_option_t>(UTF8PROC_STABLE | flags));
    const std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> owner(mapped, &std::free);
    if (length >= 0)
      text.assign(reinterpret_cast<const char*>(mapped), static_cast<std::size_t>(length));
  };
}

/// Puts `change(character)` in the place of each character.
template <class Change>
void each_character(std::string& text, Change change) {
  std::string out;
  const auto* data = reinterpret_cast<const utf8proc_uint8_t*>(text.data());
  for (std::size_t i = 0; i < text.size();) {
    utf8proc_int32_t c = -1;
    const auto n = utf8proc_iterate(data + i, static_cast<utf8proc_ssize_t>(text.size() - i), &c);
    if (n <= 0) break;
    change(c, std::string_view(text).substr(i, static_cast<std::size_t>(n)), out);
    i += static_cast<std::size_t>(n);
  }
  text = std::move(out);
}

void append(std::string& out, utf8proc_int32_t c) {
  utf8proc_uint8_t bytes[4];
  const auto n = utf8proc_encode_char(c, bytes);
  out.append(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(n));
}

void to_lower(std::string& text) {
  each_character(text, [](utf8proc_int32_t c, std::string_view, std::string& out) {
    if (c == 0x130)
      out += "i\xCC\x87";  // the one capital that becomes two characters
    else
      append(out, utf8proc_tolower(c));
  });
}

void strip_accents(std::string& text) {
  each_character(text, [](utf8proc_int32_t c, std::string_view as_it_is, std::string& out) {
    const auto category = utf8proc_category(c);
    if (category != UTF8PROC_CATEGORY_MN && category != UTF8PROC_CATEGORY_MC &&
        category != UTF8PROC_CATEGORY_ME)
      out += as_it_is;
  });
}

text_step replacement(const json::value& v) {
  return [pattern = read_pattern(v.at("pattern")), by = text_at(v, "content")](std::string& text) {
    text = pattern.replace(text, by);
  };
}

/// The most usual replacement needs no pattern.
text_step literal_replacement(std::string what, std::string by) {
  return [what = std::move(what), by = std::move(by)](std::string& text) {
    std::string out;
    std::size_t at = 0;
    for (auto next = text.find(what); next != text.npos; next = text.find(what, at)) {
      out.append(text, at, next - at).append(by);
      at = next + what.size();
    }
    text = out.append(text, at);
  };
}

text_step blanks_stripped(bool left, bool right) {
  const auto first = split_pattern::compile("^[\\x09-\\x0D\\x{85}\\p{Z}]+");
  const auto last = split_pattern::compile("[\\x09-\\x0D\\x{85}\\p{Z}]+$(?!\\n)");
  return [left, right, first = *first, last = *last](std::string& text) {
    if (left) text = first.replace(text, "");
    if (right) text = last.replace(text, "");
  };
}

using reader = text_step (*)(const json::value&);

const std::map<std::string, reader, std::less<>> readers = {
    {"NFC", [](const json::value&) { return normal_form(UTF8PROC_COMPOSE); }},
    {"NFD", [](const json::value&) { return normal_form(UTF8PROC_DECOMPOSE); }},
    {"NFKC", [](const json::value&) { return normal_form(UTF8PROC_COMPOSE | UTF8PROC_COMPAT); }},
    {"NFKD", [](const json::value&) { return normal_form(UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT); }},
    {"Lowercase", [](const json::value&) { return text_step(to_lower); }},
    {"StripAccents", [](const json::value&) { return text_step(strip_accents); }},
    {"Prepend",
     [](const json::value& v) -> text_step {
       return [what = text_at(v, "prepend")](std::string& text) {
         if (!text.empty()) text.insert(0, what);
       };
     }},
    {"Replace",
     [](const json::value& v) {
       const auto* literal = v.at("pattern").as_object().if_contains("String");
       if (literal && !literal->as_string().empty())
         return literal_replacement(json::value_to<std::string>(*literal), text_at(v, "content"));
       return replacement(v);
     }},
    {"Strip", [](const json::value& v) {
       return blanks_stripped(v.at("strip_left").as_bool(), v.at("strip_right").as_bool());
     }}};

}  // namespace

void refuse_tokenizer_part(const std::string& what) {
  throw std::invalid_argument(what + " is not supported");
}

split_pattern read_pattern(const json::value& v) {
  const auto* regex = v.as_object().if_contains("Regex");
  auto compiled = regex ? split_pattern::compile(json::value_to<std::string>(*regex))
                        : split_pattern::literal(json::value_to<std::string>(v.at("String")));
  if (!compiled) throw std::invalid_argument(compiled.error().message);
  return *std::move(compiled);
}

std::vector<text_step> read_normaliser(const json::value& v) {
  if (v.is_null()) return {};
  const std::string type = text_at(v, "type");
  std::vector<text_step> out;
  if (type == "Sequence") {
    for (const json::value& inner : v.at("normalizers").as_array())
      for (auto& step : read_normaliser(inner)) out.push_back(std::move(step));
    return out;
  }
  const auto it = readers.find(type);
  if (it == readers.end()) refuse_tokenizer_part("the normalizer `" + type + "`");
  out.push_back(it->second(v));
  return out;
}

}  // namespace troupe
