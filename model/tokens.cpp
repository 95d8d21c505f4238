// tokenise_text: normalisation and the scanner.

#include "model/features.hpp"
#include "model/simplified.hpp"

#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <memory>

namespace troupe {

namespace {

using points = std::u32string;

void append_utf8(std::string& out, char32_t c) {
  std::array<utf8proc_uint8_t, 4> bytes;
  auto n = utf8proc_encode_char(static_cast<utf8proc_int32_t>(c), bytes.data());
  out.append(reinterpret_cast<const char*>(bytes.data()), static_cast<std::size_t>(n));
}

std::string to_utf8(std::u32string_view text) {
  std::string out;
  for (char32_t c : text) append_utf8(out, c);
  return out;
}

/// `text` without the bytes that are no UTF-8.
std::string valid_part(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  auto data = reinterpret_cast<const utf8proc_uint8_t*>(text.data());
  for (std::size_t i = 0; i < text.size();) {
    utf8proc_int32_t c = -1;
    auto n = utf8proc_iterate(data + i, static_cast<utf8proc_ssize_t>(text.size() - i), &c);
    if (n > 0) out.append(text, i, static_cast<std::size_t>(n));
    i += n > 0 ? static_cast<std::size_t>(n) : 1;
  }
  return out;
}

points normalise(std::string_view text) {
  const std::string valid = valid_part(text);
  constexpr int flags =
      UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_COMPAT | UTF8PROC_CASEFOLD | UTF8PROC_IGNORE;
  utf8proc_uint8_t* mapped = nullptr;
  auto length = utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(valid.data()),
                             static_cast<utf8proc_ssize_t>(valid.size()), &mapped,
                             static_cast<utf8proc_option_t>(flags));
  std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> owner(mapped, &std::free);
  points out;
  for (utf8proc_ssize_t i = 0; i < length;) {
    utf8proc_int32_t c = -1;
    auto n = utf8proc_iterate(mapped + i, length - i, &c);
    if (n <= 0) break;
    out.push_back(to_simplified(static_cast<char32_t>(c)));
    i += n;
  }
  return out;
}

enum class kind : std::uint8_t { space, letter, digit, han, symbol, other };

bool is_han(char32_t c) {
  return (c >= 0x3040 && c <= 0x30ff) || (c >= 0x3400 && c <= 0x4dbf) ||
         (c >= 0x4e00 && c <= 0x9fff) || (c >= 0xac00 && c <= 0xd7af) ||
         (c >= 0xf900 && c <= 0xfaff) || (c >= 0x20000 && c <= 0x323af);
}

kind kind_of(char32_t c) {
  if (is_han(c)) return kind::han;
  switch (utf8proc_category(static_cast<utf8proc_int32_t>(c))) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO:
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_MC:
    case UTF8PROC_CATEGORY_ME:
      return kind::letter;
    case UTF8PROC_CATEGORY_ND:
      return kind::digit;
    case UTF8PROC_CATEGORY_ZS:
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP:
    case UTF8PROC_CATEGORY_CC:
      return kind::space;
    case UTF8PROC_CATEGORY_SO:
    case UTF8PROC_CATEGORY_SC:
      return kind::symbol;
    default:
      return kind::other;
  }
}

bool is_apostrophe(char32_t c) { return c == U'\'' || c == 0x2019 || c == 0x2018 || c == U'`'; }

/// Inside addresses, order numbers and the like.
bool is_joint(char32_t c) {
  return std::u32string_view(U"-_./@:+,#&=%?").find(c) != std::u32string_view::npos;
}

class scanner {
 public:
  explicit scanner(points text) : text_(std::move(text)) {}

