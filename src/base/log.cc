#include "base/log.h"

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_color_sinks.h>

#include <cstdlib>
#include <memory>
#include <utility>

#include "base/printable.h"
#include "base/variables.h"

namespace stoker {
namespace {

// The text of a line, for the flag 'v' of a pattern.
class PrintableText final : public spdlog::custom_flag_formatter {
 public:
  void format(const spdlog::details::log_msg& message, const std::tm& /*time*/, spdlog::memory_buf_t& out) override {
    const std::string text = printable_line({message.payload.data(), message.payload.size()});
    out.append(text.data(), text.data() + text.size());
  }
  [[nodiscard]] std::unique_ptr<custom_flag_formatter> clone() const override {
    return std::make_unique<PrintableText>();
  }
};

}  // namespace

void init_log(std::string_view level) {
  const auto color = variable("NO_COLOR") ? spdlog::color_mode::never : spdlog::color_mode::automatic;
  auto logger =
      std::make_shared<spdlog::logger>("stoker", std::make_shared<spdlog::sinks::stderr_color_sink_mt>(color));
  // DLIO's line form: [LEVEL] text.
  auto line = std::make_unique<spdlog::pattern_formatter>();
  line->add_flag<PrintableText>('v').set_pattern("[%^%l%$] %v");
  logger->set_formatter(std::move(line));
  const std::string_view name = level == "warn" ? "warning" : level;
  logger->set_level(name == "debug"      ? spdlog::level::debug
                    : name == "info"     ? spdlog::level::info
                    : name == "error"    ? spdlog::level::err
                    : name == "critical" ? spdlog::level::critical
                                         : spdlog::level::warn);
  spdlog::set_default_logger(std::move(logger));
}

}  // namespace stoker
