// assemble: puts headings and sections together to an article in Markdown. A polished section takes
// the place of the first version unless a number was lost in it. No sentence is said twice, and
// facts of the brief that no section tells get one of their own, before the last; or come into the
// one that is called so already.
//
//   reads   topic (text), outline (list of headings), sections (list of texts), polished? (list),
//           brief? (list of facts)
//   writes  text
//
//   [stage.assemble]
//   use = "assemble"
//   out = { text = "draft" }
//
// finish_facts: puts a full stop behind the facts that were noted down without one, so that they
// can be said in the midst of a text.
//
//   reads   brief (list of facts)
//   writes  facts (list of texts)
//
//   [stage.facts]
//   use = "finish_facts"

#include <troupe/stage.hpp>

#include <algorithm>
#include <set>

inline bool has_chinese(std::string_view text) {
  return std::ranges::any_of(text, [](char c) { return c >= '\xE4' && c <= '\xE9'; });
}

/// Whether a sentence could go on: it ends in a letter, a digit, a unit or a closed bracket, and
/// not in a mark, a quote, a line of code or a picture.
inline bool lacks_end(std::string_view text) {
  if (text.empty()) return false;
  const char last = text.back();
  if ((last & 0x80) == 0)
    return (last >= 'a' && last <= 'z') || (last >= 'A' && last <= 'Z') ||
           (last >= '0' && last <= '9') || last == '%' || last == ')';
  for (std::string_view mark : {"€", "℃", "％", "）", "》", "°"})
    if (text.ends_with(mark)) return true;
  auto begin = text.size() - 1;
  while (begin > 0 && (text[begin] & 0xC0) == 0x80) --begin;
  const char lead = text[begin];
  return (lead >= '\xC3' && lead <= '\xDF') || has_chinese(text.substr(begin, 1));
}

/// With a full stop, unless it has an end.
inline std::string with_end(std::string text) {
  if (lacks_end(text)) text += has_chinese(text) ? "。" : ".";
  return text;
}

struct finish_facts {
  static constexpr std::string_view name = "finish_facts";
  static constexpr std::string_view summary = "puts a full stop behind each fact";
  struct input {
    std::vector<std::string> brief;
  };
  struct output {
    std::vector<std::string> facts;
  };

  static void describe(troupe::describer<finish_facts>& d) {
    d.in("brief", &input::brief, "facts that the article must tell");
    d.out("facts", &output::facts, "the same, each with an end");
  }

  troupe::result<output> run(const input& in, troupe::run_context&) {
    output out;
    for (std::string fact : in.brief) {
      fact.resize(fact.find_last_not_of(" \t\r\n") + 1);
      out.facts.push_back(with_end(std::move(fact)));
    }
    return out;
  }
};

struct assemble {
  static constexpr std::string_view name = "assemble";
  static constexpr std::string_view summary = "puts headings and sections together";
  using texts = std::vector<std::string>;
  struct input {
    std::string topic;
    texts outline, sections;
    std::optional<texts> polished, brief;
  };
  struct output {
    std::string text;
  };

  static void describe(troupe::describer<assemble>& d) {
    d.in("topic", &input::topic, "the article's title");
    d.in("outline", &input::outline, "its headings");
    d.in("sections", &input::sections, "the sections below them, one each");
    d.in("polished", &input::polished, "the sections in a better style");
    d.in("brief", &input::brief, "facts that the article must tell");
    d.out("text", &output::text, "the article, in Markdown");
  }

  /// The runs of digits of a text, sorted.
  static texts numbers_of(const std::string& text) {
    texts all;
    for (std::size_t at = 0, end = 0; (at = text.find_first_of("0123456789", end)) != text.npos;) {
      end = std::min(text.find_first_not_of("0123456789", at), text.size());
      all.push_back(text.substr(at, end - at));
    }
    std::ranges::sort(all);
    return all;
  }

  /// Each with the space behind it.
  static texts sentences_of(const std::string& text) {
    texts all;
    std::size_t begin = 0;
    auto close = [&](std::size_t end) {
      if (end > begin) all.push_back(text.substr(begin, end - begin));
      begin = end;
    };
    for (std::size_t i = 0; i < text.size(); ++i) {
      const bool mark = text[i] == '.' || text[i] == '!' || text[i] == '?';
      if (text[i] == '\n' || (mark && i + 1 < text.size() && text[i + 1] == ' '))
        close(i + 1 + mark);
      for (std::string_view wide : {"。", "！", "？"})
        if (std::string_view(text).substr(i).starts_with(wide)) close(i + wide.size());
    }
    close(text.size());
    return all;
  }

