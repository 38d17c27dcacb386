// `stoker dlio`, also called dlio_benchmark: runs one workload on its ranks.
#pragma once

#include <string>
#include <vector>

namespace stoker::app {

// Environment: the process id of the command that started this engine for ranks of its own; the engine ends with it.
inline constexpr const char* kParentVariable = "STOKER_PARENT";

// `args` without the program's and the command's name. Returns the exit code.
[[nodiscard]] int run_dlio(const std::vector<std::string>& args);

}  // namespace stoker::app
