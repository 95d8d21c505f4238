#pragma once
// What `describer` gathers about a struct, without its type: members are kept as offsets and as
// functions of their own C++ type, so that one more stage costs little to compile.

#include "pipeline/stage.hpp"
#include "pipeline/value_traits.hpp"

#include <memory>

namespace troupe {

/// Fluent refinements of one parameter.
class param_options {
 public:
  explicit param_options(param& p) : p_(&p) {}
  param_options& required();
  param_options& not_empty();
  param_options& min(double v);
  param_options& max(double v);
  param_options& one_of(std::vector<std::string> v);
  param_options& file() { return means(param::meaning_type::file); }
  param_options& folder() { return means(param::meaning_type::folder); }
  param_options& model() { return means(param::meaning_type::model); }
  param_options& engine() { return means(param::meaning_type::engine_name); }
  param_options& prompt() { return means(param::meaning_type::prompt); }

 private:
  param_options& means(param::meaning_type what);
  param* p_;
};

/// The C++ type of a member, as slots see it.
struct member_type {
  slot_type type;
  slot_type items;  ///< of a list
  bool optional;
  bool is_duration;
  result<void> (*set)(void* member, value v);
  value (*take)(void* member);  ///< leaves it moved-from
};

template <class T>
result<void> set_member(void* member, value v) {
  auto converted = value_traits<T>::from(std::move(v));
  if (!converted) return std::move(converted).error();
  *static_cast<T*>(member) = std::move(*converted);
  return {};
}

template <class T>
value take_member(void* member) {
  return value_traits<T>::to(std::move(*static_cast<T*>(member)));
}

template <class T>
constexpr slot_type items_of_member() {
  if constexpr (requires { value_traits<T>::items; }) return value_traits<T>::items;
  return slot_type::any;
}

template <class T>
inline constexpr member_type type_of_member{value_traits<T>::type,
                                            items_of_member<T>(),
                                            value_traits<T>::optional,
                                            std::is_same_v<T, std::chrono::milliseconds>,
                                            &set_member<T>,
                                            &take_member<T>};

class description {
 public:
  std::vector<param> params_told() const;
  const port_set& ports() const { return ports_; }

  /// Into a fresh `params`, `input`; from an `output`, which is moved from. `all` are the ports of
  /// the instance, those of `more_ports` last.
  result<void> read_params(void* params, const value& with) const;
  result<void> read(void* input, frame& in, const port_set& all) const;
  frame write(void* output, const port_set& all) const;

 protected:
  static void* at(void* object, std::size_t offset) { return static_cast<char*>(object) + offset; }
  struct placed_member {
    std::size_t offset;
    const member_type* type;

    void* in(void* object) const { return at(object, offset); }
  };

  param_options add_param(std::string_view name, std::string_view doc, placed_member m,
                          value fallback);
  void add_in(std::string_view name, std::string_view doc, placed_member m);
  void add_out(std::string_view name, std::string_view doc, placed_member m);

  std::optional<std::size_t> more_in_, more_out_;  ///< offsets of tables

 private:
  std::vector<std::unique_ptr<param>> params_;  ///< `param_options` point at them
  std::vector<placed_member> settings_, inputs_, outputs_;
  port_set ports_;
};

}  // namespace troupe
