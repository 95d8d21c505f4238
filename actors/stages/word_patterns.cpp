#include "actors/stages/word_patterns.hpp"

#include <algorithm>

namespace troupe::stages {

namespace {

using text_span = std::span<const written_glyph>;

bool is_word_glyph(glyph_kind kind) {
  return kind == glyph_kind::letter || kind == glyph_kind::digit;
}

/// `!` ends a sentence more often than it is an `i`: it is one only between other letters.
bool only_inside(const written_glyph& g) { return g.seen.raw == U'!'; }

/// How the letters of a possible match are spaced.
class spacing {
 public:
  /// The gap behind `left`, where the entry has white space or not.
  void add(const glyph& left, gap_kind gap, bool wanted) {
    if (wanted) {
      sound_ = sound_ && gap != gap_kind::none && gap != gap_kind::broken;
      return;
    }
    sound_ = sound_ && gap <= gap_kind::space;
    if (left.kind == glyph_kind::ideograph) return;
    gapped_ = gapped_ || gap != gap_kind::none;
    (gap == gap_kind::none ? tight_ : wide_) |= gap == gap_kind::none || gap == gap_kind::space;
  }
  bool sound() const { return sound_ && !(tight_ && wide_); }
  bool gapped() const { return gapped_; }

 private:
  bool sound_ = true, gapped_ = false, tight_ = false, wide_ = false;
};

/// Letters in a drawn-out run: those meant, in their order, each at least once.
bool drawn_out(text_span written, std::span<const glyph> meant) {
  if (written.size() < 3 || written.size() <= meant.size()) return false;
  if (meant.front().kind == glyph_kind::digit) return false;
  std::size_t at = 0;
  for (const auto& w : written) {
    while (at < meant.size() && !stands_for(w.seen, meant[at])) ++at;
    if (at == meant.size()) return false;
  }
  return true;
}

bool same_letters(text_span written, std::span<const glyph> meant) {
  return std::ranges::equal(written, meant, stands_for, &written_glyph::seen);
}

bool left_border(const written_glyph& first, bool gapped) {
  if (!first.after_word) return true;
  return first.before > (gapped ? gap_kind::joiner : gap_kind::none);
}

match_state right_border(const text_behind& behind, bool gapped) {
  using following = text_behind::following;
  if (behind.glyph == following::end || behind.gap > gap_kind::joiner) return match_state::yes;
  if (behind.gap == gap_kind::joiner && !gapped) return match_state::yes;
  if (behind.glyph == following::unknown) return match_state::open;
  return behind.glyph == following::word ? match_state::no : match_state::yes;
}

/// Where the run of equal shapes begins that ends before `end`.
std::size_t run_begin(text_span text, std::size_t end) {
  std::size_t begin = end;
  while (begin > 0 && text[begin - 1].seen.shape == text[end - 1].seen.shape) --begin;
  return begin;
}

/// One way to lay a pattern over the end of a text: its first run begins at `first`.
struct laid_out {
  const word_pattern& pattern;
  text_span text;
  std::size_t first, end;
  spacing gaps;
  std::size_t digits = 0, letters = 0;

  /// Compares run by run, from the last to the first.
  bool fits() {
    std::size_t stop = end, letter = pattern.letters.size();
    for (std::size_t r = pattern.runs.size(); r-- > 0;) {
      const std::size_t start = r == 0 ? first : run_begin(text, stop);
      letter -= pattern.runs[r];
      const bool exact =
          (r == 0 && pattern.open_left) || (r + 1 == pattern.runs.size() && pattern.open_right);
      if (!run_fits(start, stop, letter, pattern.runs[r], exact)) return false;
      stop = start;
    }
    return gaps.sound() && (digits == 0 || digits <= letters);
  }

