// Checks of options that are numbers, for CLI::Option::transform().
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>

namespace stoker::app {

// One limit for everything that is counted in hosts, accelerators or GiB of a host: far above all that exists, and far
// below what sizes computed from it can take.
constexpr std::int64_t kMostCounted = 1 << 20;

[[nodiscard]] CLI::Validator whole_number(std::int64_t least, std::int64_t most = kMostCounted);
[[nodiscard]] CLI::Validator real_number(double least, double most);

}  // namespace stoker::app
