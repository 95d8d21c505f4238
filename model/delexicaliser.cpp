#include "model/delexicaliser.hpp"

#include "model/answer_kind.hpp"
#include "model/facts.hpp"
#include "model/sentences.hpp"
#include "model/shared_words.hpp"

#include <algorithm>
#include <array>

namespace troupe {

namespace {

constexpr std::string_view open_fact = "⟨", close_fact = "⟩", open_quote = "⟦", close_quote = "⟧";

struct family {
  char letter;
  std::size_t limit;
};
/// By fact_kind; then shared words, then `whole` parts.
constexpr std::array<family, 9> families = {
    {{'c', 8}, {'d', 8}, {'h', 8}, {'m', 8}, {'p', 6}, {'n', 12}, {'a', 12}, {'w', 12}, {'t', 2}}};
constexpr std::size_t words_family = 7, whole_family = 8;
constexpr std::size_t most_sentences = 24;

/// Number 0 stands for all that came after the last number, and is never written.
std::string fact_placeholder(std::size_t f, std::size_t number) {
  return std::string(open_fact) + families[f].letter + std::to_string(number) +
         std::string(close_fact);
}

std::string quote_placeholder(std::size_t number) {
  return std::string(open_quote) + std::to_string(number) + std::string(close_quote);
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  return out;
}

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

bool ends_in_question(std::string_view s) { return s.ends_with('?') || s.ends_with("？"); }

std::string language_token(text_language language) {
  return std::string(open_fact) + (language == text_language::chinese ? "zh" : "en") +
         std::string(close_fact);
}

bool stands_for_all(part_role role) { return role == part_role::whole || role == part_role::named; }

/// What a user wrote must not look like a placeholder.
std::string without_brackets(std::string_view text) {
  std::string out(text);
  constexpr std::array<std::pair<std::string_view, char>, 4> plain = {
      {{open_fact, '<'}, {close_fact, '>'}, {open_quote, '['}, {close_quote, ']'}}};
  for (auto [bracket, c] : plain)
    for (auto at = out.find(bracket); at != out.npos; at = out.find(bracket))
      out.replace(at, bracket.size(), 1, c);
  return out;
}

/// Gives out the numbers, and remembers them by text, letter case aside.
class numbering {
 public:
  std::string of(std::size_t f, std::string_view text) {
    const auto [at, is_new] = known_.emplace(std::pair(f, lower(text)), std::string());
    if (is_new) {
      auto& last = last_[f];
      const bool room = last < families[f].limit;
      at->second = fact_placeholder(f, room ? ++last : 0);
      if (room) meaning.emplace(at->second, text);
    }
    return at->second;
  }
  std::map<std::string, std::string> meaning;

 private:
  std::map<std::pair<std::size_t, std::string>, std::string> known_;
  std::array<std::size_t, families.size()> last_{};
};

struct replacement {
  std::size_t begin, end;
  std::string text;
};

bool overlaps(const replacement& r, std::size_t begin, std::size_t end) {
  return r.begin < end && begin < r.end;
}

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

/// Rewrites one text at a time; all of a prompt share `numbers`, topics and shared words.
class rewriter {
 public:
  rewriter(numbering& numbers, const std::vector<std::string>& wholes)
      : numbers_(numbers), wholes_(wholes) {}

  void link(const shared_words* words) { words_ = words; }

  std::string rewrite(std::string_view text, bool names) {
    found_.clear();
    find_wholes(text);
    const auto facts = find_facts(text);
    for (const fact& f : facts)
      if (f.kind != fact_kind::name) put(f.begin, f.end, static_cast<std::size_t>(f.kind), text);
    if (words_)
      for (const auto& w : words_->find(text)) put_word(w, text);
    if (names)
      for (const fact& f : facts)
        if (f.kind == fact_kind::name) put(f.begin, f.end, static_cast<std::size_t>(f.kind), text);
    std::ranges::sort(found_, {}, &replacement::begin);
    std::string out;
    std::size_t at = 0;
    for (const auto& r : found_) {
      out += text.substr(at, r.begin - at);
      out += r.text;
      at = r.end;
    }
    return out += text.substr(at);
  }

