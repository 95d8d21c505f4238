#include "actors/sim/faulty_stages.hpp"

#include <array>
#include <deque>

namespace troupe::sim {

namespace {

using std::chrono::milliseconds;

constexpr std::array failures = {errc::unavailable, errc::rate_limited, errc::overloaded,
                                 errc::timeout,     errc::failed,       errc::internal};

/// How long calls of a stage usually take: well below what they may.
struct pace {
  duration usual, limit;
};

pace pace_of(const stage_node& n, const graph& plan) {
  const duration limit = std::min(n.timeout, plan.deadline / 4);
  return {std::min<duration>(limit / 8, milliseconds(500)), limit};
}

/// One call, from its arrival to its answer, or until nobody can answer it any more.
struct work {
  work(frame i, std::shared_ptr<run_context> c, reply<frame> d, witness& w)
      : in(std::move(i)), context(std::move(c)), done(std::move(d)), seen(w) {
    number = seen.call_begins(*context);
  }
  ~work() { end(witness::answer::unwanted); }
  work(const work&) = delete;
  work& operator=(const work&) = delete;
  void end(witness::answer how) {
    if (number) seen.call_ends(*number, context->used(), how);
    number.reset();
  }

  frame in;
  std::shared_ptr<run_context> context;
  reply<frame> done;
  witness& seen;
  std::optional<std::uint64_t> number;  ///< as the witness counts calls
  bool deaf = false;
};

class faulty_instance final : public stage_instance {
 public:
  faulty_instance(std::unique_ptr<stage_instance> real, stage_world& w, pace p, placement where)
      : inside_(std::make_shared<insides>(std::move(real), w, p, where)) {}

  void run(frame in, std::shared_ptr<run_context> context, reply<frame> done) override {
    insides& s = *inside_;
    stage_world& w = s.shared;
    auto job = std::make_shared<work>(std::move(in), std::move(context), std::move(done), w.seen);
    if (w.world.chance.happens(w.faults.crash)) {
      s.tell_of(*job->context, "throws");
      job->end(witness::answer::crash);
      throw std::runtime_error("it was to");
    }
    // A stage that blocks takes one call after another.
    s.open.push_back(job);
    if (s.where == placement::own_thread && std::exchange(s.busy, true))
      s.waiting.push_back(std::move(job));
    else
      begin(inside_, job);
  }

 private:
  struct insides {
    insides(std::unique_ptr<stage_instance> r, stage_world& w, pace p, placement pl)
        : real(std::move(r)), shared(w), speed(p), where(pl) {}
    std::unique_ptr<stage_instance> real;
    stage_world& shared;
    pace speed;
    placement where;
    std::vector<std::shared_ptr<work>> open;  ///< all that were not answered
    std::deque<std::shared_ptr<work>> waiting;
    bool busy = false;
    void tell_of(const run_context& c, std::string_view what) const {
      shared.world.tell("stage `" + c.info().stage.str() + "` " + std::string(what) + ": task " +
                        std::to_string(c.info().task) + " attempt " +
                        std::to_string(c.info().attempt) + " of " + c.info().run.str());
    }
  };
  using shared_insides = std::shared_ptr<insides>;
  using shared_work = std::shared_ptr<work>;

  /// Unless the instance is gone by then: its calls went with it.
  template <class What>
  static void later(const shared_insides& s, const shared_work& job, duration pause, What what) {
    s->shared.world.in(pause, owner::process,
                       [to = std::weak_ptr(s), with = std::weak_ptr(job), what = std::move(what)] {
                         auto instance = to.lock();
                         auto w = with.lock();
                         if (instance && w) what(instance, w);
                       });
  }

