#include "model/panel_layout.hpp"

namespace troupe {

std::int64_t panel_layout::results() const {
  return form == product_form::gated ? outputs / 2 : outputs;
}

std::int64_t panel_layout::results_of_panel() const {
  return form == product_form::gated ? panel_outputs / 2 : panel_outputs;
}

std::int64_t panel_layout::panels() const {
  return (results() + results_of_panel() - 1) / results_of_panel();
}

std::int64_t panel_layout::groups() const { return (inputs + int8_group - 1) / int8_group; }

std::int64_t panel_layout::steps() const {
  switch (kind) {
    case panel_kind::f32:
      return inputs;
    case panel_kind::bf16:
      return (inputs + 2 * tile_steps - 1) / (2 * tile_steps) * tile_steps;
    case panel_kind::int8:
      break;
  }
  return groups() * (int8_group / 4);
}

std::int64_t panel_layout::panel_bytes() const { return steps() * 4 * panel_outputs; }

std::int64_t panel_layout::output_at(std::int64_t panel, std::int64_t place) const {
  const auto width = results_of_panel();
  const auto result = panel * width + place % width;
  return result < results() ? result + place / width * results() : -1;
}

panel_layout::position panel_layout::position_of(std::int64_t output) const {
  const auto width = results_of_panel(), result = output % results();
  return {result / width, result % width + output / results() * width};
}

std::int64_t row_blocks::count() const { return (rows + most_block_rows - 1) / most_block_rows; }

std::int64_t row_blocks::first(std::int64_t block) const {
  const auto more = rows % count();
  return block * (rows / count()) + (block < more ? block : more);
}

}  // namespace troupe
