#include "pipeline/journal.hpp"

#include "pipeline/codec.hpp"
#include "pipeline/record_time.hpp"
#include "pipeline/scan_records.hpp"

namespace troupe {

namespace {

constexpr std::uint64_t version = 1;

error damaged(std::string_view what) {
  return {errc::internal, "the " + std::string(what) +
                              " record is damaged or was written by another version of troupe"};
}

void put_failure(byte_writer& w, const std::optional<error>& e) {
  w.number(e ? 1 : 0);
  if (!e) return;
  w.number(static_cast<std::uint64_t>(e->code));
  w.text(e->message);
}

std::optional<error> get_failure(byte_reader& r) {
  if (r.number() == 0) return std::nullopt;
  error e;
  e.code = static_cast<errc>(
      std::min<std::uint64_t>(r.number(), static_cast<std::uint64_t>(errc::dropped)));
  e.message = r.text();
  return e;
}

}  // namespace

std::string encode(const run_record& r) {
  byte_writer w;
  w.number(version);
  w.text(r.run);
  w.text(r.conversation);
  w.text(r.message_id);
  w.text(r.owner);
  w.text(r.graph_hash);
  w.integer(r.accepted.time_since_epoch().count());
  w.number(r.order);
  w.number(static_cast<std::uint64_t>(r.state));
  w.put(r.input);
  w.put(r.reply);
  w.put(r.slots);
  put_failure(w, r.failure);
  w.number(r.final_seq);
  return w.take();
}

result<run_record> decode_run(std::string_view bytes) {
  byte_reader r(bytes);
  if (r.number() != version) return damaged("run");
  run_record out;
  out.run = r.text();
  out.conversation = r.text();
  out.message_id = r.text();
  out.owner = r.text();
  out.graph_hash = r.text();
  out.accepted = time_point(duration(r.integer()));
  out.order = r.number();
  out.state = static_cast<run_status::state_type>(std::min<std::uint64_t>(
      r.number(), static_cast<std::uint64_t>(run_status::state_type::waiting)));
  out.input = r.get();
  out.reply = r.get();
  out.slots = r.get();
  out.failure = get_failure(r);
  out.final_seq = r.number();
  if (!r.ok() || !is_record_time(out.accepted)) return damaged("run");
  return out;
}

std::string encode(const conversation_record& c) {
  byte_writer w;
  w.number(version);
  w.number(c.next_seq);
  w.number(c.next_order);
  w.number(c.turns);
  w.number(c.first_event);
  w.put(c.persisted);
  w.text(c.owner);
  return w.take();
}

result<conversation_record> decode_conversation(std::string_view bytes) {
  byte_reader r(bytes);
  if (r.number() != version) return damaged("conversation");
  conversation_record c;
  c.next_seq = r.number();
  c.next_order = r.number();
  c.turns = r.number();
  c.first_event = r.number();
  c.persisted = r.get();
  c.owner = r.text();
  if (!r.ok()) return damaged("conversation");
  return c;
}

std::string encode(const turn_record& t) {
  byte_writer w;
  w.number(version);
  w.text(t.run);
  w.text(t.user);
  w.text(t.reply);
  return w.take();
}

result<turn_record> decode_turn(std::string_view bytes) {
  byte_reader r(bytes);
  if (r.number() != version) return damaged("turn");
  turn_record t;
  t.run = r.text();
  t.user = r.text();
  t.reply = r.text();
  if (!r.ok()) return damaged("turn");
  return t;
}

std::string encode(const graph_record& g) {
  byte_writer w;
  w.number(version);
  w.text(g.file);
  w.text(g.text);
  if (!g.inner.empty()) w.number(g.inner.size());
  for (const graph_source& s : g.inner) {
    w.text(s.file.string());
    w.text(s.text);
  }
  return w.take();
}

result<graph_record> decode_graph(std::string_view bytes) {
  byte_reader r(bytes);
  if (r.number() != version) return damaged("graph");
  graph_record g;
  g.file = r.text();
  g.text = r.text();
  if (r.ok() && !r.at_end())
    for (auto count = r.number(); count > 0 && r.ok(); --count) {
      std::string file(r.text());
      g.inner.push_back({std::move(file), std::string(r.text())});
    }
  if (!r.ok()) return damaged("graph");
  return g;
}

std::string numbered_key(std::string_view name, std::uint64_t n) {
  std::string key(name.size() + 9, '\0');
  name.copy(key.data(), name.size());
  for (std::size_t i = 0; i < 8; ++i)
    key[name.size() + 1 + i] = static_cast<char>(n >> (56 - 8 * i));
  return key;
}

std::string joined_key(std::string_view name, std::string_view rest) {
  std::string key;
  key.reserve(name.size() + 1 + rest.size());
  key += name;
  key += '\0';
  key += rest;
  return key;
}

std::uint64_t number_of_key(std::string_view key) {
  if (key.size() < 8) return 0;
  std::uint64_t n = 0;
  for (char c : key.substr(key.size() - 8)) n = n << 8 | static_cast<unsigned char>(c);
  return n;
}

write_op put(family f, std::string key, std::string bytes) {
  return {write_op::kind_type::put, f, std::move(key), std::move(bytes)};
}

write_op erase(family f, std::string key) {
  return {write_op::kind_type::erase, f, std::move(key), {}};
}

write_op erase_range(family f, std::string begin, std::string end) {
  return {write_op::kind_type::erase_range, f, std::move(begin), std::move(end)};
}

result<std::optional<run_record>> read_run(const store& s, std::string_view run) {
  auto bytes = s.get(family::runs, run);
  if (!bytes) return std::move(bytes).error();
  if (!*bytes) return std::optional<run_record>();
  auto record = decode_run(**bytes);
  if (!record) return std::move(record).error();
  return std::optional<run_record>(std::move(*record));
}

result<std::optional<conversation_record>> read_conversation(const store& s,
                                                             std::string_view conversation) {
  auto bytes = s.get(family::conversations, conversation);
  if (!bytes) return std::move(bytes).error();
  if (!*bytes) return std::optional<conversation_record>();
  auto record = decode_conversation(**bytes);
  if (!record) return std::move(record).error();
  return std::optional<conversation_record>(std::move(*record));
}

result<std::vector<step>> read_steps(const store& s, std::string_view run) {
  const auto prefix = joined_key(run, "");
  return scan_records(s, family::steps, prefix, prefix, every_record, decode_step);
}

result<std::vector<turn_record>> read_turns(const store& s, std::string_view conversation,
                                            std::uint64_t count, std::size_t limit) {
  const std::uint64_t first = count > limit ? count - limit : 0;
  return scan_records(s, family::turns, joined_key(conversation, ""),
                      numbered_key(conversation, first), every_record, decode_turn);
}

result<std::vector<active_run>> read_active(const store& s, std::string_view conversation) {
  std::vector<active_run> out;
  const auto prefix = conversation.empty() ? std::string() : joined_key(conversation, "");
  auto scanned =
      s.scan(family::active, prefix, prefix, [&](std::string_view key, std::string_view v) {
        if (key.size() >= 9)
          out.push_back({std::string(key.substr(0, key.size() - 9)), std::string(v)});
        return true;
      });
  if (!scanned) return std::move(scanned).error();
  return out;
}

result<std::map<std::string, std::size_t>> unfinished_by_graph(const store& s) {
  auto active = read_active(s);
  if (!active) return std::move(active).error();
  std::map<std::string, std::size_t> out;
  for (const active_run& a : *active) {
    auto record = read_run(s, a.run);
    if (!record) return std::move(record).error();
    if (*record) ++out[(*record)->graph_hash];
  }
  return out;
}

}  // namespace troupe