 private:
  bool is_free(std::size_t begin, std::size_t end) const {
    return std::ranges::none_of(found_, [&](auto& r) { return overlaps(r, begin, end); });
  }
  void put(std::size_t begin, std::size_t end, std::size_t f, std::string_view text) {
    if (is_free(begin, end))
      found_.push_back({begin, end, numbers_.of(f, text.substr(begin, end - begin))});
  }
  void put_word(const word_span& w, std::string_view text) {
    if (!is_free(w.begin, w.end)) return;
    const auto placeholder = fact_placeholder(words_family, w.word + 1);
    numbers_.meaning.emplace(placeholder, text.substr(w.begin, w.end - w.begin));
    found_.push_back({w.begin, w.end, placeholder});
  }
  void find_wholes(std::string_view text) {
    const std::string folded = lower(text);
    for (const auto& whole : wholes_) {
      const std::string wanted = lower(whole);
      for (auto at = folded.find(wanted); at != folded.npos; at = folded.find(wanted, at + 1)) {
        const auto end = at + wanted.size();
        const bool inside =
            (at > 0 && is_letter(folded[at - 1]) && is_letter(wanted.front())) ||
            (end < folded.size() && is_letter(folded[end]) && is_letter(wanted.back()));
        if (!inside) put(at, end, whole_family, text);
      }
    }
  }

  numbering& numbers_;
  const std::vector<std::string>& wholes_;
  const shared_words* words_ = nullptr;
  std::vector<replacement> found_;
};

/// The texts of a prompt's parts, in the format's order.
std::vector<std::string> parts_of(std::string_view prompt, const prompt_format& format) {
  std::vector<std::string> out(format.parts.size());
  std::size_t fallback = 0, asks = format.parts.size();
  for (std::size_t i = 0; i < format.parts.size(); ++i) {
    if (format.parts[i].role == part_role::sentences) fallback = i;
    if (format.parts[i].role == part_role::asks) asks = i;
  }
  std::size_t current = fallback;
  while (!prompt.empty()) {
    const auto end = std::min(prompt.find('\n'), prompt.size());
    std::string_view line = prompt.substr(0, end);
    prompt.remove_prefix(std::min(end + 1, prompt.size()));
    for (std::string_view colon : {":", "："}) {
      const auto at = line.find(colon);
      if (at == line.npos || at > 40) continue;
      const auto label = lower(trimmed(line.substr(0, at)));
      for (std::size_t i = 0; i < format.parts.size(); ++i) {
        if (std::ranges::find(format.parts[i].labels, label) == format.parts[i].labels.end())
          continue;
        current = i;
        line = line.substr(at + colon.size());
        break;
      }
    }
    out[current] += std::string(trimmed(line)) + '\n';
  }
  // A prompt without labels: what asks at its end is the question.
  const bool asked = std::ranges::any_of(format.parts, [&](auto& p) {
    return p.role == part_role::asks && !trimmed(out[&p - format.parts.data()]).empty();
  });
  const auto sentences = split_sentences(out[fallback]);
  if (!asked && asks < out.size() && !sentences.empty() && ends_in_question(sentences.back())) {
    out[asks] = std::string(sentences.back());
    out[fallback].resize(out[fallback].rfind(out[asks]));
  }
  return out;
}

/// The language of the first kind of parts that shows one.
text_language language_of(const std::vector<std::string>& texts, const prompt_format& format) {
  using test = bool (*)(part_role);
  constexpr std::array<test, 3> telling = {stands_for_all,
                                           [](part_role r) { return r == part_role::asks; },
                                           [](part_role r) { return r == part_role::sentences; }};
  for (const test tells : telling) {
    std::string all;
    for (std::size_t i = 0; i < texts.size(); ++i)
      if (tells(format.parts[i].role)) all += texts[i];
    if (const auto language = written_language(all)) return *language;
  }
  return text_language::english;
}

}  // namespace

delexicalised delexicaliser::read(std::string_view prompt) const {
  const std::string plain = without_brackets(prompt);
  const auto texts = parts_of(plain, format_);
  std::vector<std::string> wholes;
  std::vector<std::string_view> sentences;
  std::string question;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const auto role = format_.parts[i].role;
    if (stands_for_all(role) && !trimmed(texts[i]).empty()) wholes.emplace_back(trimmed(texts[i]));
    if (role == part_role::asks) question += texts[i];
    if (role == part_role::sentences)
      for (auto s : split_sentences(texts[i])) sentences.push_back(s);
  }
  const shared_words words(question, sentences, families[words_family].limit);
  const auto unfit = cannot_answer(question, sentences, words);
  numbering numbers;
  const std::vector<std::string> none;
  rewriter writer(numbers, wholes);
  delexicalised out;
  out.language = language_of(texts, format_);
  if (format_.tells_language) out.text = language_token(out.language) + '\n';
  std::size_t quoted = 0;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const auto& part = format_.parts[i];
    if (trimmed(texts[i]).empty()) continue;
    out.text += part.name + ":";
    if (part.role == part_role::sentences) {
      for (auto s : split_sentences(texts[i])) {
        if (quoted == most_sentences) break;
        writer.link(&words);
        const auto placeholder = quote_placeholder(++quoted);
        if (unfit[quoted - 1]) out.unfit.push_back(placeholder);
        out.text += " " + writer.rewrite(s, true) + placeholder;
        numbers.meaning.emplace(placeholder, s);
      }
    } else {
      writer.link(part.role == part_role::asks ? &words : nullptr);
      out.text += " " + writer.rewrite(trimmed(texts[i]), false);
    }
    // For what it is about, not to be copied: letter case does not matter.
    if (part.role == part_role::named)
      out.text += " (" + lower(rewriter(numbers, none).rewrite(trimmed(texts[i]), false)) + ")";
    out.text += '\n';
  }
  if (!out.text.empty()) out.text.pop_back();
  out.meaning = std::move(numbers.meaning);
  return out;
}

