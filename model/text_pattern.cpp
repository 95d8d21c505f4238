#include "model/text_pattern.hpp"

#include <algorithm>
#include <stdexcept>

namespace troupe {

namespace {

using kind = text_pattern::kind;
using range_list = text_pattern::range_list;

constexpr char32_t last_point = 0x10FFFF;
constexpr int deepest_group = 100;
constexpr std::int64_t most_repeats = 1000;

[[noreturn]] void refuse(const std::string& what) { throw std::invalid_argument(what); }

range_list tidy(range_list ranges) {
  std::ranges::sort(ranges);
  range_list joined, out;
  for (const auto& [from, to] : ranges) {
    if (!joined.empty() && from <= joined.back().second + 1)
      joined.back().second = std::max(joined.back().second, to);
    else
      joined.emplace_back(from, to);
  }
  for (const auto& [from, to] : joined) {
    if (from < 0xD800) out.emplace_back(from, std::min<char32_t>(to, 0xD7FF));
    if (to > 0xDFFF) out.emplace_back(std::max<char32_t>(from, 0xE000), to);
  }
  return out;
}

range_list all_but(const range_list& ranges) {
  range_list out;
  char32_t next = 0;
  for (const auto& [from, to] : tidy(ranges)) {
    if (from > next) out.emplace_back(next, from - 1);
    next = to + 1;
  }
  if (next <= last_point) out.emplace_back(next, last_point);
  return tidy(std::move(out));
}

const range_list digits = {{'0', '9'}};
const range_list word_characters = {{'0', '9'}, {'A', 'Z'}, {'_', '_'}, {'a', 'z'}};
const range_list spaces = {{0x09, 0x0D},     {0x20, 0x20},     {0xA0, 0xA0},     {0x1680, 0x1680},
                           {0x2000, 0x200A}, {0x2028, 0x2029}, {0x202F, 0x202F}, {0x205F, 0x205F},
                           {0x3000, 0x3000}, {0xFEFF, 0xFEFF}};
const range_list line_ends = {{'\n', '\n'}, {'\r', '\r'}, {0x2028, 0x2029}};

text_pattern characters(range_list ranges) {
  text_pattern out;
  out.what = kind::characters;
  out.ranges = tidy(std::move(ranges));
  return out;
}

class parser {
 public:
  explicit parser(std::string_view text) {
    for (std::size_t i = 0; i < text.size();) {
      const auto lead = static_cast<unsigned char>(text[i]);
      const std::size_t n = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
      if (i + n > text.size()) refuse("it is no UTF-8");
      char32_t c = n == 1 ? lead : lead & (0x7Fu >> n);
      for (std::size_t k = 1; k < n; ++k)
        c = c << 6 | (static_cast<unsigned char>(text[i + k]) & 0x3F);
      text_.push_back(c);
      i += n;
    }
  }

  /// Each alternative with the room that its missing anchors leave.
  text_pattern whole() {
    text_pattern out;
    out.what = kind::choice;
    do {
      const bool from_start = take('^');
      text_pattern found;
      if (!from_start) found.parts.push_back(text_pattern::any_text());
      found.parts.push_back(sequence());
      if (!take('$')) found.parts.push_back(text_pattern::any_text());
      if (at_ < text_.size() && text_[at_] != '|')
        refuse("`$` or `)` stands where it has no sense");
      out.parts.push_back(std::move(found));
    } while (take('|'));
    return out;
  }

