#define PCRE2_CODE_UNIT_WIDTH 8
#include "model/split_pattern.hpp"

#include <pcre2.h>

namespace troupe {

result<split_pattern> split_pattern::compile(const std::string& pattern) {
  int code = 0;
  PCRE2_SIZE offset = 0;
  auto* compiled = pcre2_compile(reinterpret_cast<PCRE2_SPTR>(pattern.data()), pattern.size(),
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

std::vector<std::string_view> split_pattern::split(std::string_view text) const {
  std::vector<std::string_view> out;
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
    if (range[0] > at) out.push_back(text.substr(at, range[0] - at));
    out.push_back(text.substr(range[0], range[1] - range[0]));
    at = range[1];
  }
  if (at < text.size()) out.push_back(text.substr(at));
  return out;
}

}  // namespace troupe
