// The command line: what the program is told and what it answers. Holds no logic worth a unit test.
#pragma once

namespace stoker::app {

// main(): parses, runs one command, returns the process's exit code. Called as `dlio_benchmark` (a link to the binary),
// the arguments are those of `stoker dlio`.
[[nodiscard]] int run(int argc, char** argv);

}  // namespace stoker::app
