#include "base/log.h"

#include <spdlog/sinks/stdout_color_sinks.h>

#include <cstdlib>
#include <memory>

namespace stoker {

void init_log(std::string_view level) {
  const auto color = std::getenv("NO_COLOR") != nullptr ? spdlog::color_mode::never : spdlog::color_mode::automatic;
  auto logger =
      std::make_shared<spdlog::logger>("stoker", std::make_shared<spdlog::sinks::stderr_color_sink_mt>(color));
  // DLIO's line form: [LEVEL] text.
  logger->set_pattern("[%^%l%$] %v");
  const std::string_view name = level == "warn" ? "warning" : level;
  logger->set_level(name == "debug"      ? spdlog::level::debug
                    : name == "info"     ? spdlog::level::info
                    : name == "error"    ? spdlog::level::err
                    : name == "critical" ? spdlog::level::critical
                                         : spdlog::level::warn);
  spdlog::set_default_logger(std::move(logger));
}

}  // namespace stoker