  /// Letters, digits and everything beyond ASCII, in lower case: what a sentence says.
  static std::string said_by(std::string_view sentence) {
    std::string out;
    for (const char c : sentence) {
      const bool upper = c >= 'A' && c <= 'Z';
      const bool kept = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c & 0x80) != 0;
      if (upper || kept) out += upper ? static_cast<char>(c + 32) : c;
    }
    for (std::string_view wide : {"。", "！", "？"})
      if (out.ends_with(wide)) out.resize(out.size() - wide.size());
    return out;
  }

  static std::string without_repeats(const std::string& section, std::set<std::string>& said) {
    std::string out;
    for (const auto& sentence : sentences_of(section))
      if (said.insert(said_by(sentence)).second || said_by(sentence).empty()) out += sentence;
    while (out.ends_with(' ') || out.ends_with('\n')) out.pop_back();
    return out;
  }

  /// Words of four letters and more, and single characters of other scripts, in lower case.
  static texts words_of(std::string_view text) {
    texts out;
    std::string word;
    auto close = [&] {
      if (word.size() >= 4) out.push_back(word);
      word.clear();
    };
    for (std::size_t i = 0; i < text.size(); ++i) {
      const char c = text[i];
      if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) {
        word += c >= 'a' ? c : static_cast<char>(c + 32);
        continue;
      }
      close();
      if (has_chinese(text.substr(i, 1))) out.emplace_back(text.substr(i, 3));
    }
    close();
    return out;
  }

  /// All of its numbers are there, and half of its words.
  static bool is_told(const std::string& fact, const texts& numbers,
                      const std::set<std::string>& words) {
    const auto wanted = words_of(fact);
    const auto found = std::ranges::count_if(wanted, [&](auto& w) { return words.contains(w); });
    return std::ranges::all_of(numbers_of(fact),
                               [&](auto& n) { return std::ranges::binary_search(numbers, n); }) &&
           2 * found >= std::ssize(wanted);
  }

  /// The facts that are not in the article, as a list; empty if there are none.
  static std::string missing_facts(const texts& brief, const std::string& article) {
    const auto numbers = numbers_of(article);
    const auto said = words_of(article);
    const std::set<std::string> words(said.begin(), said.end());
    std::string out;
    for (const auto& fact : brief)
      if (!is_told(fact, numbers, words)) out += "- " + fact + "\n";
    return out;
  }

  /// The list below the heading of that name, or else in a section of its own, before the last.
  static void add_facts(const std::string& list, const texts& headings, texts& parts) {
    const std::string title = has_chinese(list) ? "值得了解" : "Good to know";
    for (std::size_t i = 0; i < parts.size(); ++i) {
      if (said_by(headings[i]) != said_by(title)) continue;
      parts[i] += "\n" + list;
      return;
    }
    parts.insert(parts.empty() ? parts.end() : parts.end() - 1, "\n## " + title + "\n\n" + list);
  }

  troupe::result<output> run(const input& in, troupe::run_context&) {
    texts parts;
    std::set<std::string> said;
    for (std::size_t i = 0; i < std::min(in.outline.size(), in.sections.size()); ++i) {
      const auto& first = in.sections[i];
      const bool better = in.polished && i < in.polished->size() && !(*in.polished)[i].empty() &&
                          numbers_of((*in.polished)[i]) == numbers_of(first);
      const auto& section = better ? (*in.polished)[i] : first;
      const auto fresh = without_repeats(section, said);
      parts.push_back("\n## " + in.outline[i] + "\n\n" + with_end(fresh.empty() ? section : fresh) +
                      "\n");
    }
    std::string all;
    for (const auto& part : parts) all += part;
    if (const auto more = missing_facts(in.brief.value_or(texts{}), all); !more.empty())
      add_facts(more, in.outline, parts);
    output out{"# " + in.topic + "\n"};
    for (const auto& part : parts) out.text += part;
    return out;
  }
};

TROUPE_PLUGIN(registry) {
  registry.add<finish_facts>();
  registry.add<assemble>();
}