  static void begin(const shared_insides& s, const std::shared_ptr<work>& job) {
    dice& chance = s->shared.world.chance;
    const fault_rates& f = s->shared.faults;
    duration takes{0};
    if (chance.happens(0.7)) takes = chance.between(duration(0), s->speed.usual);
    if (chance.happens(f.slow)) takes = chance.between(s->speed.limit / 2, s->speed.limit * 2);
    if (chance.happens(f.hang)) {
      s->tell_of(*job->context, "hangs");
      job->deaf = true;
      takes = chance.between(milliseconds(5'000), milliseconds(300'000));
    }
    if (takes == duration(0)) return answer(s, job);
    // Some of the time goes by before the stage does anything, the rest before it has answered.
    const auto before = chance.between(duration(0), takes);
    later(s, job, before, [rest = takes - before](const shared_insides& i, const shared_work& w) {
      act(i, w, rest);
    });
  }

  static void act(const shared_insides& s, const std::shared_ptr<work>& job, duration rest) {
    auto outputs = compute(*s, *job);
    later(s, job, rest, [made = std::move(outputs)](const shared_insides& i, const shared_work& w) {
      deliver(i, w, made);
    });
  }

  static void answer(const shared_insides& s, const std::shared_ptr<work>& job) {
    deliver(s, job, compute(*s, *job));
  }

  static result<frame> compute(insides& s, work& job) {
    if (!job.deaf && job.context->stop().stop_requested())
      return error{errc::cancelled, "the run has ended"};
    if (s.real->answers_at_once()) return s.real->run_now(std::move(job.in), *job.context);
    auto outputs = std::make_shared<result<frame>>(
        error{errc::dropped, "an asynchronous stage did not answer at once"});
    s.real->run(std::move(job.in), job.context,
                reply<frame>([outputs](result<frame> r) { *outputs = std::move(r); }));
    return *outputs;
  }

  static void deliver(const shared_insides& s, const std::shared_ptr<work>& job,
                      result<frame> outputs) {
    stage_world& w = s->shared;
    dice& chance = w.world.chance;
    const bool stopped = job->context->stop().stop_requested();
    if (!job->deaf && stopped)
      outputs = error{errc::cancelled, "it was stopped"};
    else if (chance.happens(w.faults.fail)) {
      outputs = error{chance.one_of(failures), "it was to fail"};
      s->tell_of(*job->context, "fails");
    }
    const bool drops = chance.happens(w.faults.drop);
    job->end(stopped             ? witness::answer::unwanted
             : outputs && !drops ? witness::answer::good
                                 : witness::answer::bad);
    if (drops) {
      s->tell_of(*job->context, "drops its reply");
      const reply<frame> dropped = std::move(job->done);
    } else {
      const bool again = chance.happens(w.faults.twice);
      const auto copy = outputs;
      job->done(std::move(outputs));
      if (again) {
        s->tell_of(*job->context, "answers twice");
        job->context->emit("too late");
        job->done(copy);
      }
    }
    std::erase(s->open, job);
    if (s->where != placement::own_thread) return;
    s->busy = false;
    if (s->waiting.empty()) return;
    auto next = std::move(s->waiting.front());
    s->waiting.pop_front();
    s->busy = true;
    begin(s, next);
  }

  shared_insides inside_;
};

}  // namespace

std::shared_ptr<const graph> faulty_stages::wrap(const graph& plan) {
  auto copy = std::make_shared<graph>(plan);
  for (stage_node& n : copy->stages) {
    if (n.type->spawn.has_value()) continue;
    stage_type t = *n.type;
    t.make = [&w = world_, real = n.type->make, speed = pace_of(n, plan), where = n.type->where](
                 const value& with, const stage_services& services,
                 const port_set& ports) -> result<std::unique_ptr<stage_instance>> {
      if (w.seen.process_is_up() && w.world.chance.happens(w.faults.no_open))
        return error{errc::unavailable, "it was not to open"};
      auto made = real(with, services, ports);
      if (!made) return std::move(made).error();
      return std::unique_ptr<stage_instance>(
          std::make_unique<faulty_instance>(std::move(*made), w, speed, where));
    };
    types_.push_back(std::move(t));
    n.type = &types_.back();
  }
  return copy;
}

}  // namespace troupe::sim
