#pragma once
// The figures of the system behind the gateway, in Prometheus text format.

#include "pipeline/gateway.hpp"

namespace troupe {

std::string metrics_text(const system_figures& all);

}  // namespace troupe
