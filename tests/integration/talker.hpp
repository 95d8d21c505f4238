#pragma once
// One client of a server that is killed again and again. It keeps the rules of docs/protocol.md:
// comes back with the last `seq` it saw and says again what has not been answered, with the same
// ids. And it holds the server to them.

#include "integration/served_graph.hpp"

#include <condition_variable>
#include <map>
#include <mutex>
#include <set>

namespace troupe::test {

/// What all talkers and the one who kills the server know of each other.
class rounds {
 public:
  /// A server is up (again).
  void announce(std::uint16_t port) {
    std::lock_guard lock(mutex_);
    port_ = port;
    ++round_;
    changed_.notify_all();
  }
  /// The port of a server that came after the round `seen`, which is brought up to date.
  std::uint16_t wait_for_server(int& seen) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return round_ > seen; });
    seen = round_;
    return port_;
  }
  void count_accepted() {
    std::lock_guard lock(mutex_);
    ++accepted_;
    changed_.notify_all();
  }
  void wait_for_accepted(int count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return accepted_ >= count; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::uint16_t port_ = 0;
  int round_ = 0;
  int accepted_ = 0;
};

class talker {
 public:
  talker(std::string name, int messages, rounds& r)
      : name_(std::move(name)), messages_(messages), rounds_(r) {}

  /// Until every message is answered, through as many servers as it takes.
  void talk() {
    for (int round = 0; answered() < messages_;) {
      const auto port = rounds_.wait_for_server(round);
      try {
        chat_line line(port, name_, last_seq_);
        int said = 0;
        for (; said < messages_ && said < answered() + at_once; ++said) say(line, said);
        while (answered() < messages_) {
          hear(line.next());
          for (; said < messages_ && said < answered() + at_once; ++said) say(line, said);
        }
      } catch (const boost::system::system_error&) {
        // The server is gone; the next one goes on.
      }
    }
  }

  /// Says a message that was answered long ago, and whether the same answer comes.
  bool gets_the_same_answer_again(std::uint16_t port, int message) {
    chat_line line(port, name_, last_seq_);
    const auto id = id_of(message);
    line.say(id, text_of(message));
    const auto accepted = json::parse(line.next()).as_object();
    const auto again = line.next();
    return accepted.at("type").as_string() == "accepted" &&
           accepted.at("run").as_string() == runs_.at(id) &&
           json::parse(again) == json::parse(finals_.at(id));
  }

  /// What a new client that asks for everything is told.
  std::map<std::uint64_t, std::string> everything(std::uint16_t port) const {
    std::map<std::uint64_t, std::string> frames;
    chat_line line(port, name_, 0);
    while (frames.size() < frames_.size()) {
      auto frame = line.next();
      frames.emplace(json::parse(frame).at("seq").to_number<std::uint64_t>(), frame);
    }
    return frames;
  }

  const std::string& name() const noexcept { return name_; }
  const std::map<std::uint64_t, std::string>& frames() const noexcept { return frames_; }
  std::size_t runs() const { return std::set<std::string>(run_names_).size(); }
  /// What the server did that it must not do.
  const std::vector<std::string>& complaints() const noexcept { return complaints_; }

  static std::string text_of(int message) {
    return (message % 2 ? "第" : "message ") + std::to_string(message);
  }
  static std::string reply_of(int message) { return "<" + text_of(message) + ">"; }

 private:
  static constexpr int at_once = 3;  ///< messages said before the first is answered

  static std::string id_of(int message) { return "m" + std::to_string(message); }
  int answered() const { return static_cast<int>(finals_.size()); }
  void say(chat_line& line, int message) {
    if (!finals_.contains(id_of(message))) line.say(id_of(message), text_of(message));
  }
  void complain(const std::string& what, const std::string& frame) {
    complaints_.push_back(name_ + ": " + what + ": " + frame);
  }

  void hear(const std::string& frame) {
    const auto event = json::parse(frame).as_object();
    const auto& type = event.at("type").as_string();
    if (type == "accepted") return hear_run(event, frame);
    if (type == "error") return complain("an error", frame);
    const auto seq = event.at("seq").to_number<std::uint64_t>();
    if (seq > last_seq_ + 1) complain("a gap after " + std::to_string(last_seq_), frame);
    if (seq > last_seq_) {
      last_seq_ = seq;
      frames_.emplace(seq, frame);
      if (type == "final") hear_final(event, frame);
    } else if (type != "final" || json::parse(frames_[seq]) != json::parse(frame)) {
      // Only the answer to a message that was said again may come twice, and then unchanged.
      complain("a number twice", frame);
    }
  }

  /// One message, one run, whichever of `accepted` and `final` is heard first.
  void hear_run(const json::object& event, const std::string& frame) {
    const std::string run(event.at("run").as_string());
    const auto [known, first] = runs_.emplace(event.at("id").as_string(), run);
    if (first) {
      run_names_.insert(run);
      rounds_.count_accepted();
    } else if (known->second != run) {
      complain("another run than " + known->second, frame);
    }
  }

  void hear_final(const json::object& event, const std::string& frame) {
    hear_run(event, frame);
    const std::string id(event.at("id").as_string());
    if (!finals_.emplace(id, frame).second) complain("a second final", frame);
    if (event.at("reply").as_string() != reply_of(std::stoi(id.substr(1))))
      complain("a wrong reply", frame);
  }

  const std::string name_;
  const int messages_;
  rounds& rounds_;
  std::uint64_t last_seq_ = 0;
  std::map<std::uint64_t, std::string> frames_;  ///< events by seq, as they came
  std::map<std::string, std::string> runs_;      ///< by message id
  std::map<std::string, std::string> finals_;    ///< by message id, as they came
  std::set<std::string> run_names_;
  std::vector<std::string> complaints_;
};

}  // namespace troupe::test
