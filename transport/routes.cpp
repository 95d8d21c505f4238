#include "transport/routes.hpp"

#include "transport/url.hpp"

#include <array>

namespace troupe {

namespace {

constexpr std::array table = {
    route{web_method::get, "/", get_page},
    route{web_method::get, "/v1/chat", get_chat, route_kind::websocket},
    route{web_method::post, "/v1/conversations/{}/runs", post_conversation_run},
    route{web_method::get, "/v1/conversations/{}", get_conversation},
    route{web_method::post, "/v1/runs", post_run},
    route{web_method::get, "/v1/runs/{}", get_run},
    route{web_method::post, "/v1/feedback", post_feedback},
    route{web_method::get, "/v1/reviews", get_reviews},
    route{web_method::get, "/v1/reviews/{}", get_review},
    route{web_method::post, "/v1/reviews/{}", post_review},
    route{web_method::post, "/v1/chat/completions", post_completion},
    route{web_method::get, "/v1/models", get_models},
    route{web_method::get, "/v1/dead_letters", get_dead_letters},
    route{web_method::get, "/v1/dead_letters/{}", get_dead_letter},
    route{web_method::post, "/v1/dead_letters/{}", post_dead_letter},
    route{web_method::get, "/v1/graph", get_graph},
    route{web_method::post, "/v1/admin/reload", post_reload, route_kind::admin},
    route{web_method::get, "/v1/admin/graph", get_graph_files, route_kind::admin},
    route{web_method::get, "/health", get_health},
    route{web_method::get, "/ready", get_ready},
    route{web_method::get, "/metrics", get_metrics},
};

/// Whether `path` fits `pattern`; `argument` becomes the segment that stands for `{}`.
bool fits(std::string_view pattern, std::string_view path, std::string_view& argument) {
  auto hole = pattern.find("{}");
  if (hole == std::string_view::npos) return pattern == path;
  auto before = pattern.substr(0, hole), after = pattern.substr(hole + 2);
  if (!path.starts_with(before) || !path.ends_with(after)) return false;
  if (path.size() <= before.size() + after.size()) return false;
  auto middle = path.substr(hole, path.size() - before.size() - after.size());
  if (middle.find('/') != std::string_view::npos) return false;
  argument = middle;
  return true;
}

void allow_method(std::string& allow, web_method method) {
  if (allow.empty()) allow = "OPTIONS";
  allow.append(", ").append(name_of(method));
  if (method == web_method::get) allow += ", HEAD";
}

}  // namespace

std::span<const route> routes() { return table; }

route_match find_route(web_method method, std::string_view path) {
  if (method == web_method::head) method = web_method::get;
  route_match match{table.size(), {}, false, {}};
  for (std::size_t i = 0; i < table.size(); ++i) {
    std::string_view argument;
    if (!fits(table[i].pattern, path, argument)) continue;
    if (table[i].method != method) {
      allow_method(match.allow, table[i].method);
      continue;
    }
    match.index = i;
    if (!argument.empty()) {
      auto decoded = percent_decode(argument, plus::stays);
      match.bad_argument = !decoded || !is_valid_id(*decoded);
      match.argument = std::move(decoded).value_or(std::string());
    }
    return match;
  }
  return match;
}

}  // namespace troupe
