#pragma once
// All that the author of a stage includes.

#include "pipeline/describe.hpp"
#include "pipeline/json_file.hpp"
#include "pipeline/registry.hpp"
#include "pipeline/run_stage.hpp"

/// The entry point of a plugin: `TROUPE_PLUGIN(registry) { registry.add<mask>(); }` in a shared
/// library that a graph names under `[plugins] load`.
#define TROUPE_PLUGIN(registry_name)                                                      \
  extern "C" __attribute__((visibility("default"))) unsigned troupe_plugin_layout() {     \
    return troupe::plugin_layout;                                                         \
  }                                                                                       \
  extern "C" __attribute__((visibility("default"))) void troupe_register_stages(          \
      troupe::registry& registry_name)
