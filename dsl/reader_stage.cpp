#include "dsl/reader_parts.hpp"
#include "dsl/suggest.hpp"

#include <algorithm>

namespace troupe {

namespace {

/// How an attempt can fail so that another one may go better.
const std::vector<std::string> retryable = {"timeout", "unavailable", "overloaded", "rate_limited",
                                            "crashed", "dropped",     "failed",     "internal"};

/// Calls `read` with the table under `key`, if there is one.
void with_table(table_reader& stage, const char* key,
                const std::function<void(table_reader&)>& read) {
  const toml::table* table = stage.table(key);
  if (!table) return;
  table_reader inner(*table, "`" + std::string(key) + "` of " + stage.title(), range_of(*table),
                     stage.findings());
  read(inner);
  inner.finish();
}

void read_retry(table_reader& table, stage_spec& spec) {
  retry_spec retry;
  retry.at = table.at();
  table.require("attempts", "how often the stage is tried, the first time included");
  table.count("attempts", retry.attempts, {1, 100});
  table.backoff("backoff", retry.backoff_min, retry.backoff_max);
  table.texts("on", retry.on);
  for (const auto& reason : retry.on)
    if (std::find(retryable.begin(), retryable.end(), *reason) == retryable.end())
      table.report("bad-value", "`" + *reason + "` is nothing to retry on", reason.at,
                   suggest(*reason, retryable));
  spec.retry = std::move(retry);
}

void read_restart(table_reader& table, stage_spec& spec) {
  restart_spec restart;
  restart.at = table.at();
  table.count("max", restart.max, {0, 1'000'000});
  table.length_of_time("within", restart.within);
  table.backoff("backoff", restart.backoff_min, restart.backoff_max);
  spec.restart = restart;
}

void read_breaker(table_reader& table, stage_spec& spec) {
  breaker_spec breaker;
  breaker.at = table.at();
  table.count("failures", breaker.failures);
  table.length_of_time("open", breaker.open);
  spec.breaker = breaker;
}

void read_each(table_reader& table, stage_spec& spec) {
  each_spec each;
  each.at = table.at();
  table.require("over", "the slot with the list");
  table.name("over", each.over, "a slot");
  table.require("as", "the slot that holds the item");
  table.name("as", each.as, "a slot");
  table.count("concurrency", each.concurrency, {1, 1024});
  table.count("max", each.max);
  spec.each = std::move(each);
}

void read_renames(table_reader& table, std::vector<rename_spec>& out) {
  for (const auto& [port, node] : table.all()) {
    const auto* slot = node->as_string();
    source_range at = range_of(*node);
    // A rename that is wrong still says that the port is renamed.
    rename_spec rename{port, {}};
    if (!slot)
      table.report(
          "wrong-type",
          "`" + *port + "` must be the name of a slot, not " + std::string(type_name(*node)), at);
    else if (!is_identifier(slot->get()))
      table.report("bad-name", "`" + slot->get() + "` cannot be the name of a slot", at,
                   "a name has letters, digits and `_`, and does not begin with a digit");
    else
      rename.slot = {slot->get(), at};
    out.push_back(std::move(rename));
  }
}

}  // namespace

namespace {

/// The keys that say what a stage reads, what it writes, and where a run goes from it.
const std::vector<std::string> read_keys = {"use", "with", "in", "each"};
const std::vector<std::string> write_keys = {"use", "with", "out", "each"};
const std::vector<std::string> way_keys = {"next", "on_error"};

/// True if one of the findings from `first` on is about an unknown key that may mean one of `keys`.
bool is_slip_of(const std::vector<std::string>& keys, const std::vector<diagnostic>& findings,
                std::size_t first) {
  for (std::size_t i = first; i < findings.size(); ++i)
    for (const std::string& key : keys)
      if (findings[i].hint == suggest(key, {key})) return true;
  return false;
}

}  // namespace

stage_spec read_stage(const table_reader::item& entry, std::vector<diagnostic>& findings) {
  stage_spec spec;
  spec.name = entry.key;
  const toml::table* node = named_table(entry, "stage", findings);
  spec.damaged_reads = spec.damaged_writes = spec.damaged_ways = !node;
  if (!node) return spec;
  table_reader table(*node, "[stage." + *entry.key + "]", entry.key.at, findings);

  auto is_damaged = [&](auto read) {
    const std::size_t before = findings.size();
    read();
    return findings.size() > before;
  };
  const bool kind_damaged = is_damaged([&] {
    table.required_text("use", spec.use, "the type of the stage; `troupe stages` lists them");
    if (const toml::table* with = table.table("with")) spec.with = read_value(*with, findings);
  });
  spec.damaged_reads = is_damaged([&] {
    with_table(table, "in", [&](table_reader& t) { read_renames(t, spec.in); });
    with_table(table, "each", [&](table_reader& t) { read_each(t, spec); });
  });
  spec.damaged_writes = is_damaged(
      [&] { with_table(table, "out", [&](table_reader& t) { read_renames(t, spec.out); }); });
  spec.damaged_ways = is_damaged([&] {
    table.text("on_error", spec.on_error);
    read_next(table, spec);
  });
  table.count("replicas", spec.replicas, {1, 1024});
  table.length_of_time("timeout", spec.timeout);
  with_table(table, "retry", [&](table_reader& t) { read_retry(t, spec); });
  with_table(table, "restart", [&](table_reader& t) { read_restart(t, spec); });
  table.count("queue", spec.queue);
  with_table(table, "breaker", [&](table_reader& t) { read_breaker(t, spec); });
  const std::size_t before = findings.size();
  table.finish();
  spec.damaged_reads |= kind_damaged || is_slip_of(read_keys, findings, before);
  spec.damaged_writes |= kind_damaged || is_slip_of(write_keys, findings, before);
  spec.damaged_ways |= is_slip_of(way_keys, findings, before);
  return spec;
}

}  // namespace troupe
