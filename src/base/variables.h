// The environment variables that mean something to this program, in one table. docs/commands.md says what each does.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace stoker {

struct Variable {
  std::string_view name;
  std::string_view expected;                          // "a whole number, 1 or more"; "" where any text is one
  bool (*is_understood)(std::string_view) = nullptr;  // nullptr: any text
};

// Those of launchers and batch systems are not among them (cluster/dist/launch_variables.h,
// cluster/environment/launcher_settings.h).
[[nodiscard]] std::span<const Variable> variables();

// Its value; nullopt where it is not set or empty. `name` is one of the table's.
[[nodiscard]] std::optional<std::string> variable(std::string_view name);
// The same as a whole number, 1 or more; nullopt also where it is none.
[[nodiscard]] std::optional<std::uint64_t> number_variable(std::string_view name);
// Whether it is set to anything but "" and "0".
[[nodiscard]] bool flag_variable(std::string_view name);

// What is set and not understood, a sentence each: "DLIO_LOG_LEVEL=loud has no effect: expected debug, info, ...".
[[nodiscard]] std::vector<std::string> misunderstood_variables();

}  // namespace stoker
