// `stoker host-facts`: what the hosts of a run are, as one JSON document. The front end runs it under the MPI launcher,
// one process per host, before a run starts.
#pragma once

#include <string>
#include <vector>

namespace stoker::app {

// `args` without the program's and the command's name. Returns the exit code.
[[nodiscard]] int run_host_facts(const std::vector<std::string>& args);

}  // namespace stoker::app
