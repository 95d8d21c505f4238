// assemble: puts headings and sections together to an article in Markdown. A polished section takes
// the place of the first version unless a number was lost in it.
//
//   reads   topic (text), outline (list of headings), sections (list of texts), polished? (list)
//   writes  text
//
//   [stage.assemble]
//   use = "assemble"
//   out = { text = "draft" }

#include <troupe/stage.hpp>

#include <algorithm>

struct assemble {
  static constexpr std::string_view name = "assemble";
  static constexpr std::string_view summary = "puts headings and sections together";
  using texts = std::vector<std::string>;
  struct input {
    std::string topic;
    texts outline, sections;
    std::optional<texts> polished;
  };
  struct output { std::string text; };

  static void describe(troupe::describer<assemble>& d) {
    d.in("topic", &input::topic, "the article's title");
    d.in("outline", &input::outline, "its headings");
    d.in("sections", &input::sections, "the sections below them, one each");
    d.in("polished", &input::polished, "the sections in a better style");
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

  troupe::result<output> run(const input& in, troupe::run_context&) {
    output out{"# " + in.topic + "\n"};
    for (std::size_t i = 0; i < std::min(in.outline.size(), in.sections.size()); ++i) {
      const auto& first = in.sections[i];
      const bool better = in.polished && i < in.polished->size() && !(*in.polished)[i].empty() &&
                          numbers_of((*in.polished)[i]) == numbers_of(first);
      out.text += "\n## " + in.outline[i] + "\n\n" + (better ? (*in.polished)[i] : first) + "\n";
    }
    return out;
  }
};

TROUPE_PLUGIN(registry) { registry.add<assemble>(); }
