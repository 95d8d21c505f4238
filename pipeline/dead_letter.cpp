#include "pipeline/dead_letter.hpp"

#include "pipeline/review.hpp"
#include "pipeline/scan_records.hpp"

namespace troupe {

result<std::vector<run_record>> read_dead_letters(const store& s, std::string_view after,
                                                  std::size_t limit) {
  const auto from = after.empty() ? std::string() : std::string(after) + '\0';
  return scan_records(s, family::dead_letters, "", from, limit, decode_run);
}

result<run_record> read_dead_letter(const store& s, std::string_view run) {
  auto bytes = s.get(family::dead_letters, run);
  if (!bytes) return std::move(bytes).error();
  if (!*bytes)
    return error{errc::not_found, "run `" + std::string(run) + "` is not among the dead letters"};
  return decode_run(**bytes);
}

value dead_letter_value(const run_record& r) {
  value::table out;
  out.reserve(6);
  out.emplace_back("run", r.run);
  if (!r.conversation.empty()) out.emplace_back("conversation", r.conversation);
  out.emplace_back("accepted", format_time(r.accepted));
  if (r.failure) out.emplace_back("error", to_value(*r.failure));
  out.emplace_back("input", r.input);
  out.emplace_back("slots", r.slots);
  return value(std::move(out));
}

result<value> list_dead_letters(const store& s, std::string_view after, std::size_t limit) {
  auto found = read_dead_letters(s, after, limit);
  if (!found) return std::move(found).error();
  value::list told;
  for (const run_record& r : *found) told.push_back(dead_letter_value(r));
  return value(std::move(told));
}

}  // namespace troupe
