#include "pipeline/dead_letter.hpp"

#include "pipeline/review.hpp"

namespace troupe {

result<std::vector<run_record>> read_dead_letters(const store& s, std::string_view after,
                                                  std::size_t limit) {
  std::vector<run_record> found;
  std::optional<error> failure;
  const auto from = after.empty() ? std::string() : std::string(after) + '\0';
  auto scanned = s.scan(family::dead_letters, "", from, [&](std::string_view, std::string_view v) {
    if (found.size() >= limit) return false;
    auto one = decode_run(v);
    if (!one) {
      failure = std::move(one).error();
      return false;
    }
    found.push_back(std::move(*one));
    return true;
  });
  if (!scanned) return std::move(scanned).error();
  if (failure) return *failure;
  return found;
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
  if (r.failure)
    out.emplace_back(
        "error", value::table{{"code", name_of(r.failure->code)}, {"message", r.failure->message}});
  out.emplace_back("input", r.input);
  out.emplace_back("slots", r.slots);
  return value(std::move(out));
}

}  // namespace troupe
