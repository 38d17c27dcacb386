#include "app/cli/console.h"

#include <fmt/format.h>
#include <poll.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <mutex>
#include <system_error>

#include "base/printable.h"
#include "base/thread_annotations.h"
#include "base/variables.h"

namespace stoker::cli {
namespace {

struct State {
  ConsoleOptions options;
  std::mutex mutex;
  std::string live GUARDED_BY(mutex);
};

State& state() {
  static State only;
  return only;
}

std::string module_of(const char* file) {
  return std::filesystem::path(file == nullptr ? "" : file).stem().string();
}

// One write per piece, so that lines of several processes do not mix.
void write_err(const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stderr);
  std::fflush(stderr);
}

void write_line(const Line& line) {
  print_above(format_line(line, state().options) + "\n");
}

// spdlog's lines, in our form.
class ConsoleSink final : public spdlog::sinks::base_sink<std::mutex> {
 private:
  static Level level_of(spdlog::level::level_enum level) {
    switch (level) {
      case spdlog::level::trace: return Level::kRidiculous;
      case spdlog::level::debug: return Level::kDebug;
      case spdlog::level::info: return Level::kInfo;
      case spdlog::level::warn: return Level::kWarning;
      case spdlog::level::err: return Level::kError;
      default: return Level::kCritical;
    }
  }
  void sink_it_(const spdlog::details::log_msg& message) override {
    const Level level = level_of(message.level);
    if (!shows(level)) return;
    const std::string module = message.source.empty() ? std::string("library") : module_of(message.source.filename);
    write_line({.level = level,
                .text = std::string_view(message.payload.data(), message.payload.size()),
                .time = std::chrono::time_point_cast<results::WallTime::duration>(message.time),
                .module = module,
                .line = static_cast<unsigned>(message.source.line)});
  }
  void flush_() override {}
};

}  // namespace

ConsoleOptions console_options(bool debug, bool verbose, std::optional<Level> named) {
  if (const auto text = variable("MLPS_DEBUG"))
    debug = debug || *text == "true" || *text == "True" || *text == "TRUE" || *text == "1";
  ConsoleOptions options;
  options.level = named ? *named : debug ? Level::kDebug : verbose ? Level::kVerbose : Level::kInfo;
  options.location = debug;
  options.colours = stderr_is_live();
  return options;
}

bool stderr_is_live() {
  return ::isatty(STDERR_FILENO) == 1 && !variable("NO_COLOR");
}

void init_console(const ConsoleOptions& options) {
  state().options = options;
  auto logger = std::make_shared<spdlog::logger>("stoker", std::make_shared<ConsoleSink>());
  logger->set_level(spdlog::level::trace);  // the sink decides
  spdlog::set_default_logger(std::move(logger));
}

const ConsoleOptions& console() {
  return state().options;
}

bool shows(Level level) {
  return level >= state().options.level;
}

void log(Level level, std::string_view text, const char* file, unsigned line) {
  if (!shows(level)) return;
  const std::string module = module_of(file);
  write_line({.level = level, .text = text, .time = std::chrono::system_clock::now(), .module = module, .line = line});
}

void print_text(std::string_view text) {
  const std::string out = printable(text);
  if (std::fwrite(out.data(), 1, out.size(), stdout) == out.size() || stdout_reader_has_gone()) return;
  throw std::system_error(errno, std::generic_category(), "stdout");
}

bool stdout_reader_has_gone() {
  pollfd out{.fd = STDOUT_FILENO, .events = 0, .revents = 0};
  return ::poll(&out, 1, 0) == 1 && (out.revents & POLLERR) != 0;
}

std::string format_line(const Line& line, const ConsoleOptions& options) {
  std::string time = results::format_timestamp(line.time).substr(0, 19);
  time[10] = ' ';
  const std::string place = options.location ? fmt::format("{}:{}:", line.module, line.line) : std::string();
  const std::string_view colour = options.colours ? colour_of(line.level) : std::string_view();
  return fmt::format("{}|{}{}:{} {}{}", time, colour, to_string(line.level), place, printable_line(line.text),
                     colour.empty() ? "" : "\x1b[0m");
}

void set_live_line(std::string text) {
  State& s = state();
  const std::lock_guard lock(s.mutex);
  if (text.empty() && s.live.empty()) return;
  write_err("\r\x1b[2K" + text);
  s.live = std::move(text);
}

void print_above(std::string_view text) {
  State& s = state();
  const std::lock_guard lock(s.mutex);
  write_err(s.live.empty() ? std::string(text) : fmt::format("\r\x1b[2K{}{}", text, s.live));
}

}  // namespace stoker::cli
