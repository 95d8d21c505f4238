#pragma once
// Those who use a simulated system: clients that talk in conversations or give jobs, lose their
// connection, repeat themselves and cancel, and somebody who decides reviews.

#include "actors/runtime.hpp"
#include "actors/sim/faults.hpp"
#include "actors/sim/witness.hpp"

#include <set>

namespace troupe::sim {

/// What all clients share.
struct client_world {
  sim::world& world;
  witness& seen;
  fault_rates faults;
  when_left left = when_left::continues;  ///< what the graph says of runs whose clients are gone
  gateway* door = nullptr;                ///< while the process is up
};

/// One message of a client, from before it is sent until its end is known.
struct message {
  std::string id;
  value::table input;
  enum class state_type : std::uint8_t { unsent, sent, accepted, ended, given_up } state{};
  std::string run;
  int tries = 0;
  int asked = 0, answered = 0;  ///< how often it was sent, and how often its end was told
};

class client : public std::enable_shared_from_this<client> {
 public:
  enum class style : std::uint8_t {
    attached,  ///< all events of the conversation, resumed with the last number seen
    asking,    ///< the events of each run
    waiting,   ///< only the end of each run
    job,       ///< no conversation
  };
  client(client_world& w, std::string conversation, style how, std::vector<message> messages);

  /// Plans what it will say, and when.
  void begin(duration within);
  void process_starts();
  /// `power`: what it has seen may not have been synced.
  void process_dies(bool power);
  /// Whether it knows the end of all that was accepted.
  bool satisfied() const;
  /// A run of its that has no end yet, to name in a complaint.
  std::string unsatisfied_about() const;
  void go_home();

  const std::string& conversation() const noexcept { return conversation_; }

 private:
  class session;
  friend class session;

  void say(std::size_t index);
  void say_again(std::size_t index);
  void connect();
  void reconnect();
  void hang_up();
  void leave();
  void cancel(std::size_t index);
  bool on_event(const session& from, const event& e);
  void on_accepted(const event& e);
  void on_refused(const event& e);
  void on_end(const witness::end& ended);
  void submit(message& m, std::shared_ptr<session> to, follow what);
  bool check_order(const event& e);
  bool sessions_closed() const;
  message* find_message(const std::string& id);
  void in(duration pause, void (client::*what)());
  void in(duration pause, void (client::*what)(std::size_t), std::size_t index);
  bool is_attached() const noexcept { return style_ == style::attached; }
  std::shared_ptr<session> fresh_session();

  client_world& world_;
  const std::string conversation_;
  const style style_;
  std::vector<message> messages_;
  std::shared_ptr<session> line_;  ///< of an attached client
  std::vector<std::weak_ptr<session>> sessions_;
  std::uint64_t last_seq_ = 0;
  /// What it says is to become of its runs when it has lost its connection, if anything.
  const std::optional<when_left> left_;
  bool home_ = false;
  bool renumbered_ = false;  ///< the server may have forgotten events that it has seen
};

/// Decides some of what waits, now and then; whoever is lazy lets it expire.
class reviewer : public std::enable_shared_from_this<reviewer> {
 public:
  reviewer(client_world& w, bool lazy) : world_(w), lazy_(lazy) {}
  void begin();
  void go_home() { home_ = true; }

 private:
  void look();
  client_world& world_;
  const bool lazy_;
  bool home_ = false;
};

}  // namespace troupe::sim
