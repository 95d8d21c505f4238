#include "actors/sim/clients.hpp"

#include "actors/sim/scripted_models.hpp"

#include <array>

namespace troupe::sim {

using std::chrono::milliseconds;

namespace {

/// What a client says of it in its messages; jobs are given by those who will not mind.
std::optional<when_left> said_of_leaving(client_world& w, client::style how) {
  if (how == client::style::job) return when_left::continues;
  if (w.world.chance.happens(w.faults.leave)) return when_left::is_cancelled;
  if (w.world.chance.happens(0.5)) return std::nullopt;
  return when_left::continues;
}

}  // namespace

/// One connection; once it is closed nothing comes through it any more.
class client::session final : public event_sink {
 public:
  explicit session(std::weak_ptr<client> whose) : whose_(std::move(whose)) {}
  bool deliver(const event_ptr& e) override {
    auto to = whose_.lock();
    if (!open || !to) return false;
    open = to->on_event(*this, *e) && open;
    return open;
  }
  bool open = true;

 private:
  std::weak_ptr<client> whose_;
};

client::client(client_world& w, std::string conversation, style how, std::vector<message> messages)
    : world_(w),
      conversation_(std::move(conversation)),
      style_(how),
      messages_(std::move(messages)),
      left_(said_of_leaving(w, how)) {}

void client::in(duration pause, void (client::*what)()) {
  world_.world.in(pause, owner::outside, [self = shared_from_this(), what] { (*self.*what)(); });
}

void client::in(duration pause, void (client::*what)(std::size_t), std::size_t index) {
  world_.world.in(pause, owner::outside,
                  [self = shared_from_this(), what, index] { (*self.*what)(index); });
}

std::shared_ptr<client::session> client::fresh_session() {
  std::erase_if(sessions_, [](const auto& s) { return s.expired(); });
  auto s = std::make_shared<session>(weak_from_this());
  sessions_.push_back(s);
  return s;
}

void client::begin(duration within) {
  dice& chance = world_.world.chance;
  if (is_attached()) connect();
  duration when{0};
  for (std::size_t i = 0; i < messages_.size(); ++i) {
    // Some wait for an answer before they go on, some talk all at once.
    when += chance.happens(0.5) ? chance.between(duration(0), milliseconds(200))
                                : chance.between(duration(0), within);
    in(std::min(when, within), &client::say, i);
    if (chance.happens(world_.faults.repeat))
      in(chance.between(duration(0), within), &client::say_again, i);
    if (chance.happens(world_.faults.cancel))
      in(chance.between(duration(0), within), &client::cancel, i);
  }
}

void client::say(std::size_t index) {
  message& m = messages_[index];
  if (!world_.door || home_ || m.state > message::state_type::accepted) return;
  if (m.state == message::state_type::accepted && is_attached() && !renumbered_) return;
  if (++m.tries > 40) {
    m.state = message::state_type::given_up;
    return;
  }
  if (m.state == message::state_type::unsent) m.state = message::state_type::sent;
  if (is_attached() && (!line_ || !line_->open)) connect();
  auto sink = is_attached() ? line_ : fresh_session();
  world_.world.tell("`" + conversation_ + "` says " + m.id);
  const auto what = is_attached()              ? follow::none
                    : style_ == style::waiting ? follow::end
                                               : follow::run;
  submit(m, std::move(sink), what);
}

void client::submit(message& m, std::shared_ptr<session> to, follow what) {
  ++m.asked;
  world_.door->submit({.conversation = conversation_,
                       .message_id = m.id,
                       .owner = {},
                       .input = m.input,
                       .left = left_},
                      std::move(to), what);
}

void client::say_again(std::size_t index) {
  message& m = messages_[index];
  if (!world_.door || home_ || m.state == message::state_type::unsent) return;
  world_.world.tell("`" + conversation_ + "` says " + m.id + " again");
  submit(m, fresh_session(), follow::run);
}

void client::cancel(std::size_t index) {
  message& m = messages_[index];
  if (!world_.door || m.run.empty()) return;
  world_.world.tell("`" + conversation_ + "` cancels " + m.run);
  world_.seen.cancel_wanted(m.run);
  world_.door->cancel(m.run, [](const result<void>&) {});
}

void client::connect() {
  if (!world_.door || home_ || (line_ && line_->open)) return;
  line_ = fresh_session();
  world_.world.tell("`" + conversation_ + "` connects after " + std::to_string(last_seq_));
  world_.door->attach(conversation_, last_seq_, line_);
}

/// The server notices that the connection is gone.
void client::hang_up() {
  if (world_.door && line_ && !line_->open) world_.door->detach(conversation_, line_);
}

/// The server notices that those who asked for its runs are gone.
void client::leave() {
  if (!world_.door || home_) return;
  for (const message& m : messages_) {
    if (m.state != message::state_type::accepted) continue;
    if (left_.value_or(world_.left) == when_left::is_cancelled) world_.seen.cancel_wanted(m.run);
    world_.door->client_left(conversation_, m.run);
  }
}

/// Takes up the connection, and asks again about all whose end it does not know.
void client::reconnect() {
  if (!world_.door || home_) return;
  if (is_attached()) connect();
  for (std::size_t i = 0; i < messages_.size(); ++i)
    if (messages_[i].state == message::state_type::sent ||
        messages_[i].state == message::state_type::accepted)
      say(i);
}

void client::process_starts() {
  in(world_.world.chance.between(duration(0), milliseconds(2000)), &client::reconnect);
  for (std::size_t i = 0; i < messages_.size(); ++i)
    if (messages_[i].state == message::state_type::unsent)
      in(world_.world.chance.between(duration(0), milliseconds(5000)), &client::say, i);
}

void client::process_dies(bool power) {
  if (power) renumbered_ = true;
  for (const auto& weak : sessions_)
    if (auto s = weak.lock()) s->open = false;
  sessions_.clear();
  line_ = nullptr;
}

void client::go_home() {
  home_ = true;
  if (line_ && line_->open && world_.door) world_.door->detach(conversation_, line_);
  for (const auto& weak : sessions_)
    if (auto s = weak.lock()) s->open = false;
}

message* client::find_message(const std::string& id) {
  for (message& m : messages_)
    if (m.id == id) return &m;
  return nullptr;
}

bool client::check_order(const event& e) {
  if (e.seq == 0 || e.seq == last_seq_ + 1) return true;
  // The answer to a repeated message is its run's end once more.
  if (e.seq <= last_seq_ && witness::end_told(e)) return true;
  // Events that were not synced are lost with the power, and their numbers are given again.
  if (renumbered_ && e.seq <= last_seq_) {
    renumbered_ = false;
    last_seq_ = e.seq;
    // Ends may be among the numbers that were passed over.
    for (message& m : messages_)
      if (m.state == message::state_type::accepted) m.state = message::state_type::sent;
    in(duration(0), &client::reconnect);
    return true;
  }
  world_.seen.complain("`" + conversation_ + "` got event " + std::to_string(e.seq) + " after " +
                       std::to_string(last_seq_));
  return false;
}

bool client::on_event(const session& from, const event& e) {
  world_.world.tell("`" + conversation_ + "` <- " + to_json(e));
  if (e.kind == event_kind::accepted)
    on_accepted(e);
  else
    world_.seen.told(conversation_, e);
  if (is_attached() && &from == line_.get() && e.seq > 0) {
    if (!check_order(e)) return false;
    last_seq_ = std::max(last_seq_, e.seq);
  }
  if (const auto ended = witness::end_told(e))
    on_end(*ended);
  else if (e.kind == event_kind::error) {
    on_refused(e);
    // Whoever waits for one run is told to ask again.
    if (e.message_id.empty() && !is_attached()) {
      in(milliseconds(1000), &client::reconnect);
      return false;
    }
  }
  if (!world_.world.chance.happens(world_.faults.disconnect)) return true;
  world_.world.tell("`" + conversation_ + "` loses its connection");
  if (is_attached() && &from == line_.get()) in(duration(0), &client::hang_up);
  if (left_ != when_left::continues) in(duration(0), &client::leave);
  in(world_.world.chance.between(duration(0), milliseconds(3000)), &client::reconnect);
  return false;
}

void client::on_accepted(const event& e) {
  const auto id = style_ == style::job ? messages_.front().id : e.message_id;
  world_.seen.accepted(conversation_, id, e.run);
  message* m = find_message(id);
  if (!m) return world_.seen.complain("`" + conversation_ + "` never said `" + id + "`");
  m->run = e.run;
  if (m->state < message::state_type::accepted) m->state = message::state_type::accepted;
}

void client::on_refused(const event& e) {
  for (std::size_t i = 0; i < messages_.size(); ++i) {
    message& m = messages_[i];
    if (!e.message_id.empty() && m.id != e.message_id) continue;
    // One that was accepted before may have been asked about again, in vain.
    const bool asked_in_vain = m.state == message::state_type::accepted && !e.message_id.empty();
    if (m.state != message::state_type::sent && !asked_in_vain) continue;
    const auto pause = milliseconds(std::max<std::int64_t>(e.retry_after_ms, 500));
    in(pause + world_.world.chance.between(duration(0), milliseconds(3000)), &client::say, i);
  }
}

void client::on_end(const witness::end& ended) {
  for (message& m : messages_) {
    if (m.run != ended.run && (style_ == style::job || m.id != ended.message_id)) continue;
    m.state = message::state_type::ended;
    if (++m.answered > m.asked)
      world_.seen.complain("run " + ended.run + ": its end was told " + std::to_string(m.answered) +
                           " times; it was asked for " + std::to_string(m.asked) + " times");
  }
}

/// Nothing can come any more.
bool client::sessions_closed() const {
  return std::none_of(sessions_.begin(), sessions_.end(), [](const auto& weak) {
    auto s = weak.lock();
    return s && s->open;
  });
}

bool client::satisfied() const {
  return std::all_of(messages_.begin(), messages_.end(), [&](const message& m) {
    // Whoever gave a job and lost the connection does not hear of it; the audit does.
    return m.state == message::state_type::ended || m.state == message::state_type::given_up ||
           (style_ == style::job && m.state == message::state_type::accepted && sessions_closed());
  });
}

std::string client::unsatisfied_about() const {
  static constexpr std::array names = {"unsent", "sent", "accepted", "ended", "given up"};
  for (const message& m : messages_)
    if (m.state < message::state_type::ended)
      return "message `" + m.id + "` of `" + conversation_ + "` (" +
             names[static_cast<std::size_t>(m.state)] + (m.run.empty() ? "" : ", run " + m.run) +
             ")";
  return {};
}

}  // namespace troupe::sim