  std::vector<text_token> run() {
    while (at_ < text_.size()) {
      if (slot()) continue;
      const char32_t c = text_[at_];
      switch (kind_of(c)) {
        case kind::han:
          add(token_kind::han, to_utf8({&text_[at_], 1}));
          ++at_;
          break;
        case kind::letter:
        case kind::digit:
          chunk();
          break;
        case kind::symbol:
          add(token_kind::punctuation, to_utf8({&text_[at_], 1}));
          ++at_;
          break;
        default:
          other(c);
          break;
      }
    }
    return std::move(out_);
  }

 private:
  void add(token_kind k, std::string text, std::string name = {}) {
    out_.push_back({k, std::move(text), std::move(name)});
  }

  bool slot() {
    if (text_.compare(at_, 2, U"{{") != 0) return false;
    auto end = text_.find(U"}}", at_ + 2);
    if (end == points::npos || end - at_ > 64) return false;
    std::string name = to_utf8({&text_[at_] + 2, end - at_ - 2});
    const bool number = name.find("number") != std::string::npos ||
                        name.find("编号") != std::string::npos ||
                        name.find("单号") != std::string::npos;
    add(token_kind::marker, number ? "<id>" : "<slot>", std::move(name));
    at_ = end + 2;
    return true;
  }

  void other(char32_t c) {
    if (c == U'?' || c == U'!') {
      add(token_kind::punctuation, std::string(1, static_cast<char>(c)));
    } else if (c == U'.' && text_.compare(at_, 3, U"...") == 0) {
      add(token_kind::punctuation, "...");
      at_ += 2;
    }
    ++at_;
  }

  /// A run of letters, digits and what joins them: an address, a number, or words.
  void chunk() {
    std::size_t end = at_;
    bool digit = false, joint = false;
    for (; end < text_.size(); ++end) {
      const kind k = kind_of(text_[end]);
      if (k == kind::letter || is_apostrophe(text_[end])) continue;
      if (k == kind::digit) {
        digit = true;
      } else if (is_joint(text_[end])) {
        joint = true;
      } else {
        break;
      }
    }
    while (end > at_ + 1 && is_joint(text_[end - 1])) --end;
    const std::u32string_view run(&text_[at_], end - at_);
    if (joint &&
        (run.starts_with(U"http:") || run.starts_with(U"https:") || run.starts_with(U"www."))) {
      add(token_kind::marker, "<url>");
      at_ = end;
    } else if (auto at = run.find(U'@');
               joint && at != run.npos && at > 0 && run.find(U'.', at) != run.npos) {
      add(token_kind::marker, "<email>");
      at_ = end;
    } else if (digit) {
      number();
    } else {
      word();
    }
  }

  /// Letters and digits up to a space: an order number if it has 4 digits, else words and numbers.
  void number() {
    std::size_t end = at_, digits = 0;
    for (; end < text_.size(); ++end) {
      const kind k = kind_of(text_[end]);
      if (k == kind::digit)
        ++digits;
      else if (k != kind::letter && text_[end] != U'-' && text_[end] != U'_')
        break;
    }
    if (digits >= 4) {
      add(token_kind::marker, "<id>");
      at_ = end;
    } else if (kind_of(text_[at_]) == kind::digit) {
      while (at_ < text_.size() &&
             (kind_of(text_[at_]) == kind::digit ||
              (at_ + 1 < text_.size() && (text_[at_] == U'.' || text_[at_] == U',') &&
               kind_of(text_[at_ + 1]) == kind::digit)))
        ++at_;
      add(token_kind::marker, "<num>");
    } else {
      word();
    }
  }

  void word() {
    std::string letters;
    for (; at_ < text_.size(); ++at_) {
      if (is_apostrophe(text_[at_])) continue;
      if (kind_of(text_[at_]) != kind::letter) break;
      append_utf8(letters, text_[at_]);
    }
    if (!letters.empty()) add(token_kind::word, std::move(letters));
  }

  points text_;
  std::size_t at_ = 0;
  std::vector<text_token> out_;
};

}  // namespace

std::vector<text_token> tokenise_text(std::string_view text) {
  return scanner(normalise(text)).run();
}

}  // namespace troupe
