#include "dsl/expectation.hpp"

#include "dsl/suggest.hpp"

#include <algorithm>

namespace troupe {

namespace {

std::string lower(std::string s) {
  std::ranges::transform(
      s, s.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return s;
}

/// An int and a float of the same worth are the same, at any depth.
bool same(const value& a, const value& b) {
  if (a.is_number() && b.is_number()) return a.as_number() == b.as_number();
  if (a.type() != b.type()) return false;
  if (a.type() == slot_type::list) return std::ranges::equal(a.as_list(), b.as_list(), same);
  if (a.type() == slot_type::table)
    return a.as_table().size() == b.as_table().size() &&
           std::ranges::all_of(a.as_table(), [&](const value::entry& e) {
             const value* other = b.find(e.first);
             return other && same(e.second, *other);
           });
  return a == b;
}

std::string json(const value* v) {
  std::string out;
  append_json(out, v ? *v : value());
  return v ? out : "nothing";
}

/// A text as its lines, a list as its items.
std::vector<std::string> parts_of(const value* v) {
  if (!v) return {};
  if (v->type() == slot_type::text) return lines_of(v->as_text());
  if (v->type() != slot_type::list) return {json(v)};
  std::vector<std::string> items;
  for (const value& item : v->as_list()) items.push_back(item.to_text());
  return items;
}

std::vector<std::string> difference(const std::vector<std::string>& wanted,
                                    const std::vector<std::string>& found) {
  std::vector<expected_part> parts;
  for (const std::string& line : wanted) parts.push_back({{line}, false});
  return render(align(parts, found));
}

void compare_text(const expectation& wanted, const run_outcome& run, std::vector<complaint>& out) {
  const char* what = run.failed ? "the error" : "the reply";
  const auto said = lower(run.text);
  for (const auto& text : wanted.contains)
    if (said.find(lower(*text)) == said.npos)
      out.push_back({std::string(what) + " lacks \"" + *text + "\"", {}});
  for (const auto& text : wanted.excludes)
    if (said.find(lower(*text)) != said.npos)
      out.push_back({std::string(what) + " has \"" + *text + "\"", {}});
  if (wanted.reply && *wanted.reply != run.text)
    out.push_back(
        {"the reply should be another", difference(lines_of(*wanted.reply), lines_of(run.text))});
}

void compare_slots(const expectation& wanted, const run_outcome& run, std::vector<complaint>& out) {
  for (const auto& [name, v] : wanted.slots) {
    const value* found = run.slots.find(*name);
    if (found && same(*found, v)) continue;
    const auto expected = parts_of(&v), there = parts_of(found);
    if (std::max(expected.size(), there.size()) > 1)
      out.push_back({"slot `" + *name + "` should be another", difference(expected, there)});
    else
      out.push_back({"slot `" + *name + "` should be " + json(&v) + ", is " + json(found), {}});
  }
  for (const auto& text : wanted.holds) {
    auto parsed = condition::parse(*text).first;
    if (!parsed) continue;
    std::vector<value> slots;
    parsed->bind([&](std::string_view name) {
      const value* found = run.slots.find(name);
      slots.push_back(found ? *found : value());
      return static_cast<slot_id>(slots.size() - 1);
    });
    if (parsed->evaluate(slots)) continue;
    complaint c{"it should hold that " + *text, {}};
    for (const std::string& name : parsed->reads())
      c.difference.push_back("  `" + name + "` is " + json(run.slots.find(name)));
    out.push_back(std::move(c));
  }
}

void compare_events(const expectation& wanted, const run_outcome& run,
                    std::vector<complaint>& out) {
  std::vector<expected_part> parts{{{}, true}};
  for (const auto& e : wanted.events) {
    parts.push_back({{*e}, false});
    parts.push_back({{}, true});
  }
  const auto lines = align(parts, run.events);
  if (all_match(lines)) return;
  // All of them: what is looked for may have come at another place.
  complaint c{"events are missing, or came in another order", {}};
  for (const aligned_line& l : lines)
    c.difference.push_back((l.what == aligned_line::kind::missing ? "- " : "  ") + l.text);
  out.push_back(std::move(c));
}

std::vector<std::string> names_of(const std::vector<stage_node>& stages) {
  std::vector<std::string> names;
  for (const stage_node& n : stages) names.push_back(n.name);
  return names;
}

const std::vector<std::string> states = {"started", "finished", "retrying", "failed",
                                         "waiting", "delta",    "rewind"};
const std::vector<std::string> codes = {"invalid_request", "conflict",    "overloaded", "deadline",
                                        "budget",          "cancelled",   "failed",     "internal",
                                        "not_found",       "rate_limited"};

class checking {
 public:
  checking(const expectation& wanted, const graph& plan) : wanted_(wanted), plan_(plan) {}

  std::vector<diagnostic> findings() {
    for (const auto& [name, unused] : wanted_.slots)
      if (plan_.find_slot(*name) == no_slot)
        report("unknown-slot", "the graph has no slot `" + *name + "`", name.at,
               suggest(*name, known_slots()));
    for (const auto& text : wanted_.holds) check_condition(text);
    for (const expected_part& part : wanted_.path)
      for (const std::string& stage : part.lines) check_stage(stage, wanted_.path_at);
    for (const auto& e : wanted_.events) check_event(e);
    if (wanted_.error.given() && std::ranges::find(codes, *wanted_.error) == codes.end())
      report("bad-value", "no run fails with the code `" + *wanted_.error + "`", wanted_.error.at,
             suggest(*wanted_.error, codes));
    return std::move(out_);
  }

 private:
  void report(std::string kind, std::string message, source_range at, std::string hint) {
    out_.push_back({severity::error, std::move(kind), std::move(message), at, std::move(hint)});
  }
  std::vector<std::string> known_slots() const {
    auto names = plan_.slots;
    for (const char* key :
         {"contains", "excludes", "reply", "holds", "path", "events", "within", "error"})
      names.emplace_back(key);
    return names;
  }
  void check_stage(const std::string& name, source_range at) {
    if (plan_.find_stage(name) == no_stage)
      report("unknown-target", "the graph has no stage `" + name + "`", at,
             suggest(name, names_of(plan_.stages)));
  }
  void check_event(const located<std::string>& e) {
    const auto space = e->find(' ');
    const auto state = space == e->npos ? "" : e->substr(space + 1);
    if (std::ranges::find(states, state) == states.end())
      return report("bad-value", "`" + *e + "` is no event", e.at,
                    "write a stage and what happens there: \"" + e->substr(0, space) +
                        " finished\"; there are " + quoted_list(states));
    check_stage(e->substr(0, space), e.at);
  }
  void check_condition(const located<std::string>& text) {
    auto [parsed, problems] = condition::parse(*text);
    if (parsed)
      problems = parsed->check([&](std::string_view name) -> std::optional<slot_type> {
        const slot_id id = plan_.find_slot(name);
        if (id == no_slot) return std::nullopt;
        return plan_.slot_types[static_cast<std::size_t>(id)];
      });
    for (const condition_problem& p : problems) report(p.kind, p.message, text.at, p.hint);
  }

  const expectation& wanted_;
  const graph& plan_;
  std::vector<diagnostic> out_;
};

}  // namespace

std::vector<complaint> compare(const expectation& wanted, const run_outcome& run) {
  std::vector<complaint> out;
  if (run.failed && !wanted.error.given())
    out.push_back({"the run failed with `" + run.code + "`: " + run.text, {}});
  else if (wanted.error.given() && !run.failed)
    out.push_back({"the run should fail with `" + *wanted.error + "`, and gave a reply", {}});
  else if (wanted.error.given() && *wanted.error != run.code)
    out.push_back({"the run should fail with `" + *wanted.error + "`, and failed with `" +
                       run.code + "`: " + run.text,
                   {}});
  if (run.failed == wanted.error.given()) compare_text(wanted, run, out);
  if (!run.failed) compare_slots(wanted, run, out);
  if (wanted.path_at.known())
    if (const auto lines = align(wanted.path, run.path); !all_match(lines))
      out.push_back({"it should go another way", render(lines)});
  if (!wanted.events.empty()) compare_events(wanted, run, out);
  if (wanted.within.given() && run.took > *wanted.within)
    out.push_back(
        {"it took " + format_duration(run.took) + ", more than " + format_duration(*wanted.within),
         {}});
  return out;
}

std::vector<diagnostic> check_expectation(const expectation& wanted, const graph& plan) {
  return checking(wanted, plan).findings();
}

}  // namespace troupe
