#include "actors/sim/inputs.hpp"

#include "actors/sim/scripted_models.hpp"

namespace troupe::sim {

namespace {

value some_value(dice& chance, slot_type type, const std::vector<std::string>& samples) {
  switch (type) {
    case slot_type::boolean:
      return chance.happens(0.5);
    case slot_type::integer:
      return chance.between(std::int64_t{0}, 10);
    case slot_type::floating:
      return chance.unit();
    case slot_type::list: {
      value::list items;
      for (auto n = chance.below(5); n > 0; --n) items.emplace_back(some_text(chance));
      return items;
    }
    case slot_type::table:
      return value::table{{"text", some_text(chance)}};
    default:
      return samples.empty() || chance.happens(0.3) ? some_text(chance) : chance.one_of(samples);
  }
}

value::table some_input(dice& chance, const graph& plan, const std::vector<std::string>& samples) {
  value::table input;
  for (const graph_input& i : plan.inputs)
    if (i.fallback.is_none() || chance.happens(0.7))
      input.emplace_back(plan.slots[static_cast<std::size_t>(i.slot)],
                         some_value(chance, i.type, samples));
  return input;
}

}  // namespace

std::vector<std::shared_ptr<client>> some_clients(client_world& w, const graph& plan,
                                                  const std::vector<std::string>& samples) {
  dice& chance = w.world.chance;
  std::vector<std::shared_ptr<client>> all;
  for (auto n = chance.between(std::int64_t{1}, 3); n > 0; --n) {
    std::vector<message> messages;
    for (auto m = chance.between(std::int64_t{1}, 5); m > 0; --m)
      messages.push_back(
          {.id = "m" + std::to_string(m), .input = some_input(chance, plan, samples)});
    all.push_back(
        std::make_shared<client>(w, (chance.happens(0.5) ? "c" : "会话") + std::to_string(n),
                                 static_cast<client::style>(chance.below(3)), std::move(messages)));
  }
  for (auto n = chance.below(3); n > 0; --n)
    all.push_back(std::make_shared<client>(
        w, "", client::style::job,
        std::vector<message>{
            {.id = "job" + std::to_string(n), .input = some_input(chance, plan, samples)}}));
  return all;
}

}  // namespace troupe::sim
