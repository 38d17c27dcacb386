// `stoker dlio`, also called dlio_benchmark: runs one workload on its ranks.
#pragma once

#include <string>
#include <vector>

namespace stoker::app {

// `args` without the program's and the command's name. Returns the exit code.
[[nodiscard]] int run_dlio(const std::vector<std::string>& args);

}  // namespace stoker::app
