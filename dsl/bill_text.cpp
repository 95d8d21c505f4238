// The bill as people and as editors read it.

#include "dsl/bill.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <cmath>

namespace troupe {

namespace {

/// 9200 -> "9,200".
std::string with_commas(double whole) {
  std::string digits = value(static_cast<std::int64_t>(whole)).to_text();
  for (std::size_t at = digits.size(); at > 3;) digits.insert(at -= 3, 1, ',');
  return digits;
}

std::string counted(double number, std::string_view noun) {
  return with_commas(number) + " " + std::string(noun) + (number == 1 ? "" : "s");
}

/// `x` rounded up to so many digits after the point, without needless zeros.
std::string rounded_up(double x, int digits) {
  const double scale = std::pow(10, digits);
  // What a division leaves behind in the last bits is no reason to round up.
  const double up = std::ceil(x * scale - 1e-9) / scale;
  const double whole = std::floor(up);
  std::string rest = std::to_string(static_cast<std::int64_t>(std::round((up - whole) * scale)));
  rest.insert(0,
              static_cast<std::size_t>(digits) -
                  std::min<std::size_t>(static_cast<std::size_t>(digits), rest.size()),
              '0');
  while (rest.ends_with('0')) rest.pop_back();
  return with_commas(whole) + (rest.empty() ? "" : "." + rest);
}

std::string in_seconds(double s) { return rounded_up(s, 3) + " s"; }

/// Three digits that say something.
std::string amount(double money) {
  int digits = 2;
  for (double m = money; m > 0 && m < 1 && digits < 9; m *= 10) ++digits;
  return rounded_up(money, digits);
}

const std::string& name(const graph& g, stage_id id) {
  return g.stages[static_cast<std::size_t>(id)].name;
}

/// The middle of a path of very many stages says nothing to people.
std::string path_of(const bill& b, const graph& g) {
  constexpr std::size_t most = 16, first = 8, last = 4;
  std::string out;
  for (std::size_t i = 0; i < b.path.size(); ++i) {
    if (b.path.size() > most && i == first) {
      out += " → … (" + with_commas(static_cast<double>(b.path.size() - first - last)) + " more)";
      i = b.path.size() - last;
    }
    out += (i == 0 ? "" : " → ") + name(g, b.path[i]);
  }
  return out;
}

bool deadline_counts(const bill& b) { return b.seconds_without_deadline > seconds(b.time) + 1e-9; }
bool budget_counts(const bill& b) { return b.tokens_without_budget > b.tokens; }

std::string stages_without_timeout(const bill& b, const graph& g) {
  constexpr std::size_t shown = 3;
  std::string names;
  for (std::size_t i = 0; i < std::min(shown, b.without_timeout.size()); ++i)
    names += (i == 0 ? "`" : ", `") + name(g, b.without_timeout[i]) + "`";
  if (b.without_timeout.size() > shown)
    names += " and " + std::to_string(b.without_timeout.size() - shown) + " more";
  return names + (b.without_timeout.size() == 1 ? " has" : " have");
}

boost::json::object figures(const bill& b) {
  boost::json::object o;
  o["model_calls"] = static_cast<std::int64_t>(b.model_calls);
  o["tokens"] = static_cast<std::int64_t>(b.tokens);
  o["seconds"] = seconds(b.time);
  boost::json::object money;
  for (const auto& [currency, most] : b.money)
    money[currency] =
        std::ceil(most * 1e9 - 1e-3) / 1e9;  // sums of fractions are never quite round
  o["money"] = std::move(money);
  return o;
}

}  // namespace

std::string render(const bill& b, const graph& g) {
  std::string out = "at most ";
  if (b.model_calls > 0)
    out += counted(b.model_calls, "model call") + ", " + counted(b.tokens, "token") + ", ";
  for (const auto& [currency, most] : b.money)
    if (most > 0) out += amount(most) + " " + currency + ", ";
  out += in_seconds(seconds(b.time));
  if (b.model_calls == 0) out += " and no model call";
  if (!b.path.empty()) out += "; longest path " + path_of(b, g);
  out += "\n";
  for (const bill::loop& l : b.loops)
    out += "  loop: " + name(g, l.from) + " → " + name(g, l.to) + " up to " +
           counted(l.max, "time") + "\n";
  if (deadline_counts(b))
    out += "  the time is the deadline: " +
           (std::isinf(b.seconds_without_deadline)
                ? stages_without_timeout(b, g) + " no `timeout`"
                : "without it, " + in_seconds(b.seconds_without_deadline)) +
           "\n";
  if (budget_counts(b))
    out +=
        "  the tokens are the budget: without it, " + with_commas(b.tokens_without_budget) + "\n";
  return out;
}

boost::json::value to_json(const bill& b, const graph& g) {
  boost::json::object o = figures(b);
  o["stages"] = static_cast<std::int64_t>(b.stage_entries);
  boost::json::array path, loops, limited_by;
  for (stage_id id : b.path) path.emplace_back(name(g, id));
  for (const bill::loop& l : b.loops)
    loops.push_back({{"from", name(g, l.from)}, {"to", name(g, l.to)}, {"max", l.max}});
  if (deadline_counts(b)) limited_by.emplace_back("deadline");
  if (budget_counts(b)) limited_by.emplace_back("budget");
  o["path"] = std::move(path);
  o["loops"] = std::move(loops);
  o["limited_by"] = std::move(limited_by);
  o["if_stages_crash"] = figures(bill_of(g, crashes::counted));
  return o;
}

}  // namespace troupe
