#include "pipeline/description.hpp"

namespace troupe {

param_options& param_options::required() {
  p_->required = true;
  p_->fallback = {};
  return *this;
}

param_options& param_options::not_empty() {
  p_->not_empty = true;
  p_->required = true;
  return *this;
}

param_options& param_options::min(double v) {
  p_->min = v;
  return *this;
}

param_options& param_options::max(double v) {
  p_->max = v;
  return *this;
}

param_options& param_options::one_of(std::vector<std::string> v) {
  p_->one_of = std::move(v);
  return *this;
}

param_options& param_options::means(param::meaning_type what) {
  p_->meaning = what;
  return *this;
}

param_options description::add_param(std::string_view name, std::string_view doc, placed_member m,
                                     value fallback) {
  auto told = std::make_unique<param>();
  told->name = name;
  told->doc = doc;
  told->type = m.type->type;
  told->items = m.type->items;
  told->fallback = std::move(fallback);
  if (m.type->is_duration) told->meaning = param::meaning_type::time_span;
  params_.push_back(std::move(told));
  settings_.push_back(m);
  return param_options(*params_.back());
}

void description::add_in(std::string_view name, std::string_view doc, placed_member m) {
  ports_.in.push_back({std::string(name), m.type->type, m.type->optional, std::string(doc)});
  inputs_.push_back(m);
}

void description::add_out(std::string_view name, std::string_view doc, placed_member m) {
  ports_.out.push_back({std::string(name), m.type->type, m.type->optional, std::string(doc)});
  outputs_.push_back(m);
}

std::vector<param> description::params_told() const {
  std::vector<param> out;
  for (const auto& p : params_) out.push_back(*p);
  return out;
}

result<void> description::read_params(void* params, const value& with) const {
  for (std::size_t i = 0; i < params_.size(); ++i) {
    const value* v = with.find(params_[i]->name);
    if (!v) continue;
    if (auto set = settings_[i].type->set(settings_[i].in(params), *v); !set)
      return error{errc::invalid_request, "`" + params_[i]->name + "` " + set.error().message};
  }
  return {};
}

result<void> description::read(void* input, frame& in, const port_set& all) const {
  for (std::size_t k = 0; k < inputs_.size(); ++k)
    if (auto set = inputs_[k].type->set(inputs_[k].in(input), std::move(in[k])); !set)
      return error{errc::failed, "input `" + all.in[k].name + "` " + set.error().message};
  if (!more_in_) return {};
  auto& more = *static_cast<value::table*>(at(input, *more_in_));
  for (std::size_t k = inputs_.size(); k < all.in.size() && k < in.size(); ++k)
    more.emplace_back(all.in[k].name, std::move(in[k]));
  return {};
}

frame description::write(void* output, const port_set& all) const {
  frame f(all.out.size());
  for (std::size_t k = 0; k < outputs_.size(); ++k)
    f[k] = outputs_[k].type->take(outputs_[k].in(output));
  if (!more_out_) return f;
  for (auto& [key, v] : *static_cast<value::table*>(at(output, *more_out_)))
    for (std::size_t k = outputs_.size(); k < all.out.size(); ++k)
      if (all.out[k].name == key) f[k] = std::move(v);
  return f;
}

}  // namespace troupe
