#include "cli/test_report.hpp"

#include <ostream>

namespace troupe {

namespace {

constexpr const char* left = "    ";

/// A text behind its heading; further lines stand below the first.
void print_field(std::ostream& out, std::string_view heading, std::string_view text) {
  constexpr std::size_t width = 9;
  std::string label(heading);
  label.resize(width, ' ');
  const auto lines = lines_of(text);
  out << left << label << (lines.empty() ? "" : lines[0]) << '\n';
  for (std::size_t i = 1; i < lines.size(); ++i)
    out << left << std::string(width, ' ') << lines[i] << '\n';
}

void print_run(std::ostream& out, const played_test& t, const played_run& r) {
  if (t.test->what == test_case::kind::dialogue)
    print_field(out, "says", r.run->input.front().second.to_text());
  else
    for (const auto& [name, v] : r.run->input)
      print_field(out, "given", name + " = " + v.to_text());
  if (!r.outcome.failed) print_field(out, "replies", r.outcome.text);
  for (const complaint& c : r.complaints) {
    const auto lines = lines_of(c.message);
    for (std::size_t i = 0; i < lines.size(); ++i)
      out << left << (i == 0 ? "✗ " : "  ") << lines[i] << '\n';
    for (const std::string& line : c.difference) out << left << left << line << '\n';
  }
}

value list_of(const std::vector<std::string>& texts) {
  value::list out;
  for (const std::string& text : texts) out.emplace_back(text);
  return value(std::move(out));
}

value report_of(const played_run& r) {
  value::list complaints;
  for (const complaint& c : r.complaints)
    complaints.emplace_back(
        value::table{{"message", c.message}, {"difference", list_of(c.difference)}});
  value::table out{{"line", static_cast<std::int64_t>(r.run->at.line)},
                   {"input", value(r.run->input)}};
  if (r.outcome.failed)
    out.emplace_back("error", value::table{{"code", r.outcome.code}, {"message", r.outcome.text}});
  else
    out.emplace_back("reply", r.outcome.text);
  out.emplace_back("slots", r.outcome.slots.is_none() ? value(value::table{}) : r.outcome.slots);
  out.emplace_back("path", list_of(r.outcome.path));
  out.emplace_back("events", list_of(r.outcome.events));
  out.emplace_back("ms", std::chrono::duration<double, std::milli>(r.outcome.took).count());
  out.emplace_back("complaints", std::move(complaints));
  return value(std::move(out));
}

}  // namespace

void print_test(std::ostream& out, const played_test& t, bool all) {
  for (const played_run& r : t.runs) {
    if (r.complaints.empty() && !all) continue;
    out << t.file->file.string() << ':' << r.run->at.line << ": " << t.test->name << '\n';
    print_run(out, t, r);
  }
}

value report_of(const std::vector<played_test>& tests) {
  value::list told;
  std::int64_t passed = 0;
  for (const played_test& t : tests) {
    value::list runs;
    for (const played_run& r : t.runs) runs.push_back(report_of(r));
    passed += t.passed() ? 1 : 0;
    told.emplace_back(
        value::table{{"file", t.file->file.string()},
                     {"line", static_cast<std::int64_t>(t.test->at.line)},
                     {"kind", t.test->what == test_case::kind::job ? "job" : "dialogue"},
                     {"name", t.test->name},
                     {"passed", t.passed()},
                     {"runs", std::move(runs)}});
  }
  const auto failed = static_cast<std::int64_t>(tests.size()) - passed;
  return value(value::table{{"passed", passed}, {"failed", failed}, {"tests", std::move(told)}});
}

}  // namespace troupe
