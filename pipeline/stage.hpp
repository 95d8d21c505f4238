#pragma once
// What a stage sees of the run it works for, and how stages look to the machinery behind them.
// Authors write a plain struct (docs/stage-guide.md); `describe.hpp` turns it into a `stage_type`.

#include "pipeline/http_client.hpp"
#include "pipeline/services.hpp"
#include "pipeline/shared_text.hpp"

#include <any>
#include <atomic>
#include <functional>
#include <map>

namespace troupe {

/// Slot values of one stage call, in the order of the stage's ports. An absent optional is none.
using frame = std::vector<value>;

/// What the stages of one loaded graph share. Lives as long as any of them.
struct stage_services {
  std::filesystem::path base;  ///< folder of the graph file; relative paths start here
  std::map<std::string, std::shared_ptr<engine>, std::less<>> engines;  ///< by [model.NAME]
  std::shared_ptr<model_library> models;
  std::shared_ptr<http_client> http;

  /// The engine of `[model.NAME]`; the only one if `name` is empty.
  result<std::shared_ptr<engine>> find_engine(std::string_view name) const;
  /// Absolute paths stay, relative ones start at `base`.
  std::filesystem::path resolve(std::string_view path) const;
};

/// Tokens spent by one stage call, counted against the run's budget.
struct usage {
  std::int64_t model_calls = 0;
  std::int64_t tokens = 0;
};

/// Facts about one stage call that do not change while it works.
struct call_info {
  shared_text run;           ///< id of the run
  shared_text conversation;  ///< empty for a job
  shared_text stage;         ///< name of the stage in the graph
  std::int64_t task = 0;     ///< number of this call within the run
  int attempt = 1;
  std::uint64_t seed = 0;    ///< the same for the same call after a restart
  time_point deadline = time_point::max();
  std::int64_t tokens_left = -1;  ///< of the run's budget; -1: no budget
  std::shared_ptr<const std::vector<turn>> history;
};

/// Where `run_context::log` writes: one call per line, without a line end, from any thread. Empty
/// (the default) is std::clog. Set it before the first run.
void set_log_hook(std::function<void(std::string_view)> hook);

/// Handed to every stage call. Valid until the call has answered.
class run_context {
 public:
  using emit_function = std::function<void(std::string_view)>;

  run_context(call_info info, std::stop_token stop, const clock& time,
              const stage_services& services, emit_function emit = {})
      : info_(std::move(info)),
        stop_(std::move(stop)),
        clock_(&time),
        services_(&services),
        emit_(std::move(emit)) {}

  const call_info& info() const noexcept { return info_; }
  /// Set when the run was cancelled, its time is up, or the server is shutting down.
  const std::stop_token& stop() const noexcept { return stop_; }
  const troupe::clock& clock() const noexcept { return *clock_; }
  time_point deadline() const noexcept { return info_.deadline; }
  std::uint64_t seed() const noexcept { return info_.seed; }
  const stage_services& services() const noexcept { return *services_; }
  /// Earlier turns of the conversation, oldest first; empty for a job.
  const std::vector<turn>& history() const noexcept;

  /// The same for every try after a crash of the same attempt: send it along with outside effects.
  std::string idempotency_key() const;

  /// Streams a piece of text to the caller at once.
  void emit(std::string_view text) {
    if (emit_) emit_(text);
  }
  /// One line for the log, headed by the run and the stage.
  void log(std::string_view text) const;
  /// Counts what an engine used.
  void count(usage used) noexcept {
    used_.model_calls += used.model_calls;
    used_.tokens += used.tokens;
  }
  usage used() const noexcept { return used_; }

  /// What the call returns is not its answer yet: the run waits, durably, for somebody's decision
  /// (docs/protocol.md, reviews), and takes it as the answer if none comes within `time`.
  void wait_for_decision(std::chrono::milliseconds time) noexcept { waits_ = time; }
  const std::optional<std::chrono::milliseconds>& waits() const noexcept { return waits_; }

 private:
  call_info info_;
  std::stop_token stop_;
  const troupe::clock* clock_;
  const stage_services* services_;
  emit_function emit_;
  usage used_;
  std::optional<std::chrono::milliseconds> waits_;
};

/// The answer of an asynchronous stage. Movable; callable from any thread, once. One that is
/// destroyed without an answer answers `dropped`.
template <class Output>
class reply {
 public:
  using deliver = std::function<void(result<Output>)>;

