#include "actors/stages/moderation_filter.hpp"

#include <algorithm>

namespace troupe::stages {

namespace {

using following = text_behind::following;

bool is_word_kind(glyph_kind kind) {
  return kind == glyph_kind::letter || kind == glyph_kind::digit;
}

}  // namespace

moderation_filter::moderation_filter(std::shared_ptr<const word_patterns> words, std::string mask)
    : words_(std::move(words)), mask_(std::move(mask)) {}

void moderation_filter::push(std::string_view piece, std::string& out) {
  waiting_ += piece;
  const std::string_view text = waiting_;
  read(text.substr(0, text.size() - unfinished_bytes(text)));
  give_out(state_ == shape_automaton::root ? read_ : glyphs_.front().begin, out);
}

void moderation_filter::finish(std::string& out) {
  read(waiting_);
  decide({gap_, following::end});
  state_ = shape_automaton::root;
  glyphs_.clear();
  give_out(read_, out);
}

void moderation_filter::read(std::string_view whole_characters) {
  for (std::size_t at = read_ - given_; at < whole_characters.size();) {
    const auto begin = at;
    const auto c = next_character(whole_characters, at);
    take(c, given_ + begin, given_ + at);
  }
  read_ = given_ + whole_characters.size();
}

void moderation_filter::take(std::int32_t c, std::size_t begin, std::size_t end) {
  const auto seen = look_at(c);
  switch (seen.role) {
    case character_role::nothing:
      return;
    case character_role::gap:
      return take_gap(seen.gap);
    case character_role::glyph:
      return take_glyph(seen.only, begin, end);
    case character_role::glyphs:
      for (const auto& g : glyphs_of(c)) take_glyph(g, begin, end);
      return;
  }
}

void moderation_filter::take_gap(gap_kind gap) {
  ++gap_length_;
  gap_ = std::max(gap_, gap_length_ > longest_gap ? gap_kind::broken : gap);
  if (state_ == shape_automaton::root) return;
  decide({gap_, following::unknown});
  drop_hopeless({gap_, following::unknown});
}

void moderation_filter::take_glyph(const glyph& g, std::size_t begin, std::size_t end) {
  const bool word = is_word_kind(g.kind);
  const auto& automaton = words_->automaton();
  const written_glyph written{g, begin, end, gap_, after_word_};
  gap_ = gap_kind::none;
  gap_length_ = 0;
  after_word_ = word;
  if (state_ == shape_automaton::root) {
    const auto next = automaton.next(state_, g.shape);
    // Most glyphs go on with a word that began otherwise.
    if (next == shape_automaton::root) return;
    if (written.after_word && written.before == gap_kind::none && !words_->open_below(next)) return;
    state_ = next;
    glyphs_.assign(1, written);
  } else {
    decide({written.before, word ? following::word : following::other});
    const bool same_run = glyphs_.back().seen.shape == g.shape;
    glyphs_.push_back(written);
    if (!same_run) state_ = automaton.next(state_, g.shape);
  }
  decide({});
  drop_hopeless({});
}

/// Hides every word that ends here for certain.
void moderation_filter::decide(const text_behind& behind) {
  const auto& automaton = words_->automaton();
  for (auto s = state_; s != shape_automaton::root; s = automaton.at(s).output)
    for (auto word : automaton.ending(automaton.at(s)))
      if (auto match = words_->pattern(word).match(glyphs_, behind);
          match.state == match_state::yes)
        hide(word, match.begin, match.end);
}

void moderation_filter::hide(std::uint32_t word, std::size_t begin, std::size_t end) {
  for (auto f = found_.rbegin(); f != found_.rend() && f->end + longest_gap * 4 >= end; ++f)
    if (f->word == word && f->begin == begin && f->end == end) return;
  found_.push_back({word, begin, end});
  // Words come in the order of their ends.
  while (!hidden_.empty() && hidden_.back().end >= begin) {
    begin = std::min(begin, hidden_.back().begin);
    end = std::max(end, hidden_.back().end);
    hidden_.pop_back();
  }
  hidden_.push_back({begin, end});
}

/// Falls back to the longest beginning that can still become a word.
void moderation_filter::drop_hopeless(const text_behind& behind) {
  const auto& automaton = words_->automaton();
  while (state_ != shape_automaton::root) {
    if (behind.gap == gap_kind::broken) break;
    if (auto first = words_->beginning(state_, glyphs_, behind)) {
      glyphs_.erase(glyphs_.begin(), glyphs_.begin() + static_cast<std::ptrdiff_t>(*first));
      return;
    }
    state_ = automaton.at(state_).fail;
  }
  state_ = shape_automaton::root;
  glyphs_.clear();
}

void moderation_filter::give_out(std::size_t upto, std::string& out) {
  const std::string_view text = waiting_;
  std::size_t at = given_;
  auto clean = [&](std::size_t end) {
    if (at >= end) return;
    auto part = text.substr(at - given_, end - at);
    if (ends_hidden_) {
      // Marks over a hidden letter go with it.
      std::size_t from = 0;
      for (std::size_t next = 0; from < part.size(); from = next)
        if (look_at(next_character(part, next)).role != character_role::nothing) break;
      if (from < part.size()) ends_hidden_ = false;
      part.remove_prefix(from);
    }
    out += part;
    at = end;
  };
  auto r = hidden_.begin();
  for (; r != hidden_.end() && r->begin < upto; ++r) {
    clean(std::max(r->begin, at));
    const auto end = std::min(r->end, upto);
    write_masked(text.substr(at - given_, end - at), out);
    ends_hidden_ = true;
    at = end;
    if (end == r->end) continue;
    r->begin = end;
    break;
  }
  hidden_.erase(hidden_.begin(), r);
  clean(upto);
  waiting_.erase(0, upto - given_);
  given_ = upto;
}

void moderation_filter::write_masked(std::string_view part, std::string& out) const {
  for (std::size_t at = 0; at < part.size();)
    if (look_at(next_character(part, at)).role != character_role::nothing) out += mask_;
}

}  // namespace troupe::stages