 private:
  bool more() const { return at_ < text_.size(); }
  char32_t peek() const { return more() ? text_[at_] : 0; }
  bool take(char32_t c) {
    if (!more() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  char32_t next(const char* where) {
    if (!more()) refuse(std::string("it ends in ") + where);
    return text_[at_++];
  }

  text_pattern sequence() {
    text_pattern out;
    while (more() && peek() != '|' && peek() != ')' && peek() != '$') {
      if (peek() == '^') refuse("`^` inside of it is not supported");
      out.parts.push_back(quantified(atom()));
    }
    return out;
  }

  text_pattern choice() {
    text_pattern out;
    out.what = kind::choice;
    do {
      out.parts.push_back(sequence());
      if (peek() == '$') refuse("`$` inside of a group is not supported");
    } while (take('|'));
    return out;
  }

  text_pattern quantified(text_pattern inner) {
    while (more()) {
      text_pattern out;
      out.what = kind::repeat;
      if (take('*')) {
      } else if (take('+')) {
        out.least = 1;
      } else if (take('?')) {
        out.most = 1;
      } else if (peek() == '{') {
        counts(out);
      } else {
        return inner;
      }
      take('?');
      out.parts.push_back(std::move(inner));
      inner = std::move(out);
    }
    return inner;
  }

  void counts(text_pattern& out) {
    next("a quantifier");
    out.least = number();
    out.most = out.least;
    if (take(',')) out.most = peek() == '}' ? -1 : number();
    if (!take('}')) refuse("a `{` is not closed");
    if (out.most >= 0 && out.most < out.least)
      refuse("a quantifier's numbers are the wrong way round");
  }

  std::int64_t number() {
    if (peek() < '0' || peek() > '9') refuse("a `{` is no quantifier; write `\\{`");
    std::int64_t n = 0;
    while (peek() >= '0' && peek() <= '9') {
      n = n * 10 + static_cast<std::int64_t>(text_[at_++] - '0');
      if (n > most_repeats) refuse("more than 1000 repetitions are not supported");
    }
    return n;
  }

  text_pattern atom() {
    const char32_t c = next("a pattern");
    switch (c) {
      case '(':
        return group();
      case '[':
        return characters(set());
      case '.':
        return characters(all_but(line_ends));
      case '\\':
        return characters(escape());
      case '*':
      case '+':
      case '?':
        refuse("a quantifier has nothing before it");
      default:
        return characters({{c, c}});
    }
  }

  text_pattern group() {
    if (++depth_ > deepest_group) refuse("its groups are too deep");
    if (take('?')) {
      if (take('<')) {
        if (peek() == '=' || peek() == '!') refuse("look-around is not supported");
        while (next("a group's name") != '>') {
        }
      } else if (!take(':')) {
        refuse("look-around is not supported");
      }
    }
    text_pattern out = choice();
    if (!take(')')) refuse("a `(` is not closed");
    --depth_;
    return out;
  }

  char32_t hexadecimal(int count) {
    char32_t out = 0;
    for (int i = 0; i < count; ++i) {
      const char32_t c = next("an escape");
      const char32_t lower = c | 0x20;
      if (c >= '0' && c <= '9')
        out = out * 16 + (c - '0');
      else if (lower >= 'a' && lower <= 'f')
        out = out * 16 + (lower - 'a' + 10);
      else
        refuse("an escape has a digit that is not hexadecimal");
    }
    return out;
  }

  range_list escape() {
    const char32_t c = next("an escape");
    auto one = [](char32_t point) { return range_list{{point, point}}; };
    switch (c) {
      case 'd':
        return digits;
      case 'D':
        return all_but(digits);
      case 'w':
        return word_characters;
      case 'W':
        return all_but(word_characters);
      case 's':
        return spaces;
      case 'S':
        return all_but(spaces);
      case 'n':
        return one('\n');
      case 'r':
        return one('\r');
      case 't':
        return one('\t');
      case 'f':
        return one('\f');
      case 'v':
        return one('\v');
      case '0':
        return one(0);
      case 'x':
        return one(hexadecimal(2));
      case 'u': {
        const char32_t high = hexadecimal(4);
        if (high < 0xD800 || high > 0xDFFF) return one(high);
        if (high > 0xDBFF || !take('\\') || !take('u'))
          refuse("half a surrogate pair is no character");
        const char32_t low = hexadecimal(4);
        if (low < 0xDC00 || low > 0xDFFF) refuse("half a surrogate pair is no character");
        return one(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00));
      }
      case 'b':
      case 'B':
        refuse("`\\b` is not supported");
      case 'p':
      case 'P':
        refuse("`\\p` is not supported");
      default:
        if (c >= '1' && c <= '9') refuse("back references are not supported");
        if (c == 'c' || c == 'k')
          refuse("`\\" + std::string(1, static_cast<char>(c)) + "` is not supported");
        return one(c);
    }
  }

  range_list set() {
    const bool inverted = take('^');
    range_list out;
    while (!take(']')) {
      range_list first = set_item();
      const bool range = peek() == '-' && at_ + 1 < text_.size() && text_[at_ + 1] != ']';
      if (range && first.size() == 1 && first[0].first == first[0].second) {
        ++at_;
        const range_list last = set_item();
        if (last.size() != 1 || last[0].first != last[0].second || last[0].first < first[0].first)
          refuse("a range in `[]` has no sense");
        first[0].second = last[0].first;
      }
      out.insert(out.end(), first.begin(), first.end());
    }
    return inverted ? all_but(out) : out;
  }

  range_list set_item() {
    const char32_t c = next("`[`");
    if (c != '\\') return {{c, c}};
    if (take('b')) return {{'\b', '\b'}};
    if (take('-')) return {{'-', '-'}};
    return escape();
  }

  std::u32string text_;
  std::size_t at_ = 0;
  int depth_ = 0;
};

}  // namespace

text_pattern text_pattern::any_text() {
  text_pattern out;
  out.what = kind::repeat;
  out.parts.push_back(characters({{0, last_point}}));
  return out;
}

result<text_pattern> parse_text_pattern(std::string_view pattern) try {
  return parser(pattern).whole();
} catch (const std::invalid_argument& e) {
  return error{errc::invalid_request,
               "the pattern `" + std::string(pattern) + "` cannot be used: " + e.what()};
}

}  // namespace troupe