  explicit reply(deliver d) : deliver_(std::move(d)) {}
  reply(reply&& other) noexcept : deliver_(std::exchange(other.deliver_, nullptr)) {}
  reply& operator=(reply&& other) noexcept {
    if (this != &other) {
      drop();
      deliver_ = std::exchange(other.deliver_, nullptr);
    }
    return *this;
  }
  ~reply() { drop(); }

  void operator()(result<Output> r) {
    if (auto d = std::exchange(deliver_, nullptr)) d(std::move(r));
  }

 private:
  void drop() {
    if (auto d = std::exchange(deliver_, nullptr))
      d(error{errc::dropped, "the stage let go of its reply without answering"});
  }
  deliver deliver_;
};

/// One live stage, behind the type. One call at a time; replicas are separate instances.
class stage_instance {
 public:
  virtual ~stage_instance() = default;
  /// Whether it answers by `run_now`, on the caller's thread, or by `run`, whenever it is ready.
  virtual bool answers_at_once() const noexcept { return false; }
  /// Both may throw: the caller turns that into `crashed`. Only the one that `answers_at_once`
  /// names is called. `context` lives until `done` is called.
  virtual void run(frame in, std::shared_ptr<run_context> context, reply<frame> done) = 0;
  virtual result<frame> run_now(frame, run_context&) {
    return error{errc::internal, "this stage answers asynchronously"};
  }
};

/// A slot that a stage reads or writes.
struct port {
  std::string name;
  slot_type type = slot_type::any;
  bool optional = false;
  std::string doc;
};

/// A parameter of a stage, as tables, checks and help need it.
struct param {
  std::string name;
  slot_type type = slot_type::any;
  slot_type items = slot_type::any;  ///< of a list
  bool required = false;
  value fallback;  ///< the default; none if there is none
  std::string doc;
  /// What text stands for, when it is more than text.
  enum class meaning_type : std::uint8_t { plain, file, folder, model, engine_name, prompt, time_span };
  meaning_type meaning = meaning_type::plain;
  std::optional<double> min, max;  ///< of a number; of a duration in milliseconds
  bool not_empty = false;
  std::vector<std::string> one_of;  ///< of a text, or of each item of a list

  /// Why `v` cannot be this parameter, in words that follow "`name` "; nothing if it can.
  std::optional<std::string> complaint(const value& v) const;
};

struct port_set {
  std::vector<port> in, out;
};

/// The most that one call of a stage asks of models, for the bill of a graph (dsl/bill.hpp).
struct call_cost {
  std::int64_t model_calls = 0;
  std::string model;               ///< a [model.NAME]; empty: the only one
  std::int64_t output_tokens = 0;  ///< that one model call writes
  std::int64_t prompt_tokens = -1;  ///< that one model call reads; -1: what the model's context holds
};

/// Where a stage's calls run.
enum class placement : std::uint8_t {
  shared,      ///< on the pool of scheduler threads: short, never blocks
  own_thread,  ///< a thread per replica: it may block
};

/// Everything the machinery knows about a kind of stage.
struct stage_type {
  std::string name;
  std::string summary;
  placement where = placement::shared;
  bool streams = false;  ///< may emit text while it works
  /// Decides what users may see of its inputs, so nothing may stream to them before it.
  bool moderates = false;
  std::vector<param> params;
  port_set ports;  ///< those that do not depend on parameters
  /// All ports for these parameters (a table), e.g. the slots named in a template.
  std::function<result<port_set>(const value& with)> ports_for;
  /// What a call costs with these parameters. Empty: one model call if the type has a parameter that
  /// names an engine, else nothing.
  std::function<call_cost(const value& with)> cost;
  /// Makes one replica. `with` has passed the parameters' checks. Errors: a missing file, say.
  std::function<result<std::unique_ptr<stage_instance>>(const value& with,
                                                        const stage_services& services,
                                                        const port_set& ports)>
      make;
  /// For `add_actor`: how to spawn a real actor (see actors/interfaces.hpp).
  std::any spawn;
};

}  // namespace troupe
