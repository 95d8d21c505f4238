// `each`: one task per item, at most so many at a time; what they answer is collected in order.

#include "pipeline/executor.hpp"

#include <algorithm>

namespace troupe {

void executor::call_each(std::size_t index, outbox& out) {
  token& t = tokens_[index];
  const stage_node& n = node(index);
  t.items = slots_[static_cast<std::size_t>(n.each->over)];
  if (t.items.type() != slot_type::list)
    return fail(
        {errc::failed, "`" + n.name + "` runs once per item of `" +
                           graph_->slots[static_cast<std::size_t>(n.each->over)] + "`, which is " +
                           std::string(name_of(t.items.type())) + ", not a list"},
        out);
  const auto count = static_cast<std::int64_t>(t.items.as_list().size());
  if (count > n.each->max)
    return fail(
        {errc::failed, "`" + n.name + "` runs once per item of `" +
                           graph_->slots[static_cast<std::size_t>(n.each->over)] + "`, which has " +
                           std::to_string(count) + "; `max` of its `each` allows " +
                           std::to_string(n.each->max)},
        out);
  t.next_item = 0;
  t.open_items = count;
  t.results.assign(static_cast<std::size_t>(count), {});
  if (count == 0) {
    collect(index);
    out.reports.push_back({t.stage, stage_state::finished, 1, next_task_, {}, {}});
    finished_.push_back(index);
    return;
  }
  // More than the stage takes would only be refused.
  const auto at_once = std::min<std::int64_t>({count, n.each->concurrency, n.replicas + n.queue});
  for (std::int64_t i = 0; i < at_once; ++i) call_item(index, out);
}

void executor::call_item(std::size_t index, outbox& out) {
  tasks_.push_back({next_task_++, index, tokens_[index].next_item++, 1, true, 0, now_, {}});
  attempt(tasks_.back(), out);
}

void executor::put(std::size_t index, std::size_t port, value v) {
  const slot_id slot = node(index).out[port];
  if (slot == no_slot) return;
  slots_[static_cast<std::size_t>(slot)] = std::move(v);
  tokens_[index].written[static_cast<std::size_t>(slot)] = true;
}

void executor::collect(std::size_t index) {
  token& t = tokens_[index];
  for (std::size_t port = 0; port < node(index).out.size(); ++port) {
    value::list column;
    column.reserve(t.results.size());
    for (frame& f : t.results) column.push_back(port < f.size() ? std::move(f[port]) : value());
    put(index, port, value(std::move(column)));
  }
  t.results = {};
  t.items = {};
}

}  // namespace troupe
