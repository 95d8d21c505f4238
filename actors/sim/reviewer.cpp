#include "actors/sim/clients.hpp"
#include "actors/sim/scripted_models.hpp"

#include <array>

namespace troupe::sim {

using std::chrono::milliseconds;

void reviewer::begin() {
  if (lazy_) return;
  world_.world.in(world_.world.chance.between(milliseconds(100), milliseconds(20'000)),
                  owner::outside, [self = shared_from_this()] { self->look(); });
}

void reviewer::look() {
  if (home_) return;
  begin();
  if (!world_.door) return;
  world_.door->list_reviews("", 16, [this](const result<value>& found) {
    if (!found) return world_.seen.complain("reviews cannot be listed: " + found.error().message);
    static constexpr std::array verdicts = {verdict::approve, verdict::reject, verdict::edit};
    dice& chance = world_.world.chance;
    for (const value& r : found->as_list()) {
      if (!chance.happens(0.6)) continue;
      review_decision d{.run = r.find("run")->as_text(),
                        .task = {},
                        .what = chance.one_of(verdicts),
                        .text = some_text(chance),
                        .comment = some_text(chance),
                        .reviewer = "reviewer"};
      world_.world.tell("the reviewer decides " + d.run + ": " + std::string(name_of(d.what)));
      const bool twice = chance.happens(0.1);
      if (twice) world_.door->decide_review(d, [](const result<void>&) {});
      world_.door->decide_review(std::move(d), [](const result<void>&) {});
    }
  });
}

}  // namespace troupe::sim
