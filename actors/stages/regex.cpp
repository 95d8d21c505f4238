#include "actors/stages/regex.hpp"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <array>

namespace troupe::stages {

namespace {

// Enough for any sane rule on 10,000 characters; a runaway pattern ends within milliseconds.
constexpr std::uint32_t match_limit = 1'000'000;

}  // namespace

struct regex::compiled {
  pcre2_code* code = nullptr;
  pcre2_match_context* limits = nullptr;

  explicit compiled(pcre2_code* c) : code(c), limits(pcre2_match_context_create(nullptr)) {
    pcre2_jit_compile(code, PCRE2_JIT_COMPLETE);  // where there is no JIT, matching goes without
    pcre2_set_match_limit(limits, match_limit);
  }
  compiled(const compiled&) = delete;
  compiled& operator=(const compiled&) = delete;
  ~compiled() {
    pcre2_match_context_free(limits);
    pcre2_code_free(code);
  }
};

result<regex> regex::compile(std::string_view pattern) {
  int code = 0;
  PCRE2_SIZE at = 0;
  pcre2_code* made = pcre2_compile(reinterpret_cast<PCRE2_SPTR>(pattern.data()), pattern.size(),
                                   PCRE2_UTF, &code, &at, nullptr);
  if (!made) {
    std::array<PCRE2_UCHAR, 200> message{};
    pcre2_get_error_message(code, message.data(), message.size());
    return error{errc::invalid_request, "pattern `" + std::string(pattern) + "` is wrong at byte " +
                                            std::to_string(at + 1) + ": " +
                                            reinterpret_cast<const char*>(message.data())};
  }
  regex r;
  r.code_ = std::make_shared<compiled>(made);
  std::uint32_t groups = 0;
  pcre2_pattern_info(made, PCRE2_INFO_CAPTURECOUNT, &groups);
  r.groups_ = groups;
  return r;
}

std::optional<std::vector<regex::span>> regex::search(std::string_view text,
                                                      std::size_t from) const {
  if (!code_ || from > text.size()) return std::nullopt;
  std::unique_ptr<pcre2_match_data, decltype(&pcre2_match_data_free)> data(
      pcre2_match_data_create_from_pattern(code_->code, nullptr), &pcre2_match_data_free);
  int count = pcre2_match(code_->code, reinterpret_cast<PCRE2_SPTR>(text.data()), text.size(), from,
                          0, data.get(), code_->limits);
  if (count <= 0) return std::nullopt;
  const PCRE2_SIZE* ends = pcre2_get_ovector_pointer(data.get());
  std::vector<span> spans(groups_ + 1);
  for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i)
    if (ends[2 * i] != PCRE2_UNSET) spans[i] = {ends[2 * i], ends[2 * i + 1]};
  return spans;
}

}  // namespace troupe::stages
