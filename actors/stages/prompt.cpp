#include "actors/stages/prompt.hpp"

#include "actors/stages/text.hpp"

#include <algorithm>
#include <charconv>
#include <sstream>

namespace troupe::stages {

namespace {

bool is_name(std::string_view s) {
  auto letter = [](char c) {
    return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           static_cast<unsigned char>(c) >= 0x80;
  };
  auto digit = [](char c) { return (c >= '0' && c <= '9') || c == '-'; };
  return !s.empty() && letter(s[0]) &&
         std::ranges::all_of(s, [&](char c) { return letter(c) || digit(c); });
}

bool is_index(std::string_view s) {
  return !s.empty() && s.size() < 10 &&
         std::ranges::all_of(s, [](char c) { return c >= '0' && c <= '9'; });
}

error bad(std::string_view what, std::size_t at) {
  return {errc::invalid_request,
          std::string(what) + " at character " + std::to_string(at + 1) + " of the template"};
}

/// "a.0.b" in pieces; nothing if it is no path.
std::optional<std::vector<std::string>> split_path(std::string_view text) {
  std::vector<std::string> path;
  while (true) {
    auto dot = text.find('.');
    auto piece = text.substr(0, dot);
    if (!is_name(piece) && (path.empty() || !is_index(piece))) return std::nullopt;
    path.emplace_back(piece);
    if (dot == std::string_view::npos) return path;
    text.remove_prefix(dot + 1);
  }
}

}  // namespace

std::string prompt::part::name() const {
  std::string out;
  for (const auto& piece : path) out += (out.empty() ? "" : ".") + piece;
  return out;
}

std::string prompt::part::text_of(const value& found) const {
  if (!before_lines) return found.to_text();
  std::vector<std::string> lines;
  if (found.type() == slot_type::list) {
    for (const value& item : found.as_list()) {
      auto line = item.to_text();
      std::ranges::replace(line, '\n', ' ');
      lines.push_back(std::move(line));
    }
  } else {
    std::istringstream rest(found.to_text());
    for (std::string line; std::getline(rest, line);) lines.push_back(std::move(line));
  }
  std::string out;
  for (const auto& line : lines) {
    if (is_blank(line)) continue;
    if (!out.empty()) out += '\n';
    out += *before_lines + line;
  }
  return out;
}

result<prompt> prompt::parse(std::string_view text) {
  prompt p;
  std::string plain;
  auto flush = [&] {
    if (!plain.empty()) p.parts_.push_back({std::exchange(plain, {}), {}, false, {}});
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c != '{' && c != '}') {
      plain += c;
    } else if (i + 1 < text.size() && text[i + 1] == c) {
      plain += c;
      ++i;
    } else if (c == '}') {
      return bad("`}` without `{`; write `}}` for a brace,", i);
    } else {
      auto close = text.find_first_of("{}", i + 1);
      if (close == std::string_view::npos || text[close] == '{')
        return bad("`{` without `}`; write `{{` for a brace,", i);
      auto inner = text.substr(i + 1, close - i - 1);
      part hole;
      auto named = inner.substr(0, inner.find(':'));
      if (named.size() < inner.size()) hole.before_lines = inner.substr(named.size() + 1);
      hole.optional = named.ends_with('?');
      if (hole.optional) named.remove_suffix(1);
      auto path = split_path(named);
      if (!path)
        return bad("`{" + std::string(inner) +
                       "}` does not name a slot (as in `{name}` or `{table.key}`); write `{{` "
                       "for a brace,",
                   i);
      hole.path = std::move(*path);
      flush();
      p.parts_.push_back(std::move(hole));
      i = close;
    }
  }
  flush();
  return p;
}

std::vector<port> prompt::ports() const {
  std::vector<port> all;
  for (const auto& piece : parts_)
    if (!piece.path.empty())
      merge_ports(all, {{piece.path[0], slot_type::any, piece.optional, "named in the template"}});
  return all;
}

result<value> prompt::look_up(const part& p, const value::table& slots) {
  auto root =
      std::ranges::find_if(slots, [&](const value::entry& e) { return e.first == p.path[0]; });
  const value* at = root == slots.end() || root->second.is_none() ? nullptr : &root->second;
  for (std::size_t i = 1; at && i < p.path.size(); ++i) {
    if (at->type() == slot_type::list && is_index(p.path[i])) {
      std::size_t n = 0;
      std::from_chars(p.path[i].data(), p.path[i].data() + p.path[i].size(), n);
      at = n < at->as_list().size() ? &at->as_list()[n] : nullptr;
    } else {
      at = at->find(p.path[i]);
    }
    if (at && at->is_none()) at = nullptr;
  }
  if (at) return *at;
  if (p.optional) return value();
  return error{errc::failed, "`" + p.name() + "` is missing; the template needs it (`{" + p.name() +
                                 "?}` may be missing)"};
}

result<std::string> prompt::render(const value::table& slots, const encoder& encode) const {
  std::string out;
  for (const auto& piece : parts_) {
    if (piece.path.empty()) {
      out += piece.text;
      continue;
    }
    auto found = look_up(piece, slots);
    if (!found) return std::move(found).error();
    if (found->is_none()) continue;
    if (!encode) {
      out += piece.text_of(*found);
    } else {
      auto encoded = encode(piece.name(), piece.text_of(*found));
      if (!encoded) return std::move(encoded).error();
      out += *encoded;
    }
  }
  return out;
}

result<value> prompt::render_value(const value::table& slots) const {
  if (parts_.size() == 1 && !parts_[0].path.empty() && !parts_[0].before_lines)
    return look_up(parts_[0], slots);
  auto text = render(slots);
  if (!text) return std::move(text).error();
  return value(std::move(*text));
}

std::string_view prompt::opening() const noexcept {
  return parts_.empty() || !parts_[0].path.empty() ? std::string_view() : parts_[0].text;
}

void merge_ports(std::vector<port>& all, const std::vector<port>& more) {
  for (const auto& one : more) {
    auto same = std::ranges::find_if(all, [&](const port& p) { return p.name == one.name; });
    if (same == all.end())
      all.push_back(one);
    else
      same->optional = same->optional && one.optional;
  }
}

}  // namespace troupe::stages
