#pragma once
// The second half of describe.hpp: the instance that moves slots in and out of an author's struct.

#include "pipeline/describe.hpp"

namespace troupe {

namespace detail {

template <class S>
concept asynchronous_stage = requires(S s, typename S::input in, std::shared_ptr<run_context> c,
                                      reply<typename S::output> r) {
  s.run(std::move(in), std::move(c), std::move(r));
};

template <class S>
const describer<S>& description_of() {
  static const describer<S> d = [] {
    describer<S> fresh;
    S::describe(fresh);
    return fresh;
  }();
  return d;
}

template <class S>
result<typename describer<S>::params> params_from(const value& with) {
  typename describer<S>::params p{};
  if (auto read = description_of<S>().read_params(&p, with); !read) return std::move(read).error();
  return p;
}

template <class S>
result<port_set> ports_with(const value& with) {
  port_set all = description_of<S>().ports();
  auto p = params_from<S>(with);
  if (!p) return std::move(p).error();
  if constexpr (requires { S::more_ports(*p); }) {
    result<port_set> more = S::more_ports(*p);
    if (!more) return std::move(more).error();
    for (auto& x : more->in) all.in.push_back(std::move(x));
    for (auto& x : more->out) all.out.push_back(std::move(x));
  }
  return all;
}

template <class S>
call_cost cost_with(const value& with) {
  auto p = params_from<S>(with);
  return p ? call_cost(S::cost(*p)) : call_cost{};
}

template <class S>
class described_instance final : public stage_instance {
 public:
  described_instance(S stage, port_set ports)
      : stage_(std::move(stage)), ports_(std::make_shared<const port_set>(std::move(ports))) {}

  bool answers_at_once() const noexcept override { return !asynchronous_stage<S>; }

  result<frame> run_now(frame in, run_context& context) override {
    if constexpr (asynchronous_stage<S>) {
      return stage_instance::run_now(std::move(in), context);
    } else {
      typename S::input input{};
      if (auto read = description_of<S>().read(&input, in, *ports_); !read)
        return std::move(read).error();
      return finish(stage_.run(input, context), *ports_);
    }
  }

  void run(frame in, std::shared_ptr<run_context> context, reply<frame> done) override {
    typename S::input input{};
    if (auto read = description_of<S>().read(&input, in, *ports_); !read)
      return done(std::move(read).error());
    if constexpr (asynchronous_stage<S>) {
      stage_.run(
          std::move(input), std::move(context),
          reply<typename S::output>(
              [ports = ports_, shared = std::make_shared<reply<frame>>(std::move(done))](
                  result<typename S::output> out) { (*shared)(finish(std::move(out), *ports)); }));
    } else {
      done(finish(stage_.run(input, *context), *ports_));
    }
  }

 private:
  /// A late reply of an asynchronous stage may come when its instance is gone: no `this` here.
  static result<frame> finish(result<typename S::output> out, const port_set& ports) {
    if (!out) return std::move(out).error();
    return description_of<S>().write(&*out, ports);
  }
  S stage_;
  std::shared_ptr<const port_set> ports_;
};

template <class S>
result<std::unique_ptr<stage_instance>> instance_with(const value& with,
                                                      const stage_services& services,
                                                      const port_set& ports) {
  S stage{};
  if constexpr (requires { stage.p; }) {
    auto p = params_from<S>(with);
    if (!p) return std::move(p).error();
    stage.p = std::move(*p);
  }
  if constexpr (requires { stage.open(services); })
    if (auto opened = stage.open(services); !opened) return std::move(opened).error();
  return std::unique_ptr<stage_instance>(new described_instance<S>(std::move(stage), ports));
}

}  // namespace detail

template <class S>
stage_type describe_stage() {
  stage_type t;
  t.name = std::string(S::name);
  if constexpr (requires { S::summary; }) t.summary = std::string(S::summary);
  if constexpr (requires { S::where; }) t.where = S::where;
  if constexpr (requires { S::streams; }) t.streams = S::streams;
  if constexpr (requires { S::moderates; }) t.moderates = S::moderates;
  t.params = detail::description_of<S>().params_told();
  t.ports = detail::description_of<S>().ports();
  t.ports_for = &detail::ports_with<S>;
  if constexpr (requires(const typename describer<S>::params& p) { S::cost(p); })
    t.cost = &detail::cost_with<S>;
  t.make = &detail::instance_with<S>;
  return t;
}

}  // namespace troupe
