#pragma once
// Prompts without the words that a small model cannot copy. Every fact (facts.hpp) becomes a
// numbered placeholder of its kind, the same one where it comes again; so does every word that a
// question and a sentence share, and a part of the role `whole`. A sentence that may be quoted ends
// in a placeholder that stands for all of it. The first line may tell the language of the answer
// (⟨en⟩ or ⟨zh⟩), as placeholders alone do not. After decoding the texts are put back. As only
// placeholders of the prompt can be put back, and digits are never written otherwise, no fact can
// be invented.
//
//   question: How much is delivery?         question: How much is ⟨w1⟩?
//   passage: Delivery costs ¥8. We ...  →   passage: ⟨w1⟩ costs ⟨m1⟩.⟦1⟧ We ...

#include "model/language.hpp"
#include "model/prompt_format.hpp"

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace troupe {

struct delexicalised {
  std::string text;                            ///< what the model reads
  std::map<std::string, std::string> meaning;  ///< placeholder → text
  std::vector<std::string> unfit;  ///< sentences that cannot answer the question (answer_kind.hpp)
  text_language language = text_language::english;  ///< of the answer
};

/// Thread-safe.
class delexicaliser {
 public:
  explicit delexicaliser(prompt_format format) : format_(std::move(format)) {}

  /// `prompt` is valid UTF-8. The answer's language is that of the topic (parts of the role `whole`
  /// or `named`); without one, of what asks; else of the sentences; English if nothing tells.
  delexicalised read(std::string_view prompt) const;

  /// Every token that must be in the vocabulary as one: placeholders, digits and languages.
  static const std::vector<std::string>& vocabulary();
  /// Those of them that an answer to `prompt` must not contain.
  static std::vector<std::string> banned(const delexicalised& prompt);

 private:
  prompt_format format_;
};

/// For training: an answer as the model writes it, with the placeholders of its prompt in place of
/// the sentences, facts and names; the longest match first.
std::string with_placeholders(std::string_view answer, const delexicalised& prompt);

/// Puts texts back while an answer grows, a sentence only once. A text at the beginning of a line
/// or sentence starts with a capital letter.
class placeholder_reader {
 public:
  explicit placeholder_reader(const std::map<std::string, std::string>& meaning)
      : meaning_(meaning) {}
  /// What is certain after `text` came.
  std::string push(std::string_view text);
  /// What was held back.
  std::string finish();

 private:
  void put(std::string_view placeholder, std::string& out);
  const std::map<std::string, std::string>& meaning_;
  std::set<std::string, std::less<>> quoted_;
  std::string held_;     ///< the beginning of a placeholder
  bool opening_ = true;  ///< a line or sentence begins here
  char last_ = 0;
};

}  // namespace troupe
