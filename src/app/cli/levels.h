// The levels of the front end's lines, as mlpstorage has them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace stoker::cli {

// A line is shown when its level is at least the console's.
enum class Level : int {
  kCritical = 50,
  kError = 40,
  kResult = 35,  // answers: sizes, verdicts
  kWarning = 30,
  kStatus = 25,  // stages
  kInfo = 20,
  kVerbose = 19,
  kVerboser = 18,
  kVerbosest = 17,
  kDebug = 10,
  kRidiculous = 7,
  kLudicrous = 5,
  kPlaid = 3,
};

[[nodiscard]] std::string_view to_string(Level level);
// In any case; "warn" is a warning too.
[[nodiscard]] std::optional<Level> parse_level(std::string_view name);
// "CRITICAL, ERROR, ...", from high to low.
[[nodiscard]] std::string level_names();
// The terminal's code that begins this level's colour, "" for none.
[[nodiscard]] std::string_view colour_of(Level level);

}  // namespace stoker::cli
