#include "dsl/linking.hpp"

#include <boost/json.hpp>

#include <fstream>
#include <sstream>

namespace troupe {

namespace {

/// What the larger remote models hold.
constexpr std::int64_t remote_context = 131'072;
/// Of a local model whose config.json does not say; as the loader has it.
constexpr std::int64_t local_context = 2048;
constexpr std::size_t largest_config = 1 << 20;

std::int64_t context_of_folder(const std::filesystem::path& folder) {
  std::ifstream in(folder / "config.json", std::ios::binary);
  std::string text(largest_config, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(in.gcount()));
  boost::system::error_code failed;
  const auto json = boost::json::parse(text, failed);
  const auto* config = failed ? nullptr : json.if_object();
  const auto* length = config ? config->if_contains("max_position_embeddings") : nullptr;
  return length && length->is_int64() && length->as_int64() > 0 ? length->as_int64()
                                                                : local_context;
}

}  // namespace

void link_contexts(linking& l) {
  for (model_spec& m : l.out.models) {
    if (m.context.given()) continue;
    m.context.value = *m.kind == "local" ? context_of_folder(l.spec.file.parent_path() / *m.path)
                                         : remote_context;
  }
}

}  // namespace troupe
