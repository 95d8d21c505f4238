// `moderate`: hides listed words, or refuses a text that has any.
//
// Reads `text`. Writes `text` (cleaned), `flagged` (bool: a listed word was found) and `matches`
// (list of tables: word as listed, category, found as written, at and length in characters).
// Parameters: `lists`, files of words (see word_list.hpp); `action`, `mask` (every character of a
//   word becomes `mask`) or `refuse` (the whole text becomes `refusal`; by default a sentence in
//   the text's language).
// What counts as a written form of a word is in word_patterns.hpp: letter case, width, accents,
// traditional characters, `b@d`, `b.a.d`, `baaad` and zero-width characters hide nothing.
//
//   [stage.moderate]
//   use  = "moderate"
//   with = { lists = ["data/words_en.txt", "data/words_zh.txt"], action = "mask" }
//   in   = { text = "draft" }
//   out  = { text = "reply" }

#include "actors/stages/builtin.hpp"
#include "actors/stages/moderation_filter.hpp"
#include "actors/stages/text.hpp"

namespace troupe::stages {

namespace {

constexpr std::string_view refusal_en = "This text was withheld because of the words in it.";
constexpr std::string_view refusal_zh = "该内容因含有不当词语，未予显示。";

struct moderate {
  static constexpr std::string_view name = "moderate";
  static constexpr std::string_view summary = "hides listed words, however they are written";
  struct params {
    std::vector<std::string> lists;
    std::string action = "mask";
    std::string mask = "*";
    std::string refusal;
  };
  struct input {
    std::string text;
  };
  struct output {
    std::string text;
    bool flagged = false;
    value::list matches;
  };

  static void describe(describer<moderate>& d) {
    d.param("lists", &params::lists, "files of words, one a line").not_empty().file();
    d.param("action", &params::action, "what happens to a text with such words")
        .one_of({"mask", "refuse"});
    d.param("mask", &params::mask, "what stands in the place of a hidden character");
    d.param("refusal", &params::refusal, "for `refuse`: what stands in the place of the text");
    d.in("text", &input::text, "what to clean");
    d.out("text", &output::text, "the text with nothing listed in it");
    d.out("flagged", &output::flagged, "whether a listed word was found");
    d.out("matches", &output::matches, "tables of word, category, found, at and length");
  }

  result<void> open(const stage_services& services) {
    std::vector<std::filesystem::path> files;
    for (const auto& file : p.lists) files.push_back(services.resolve(file));
    auto loaded = word_patterns::load(files);
    if (!loaded) return std::move(loaded).error();
    words_ = std::move(*loaded);
    return {};
  }

  result<output> run(const input& in, run_context&) {
    const auto text = clean_utf8(in.text);
    moderation_filter filter(words_, p.mask);
    output out;
    filter.push(text, out.text);
    filter.finish(out.text);
    out.flagged = !filter.found().empty();
    for (const auto& found : filter.found()) out.matches.push_back(described(found, text));
    if (out.flagged && p.action == "refuse") out.text = refusal_for(text);
    return out;
  }

  params p;
  std::shared_ptr<const word_patterns> words_;

 private:
  value described(const found_word& found, std::string_view text) const {
    const auto& word = words_->words()[found.word];
    const auto written = text.substr(found.begin, found.end - found.begin);
    const auto at = count_characters(text.substr(0, found.begin));
    return value::table{{"word", word.text},
                        {"category", word.category},
                        {"found", written},
                        {"at", static_cast<std::int64_t>(at)},
                        {"length", static_cast<std::int64_t>(count_characters(written))}};
  }

  std::string refusal_for(std::string_view text) const {
    if (!p.refusal.empty()) return p.refusal;
    return std::string(language_of(text) == "zh" ? refusal_zh : refusal_en);
  }
};

}  // namespace

void add_moderate(registry& r) { r.add<moderate>(); }

}  // namespace troupe::stages
