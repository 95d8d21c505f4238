#include "pipeline/condition_lexer.hpp"

#include <array>
#include <charconv>

namespace troupe {

namespace {

using kind = condition_token::kind_type;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}

/// Longest first, so that `<=` is not read as `<`.
constexpr std::array<std::string_view, 15> symbols = {"==", "!=", "<=", ">=", "&&", "||", "<", ">",
                                                      "!",  "(",  ")",  "[",  "]",  ",",  "."};

struct mistake {
  std::string_view written, hint;
};
constexpr std::array mistakes = {mistake{"=", "two values are compared with `==`"},
                                 mistake{"&", "`and` is written `&&`"},
                                 mistake{"|", "`or` is written `||`"}};

class lexer {
 public:
  explicit lexer(std::string_view text) : text_(text) {}

  std::pair<std::vector<condition_token>, std::optional<condition_problem>> run() {
    while (!problem_) {
      while (at_ < text_.size() && std::string_view(" \t\r\n").find(text_[at_]) != text_.npos)
        ++at_;
      if (at_ == text_.size()) break;
      char c = text_[at_];
      if (is_letter(c)) {
        name();
      } else if (is_digit(c) || (c == '-' && at_ + 1 < text_.size() && is_digit(text_[at_ + 1]))) {
        number();
      } else if (c == '\'' || c == '"') {
        quoted(c);
      } else {
        symbol();
      }
    }
    tokens_.push_back({kind::end, {}, {}, text_.size()});
    return {std::move(tokens_), std::move(problem_)};
  }

 private:
  void push(kind k, std::size_t end, value constant = {}) {
    tokens_.push_back({k, text_.substr(at_, end - at_), std::move(constant), at_});
    at_ = end;
  }
  void fail(std::string message, std::string_view hint, std::size_t length) {
    problem_ = {"condition-syntax", std::move(message), std::string(hint), at_, length};
  }

  void name() {
    std::size_t end = at_;
    while (end < text_.size() && (is_letter(text_[end]) || is_digit(text_[end]))) ++end;
    push(kind::name, end);
  }

  void number() {
    std::size_t end = at_ + 1;
    bool whole = true;
    while (end < text_.size() && is_digit(text_[end])) ++end;
    if (end + 1 < text_.size() && text_[end] == '.' && is_digit(text_[end + 1])) {
      whole = false;
      for (++end; end < text_.size() && is_digit(text_[end]);) ++end;
    }
    const char* first = text_.data() + at_;
    const char* last = text_.data() + end;
    std::int64_t integer = 0;
    double floating = 0;
    auto failure = whole ? std::from_chars(first, last, integer).ec
                         : std::from_chars(first, last, floating).ec;
    if (failure != std::errc())
      return fail("the number `" + std::string(first, last) + "` is too large", "", end - at_);
    push(kind::literal, end, whole ? value(integer) : value(floating));
  }

  void quoted(char quote) {
    std::string content;
    for (std::size_t i = at_ + 1; i < text_.size(); ++i) {
      char c = text_[i];
      if (c == quote) return push(kind::literal, i + 1, value(std::move(content)));
      if (c == '\\' && i + 1 < text_.size()) {
        c = text_[++i];
        if (c == 'n') c = '\n';
        if (c == 't') c = '\t';
      }
      content += c;
    }
    fail("a text is not closed", std::string("put a ") + quote + " behind it", text_.size() - at_);
  }

  void symbol() {
    for (std::string_view s : symbols)
      if (text_.substr(at_).starts_with(s)) return push(kind::symbol, at_ + s.size());
    std::string_view written = text_.substr(at_, 1);
    std::string_view hint;
    for (const mistake& m : mistakes)
      if (m.written == written) hint = m.hint;
    fail("`" + std::string(written) + "` means nothing in a condition", hint, 1);
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::vector<condition_token> tokens_;
  std::optional<condition_problem> problem_;
};

}  // namespace

std::pair<std::vector<condition_token>, std::optional<condition_problem>> split_condition(
    std::string_view text) {
  return lexer(text).run();
}

}  // namespace troupe
