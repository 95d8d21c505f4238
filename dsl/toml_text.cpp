#include "dsl/toml_text.hpp"

#include "dsl/text_width.hpp"

#include <algorithm>

namespace troupe {

namespace {

constexpr int deepest = 64;

/// Walks through a text and knows the line and column (in code points) where it is.
class cursor {
 public:
  explicit cursor(std::string_view text) : text_(text) {}

  bool done() const { return at_ >= text_.size(); }
  char now() const { return text_[at_]; }
  std::string_view rest() const { return text_.substr(at_); }
  bool sees(std::string_view s) const { return text_.substr(at_).starts_with(s); }
  std::uint32_t line() const { return line_; }
  std::uint32_t column() const { return column_; }
  source_range here() const { return {line_, column_, column_ + 1}; }

  /// Over one code point; gives its bytes.
  std::size_t step() {
    std::size_t n = code_point_length(text_.substr(at_));
    if (now() == '\n') {
      ++line_;
      column_ = 1;
    } else {
      ++column_;
    }
    at_ += n;
    return n;
  }
  void skip(std::size_t code_points) {
    while (code_points-- > 0 && !done()) step();
  }
  void go_to(std::uint32_t line, std::uint32_t column) {
    while (!done() && line_ < line) step();
    while (!done() && column_ < column) step();
  }

 private:
  std::string_view text_;
  std::size_t at_ = 0;
  std::uint32_t line_ = 1, column_ = 1;
};

/// The quotes that open a string here: one or three of a kind.
std::string_view opening(const cursor& c) {
  for (std::string_view quotes : {"\"\"\"", "'''", "\"", "'"})
    if (c.sees(quotes)) return quotes;
  return {};
}

void skip_string(cursor& c, std::string_view quotes) {
  c.skip(quotes.size());
  while (!c.done() && !c.sees(quotes)) {
    if (quotes.size() == 1 && c.now() == '\n') return;
    if (quotes[0] == '"' && c.now() == '\\') c.step();
    if (!c.done()) c.step();
  }
  c.skip(quotes.size());
  // A multi-line string may end in up to two quotes of its own kind.
  if (quotes.size() == 3)
    while (!c.done() && c.now() == quotes[0]) c.step();
}

bool is_space(std::string_view rest) {
  return !rest.empty() && std::string_view(" \t\r\n").find(rest[0]) != std::string_view::npos;
}

std::size_t utf8_length(std::string_view hex) {
  unsigned long code = 0;
  for (char h : hex)
    code = code * 16 + static_cast<unsigned long>(h <= '9' ? h - '0' : (h | 0x20) - 'a' + 10);
  return code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
}

/// Steps over one escape sequence; gives the bytes of content that it stands for.
std::size_t skip_escape(cursor& c) {
  std::string_view escape = c.rest();
  c.step();
  if (c.done()) return 0;
  if (c.now() == 'u' || c.now() == 'U') {
    std::size_t digits = c.now() == 'u' ? 4 : 8;
    c.skip(1 + digits);
    return utf8_length(escape.substr(2, digits));
  }
  if (is_space(c.rest())) {
    while (is_space(c.rest())) c.step();
    return 0;
  }
  c.step();
  return 1;
}

}  // namespace

std::optional<source_range> too_deep(std::string_view text) {
  cursor c(text);
  int brackets = 0, dots = 0;
  while (!c.done()) {
    if (std::string_view quotes = opening(c); !quotes.empty()) {
      skip_string(c, quotes);
      continue;
    }
    switch (c.now()) {
      case '#':
        while (!c.done() && c.now() != '\n') c.step();
        continue;
      case '[':
      case '{':
        ++brackets;
        dots = 0;
        break;
      case ']':
      case '}':
        brackets = std::max(brackets - 1, 0);
        dots = 0;
        break;
      case '=':
      case ',':
      case '\n':
        dots = 0;
        break;
      case '.':
        ++dots;
        break;
      default:
        break;
    }
    if (brackets > deepest || dots > deepest) return c.here();
    c.step();
  }
  return std::nullopt;
}

source_range inside_string(std::string_view text, const source_range& literal, std::size_t offset,
                           std::size_t length) {
  if (!literal.known()) return literal;
  // The rest of the file from the line of the string on, so that long files cost little.
  for (std::uint32_t line = 1; line < literal.line; ++line) {
    std::size_t end = text.find('\n');
    if (end == std::string_view::npos) return literal;
    text.remove_prefix(end + 1);
  }
  cursor c(text);
  c.go_to(1, literal.column);
  std::string_view quotes = opening(c);
  if (quotes.empty()) return literal;
  c.skip(quotes.size());
  if (quotes.size() == 3) {
    if (!c.done() && c.now() == '\r') c.step();
    if (!c.done() && c.now() == '\n') c.step();
  }

  std::size_t passed = 0;
  auto advance = [&] { passed += quotes[0] == '"' && c.now() == '\\' ? skip_escape(c) : c.step(); };
  while (!c.done() && passed < offset && !c.sees(quotes)) advance();
  // A backslash at the end of a line stands for nothing.
  while (quotes[0] == '"' && c.sees("\\") && is_space(c.rest().substr(1))) advance();
  source_range at{literal.line + c.line() - 1, c.column(), c.column() + 1};
  std::uint32_t line = c.line();
  while (!c.done() && passed < offset + length && !c.sees(quotes)) {
    if (c.now() == '\n') break;
    advance();
    if (c.line() != line) break;
    at.end_column = c.column();
  }
  return at;
}

}  // namespace troupe
