#pragma once
// The story of a run in plain words.

#include "pipeline/story.hpp"

namespace troupe {

enum class language : std::uint8_t { english, chinese };

/// `--lang`, or what LC_ALL, LC_MESSAGES or LANG say; English unless they begin with "zh".
/// Nothing if `given` is a language that is not known.
std::optional<language> choose_language(std::string_view given);

/// Many lines; the last one ends too.
std::string in_words(const story& s, language l);

/// Only what went wrong in it, attempt by attempt.
std::string failures_in_words(const story& s, language l);

/// "850 µs", "12 ms", "1.2 s", "2 m 3 s", "3 h 2 m", "4 d 1 h"
std::string short_duration(duration d);

}  // namespace troupe
