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

#include "pipeline/description.hpp"

#include <concepts>

namespace troupe {

template <class S>
class describer : public description {
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

  template <class C, class T>
  static std::size_t offset_of(C& object, T C::*member) {
    return static_cast<std::size_t>(reinterpret_cast<const char*>(&(object.*member)) -
                                    reinterpret_cast<const char*>(&object));
  }

 public:
  using params = decltype(params_of<S>(0));
  using input = decltype(input_of<S>(0));
  using output = decltype(output_of<S>(0));

  template <class T>
  param_options param(std::string_view name, T params::*member, std::string_view doc) {
    params fresh{};
    return add_param(name, doc, {offset_of(fresh, member), &type_of_member<T>},
                     type_of_member<T>.take(&(fresh.*member)));
  }

  template <class T>
  void in(std::string_view name, T input::*member, std::string_view doc) {
    input fresh{};
    add_in(name, doc, {offset_of(fresh, member), &type_of_member<T>});
  }

  template <class T>
  void out(std::string_view name, T output::*member, std::string_view doc) {
    output fresh{};
    add_out(name, doc, {offset_of(fresh, member), &type_of_member<T>});
  }

  /// The ports that `more_ports` names arrive in / leave from this member, by name.
  void more_in(value::table input::*member) {
    input fresh{};
    more_in_ = offset_of(fresh, member);
  }
  void more_out(value::table output::*member) {
    output fresh{};
    more_out_ = offset_of(fresh, member);
  }
};

/// Makes the `stage_type` of a struct as described at the top of this file.
template <class S>
stage_type describe_stage();

}  // namespace troupe

#include "pipeline/describe_stage.hpp"
