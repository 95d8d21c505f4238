#pragma once
// Text as a bag of hashed n-grams: what the classifiers and the text index see of a text. The same
// text gives the same ids on every machine. English, Chinese and mixtures of both.
//
// Normalisation: NFKC and case folding, traditional characters mapped to simplified ones, and what
// varies without meaning replaced by markers: `<id>` (order numbers), `<num>`, `<slot>`
// (`{{Account Type}}`), `<email>`, `<url>`.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace troupe {

enum class token_kind : std::uint8_t {
  word,         ///< a run of letters, folded; an apostrophe inside is dropped ("don't" = "dont")
  han,          ///< one character of a script written without spaces
  marker,       ///< `<id>` and the like
  punctuation,  ///< one of `? ! ...`, or a symbol such as an emoji; all others are dropped
};

struct text_token {
  token_kind kind = token_kind::word;
  std::string text;
  std::string name;  ///< of a slot marker: what stood between the braces, folded
};

/// The tokens of a text, in order. Invalid UTF-8 is skipped byte by byte.
std::vector<text_token> tokenise_text(std::string_view text);

/// Which n-grams are made. Part of a trained model: its config.json repeats these numbers.
struct feature_options {
  std::uint32_t buckets = 1u << 22;  ///< ids are below this
  int words = 3;                     ///< longest word n-gram
  int skips = 1;                     ///< 1: also pairs of words with one word between them
  int shortest = 2, longest = 5;     ///< character n-grams within a word, borders included
  int han = 3;                       ///< longest n-gram over Han characters
};

/// The ids of a token sequence: sorted, each once.
std::vector<std::uint32_t> hash_features(const std::vector<text_token>& tokens,
                                         const feature_options& options);
std::vector<std::uint32_t> hash_features(std::string_view text, const feature_options& options);

}  // namespace troupe
