#pragma once
// Parts of a config.json that several families share. Each reads its keys into the config, or
// throws as config_reader does.

#include "model/config_reader.hpp"
#include "model/model_config.hpp"

namespace troupe {

/// Needs head_size and context; may lengthen the context.
void read_rope(const config_reader& in, model_config& c);

/// DeepSeek's attention; needs heads. Sets head_size.
void read_latent(const config_reader& in, model_config& c);

/// The experts of each family; need layers.
void read_deepseek_v2_experts(const config_reader& in, model_config& c);
void read_deepseek_v3_experts(const config_reader& in, model_config& c);
void read_qwen2_experts(const config_reader& in, model_config& c);
void read_qwen3_experts(const config_reader& in, model_config& c);

}  // namespace troupe
