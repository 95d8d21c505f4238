#pragma once
// What a client's log and the data folder must look like once everything was answered, however
// often the process died meanwhile.

#include "crash/client.hpp"
#include "pipeline/dead_letter.hpp"
#include "pipeline/journal.hpp"
#include "pipeline/review.hpp"

namespace troupe::test {

class audit {
 public:
  audit(const std::vector<boost::json::object>& told, const store& records)
      : told_(told), records_(records) {}

  std::vector<std::string> complaints() {
    hear();
    look_at_messages();
    look_at_streams();
    look_at_history();
    look_at_runs();
    look_at_leftovers();
    return std::move(wrong_);
  }

 private:
  using object = boost::json::object;
  static std::string text(const object& o, const char* key) {
    const auto* v = o.if_contains(key);
    return v && v->is_string() ? std::string(v->as_string()) : std::string();
  }
  void complain(std::string what) { wrong_.push_back(std::move(what)); }

  /// One message, one run, one end; one number, one event; nothing runs behind its own end.
  void hear() {
    for (const object& line : told_) {
      const auto type = text(line, "type"), run = text(line, "run"), id = text(line, "id");
      if (type == "complaint") complain(text(line, "what"));
      if (type == "call" && ends_.contains(run)) complain("a stage of " + run + " after its end");
      if (type == "accepted" && !line.contains("job")) one_run(id, run);
      const bool end = type == "final" || type == "error";
      if (end && !line.contains("job")) one_run(id, run);
      if (end) {
        auto [known, first] = ends_.emplace(run, line);
        if (!first && !line.contains("job") && known->second != line)
          complain("two ends of " + run);
      }
      if (line.contains("job")) {
        job_ = run;
        continue;
      }
      if (const auto* seq = line.if_contains("seq")) {
        auto [known, first] = events_.emplace(seq->to_number<std::uint64_t>(), line);
        if (!first && known->second != line)
          complain("two events with the number " + std::to_string(known->first));
      } else if (type == "error") {
        complain("an error outside of the sequence: " + boost::json::serialize(line));
      }
    }
    if (events_.empty() || events_.rbegin()->first != events_.size())
      complain("the numbers have gaps");
  }
  void one_run(const std::string& id, const std::string& run) {
    auto [known, first] = run_of_.emplace(id, run);
    if (known->second != run) complain("the message " + id + " has two runs");
  }

  void look_at_messages() {
    for (const message& m : messages) {
      const auto run = run_of_.find(m.id);
      if (run == run_of_.end()) {
        complain("the message " + m.id + " has no run");
        continue;
      }
      const object& end = ends_.at(run->second);
      const std::string wanted = m.id == "m5" ? "" : m.ask ? m.text : "你好, " + m.text;
      if (text(end, "reply") != wanted)
        complain("the message " + m.id + " was answered with " + boost::json::serialize(end));
      std::string stored;
      if (auto found = records_.get(family::messages, joined_key(conversation_name, m.id));
          found && *found)
        stored = **found;
      if (stored != run->second) complain("the store has another run of " + m.id);
    }
  }

  /// The deltas since the last rewind are the reply.
  void look_at_streams() {
    std::map<std::string, std::string> streamed;
    for (const auto& [seq, e] : events_) {
      const auto type = text(e, "type"), run = text(e, "run");
      if (type == "delta") streamed[run] += text(e, "text");
      if (type == "rewind") streamed[run].clear();
      if (type == "final" && !streamed[run].empty() && streamed[run] != text(e, "reply"))
        complain("what was streamed of " + run + " is " + streamed[run]);
      if (type == "error" && !streamed[run].empty())
        complain("what was streamed of the failed " + run + " was not taken back");
    }
  }

  void look_at_history() {
    auto record = read_conversation(records_, conversation_name);
    if (!record || !*record) return complain("the conversation is gone");
    auto turns = read_turns(records_, conversation_name, (*record)->turns, 100);
    std::string said, wanted;
    for (const turn_record& t : *turns) said += t.user + ">" + t.reply + "\n";
    for (const message& m : messages)
      if (m.id != "m5") wanted += m.text + ">" + (m.ask ? m.text : "你好, " + m.text) + "\n";
    if (said != wanted) complain("the history is " + said);
    if ((*record)->persisted.find("greeting") == nullptr)
      complain("the slot that outlives runs is gone");
  }

  /// Every run has ended, its steps have no gaps and lead there; there is no run of nobody's.
  void look_at_runs() {
    std::set<std::string> known;
    for (const auto& [id, run] : run_of_) known.insert(run);
    int runs = 0, jobs = 0;
    check(records_.scan(family::runs, "", "", [&](std::string_view key, std::string_view bytes) {
      auto r = decode_run(bytes);
      ++runs;
      if (!r) return complain(r.error().message), true;
      if (r->conversation.empty()) ++jobs;
      if (!r->conversation.empty() && !known.contains(std::string(key)))
        complain("nobody was told of the run " + std::string(key));
      if (r->state != run_status::state_type::finished &&
          r->state != run_status::state_type::failed)
        complain("the run " + std::string(key) + " has not ended");
      std::uint64_t next = 0;
      check(records_.scan(family::steps, joined_key(key, ""), "",
                          [&](std::string_view step, std::string_view) {
                            if (number_of_key(step) != next++)
                              complain("a step of " + std::string(key) + " is missing");
                            return true;
                          }));
      if (next == 0) complain("the run " + std::string(key) + " has no steps");
      return true;
    }));
    // A job that was accepted and not told so may have been asked for again.
    if (jobs < 1 || runs - jobs != static_cast<int>(messages.size()))
      complain(std::to_string(runs) + " runs, " + std::to_string(jobs) + " of them jobs");
    auto job = read_run(records_, job_);
    if (!job || !*job || (*job)->reply.to_text() != "你好, job") complain("the job is lost");
  }

  void look_at_leftovers() {
    for (const family f : {family::active, family::reviews, family::timers})
      check(records_.scan(f, "", "", [&](std::string_view key, std::string_view) {
        complain("left in `" + std::string(name_of(f)) + "`: " + std::string(key));
        return true;
      }));
    auto dead = read_dead_letters(records_, "", 10);
    if (!dead || dead->size() != 1 || dead->front().message_id != "m5")
      complain("the dead letters are not the one");
    std::map<std::string, int> ends;
    check(records_.scan(family::events, "", "", [&](std::string_view, std::string_view json) {
      const auto e = boost::json::parse(json).as_object();
      if (text(e, "type") == "final" || text(e, "type") == "error") ++ends[text(e, "run")];
      return true;
    }));
    for (const auto& [run, n] : ends)
      if (n != 1) complain(std::to_string(n) + " ends of " + run + " in the store");
  }
  void check(const result<void>& r) {
    if (!r) complain(r.error().message);
  }

  const std::vector<object>& told_;
  const store& records_;
  std::vector<std::string> wrong_;
  std::map<std::string, std::string> run_of_;  ///< by message id
  std::map<std::string, object> ends_;         ///< by run
  std::map<std::uint64_t, object> events_;     ///< by number
  std::string job_;
};

}  // namespace troupe::test
