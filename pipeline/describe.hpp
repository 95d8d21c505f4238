#pragma once
// From a plain struct to a `stage_type`: `describe` names its parameters and ports once, and
// parsing, checking, help, schema and slot passing all follow from that.
//
//   struct shout {
//     static constexpr std::string_view name = "shout";
//     struct params { int times = 1; };
//     struct input { std::string text; };
//     struct output { std::string text; };
//     static void describe(troupe::describer<shout>& d) {
//       d.param("times", &params::times, "how many exclamation marks").min(1);
//       d.in("text", &input::text, "what to shout");
//       d.out("text", &output::text, "louder");
//     }
//     troupe::result<output> run(const input& in, troupe::run_context& ctx);
//     params p;
//   };
//
// Optional members of the struct: `static constexpr std::string_view summary`,
// `static constexpr troupe::placement where`, `static constexpr bool streams`,
// `result<void> open(const stage_services&)` (called once per replica, before the first call),
// `static result<port_set> more_ports(const params&)` with `d.more_in/.more_out` (ports that
// depend on parameters), `static call_cost cost(const params&)` (what a call asks of models at
// most). Asynchronous: `void run(input, std::shared_ptr<run_context>,
// reply<output>)`.

#include "pipeline/stage.hpp"
#include "pipeline/value_traits.hpp"

#include <concepts>

namespace troupe {

/// Fluent refinements of one parameter.
class param_options {
 public:
  explicit param_options(param& p) : p_(&p) {}
  param_options& required() { p_->required = true; p_->fallback = {}; return *this; }
  param_options& not_empty() { p_->not_empty = true; p_->required = true; return *this; }
  param_options& min(double v) { p_->min = v; return *this; }
  param_options& max(double v) { p_->max = v; return *this; }
  param_options& one_of(std::vector<std::string> v) { p_->one_of = std::move(v); return *this; }
  param_options& file() { p_->meaning = param::meaning_type::file; return *this; }
  param_options& folder() { p_->meaning = param::meaning_type::folder; return *this; }
  param_options& model() { p_->meaning = param::meaning_type::model; return *this; }
  param_options& engine() { p_->meaning = param::meaning_type::engine_name; return *this; }
  param_options& prompt() { p_->meaning = param::meaning_type::prompt; return *this; }

 private:
  param* p_;
};

template <class S>
class describer {
  template <class M>
  struct no_members {};
  template <class T>
  static auto params_of(int) -> typename T::params;
  template <class T>
  static auto params_of(...) -> no_members<T>;
  template <class T>
  static auto input_of(int) -> typename T::input;
  template <class T>
  static auto input_of(...) -> no_members<T>;
  template <class T>
  static auto output_of(int) -> typename T::output;
  template <class T>
  static auto output_of(...) -> no_members<T>;

 public:
  using params = decltype(params_of<S>(0));
  using input = decltype(input_of<S>(0));
  using output = decltype(output_of<S>(0));
  static constexpr bool has_more_ports = requires { &S::more_ports; };

  template <class T>
  param_options param(std::string_view name, T params::*member, std::string_view doc) {
    troupe::param d;
    d.name = name;
    d.type = value_traits<T>::type;
    if constexpr (requires { value_traits<T>::items; }) d.items = value_traits<T>::items;
    d.doc = doc;
    d.fallback = value_traits<T>::to(params{}.*member);
    if constexpr (std::same_as<T, std::chrono::milliseconds>)
      d.meaning = troupe::param::meaning_type::time_span;
    params_.push_back(std::make_unique<troupe::param>(std::move(d)));
    setters_.push_back([member](params& p, const value& v) -> result<void> {
      auto t = value_traits<T>::from(v);
      if (!t) return t.error();
      p.*member = std::move(*t);
      return {};
    });
    return param_options(*params_.back());
  }

  template <class T>
  void in(std::string_view name, T input::*member, std::string_view doc) {
    ports_.in.push_back({std::string(name), value_traits<T>::type, value_traits<T>::optional,
                         std::string(doc)});
    readers_.push_back([member](input& i, value v) -> result<void> {
      auto t = value_traits<T>::from(std::move(v));
      if (!t) return t.error();
      i.*member = std::move(*t);
      return {};
    });
  }

  template <class T>
  void out(std::string_view name, T output::*member, std::string_view doc) {
    ports_.out.push_back({std::string(name), value_traits<T>::type, value_traits<T>::optional,
                          std::string(doc)});
    writers_.push_back([member](output& o) { return value_traits<T>::to(std::move(o.*member)); });
  }

  /// The ports that `more_ports` names arrive in / leave from this member, by name.
  void more_in(value::table input::*member) { more_in_ = member; }
  void more_out(value::table output::*member) { more_out_ = member; }

  std::vector<troupe::param> take_params() const {
    std::vector<troupe::param> out;
    for (auto& p : params_) out.push_back(*p);
    return out;
  }
  const port_set& ports() const { return ports_; }

  result<params> read_params(const value& with) const {
    params p{};
    for (std::size_t i = 0; i < params_.size(); ++i) {
      const value* v = with.find(params_[i]->name);
      if (!v) continue;
      if (auto r = setters_[i](p, *v); !r)
        return error{errc::invalid_request, "`" + params_[i]->name + "` " + r.error().message};
    }
    return p;
  }

  result<input> read(frame& in, const port_set& all) const {
    input i{};
    for (std::size_t k = 0; k < readers_.size(); ++k)
      if (auto r = readers_[k](i, std::move(in[k])); !r)
        return error{errc::failed, "input `" + all.in[k].name + "` " + r.error().message};
    if constexpr (has_more_ports && !std::is_empty_v<input>)
      if (more_in_)
        for (std::size_t k = readers_.size(); k < all.in.size() && k < in.size(); ++k)
          (i.*more_in_).emplace_back(all.in[k].name, std::move(in[k]));
    return i;
  }

  frame write(output& o, const port_set& all) const {
    frame f(all.out.size());
    for (std::size_t k = 0; k < writers_.size(); ++k) f[k] = writers_[k](o);
    if constexpr (has_more_ports && !std::is_empty_v<output>)
      if (more_out_)
        for (auto& [key, v] : o.*more_out_)
          for (std::size_t k = writers_.size(); k < all.out.size(); ++k)
            if (all.out[k].name == key) f[k] = std::move(v);
    return f;
  }

 private:
  std::vector<std::unique_ptr<troupe::param>> params_;
  std::vector<std::function<result<void>(params&, const value&)>> setters_;
  port_set ports_;
  std::vector<std::function<result<void>(input&, value)>> readers_;
  std::vector<std::function<value(output&)>> writers_;
  value::table input::*more_in_ = nullptr;
  value::table output::*more_out_ = nullptr;
};

/// Makes the `stage_type` of a struct as described at the top of this file.
template <class S>
stage_type describe_stage();

}  // namespace troupe

#include "pipeline/describe_stage.hpp"