 private:
  bool run_fits(std::size_t start, std::size_t stop, std::size_t letter, std::size_t wanted,
                bool exact) {
    const auto written = text.subspan(start, stop - start);
    const auto meant = std::span(pattern.letters).subspan(letter, wanted);
    const bool same = written.size() == wanted && same_letters(written, meant);
    if (!same && (exact || written.size() > longest_run || !drawn_out(written, meant)))
      return false;
    for (std::size_t i = 0; i < written.size(); ++i) {
      const bool digit = written[i].seen.kind == glyph_kind::digit;
      const bool for_letter = meant[std::min(i, wanted - 1)].kind == glyph_kind::letter;
      (digit && for_letter ? digits : letters) += 1;
      if (start + i == first) continue;
      const bool spaced = (i == 0 || same) && pattern.spaced[letter + std::min(i, wanted - 1)];
      gaps.add(text[start + i - 1].seen, written[i].before, spaced);
    }
    return true;
  }
};

}  // namespace

std::optional<word_pattern> word_pattern::compile(std::string_view text) {
  word_pattern p;
  bool starred_left = text.starts_with('*'), starred_right = text.ends_with('*');
  bool space = false;
  for (std::size_t at = 0; at < text.size();) {
    const auto c = next_character(text, at);
    const auto seen = look_at(c);
    if (seen.role == character_role::gap) {
      space = space || seen.gap == gap_kind::space;
      continue;
    }
    std::vector<glyph> glyphs;
    if (seen.role == character_role::glyph) glyphs = {seen.only};
    if (seen.role == character_role::glyphs) glyphs = glyphs_of(c);
    for (const auto& g : glyphs) {
      const bool spaced = std::exchange(space, false) && !p.letters.empty();
      if (p.letters.empty() || p.letters.back().shape != g.shape)
        p.runs.push_back(1);
      else
        ++p.runs.back();
      p.letters.push_back(g);
      p.spaced.push_back(spaced);
      p.phrase = p.phrase || spaced;
    }
  }
  if (!std::ranges::any_of(p.letters, [](const glyph& g) { return g.kind != glyph_kind::sign; }))
    return std::nullopt;
  p.open_left = starred_left || !is_word_glyph(p.letters.front().kind);
  p.open_right = starred_right || !is_word_glyph(p.letters.back().kind);
  return p;
}

std::u32string word_pattern::shapes() const {
  std::u32string out;
  std::size_t at = 0;
  for (auto length : runs) {
    out += letters[at].shape;
    at += length;
  }
  return out;
}

word_match word_pattern::match(text_span text, const text_behind& behind) const {
  std::size_t end = text.size();
  while (end > 0 && only_inside(text[end - 1]) && letters.back().raw != U'!') --end;
  const bool trailing_mark = end < text.size();
  if (end == 0 || text[end - 1].seen.shape != letters.back().shape) return {};
  std::size_t start = end;
  for (std::size_t r = 1; r < runs.size(); ++r) start = run_begin(text, start);
  // The shortest way first: of `b-b-bad` only the last three letters.
  const std::size_t first_run = run_begin(text, start);
  for (std::size_t first = start; first-- > first_run;) {
    if (only_inside(text[first]) && letters.front().raw != U'!') continue;
    laid_out way{*this, text, first, end, {}};
    if (!way.fits()) continue;
    if (!open_left && !left_border(text[first], way.gaps.gapped())) continue;
    const auto border =
        open_right || trailing_mark ? match_state::yes : right_border(behind, way.gaps.gapped());
    if (border != match_state::no) return {border, text[first].begin, text[end - 1].end};
  }
  return {};
}

word_patterns::word_patterns(std::vector<listed_word> words) : words_(std::move(words)) {
  std::vector<std::u32string> shapes;
  std::erase_if(words_, [&](const listed_word& word) {
    auto compiled = word_pattern::compile(word.text);
    if (!compiled) return true;
    shapes.push_back(compiled->shapes());
    patterns_.push_back(std::move(*compiled));
    return false;
  });
  automaton_ = shape_automaton(shapes);
  beginnings_.resize(automaton_.size());
  for (std::size_t i = 0; i < patterns_.size(); ++i) {
    const auto& p = patterns_[i];
    auto s = shape_automaton::root;
    for (char32_t shape : shapes[i]) {
      s = automaton_.next(s, shape);
      auto& below = beginnings_[s];
      below.phrase = below.phrase || p.phrase;
      below.closed_left = below.closed_left || !p.open_left;
      if (p.open_left) below.open_left = std::max(below.open_left, p.runs.front());
    }
  }
}

result<std::shared_ptr<const word_patterns>> word_patterns::load(
    std::span<const std::filesystem::path> files) {
  auto words = read_word_lists(files);
  if (!words) return std::move(words).error();
  return std::make_shared<const word_patterns>(std::move(*words));
}

bool word_patterns::may_grow(const shape_automaton::node& leaf, text_span text, std::size_t first,
                             const text_behind& behind, bool gapped) const {
  const auto last_run = text.size() - std::max(first, run_begin(text, text.size()));
  return std::ranges::any_of(automaton_.ending(leaf), [&](auto word) {
    const auto& p = patterns_[word];
    if (p.open_right) return last_run < p.runs.back();
    return behind.glyph == text_behind::following::unknown &&
           behind.gap <= (gapped ? gap_kind::joiner : gap_kind::none);
  });
}

std::optional<std::size_t> word_patterns::beginning(state s, text_span text,
                                                    const text_behind& behind) const {
  const auto& node = automaton_.at(s);
  const auto& below = beginnings_[s];
  std::size_t start = text.size();
  for (std::uint32_t r = 1; r < node.depth; ++r) {
    const auto begin = run_begin(text, start);
    if (start - begin > longest_run) return std::nullopt;
    start = begin;
  }
  const std::size_t first_end = start;
  for (std::size_t first = run_begin(text, first_end); first < first_end; ++first) {
    if (only_inside(text[first]) || first_end - first > longest_run) continue;
    spacing gaps;
    for (std::size_t i = first + 1; i < text.size(); ++i)
      gaps.add(text[i - 1].seen, text[i].before, below.phrase);
    if (behind.gap != gap_kind::none) gaps.add(text.back().seen, behind.gap, below.phrase);
    if (!below.phrase && !gaps.sound()) continue;
    if (node.children == 0 && !may_grow(node, text, first, behind, gaps.gapped())) continue;
    const bool closed = below.closed_left && left_border(text[first], gaps.gapped());
    if (closed || first_end - first <= below.open_left) return first;
  }
  return std::nullopt;
}

}  // namespace troupe::stages
