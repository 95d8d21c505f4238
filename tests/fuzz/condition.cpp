// Fuzz target: any bytes as a condition, parsed, typed, asked for what it proves, and evaluated.

#include "pipeline/condition.hpp"

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace troupe;
  const std::string text(reinterpret_cast<const char*>(data), size);
  auto [parsed, problems] = condition::parse(text);
  if (parsed.has_value() == !problems.empty()) std::abort();
  for (const condition_problem& p : problems)
    if (p.offset > text.size() || p.length == 0) std::abort();
  if (!parsed) return 0;
  const std::vector<value> slots = {
      value(true), value(3), value(0.5), value("退款"), value(value::list{value("a")}), value()};
  auto type_of = [](std::string_view name) -> std::optional<slot_type> {
    switch (name.size() % 8) {
      case 0:
        return std::nullopt;
      case 7:
        return slot_type::any;
      default:
        return static_cast<slot_type>(name.size() % 8);
    }
  };
  for (const condition_problem& p : parsed->check(type_of))
    if (p.offset + p.length > text.size()) std::abort();
  parsed->bind([](std::string_view name) { return static_cast<slot_id>(name.size() % 6); });
  // What is proven must be so.
  const bool outcome = parsed->evaluate(slots);
  for (const std::string& name : parsed->proves(outcome))
    if (slots[name.size() % 6].is_none()) std::abort();
  return static_cast<int>(parsed->needs().size() & 0);
}
