#include "pipeline/registry.hpp"

namespace troupe {

void registry::add(stage_type type) {
  std::string name = type.name;
  types_.insert_or_assign(std::move(name), std::move(type));
}

const stage_type* registry::find(std::string_view name) const {
  auto it = types_.find(name);
  return it == types_.end() ? nullptr : &it->second;
}

}  // namespace troupe
