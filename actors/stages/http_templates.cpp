#include "actors/stages/http_templates.hpp"

#include <algorithm>

namespace troupe::stages {

namespace {

bool is_unreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_' || c == '~';
}

result<std::string> encode_for_url(std::string_view name, std::string text) {
  // A server would take these for a step up the path, encoded or not.
  if (text == "." || text == "..")
    return error{errc::failed,
                 "`" + std::string(name) + "` is `" + text + "`, which cannot be a part of a URL"};
  static constexpr std::string_view digits = "0123456789ABCDEF";
  std::string out;
  for (char c : text) {
    if (is_unreserved(c)) {
      out += c;
    } else {
      auto byte = static_cast<unsigned char>(c);
      out += {'%', digits[byte >> 4], digits[byte & 15]};
    }
  }
  return out;
}

result<std::string> check_for_header(std::string_view name, std::string text) {
  auto control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; };
  if (std::ranges::any_of(text, control))
    return error{errc::failed, "`" + std::string(name) +
                                   "` holds a line break or control character, which cannot stand "
                                   "in a header"};
  return text;
}

bool is_header_name(std::string_view name) {
  constexpr std::string_view marks = "!#$%&'*+-.^_`|";
  return !name.empty() && std::ranges::all_of(name, [&](char c) {
    return (is_unreserved(c) && c != '~') || marks.find(c) != std::string_view::npos;
  });
}

/// Why `opening`, the part of a URL before its first placeholder, is no good; empty if it is.
std::string complaint_about(std::string_view opening, bool has_holes) {
  auto scheme = opening.find("://");
  auto name = opening.substr(0, scheme == std::string_view::npos ? 0 : scheme);
  if (name != "http" && name != "https") return "must begin with http:// or https://";
  auto host = opening.substr(scheme + 3);
  auto end = host.find_first_of("/?#");
  if (host.substr(0, end).empty() || (has_holes && end == std::string_view::npos))
    return "must name the host itself and a `/` after it, before any `{slot}`";
  if (host.substr(0, end).find('@') != std::string_view::npos)
    return "must not hold a user name or password";
  return {};
}

result<void> visit_texts(const value& json,
                         const std::function<result<void>(const prompt&)>& each) {
  if (json.type() == slot_type::text) {
    auto parsed = prompt::parse(json.as_text());
    if (!parsed) return std::move(parsed).error();
    return each(*parsed);
  }
  if (json.type() == slot_type::list)
    for (const value& item : json.as_list())
      if (auto done = visit_texts(item, each); !done) return done;
  if (json.type() == slot_type::table)
    for (const auto& [key, item] : json.as_table())
      if (auto done = visit_texts(item, each); !done) return done;
  return {};
}

}  // namespace

result<http_templates> http_templates::parse(std::string_view url, const value::table& headers,
                                             const value& json) {
  http_templates t;
  auto parsed = prompt::parse(url);
  if (!parsed) return error{errc::invalid_request, "`url` is wrong: " + parsed.error().message};
  t.url_ = std::move(*parsed);
  if (auto complaint = complaint_about(t.url_.opening(), !t.url_.ports().empty());
      !complaint.empty())
    return error{errc::invalid_request, "`url` " + complaint};
  for (const auto& [name, text] : headers) {
    if (!is_header_name(name) || text.type() != slot_type::text)
      return error{errc::invalid_request,
                   "`headers` has a bad entry `" + name +
                       "`; write NAME = \"text\" with an HTTP header's name"};
    auto header = prompt::parse(text.as_text());
    if (!header)
      return error{errc::invalid_request,
                   "header `" + name + "` is wrong: " + header.error().message};
    t.headers_.emplace_back(name, std::move(*header));
  }
  t.json_ = json;
  if (auto checked = visit_texts(json, [](const prompt&) { return result<void>(); }); !checked)
    return error{errc::invalid_request, "`json` is wrong: " + checked.error().message};
  return t;
}

std::vector<port> http_templates::ports() const {
  auto all = url_.ports();
  for (const auto& [name, text] : headers_) merge_ports(all, text.ports());
  (void)visit_texts(json_, [&](const prompt& text) {
    merge_ports(all, text.ports());
    return result<void>();
  });
  return all;
}

result<value> http_templates::render_json(const value& json, const value::table& slots) const {
  switch (json.type()) {
    case slot_type::text: {
      auto text = prompt::parse(json.as_text());
      if (!text) return std::move(text).error();
      return text->render_value(slots);
    }
    case slot_type::list: {
      value::list out;
      for (const value& item : json.as_list()) {
        auto rendered = render_json(item, slots);
        if (!rendered) return rendered;
        out.push_back(std::move(*rendered));
      }
      return value(std::move(out));
    }
    case slot_type::table: {
      value::table out;
      for (const auto& [key, item] : json.as_table()) {
        auto rendered = render_json(item, slots);
        if (!rendered) return rendered;
        out.emplace_back(key, std::move(*rendered));
      }
      return value(std::move(out));
    }
    default:
      return json;
  }
}

result<http_request> http_templates::render(const value::table& slots) const {
  http_request request;
  auto url = url_.render(slots, encode_for_url);
  if (!url) return std::move(url).error();
  request.url = std::move(*url);
  for (const auto& [name, text] : headers_) {
    auto header = text.render(slots, check_for_header);
    if (!header) return std::move(header).error();
    request.headers.emplace_back(name, std::move(*header));
  }
  if (!json_.is_none()) {
    auto body = render_json(json_, slots);
    if (!body) return std::move(body).error();
    append_json(request.body, *body);
  }
  return request;
}

}  // namespace troupe::stages
