#include "app/cli/levels.h"

#include <array>
#include <cctype>
#include <utility>

namespace stoker::cli {
namespace {

constexpr std::array kLevels{
    std::pair{Level::kCritical, std::string_view("CRITICAL")},
    std::pair{Level::kError, std::string_view("ERROR")},
    std::pair{Level::kResult, std::string_view("RESULT")},
    std::pair{Level::kWarning, std::string_view("WARNING")},
    std::pair{Level::kStatus, std::string_view("STATUS")},
    std::pair{Level::kInfo, std::string_view("INFO")},
    std::pair{Level::kVerbose, std::string_view("VERBOSE")},
    std::pair{Level::kVerboser, std::string_view("VERBOSER")},
    std::pair{Level::kVerbosest, std::string_view("VERBOSEST")},
    std::pair{Level::kDebug, std::string_view("DEBUG")},
    std::pair{Level::kRidiculous, std::string_view("RIDICULOUS")},
    std::pair{Level::kLudicrous, std::string_view("LUDICROUS")},
    std::pair{Level::kPlaid, std::string_view("PLAID")},
};

}  // namespace

std::string_view to_string(Level level) {
  for (const auto& [value, name] : kLevels) {
    if (value == level) return name;
  }
  return "";
}

std::optional<Level> parse_level(std::string_view name) {
  std::string upper(name);
  for (char& c : upper) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  if (upper == "WARN") return Level::kWarning;
  for (const auto& [value, text] : kLevels) {
    if (text == upper) return value;
  }
  return std::nullopt;
}

std::string level_names() {
  std::string names;
  for (const auto& [value, text] : kLevels) {
    if (!names.empty()) names += ", ";
    names += text;
  }
  return names;
}

std::string_view colour_of(Level level) {
  switch (level) {
    case Level::kCritical:
    case Level::kError: return "\x1b[1;31m";
    case Level::kResult: return "\x1b[32m";
    case Level::kWarning: return "\x1b[33m";
    case Level::kStatus: return "\x1b[1;34m";
    case Level::kPlaid: return "\x1b[1;95m";
    default: return "";
  }
}

}  // namespace stoker::cli
