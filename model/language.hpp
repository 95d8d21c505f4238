#pragma once
// Which of the two languages a text is in, and which bytes may stand in a text of one.

#include <cstdint>
#include <optional>
#include <string_view>

namespace troupe {

enum class text_language : std::uint8_t { english, chinese };

/// The language of whoever wrote `text`. English terms and names in a Chinese text (and the other
/// way round) do not change it: where words and Han characters are about as many, words that only
/// the grammar of one language needs decide, then the last word, which is what the others belong
/// to ("iPhone 16 Pro 评测", "Tokyo 東京 travel"). Nothing if there is no letter in it.
std::optional<text_language> written_language(std::string_view text) noexcept;

/// Whether a token of these bytes may be part of a text in `language`. English: whole characters,
/// none of them Han, kana, hangul or wide. Chinese: no letter of the Latin alphabet; the bytes of a
/// character may be spread over tokens.
bool may_spell(text_language language, std::string_view bytes) noexcept;

}  // namespace troupe