const std::vector<std::string>& delexicaliser::vocabulary() {
  static const auto all = [] {
    std::vector<std::string> out = {language_token(text_language::english),
                                    language_token(text_language::chinese)};
    for (char digit = '0'; digit <= '9'; ++digit) out.emplace_back(1, digit);
    for (std::size_t n = 1; n <= most_sentences; ++n) out.push_back(quote_placeholder(n));
    for (std::size_t f = 0; f < families.size(); ++f)
      for (std::size_t n = 0; n <= families[f].limit; ++n) out.push_back(fact_placeholder(f, n));
    return out;
  }();
  return all;
}

std::vector<std::string> delexicaliser::banned(const delexicalised& prompt) {
  std::vector<std::string> out;
  const std::string word = std::string(open_fact) + families[words_family].letter;
  for (const auto& token : vocabulary())
    if (token.starts_with(word) || !prompt.meaning.contains(token) ||
        std::ranges::find(prompt.unfit, token) != prompt.unfit.end())
      out.push_back(token);
  return out;
}

std::string with_placeholders(std::string_view answer, const delexicalised& prompt) {
  const std::string word = std::string(open_fact) + families[words_family].letter;
  std::string out;
  auto letter_or_digit = [](char c) { return is_letter(c) || (c >= '0' && c <= '9'); };
  for (std::size_t at = 0; at < answer.size();) {
    std::string_view best;
    std::size_t length = 0;
    for (const auto& [placeholder, text] : prompt.meaning) {
      const auto end = at + text.size();
      if (text.size() <= length || placeholder.starts_with(word) ||
          lower(answer.substr(at, text.size())) != lower(text))
        continue;
      if (at > 0 && letter_or_digit(answer[at - 1]) && letter_or_digit(text.front())) continue;
      if (end < answer.size() && letter_or_digit(answer[end]) && letter_or_digit(text.back()))
        continue;
      best = placeholder;
      length = text.size();
    }
    out += length ? best : answer.substr(at, 1);
    at += std::max<std::size_t>(length, 1);
  }
  return out;
}

void placeholder_reader::put(std::string_view placeholder, std::string& out) {
  const auto found = meaning_.find(std::string(placeholder));
  if (found == meaning_.end()) return;
  if (placeholder.starts_with(open_quote) && !quoted_.emplace(placeholder).second) return;
  std::string text = found->second;
  if (opening_ && !text.empty() && text[0] >= 'a' && text[0] <= 'z')
    text[0] = static_cast<char>(text[0] - 32);
  out += text;
  opening_ = false;
  if (!text.empty()) last_ = text.back();
}

std::string placeholder_reader::push(std::string_view text) {
  held_ += text;
  std::string out;
  std::size_t at = 0;
  while (at < held_.size()) {
    const std::string_view rest = std::string_view(held_).substr(at);
    const bool fact = rest.starts_with(open_fact), quote = rest.starts_with(open_quote);
    if (fact || quote) {
      const auto close = rest.find(fact ? close_fact : close_quote);
      if (close == rest.npos && rest.size() < 16) break;
      if (close != rest.npos && close < 16) {
        const auto length = close + close_fact.size();
        put(rest.substr(0, length), out);
        at += length;
        continue;
      }
    } else if (rest.size() < open_fact.size() && open_fact.starts_with(rest.substr(0, 1))) {
      break;  // may be the beginning of a bracket
    }
    const bool ended = last_ == '.' || last_ == '!' || last_ == '?';
    if (rest[0] == '\n' || (rest[0] == ' ' && ended))
      opening_ = true;
    else if (rest[0] != ' ' && rest[0] != '#' && rest[0] != '-')
      opening_ = false;
    last_ = rest[0];
    out += rest[0];
    ++at;
  }
  held_.erase(0, at);
  return out;
}

std::string placeholder_reader::finish() { return std::exchange(held_, {}); }

}  // namespace troupe
