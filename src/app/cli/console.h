// What the front end says. Text is printed as base/printable.h has it, whatever the names in it. On stderr while it
// works:
//
//   2026-05-01 10:00:00|INFO: text
//   2026-05-01 10:00:00|DEBUG:training:214: text      with --debug
//
// Errors that end a command have a form of their own (app/cli/error_text.h); answers of a command go to stdout:
// print().
//
// Like spdlog's default logger there is one console in a process: libraries speak through spdlog, and their lines come
// out here in the same form.
#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>
#include <utility>

#include "app/cli/levels.h"
#include "results/timestamp.h"

namespace stoker::cli {

struct ConsoleOptions {
  Level level = Level::kInfo;
  bool location = false;  // module and line in every line
  bool colours = false;
};

// What --debug, --verbose and --stream-log-level ask for: the level that was named, else DEBUG, VERBOSE or INFO. The
// environment variable MLPS_DEBUG=true stands for --debug. Colours are for a terminal without NO_COLOR.
[[nodiscard]] ConsoleOptions console_options(bool debug, bool verbose, std::optional<Level> named);

// Whether stderr is a terminal that may be coloured and redrawn.
[[nodiscard]] bool stderr_is_live();

// Once per command, before it starts threads.
void init_console(const ConsoleOptions& options);
[[nodiscard]] const ConsoleOptions& console();

[[nodiscard]] bool shows(Level level);
// From any thread. File and line are the caller's (the builtins behind std::source_location, which Clang 14 lacks).
void log(Level level, std::string_view text, const char* file = __builtin_FILE(),
         unsigned line = static_cast<unsigned>(__builtin_LINE()));

// An answer of a command, to stdout, which is no document for other programs (those are JSON, and escaped already).
// Throws std::system_error when stdout cannot take it; where its reader has gone, nothing is lost that was wanted.
void print_text(std::string_view text);
template <class... Args>
void print(fmt::format_string<Args...> format, Args&&... args) {
  print_text(fmt::format(format, std::forward<Args>(args)...));
}

// One line, without its end. `module` is a source file's name without folder and suffix.
struct Line {
  Level level = Level::kInfo;
  std::string_view text;
  results::WallTime time{};
  std::string_view module{};
  unsigned line = 0;
};
[[nodiscard]] std::string format_line(const Line& line, const ConsoleOptions& options);

// `stoker ... | head`.
[[nodiscard]] bool stdout_reader_has_gone();

// A line that is redrawn in place below all others, until it is set to "". Only for a live stderr.
void set_live_line(std::string text);

// Text that is not a log line (an error), above the live line.
void print_above(std::string_view text);

}  // namespace stoker::cli
