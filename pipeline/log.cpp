#include "pipeline/log.hpp"

#include <spdlog/spdlog.h>

namespace troupe {

void write_log(log_level level, fmt::string_view format, fmt::format_args args) noexcept {
  constexpr spdlog::level::level_enum levels[] = {spdlog::level::info, spdlog::level::warn,
                                                  spdlog::level::err, spdlog::level::critical};
  const auto its = levels[static_cast<std::size_t>(level)];
  try {
    if (auto* logger = spdlog::default_logger_raw(); logger->should_log(its))
      logger->log(its, spdlog::string_view_t(fmt::vformat(format, args)));
  } catch (...) {  // of memory or of a sink; whoever logs has better things to do
  }
}

}  // namespace troupe
