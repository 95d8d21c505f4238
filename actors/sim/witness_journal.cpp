// The promises that the journal makes batch by batch: an end is written once and whole, steps,
// events and turns follow each other, a message id stays with its run.

#include "actors/sim/witness.hpp"
#include "pipeline/journal.hpp"

namespace troupe::sim {

namespace {

using key_set = std::set<std::pair<family, std::string_view>>;

bool has_ended(const run_record& r) {
  return r.state == run_status::state_type::finished || r.state == run_status::state_type::failed;
}

std::string printable(std::string_view key) {
  std::string out;
  for (char c : key.substr(0, key.find('\0'))) out += c < ' ' ? '_' : c;
  return out;
}

}  // namespace

bool witness::holds(const key_set& batch, family f, const std::string& key) const {
  if (batch.contains({f, key})) return true;
  auto found = records_.get(f, key);
  return found && found->has_value();
}

void witness::batch(const write_batch& batch, durability) {
  if (!up_) return;
  key_set put, erased;
  auto follows = [&](const write_op& op, std::uint64_t first) {
    const auto n = number_of_key(op.key);
    const std::string_view name(op.key.data(), op.key.size() - 9);
    if (holds(put, op.family, op.key))
      complain("record " + std::to_string(n) + " of `" + printable(name) + "` in `" +
               std::string(name_of(op.family)) + "` is written twice");
    else if (n > first && !holds(put, op.family, numbered_key(name, n - 1)))
      complain("`" + std::string(name_of(op.family)) + "` of `" + printable(name) + "` has " +
               std::to_string(n) + " without the one before it");
  };
  for (const write_op& op : batch) {
    if (op.kind == write_op::kind_type::erase) erased.emplace(op.family, op.key);
    if (op.kind != write_op::kind_type::put) continue;
    switch (op.family) {
      case family::steps:
      case family::turns:
        follows(op, 0);
        break;
      case family::events:
        follows(op, 1);
        break;
      case family::messages:
        if (auto before = records_.get(op.family, op.key);
            before && *before && **before != op.value)
          complain("the message id of `" + printable(op.key) + "` is given to a second run");
        break;
      default:
        break;
    }
    put.emplace(op.family, op.key);
  }
  for (const write_op& op : batch) {
    if (op.family != family::runs || op.kind != write_op::kind_type::put) continue;
    auto record = decode_run(op.value);
    if (!record) {
      complain("the record of run " + op.key + " cannot be read: " + record.error().message);
      continue;
    }
    const auto before = read_run(records_, op.key);
    if (drains_since_ && before && !*before && record->accepted > *drains_since_)
      complain("run " + op.key + " was accepted by a process that is about to end");
    if (!has_ended(*record)) continue;
    if (before && *before && has_ended(**before)) complain("run " + op.key + " ends a second time");
    const auto& name = record->conversation;
    const std::string owner = name.empty() ? "\x01job " + op.key : name;
    if (!erased.contains({family::active, numbered_key(owner, record->order)}))
      complain("run " + op.key + " ends and stays on the list of unfinished runs");
    if (!name.empty() && !put.contains({family::events, numbered_key(name, record->final_seq)}))
      complain("run " + op.key + " ends without its last event in the same batch");
  }
}

}  // namespace troupe::sim
