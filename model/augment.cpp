#include "model/augment.hpp"

#include <utility>

namespace troupe {

namespace {

bool is_ascii(const std::string& s) {
  for (char c : s)
    if (static_cast<unsigned char>(c) >= 0x80) return false;
  return true;
}

void misspell(std::string& word, random_source& random) {
  const std::size_t i = random.below(word.size() - 1);
  switch (random.below(3)) {
    case 0:
      std::swap(word[i], word[i + 1]);
      break;
    case 1:
      word.erase(i + random.below(2), 1);
      break;
    default:
      word.insert(i, 1, word[i]);
      break;
  }
}

}  // namespace

std::vector<text_token> augment(std::vector<text_token> tokens, const augment_options& options,
                                random_source& random) {
  std::vector<text_token> out;
  for (text_token& t : tokens) {
    if (random.uniform() < options.word_dropout) continue;
    if (t.kind == token_kind::word && t.text.size() >= 3 && is_ascii(t.text) &&
        random.uniform() < options.typos) {
      const bool join = random.below(6) == 0;
      if (join && !out.empty() && out.back().kind == token_kind::word) {
        out.back().text += t.text;
        continue;
      }
      misspell(t.text, random);
    }
    out.push_back(std::move(t));
  }
  if (out.empty() && !tokens.empty()) {
    // All were left out, and none was moved from.
    out.push_back(std::move(tokens[random.below(tokens.size())]));
  }
  return out;
}

}  // namespace troupe
