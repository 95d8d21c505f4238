#define PCRE2_CODE_UNIT_WIDTH 8
#include "model/split_pattern.hpp"

#include <pcre2.h>

#include <algorithm>

namespace troupe {

namespace {

/// With \s as Unicode has it. PCRE2 counts U+180E as well, which is no blank since Unicode 6.3.
std::string with_unicode_blanks(std::string_view pattern) {
  constexpr std::string_view blanks = "\\x09-\\x0D\\x{85}\\p{Z}";
  std::string out;
  bool in_class = false;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const std::string_view two = pattern.substr(i, 2);
    if (two == "\\Q") return std::string(pattern);
    if (two == "\\s" || (two == "\\S" && !in_class)) {
      out += in_class ? "" : two == "\\s" ? "[" : "[^";
      out += blanks;
      out += in_class ? "" : "]";
      ++i;
    } else if (pattern[i] == '\\') {
      out += two;
      ++i;
    } else {
      if (pattern[i] == '[') in_class = true;
      if (pattern[i] == ']') in_class = false;
      out += pattern[i];
    }
  }
  return out;
}

}  // namespace

result<split_pattern> split_pattern::compile(const std::string& pattern) {
  int code = 0;
  PCRE2_SIZE offset = 0;
  const std::string meant = with_unicode_blanks(pattern);
  auto* compiled = pcre2_compile(reinterpret_cast<PCRE2_SPTR>(meant.data()), meant.size(),
                                 PCRE2_UTF | PCRE2_UCP, &code, &offset, nullptr);
  if (!compiled)
    return error{errc::invalid_request,
                 "the pattern `" + pattern + "` is invalid at position " + std::to_string(offset)};
  pcre2_jit_compile(compiled, PCRE2_JIT_COMPLETE);
  split_pattern out;
  out.code_ = std::shared_ptr<const void>(compiled, [](const void* p) {
    pcre2_code_free(static_cast<pcre2_code*>(const_cast<void*>(p)));
  });
  return out;
}

result<split_pattern> split_pattern::literal(std::string_view text) {
  std::string pattern = "\\Q";
  for (const char c : text) pattern += c == '\\' ? std::string("\\E\\\\\\Q") : std::string(1, c);
  return compile(pattern + "\\E");
}

template <class Give>
void split_pattern::each(std::string_view text, Give give) const {
  const auto* code = static_cast<const pcre2_code*>(code_.get());
  std::unique_ptr<pcre2_match_data, decltype(&pcre2_match_data_free)> match(
      pcre2_match_data_create_from_pattern(code, nullptr), &pcre2_match_data_free);
  const auto* subject = reinterpret_cast<PCRE2_SPTR>(text.data());
  std::size_t at = 0;
  while (at < text.size()) {
    if (pcre2_match(code, subject, text.size(), at, PCRE2_NOTEMPTY | PCRE2_NO_UTF_CHECK,
                    match.get(), nullptr) < 0)
      break;
    const PCRE2_SIZE* range = pcre2_get_ovector_pointer(match.get());
    if (range[0] > at) give(text.substr(at, range[0] - at), false);
    give(text.substr(range[0], range[1] - range[0]), true);
    at = range[1];
  }
  if (at < text.size()) give(text.substr(at), false);
}

std::vector<std::string_view> split_pattern::split(std::string_view text) const {
  return split(text, split_behaviour::isolated, false);
}

std::vector<std::string_view> split_pattern::split(std::string_view text, split_behaviour behaviour,
                                                   bool inverted) const {
  std::vector<std::string_view> out;
  bool after_match = false;
  auto grow = [&](std::string_view piece) {
    out.back() = {out.back().data(), out.back().size() + piece.size()};
  };
  each(text, [&](std::string_view piece, bool is_match) {
    is_match = is_match != inverted;
    bool joins = false;
    switch (behaviour) {
      case split_behaviour::isolated:
        break;
      case split_behaviour::removed:
        if (is_match) return;
        break;
      case split_behaviour::merged_with_previous:
        joins = is_match && !after_match;
        break;
      case split_behaviour::merged_with_next:
        joins = !is_match && after_match;
        break;
      case split_behaviour::contiguous:
        joins = is_match == after_match;
        break;
    }
    if (joins && !out.empty())
      grow(piece);
    else
      out.push_back(piece);
    after_match = is_match;
  });
  return out;
}

std::string split_pattern::replace(std::string_view text, std::string_view by) const {
  std::string out;
  each(text, [&](std::string_view piece, bool is_match) { out += is_match ? by : piece; });
  return out;
}

}  // namespace troupe
