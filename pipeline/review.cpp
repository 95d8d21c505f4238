#include "pipeline/review.hpp"

#include "pipeline/codec.hpp"
#include "pipeline/record_time.hpp"
#include "pipeline/scan_records.hpp"

#include <algorithm>
#include <array>
#include <ctime>

namespace troupe {

namespace {

constexpr std::uint64_t version = 1;

constexpr std::array verdicts = {verdict::approve, verdict::reject, verdict::edit};
constexpr std::array<std::string_view, 3> slot_values = {"approved", "rejected", "edited"};

std::string timer_key(time_point due, std::string_view review_key) {
  // The number of a `numbered_key` comes last; here it has to come first to sort by it.
  std::string key = numbered_key("", static_cast<std::uint64_t>(due.time_since_epoch().count()));
  return key.substr(1) + std::string(review_key);
}

}  // namespace

std::string encode(const review_record& r) {
  byte_writer w;
  w.number(version);
  w.text(r.run);
  w.text(r.conversation);
  w.text(r.owner);
  w.text(r.stage);
  w.integer(r.task);
  w.integer(r.since.time_since_epoch().count());
  w.integer(r.until.time_since_epoch().count());
  w.put(r.asked);
  return w.take();
}

result<review_record> decode_review(std::string_view bytes) {
  byte_reader r(bytes);
  const error damaged{errc::internal,
                      "a review's record is damaged or was written by another version of troupe"};
  if (r.number() != version) return damaged;
  review_record out;
  out.run = r.text();
  out.conversation = r.text();
  out.owner = r.text();
  out.stage = r.text();
  out.task = r.integer();
  out.since = time_point(duration(r.integer()));
  out.until = time_point(duration(std::max<std::int64_t>(0, record_amount(r.integer()))));
  out.asked = r.get();
  if (!r.ok() || !is_record_time(out.since)) return damaged;
  return out;
}

write_batch open_review(const review_record& r) {
  auto key = numbered_key(r.run, static_cast<std::uint64_t>(r.task));
  return {put(family::timers, timer_key(r.until, key), r.run),
          put(family::reviews, std::move(key), encode(r))};
}

write_batch close_review(std::string_view run, std::int64_t task, time_point until) {
  auto key = numbered_key(run, static_cast<std::uint64_t>(task));
  return {erase(family::timers, timer_key(until, key)), erase(family::reviews, std::move(key))};
}

result<std::vector<review_record>> read_reviews(const store& s, std::string_view after,
                                                std::size_t limit) {
  // '\1' sorts behind the '\0' that ends the run in every one of its keys.
  const auto from = after.empty() ? std::string() : std::string(after) + '\1';
  return scan_records(s, family::reviews, "", from, limit, decode_review);
}

result<std::vector<review_record>> read_reviews_of(const store& s, std::string_view run) {
  const auto prefix = joined_key(run, "");
  return scan_records(s, family::reviews, prefix, prefix, every_record, decode_review);
}

result<std::vector<std::string>> read_expired(const store& s, time_point now) {
  std::vector<std::string> runs;
  const auto end = timer_key(now + duration(1), "");
  auto scanned = s.scan(family::timers, "", "", [&](std::string_view key, std::string_view run) {
    if (key >= end) return false;
    if (std::find(runs.begin(), runs.end(), run) == runs.end()) runs.emplace_back(run);
    return true;
  });
  if (!scanned) return std::move(scanned).error();
  return runs;
}

time_point next_expiry(const store& s, time_point now) {
  time_point due = time_point::max();
  const auto from = now == time_point::min() ? std::string() : timer_key(now + duration(1), "");
  // A store that cannot be read has been reported by whoever wrote to it.
  (void)s.scan(family::timers, "", from, [&](std::string_view key, std::string_view) {
    due = time_point(duration(static_cast<std::int64_t>(number_of_key(key.substr(0, 8)))));
    return false;
  });
  return due;
}

result<bool> was_suspended(const store& s, std::string_view run) {
  auto steps = read_steps(s, run);
  if (!steps) return std::move(steps).error();
  return std::any_of(steps->begin(), steps->end(),
                     [](const step& x) { return x.what == step::kind::suspended; });
}

error no_open_review(std::string_view run, bool was_suspended) {
  const auto name = "run `" + std::string(run) + "` ";
  if (was_suspended)
    return {errc::conflict,
            name + "waits for no decision any more: it was made, or its time passed"};
  return {errc::not_found, name + "waits for no review"};
}

value to_value(const review_record& r) {
  value::table out{{"run", r.run}};
  if (!r.conversation.empty()) out.emplace_back("conversation", r.conversation);
  out.emplace_back("stage", r.stage);
  out.emplace_back("task", r.task);
  out.emplace_back("since", format_time(r.since));
  out.emplace_back("expires", format_time(r.until));
  if (r.asked.type() == slot_type::table)
    for (const auto& [name, v] : r.asked.as_table())
      if (!v.is_none()) out.emplace_back(name, v);
  return value(std::move(out));
}

result<value> list_reviews(const store& s, std::string_view after, std::size_t limit) {
  auto found = read_reviews(s, after, limit);
  if (!found) return std::move(found).error();
  value::list told;
  for (const review_record& r : *found) told.push_back(to_value(r));
  return value(std::move(told));
}

std::optional<verdict> verdict_from_name(std::string_view name) noexcept {
  for (const verdict v : verdicts)
    if (name_of(v) == name) return v;
  return std::nullopt;
}

std::string_view slot_value_of(verdict what) noexcept {
  return slot_values[static_cast<std::size_t>(what)];
}

frame decided_outputs(const port_set& ports, frame instead, const review_decision& d) {
  instead.resize(ports.out.size());
  for (std::size_t i = 0; i < ports.out.size(); ++i) {
    const std::string& port = ports.out[i].name;
    if (port == "verdict")
      instead[i] = value(slot_value_of(d.what));
    else if (port == "text" && d.what == verdict::edit)
      instead[i] = value(d.text);
    else if (port == "comment")
      instead[i] = value(d.comment);
    else if (port == "reviewer")
      instead[i] = value(d.reviewer);
  }
  return instead;
}

std::string format_time(time_point t) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(t).time_since_epoch().count();
  const auto when = static_cast<std::time_t>(seconds);
  std::tm parts{};
  gmtime_r(&when, &parts);
  std::array<char, 32> text{};
  const auto size = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
  return {text.data(), size};
}

}  // namespace troupe
