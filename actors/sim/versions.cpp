#include "actors/sim/versions.hpp"

namespace troupe::sim {

graph_versions::graph_versions(std::shared_ptr<const graph> meant,
                               std::shared_ptr<const graph> given, faulty_stages& stages)
    : meant_(std::move(meant)), given_(std::move(given)), stages_(stages) {
  newest_ = add(meant_, given_);
}

std::shared_ptr<const graph> graph_versions::add(std::shared_ptr<const graph> meant,
                                                 std::shared_ptr<const graph> given) {
  by_hash_[meant->hash] = std::move(meant);
  auto wrapped = stages_.wrap(*given);
  by_text_[wrapped->text] = wrapped;
  return wrapped;
}

std::shared_ptr<const graph> graph_versions::draw(dice& chance) {
  auto meant = std::make_shared<graph>(*meant_), given = std::make_shared<graph>(*given_);
  const auto number = std::to_string(by_hash_.size());
  for (const auto& g : {meant, given}) {
    g->hash += "-" + number;
    g->text += "\n# version " + number + "\n";
  }
  for (std::size_t i = 0; i < meant->stages.size(); ++i) {
    const int replicas = static_cast<int>(chance.between(std::int64_t{1}, 4));
    const int queue = static_cast<int>(chance.between(std::int64_t{1}, 64));
    for (const auto& g : {meant, given}) {
      g->stages[i].replicas = replicas;
      g->stages[i].queue = queue;
    }
  }
  return add(std::move(meant), std::move(given));
}

std::shared_ptr<const graph> graph_versions::with_text(std::string_view text) const {
  auto found = by_text_.find(text);
  return found == by_text_.end() ? nullptr : found->second;
}

const graph& graph_versions::meant(const std::string& hash) const {
  auto found = by_hash_.find(hash);
  return found == by_hash_.end() ? *meant_ : *found->second;
}

std::size_t graph_versions::replicas(const graph& g) {
  std::size_t all = 0;
  for (const stage_node& n : g.stages) all += static_cast<std::size_t>(n.replicas);
  return all;
}

}  // namespace troupe::sim
