#include "model/added_tokens.hpp"

#include <utf8proc.h>

#include <algorithm>

namespace troupe {

namespace {

bool is_blank(utf8proc_int32_t c) {
  if ((c >= 9 && c <= 13) || c == 0x85) return true;
  const auto category = utf8proc_category(c);
  return category == UTF8PROC_CATEGORY_ZS || category == UTF8PROC_CATEGORY_ZL ||
         category == UTF8PROC_CATEGORY_ZP;
}

/// What \w means to the reference: letters, marks, digits, connectors and joiners.
bool is_word(utf8proc_int32_t c) {
  switch (utf8proc_category(c)) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO:
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_MC:
    case UTF8PROC_CATEGORY_ME:
    case UTF8PROC_CATEGORY_ND:
    case UTF8PROC_CATEGORY_NL:
    case UTF8PROC_CATEGORY_PC:
      return true;
    default:
      return c == 0x200C || c == 0x200D;
  }
}

struct character {
  utf8proc_int32_t point = -1;
  std::size_t length = 0;
};

character first_of(std::string_view text) {
  character c;
  const auto n = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                  static_cast<utf8proc_ssize_t>(text.size()), &c.point);
  c.length = n > 0 ? static_cast<std::size_t>(n) : 0;
  return c;
}

character last_of(std::string_view text) {
  std::size_t n = std::min<std::size_t>(1, text.size());
  while (n < text.size() && (static_cast<unsigned char>(text[text.size() - n]) & 0xC0) == 0x80) ++n;
  return first_of(text.substr(text.size() - n));
}

}  // namespace

bool added_token::is_control() const {
  constexpr std::string_view wide = "｜";
  const std::string_view t = text;
  auto framed = [&](std::string_view bar) {
    return t.size() > 2 + 2 * bar.size() && t.starts_with('<') && t.ends_with('>') &&
           t.substr(1).starts_with(bar) && t.substr(0, t.size() - 1).ends_with(bar);
  };
  return special || framed("|") || framed(wide);
}

void added_tokens::add(const added_token& t, std::string_view as_written) {
  std::uint32_t at = 0;
  for (const char c : as_written) {
    auto& next = nodes_[at].next;
    const auto it = std::ranges::find(next, c, &std::pair<char, std::uint32_t>::first);
    if (it != next.end()) {
      at = it->second;
      continue;
    }
    next.emplace_back(c, static_cast<std::uint32_t>(nodes_.size()));
    at = static_cast<std::uint32_t>(nodes_.size());
    nodes_.emplace_back();
  }
  nodes_[at].token = static_cast<std::int32_t>(tokens_.size());
  tokens_.push_back(t);
  first_[static_cast<unsigned char>(as_written[0])] = true;
}

/// The longest token that begins at `from`, and its length.
std::pair<std::int32_t, std::size_t> added_tokens::longest(std::string_view text, std::size_t from,
                                                           control_tokens controls) const {
  std::pair<std::int32_t, std::size_t> best{-1, 0};
  std::uint32_t at = 0;
  for (std::size_t i = from; i < text.size(); ++i) {
    const auto& next = nodes_[at].next;
    const auto it = std::ranges::find(next, text[i], &std::pair<char, std::uint32_t>::first);
    if (it == next.end()) break;
    at = it->second;
    const auto token = nodes_[at].token;
    if (token < 0) continue;
    const bool hidden = controls == control_tokens::as_text &&
                        tokens_[static_cast<std::size_t>(token)].is_control();
    if (!hidden) best = {token, i + 1 - from};
  }
  return best;
}

std::vector<added_tokens::piece> added_tokens::split(std::string_view text,
                                                     control_tokens controls) const {
  std::vector<piece> out;
  std::size_t done = 0;
  for (std::size_t at = 0; at < text.size();) {
    if (!first_[static_cast<unsigned char>(text[at])]) {
      ++at;
      continue;
    }
    const auto [index, length] = longest(text, at, controls);
    if (index < 0) {
      ++at;
      continue;
    }
    const added_token& t = tokens_[static_cast<std::size_t>(index)];
    std::size_t begin = at, end = at + length;
    at = end;
    if (t.single_word && ((begin > 0 && is_word(last_of(text.substr(0, begin)).point)) ||
                          (end < text.size() && is_word(first_of(text.substr(end)).point))))
      continue;
    while (t.lstrip && begin > done) {
      const character c = last_of(text.substr(done, begin - done));
      if (!is_blank(c.point)) break;
      begin -= c.length;
    }
    while (t.rstrip && end < text.size()) {
      const character c = first_of(text.substr(end));
      if (!is_blank(c.point)) break;
      end += c.length;
    }
    if (begin > done) out.push_back({text.substr(done, begin - done)});
    out.push_back({text.substr(begin, end - begin), t.id});
    // As in the reference, a token in the blanks that belong to this one is found all the same.
    done = end;
  }
  if (done < text.size()) out.push_back({text.substr(done)});
  return out;
}

}  // namespace troupe
