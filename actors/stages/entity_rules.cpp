#include "actors/stages/entity_rules.hpp"

#include "actors/stages/text.hpp"

#include <algorithm>

namespace troupe::stages {

namespace {

std::string padded(std::string_view digits, std::size_t width) {
  return std::string(width > digits.size() ? width - digits.size() : 0, '0') + std::string(digits);
}

/// `value` with {n} and {n:0w} replaced by what the groups matched.
std::string expand(std::string_view value, std::string_view text,
                   const std::vector<regex::span>& groups) {
  std::string out;
  for (std::size_t i = 0; i < value.size(); ++i) {
    auto close = value[i] == '{' ? value.find('}', i) : std::string_view::npos;
    if (close == std::string_view::npos) {
      out += value[i];
      continue;
    }
    auto inner = value.substr(i + 1, close - i - 1);
    auto group = static_cast<std::size_t>(inner[0] - '0');
    std::size_t width = inner.size() == 4 ? static_cast<std::size_t>(inner[3] - '0') : 0;
    if (groups[group].begin != std::string_view::npos)
      out +=
          padded(text.substr(groups[group].begin, groups[group].end - groups[group].begin), width);
    i = close;
  }
  return out;
}

std::string date_of(time_point when, int days) {
  using namespace std::chrono;
  year_month_day day{floor<std::chrono::days>(when) + std::chrono::days(days)};
  return std::to_string(static_cast<int>(day.year())) + "-" +
         padded(std::to_string(static_cast<unsigned>(day.month())), 2) + "-" +
         padded(std::to_string(static_cast<unsigned>(day.day())), 2);
}

void blank_out(std::string& text, regex::span where) {
  std::fill(text.begin() + static_cast<std::ptrdiff_t>(where.begin),
            text.begin() + static_cast<std::ptrdiff_t>(where.end), ' ');
}

}  // namespace

std::vector<mention> entity_rules::find(std::string_view text,
                                        std::optional<time_point> today) const {
  std::vector<mention> found;
  auto is_free = [&](regex::span s) {
    return std::ranges::none_of(
        found, [&](const mention& m) { return s.begin < m.where.end && m.where.begin < s.end; });
  };
  for (std::size_t e = 0; e < entities_.size(); ++e) {
    for (const auto& form : entities_[e].forms) {
      if (form.days && !today) continue;
      for (std::size_t from = 0; from < text.size();) {
        auto groups = form.match.search(text, from);
        if (!groups || groups->front().end <= groups->front().begin) break;
        from = groups->front().end;
        if (!is_free(groups->front())) continue;
        auto value = form.days ? date_of(*today, *form.days) : expand(form.value, text, *groups);
        found.push_back({e, std::move(value), groups->front()});
      }
    }
  }
  std::ranges::sort(found, {}, [](const mention& m) { return m.where.begin; });
  return found;
}

bool entity_rules::is_elliptical(std::string_view text) const {
  return std::ranges::any_of(ellipsis_, [&](const regex& r) { return r.search(text).has_value(); });
}

bool entity_rules::is_idle(std::string_view text, const std::vector<mention>& mentions) const {
  std::string rest(text);
  for (const auto& m : mentions) blank_out(rest, m.where);
  for (const auto& word : filler_) {
    for (std::size_t from = 0; from < rest.size();) {
      auto found = word.search(rest, from);
      if (!found || found->front().end <= found->front().begin) break;
      blank_out(rest, found->front());
      from = found->front().end;
    }
  }
  return folded(rest).empty();
}

}  // namespace troupe::stages
