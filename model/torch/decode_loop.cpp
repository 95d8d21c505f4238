#include "model/torch/decode_loop.hpp"

#include <omp.h>

namespace troupe {

std::optional<finish_reason> interrupted(const std::stop_token& cancel, time_point deadline) {
  if (cancel.stop_requested()) return finish_reason::cancelled;
  if (deadline != time_point::max() && system_clock().now() >= deadline)
    return finish_reason::deadline;
  return std::nullopt;
}

decode_loop::decode_loop(std::shared_ptr<const decoder> model, const scheduler_options& options)
    : model_(std::move(model)),
      scheduler_(options),
      store_(model_->make_store(options.blocks, options.block_size)),
      thread_([this](const std::stop_token& stop) { run(stop); }) {}

decode_loop::~decode_loop() = default;

std::int64_t decode_loop::longest() const noexcept {
  const scheduler_options& o = scheduler_.options();
  return std::min(model_->config().context, o.blocks * o.block_size);
}

void decode_loop::submit(decode_job job) {
  {
    std::lock_guard lock(mutex_);
    inbox_.push_back(std::move(job));
  }
  arrived_.notify_one();
}

engine_load decode_loop::load() const {
  std::lock_guard lock(mutex_);
  return load_;
}

engine_facts decode_loop::facts() const {
  const scheduler_options& o = scheduler_.options();
  return {.family = model_->config().family,
          .device = model_->device().str(),
          .dtype = std::string(model_->dtype()),
          .vocabulary = model_->config().vocabulary,
          .context = longest(),
          .cache_tokens = o.blocks * o.block_size,
          .weight_bytes = model_->weight_bytes()};
}

void decode_loop::publish() {
  std::lock_guard lock(mutex_);
  load_ = {.running = scheduler_.running(),
           .waiting = scheduler_.waiting(),
           .blocks = scheduler_.options().blocks,
           .blocks_in_use = scheduler_.blocks_in_use(),
           .forwards = forwards_,
           .tokens = tokens_,
           .reused_tokens = scheduler_.reused_tokens(),
           .cancelled = cancelled_,
           .tokens_after_cancel = tokens_after_cancel_};
}

void decode_loop::run(const std::stop_token& stop) {
  const c10::InferenceMode guard;
  at::init_num_threads();
  // The module gives every other thread one. This is where cores are of use, unless the kernels
  // have them. OpenMP's number belongs to the calling thread alone, that of at::set_num_threads
  // does not.
  omp_set_num_threads(model_->place().runs_on_kernels() ? 1 : std::max(1, omp_get_num_procs()));
  while (!stop.stop_requested()) {
    std::vector<decode_job> fresh;
    {
      std::unique_lock lock(mutex_);
      if (active_.empty()) arrived_.wait(lock, stop, [this] { return !inbox_.empty(); });
      fresh.swap(inbox_);
    }
    for (decode_job& job : fresh) accept(std::move(job));
    drop_interrupted();
    step();
    publish();
  }
  while (!active_.empty()) end(active_.begin(), finish_reason::cancelled);
}

void decode_loop::accept(decode_job job) {
  const auto id = ++last_id_;
  const auto tell = job.on_end;
  try {
    switch (admit(id, job)) {
      case admission::accepted: {
        active a{.job = {},
                 .watch = std::make_unique<cancel_watch>(job.cancel),
                 .random = random_source(job.seed)};
        if (job.sampling.repetition_penalty != 1) a.seen = job.prompt;
        a.job = std::move(job);
        active_.emplace(id, std::move(a));
        return;
      }
      case admission::overloaded:
        return tell(error{
            errc::overloaded,
            "the model has " + std::to_string(scheduler_.waiting()) + " requests waiting already"});
      case admission::too_long:
        return tell(error{errc::invalid_request,
                          "the request needs more than the model's whole key/value cache, which "
                          "holds " +
                              std::to_string(longest()) + " tokens"});
    }
  } catch (const std::exception& e) {
    // Out of memory, in all likelihood: of this request, not of the others.
    scheduler_.remove(id);
    active_.erase(id);
    tell(error{errc::internal, std::string("the model failed: ") + e.what()});
  }
}

admission decode_loop::admit(batch_scheduler::sequence_id id, const decode_job& job) {
  const auto length = std::ssize(job.prompt) + job.max_tokens;
  return scheduler_.add(id,
                        {.prompt = job.prompt,
                         .max_tokens = job.max_tokens,
                         .deadline = job.deadline,
                         .shareable = !model_->config().rope.depends_on_length(length)},
                        system_clock().now());
}

void decode_loop::end(jobs::iterator job, result<finish_reason> how) {
  scheduler_.remove(job->first);
  // Whoever hears of it first ends the sequence: the loop, or the answer that nobody waits for.
  if (job->second.job.cancel.stop_requested()) {
    ++cancelled_;
    tokens_after_cancel_ += job->second.watch->since();
  }
  const auto tell = std::move(job->second.job.on_end);
  active_.erase(job);
  // Whoever is told may look at once.
  publish();
  tell(std::move(how));
}

void decode_loop::drop_interrupted() {
  for (auto it = active_.begin(); it != active_.end();) {
    const auto next = std::next(it);
    if (auto reason = interrupted(it->second.job.cancel, it->second.job.deadline)) end(it, *reason);
    it = next;
  }
}

void decode_loop::step() try {
  const auto plan = scheduler_.plan();
  if (plan.empty()) return;
  std::vector<sequence_rows> batch;
  for (const auto& r : plan)
    batch.push_back({.tokens = r.tokens,
                     .from = r.from,
                     .length = r.length,
                     .blocks = r.blocks,
                     .wants_scores = r.last});
  const auto scores = model_->forward(batch, store_);
  ++forwards_;
  scheduler_.commit();
  const auto width = static_cast<std::size_t>(scores.size(1));
  const float* row = scores.data_ptr<float>();
  for (const auto& r : plan) {
    if (!r.last) continue;
    advance(r, {row, width});
    row += width;
  }
} catch (const std::exception& e) {
  // The store may hold anything now, but nothing of it is known by name: what was planned was not
  // committed.
  const auto* torch_error = dynamic_cast<const c10::Error*>(&e);
  const std::string why = std::string("the model failed: ") +
                          (torch_error ? torch_error->what_without_backtrace() : e.what());
  while (!active_.empty()) end(active_.begin(), error{errc::internal, why});
}

void decode_loop::advance(const batch_scheduler::rows& r, std::span<const float> scores) {
  const auto it = active_.find(r.id);
  active& a = it->second;
  token_constraint* const constraint = a.job.constraint.get();
  auto standing = token_constraint::standing::open;
  token_id id = 0;
  if (constraint || needs_adjusting(a.job.sampling)) {
    adjusted_.assign(scores.begin(), scores.end());
    adjust_scores(adjusted_, a.job.sampling, a.seen);
    if (constraint) constraint->restrict(adjusted_, a.job.max_tokens - a.drawn);
    id = sample_token(adjusted_, a.job.sampling, a.random);
    if (constraint) standing = constraint->accept(id);
  } else {
    id = sample_token(scores, a.job.sampling, a.random);
  }
  if (a.job.sampling.repetition_penalty != 1) a.seen.push_back(id);
  ++tokens_;
  a.watch->count_token();
  // A caller that gave up may be known by this before its token is looked at.
  if (!a.job.on_token(id, a.job.log_probabilities ? log_probability(scores, id) : 0.0))
    end(it, a.job.cancel.stop_requested() ? finish_reason::cancelled : finish_reason::stop);
  else if (standing == token_constraint::standing::closed)
    end(it, finish_reason::stop);
  else if (++a.drawn == a.job.max_tokens)
    end(it, standing == token_constraint::standing::whole ? finish_reason::stop
                                                          : finish_reason::length);
  else
    scheduler_.append(r.id, id);
}

}  // namespace troupe
