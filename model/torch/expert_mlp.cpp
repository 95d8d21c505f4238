#include "model/torch/expert_mlp.hpp"

#include "model/torch/rows.hpp"

#include <limits>

namespace troupe {

torch::Tensor gated_mlp::apply(const torch::Tensor& x, at::ScalarType type) const {
  return down.apply(gate_up(x), type);
}

gated_mlp load_gated_mlp(const linear_loader& load, const std::string& at, std::int64_t hidden,
                         std::int64_t intermediate, bool bias) {
  gated_mlp out;
  out.gate_up = load({{at + "gate_proj", intermediate}, {at + "up_proj", intermediate}}, hidden,
                     bias, product_form::gated);
  out.down = load({{at + "down_proj", hidden}}, intermediate, bias);
  return out;
}

routing choose_experts(const torch::Tensor& logits, const torch::Tensor& correction,
                       const expert_settings& s) {
  const auto rows = logits.size(0);
  const auto scores =
      s.scores == expert_scores::softmax ? torch::softmax(logits, -1) : torch::sigmoid(logits);
  auto ranked = correction.defined() ? scores + correction : scores;
  if (s.ranking != group_ranking::none) {
    const auto grouped = ranked.view({rows, s.groups, s.count / s.groups});
    const auto best = std::get<0>(grouped.topk(s.ranking == group_ranking::best ? 1 : 2));
    const auto groups = std::get<1>(best.sum(-1).topk(s.chosen_groups));
    const auto open = torch::zeros({rows, s.groups}, logits.options()).scatter(1, groups, 1);
    ranked = grouped.masked_fill(open.unsqueeze(-1) == 0, -std::numeric_limits<float>::infinity())
                 .view({rows, s.count});
  }
  routing out;
  out.experts = std::get<1>(ranked.topk(s.chosen));
  out.weights = scores.gather(1, out.experts);
  if (s.normalised) out.weights = out.weights / (out.weights.sum(-1, true) + 1e-20);
  if (s.scale != 1) out.weights = out.weights * s.scale;
  return out;
}

expert_mlp::expert_mlp(const linear_loader& load, const model_config& c, const std::string& at)
    : settings_(*c.experts) {
  const expert_settings& s = settings_;
  tensor_loader& tensors = load.tensors();
  router_ = load.exact(tensors.in_float32(at + "gate.weight", {s.count, c.hidden}));
  if (s.corrected) correction_ = tensors.in_float32(at + "gate.e_score_correction_bias", {s.count});
  std::vector<tensor_loader::wanted> gate_up, down;
  for (std::int64_t i = 0; i < s.count; ++i) {
    const auto name = at + "experts." + std::to_string(i) + ".";
    gate_up.push_back({name + "gate_proj.weight", {s.intermediate, c.hidden}});
    gate_up.push_back({name + "up_proj.weight", {s.intermediate, c.hidden}});
    down.push_back({name + "down_proj.weight", {c.hidden, s.intermediate}});
  }
  gate_up_ = tensors.stacked(gate_up);
  down_ = tensors.stacked(down);
  if (s.shared > 0) {
    const auto name = at + (s.shared_is_gated ? "shared_expert." : "shared_experts.");
    shared_ = load_gated_mlp(load, name, c.hidden, s.shared, false);
    if (s.shared_is_gated)
      shared_gate_ = load.exact(tensors(at + "shared_expert_gate.weight", {1, c.hidden}));
  }
  if (tensors.failure()) return;
  gate_up_ = gate_up_.view({s.count, 2 * s.intermediate, c.hidden});
  down_ = down_.view({s.count, c.hidden, s.intermediate});
  for (std::int64_t i = 0; i < s.count; ++i)
    experts_.push_back({load(gate_up_[i], {}, product_form::gated), load(down_[i], {})});
  if (load.form() != weight_form::as_type) gate_up_ = down_ = torch::Tensor();
}

/// Each expert reads its weights once, for the rows that chose it.
torch::Tensor expert_mlp::each_with_its_rows(const torch::Tensor& x, const routing& r) const {
  const auto rows = x.size(0), chosen = settings_.chosen;
  struct own {
    std::vector<std::int64_t> rows, places;  // places in the choice
  };
  std::vector<own> given(experts_.size());
  const auto* id = r.experts.data_ptr<std::int64_t>();
  for (std::int64_t i = 0; i < rows * chosen; ++i) {
    own& to = given[static_cast<std::size_t>(id[i])];
    to.rows.push_back(i / chosen);
    to.places.push_back(i);
  }
  auto tensor_of = [](const std::vector<std::int64_t>& v) {
    return torch::tensor(at::ArrayRef<std::int64_t>(v), torch::kInt64);
  };
  const auto weights = r.weights.reshape({rows * chosen, 1});
  auto out = torch::zeros({rows, x.size(1)}, torch::kFloat32);
  for (std::size_t e = 0; e < experts_.size(); ++e) {
    if (given[e].rows.empty()) continue;
    const auto row = tensor_of(given[e].rows);
    const auto y = experts_[e].apply(rows == 1 ? x : x.index_select(0, row), torch::kFloat32);
    out.index_add_(0, row, y * weights.index_select(0, tensor_of(given[e].places)));
  }
  return out;
}

/// A copy of the chosen experts' weights for each row: for a few rows less than all weights.
torch::Tensor expert_mlp::weights_of_each_row(const torch::Tensor& x, const routing& r) const {
  const auto rows = x.size(0), chosen = settings_.chosen;
  const auto ids = r.experts.reshape({-1});
  const auto given = x.unsqueeze(1).expand({rows, chosen, x.size(1)}).reshape({-1, x.size(1), 1});
  const auto inner = gated(torch::bmm(gate_up_.index_select(0, ids), given).squeeze(-1));
  const auto y = torch::bmm(down_.index_select(0, ids), inner.unsqueeze(-1));
  return (y.view({rows, chosen, -1}).to(torch::kFloat32) * r.weights.unsqueeze(-1)).sum(1);
}

/// Every expert with every row; what was not chosen counts nothing.
torch::Tensor expert_mlp::all_with_all_rows(const torch::Tensor& x, const routing& r) const {
  const auto share = torch::zeros({x.size(0), settings_.count}, r.weights.options())
                         .scatter(1, r.experts, r.weights);
  auto out = torch::zeros({x.size(0), x.size(1)}, r.weights.options());
  for (std::int64_t e = 0; e < settings_.count; ++e)
    out.addcmul_(experts_[static_cast<std::size_t>(e)].apply(x, torch::kFloat32),
                 share.narrow(1, e, 1));
  return out;
}

torch::Tensor expert_mlp::operator()(const torch::Tensor& x) const {
  const auto r = choose_experts(router_(x.to(torch::kFloat32)), correction_, settings_);
  // Where looking at the choice would mean to wait for a device, nobody looks.
  auto out = is_at_hand(x)                          ? each_with_its_rows(x, r)
             : r.experts.numel() <= settings_.count ? weights_of_each_row(x, r)
                                                    : all_with_all_rows(x, r);
  if (settings_.shared == 0) return out.to(x.scalar_type());
  auto shared = shared_.apply(x, torch::kFloat32);
  if (settings_.shared_is_gated)
    shared = shared * torch::sigmoid(shared_gate_.apply(x, torch::kFloat32));
  return out.add_(shared).to(x.scalar_type());
}

std::int64_t expert_mlp::bytes() const noexcept {
  auto out = router_.bytes() + shared_.bytes() + shared_gate_.bytes();
  for (const gated_mlp& e : experts_) out += e.bytes();
  return out;
}

}  // namespace troupe
