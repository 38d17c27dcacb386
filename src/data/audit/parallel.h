// Works on many files at a time.
#pragma once

#include <cstdint>
#include <functional>
#include <stop_token>

#include "base/status.h"

namespace stoker::audit {

// Calls work(i) once for each i < count, from at most `ranks` threads, each of which takes the next that is left. The
// first error ends all of them and is returned; `stop` ends them with Code::kInterrupted. `work` is given a token that
// asks it to stop in both cases.
using WorkFunction = std::function<Status(std::uint64_t i, const std::stop_token& stop)>;
[[nodiscard]] Status for_each(std::uint64_t count, unsigned ranks, const std::stop_token& stop,
                              const WorkFunction& work);
// The same with work that keeps something from one file to the next: `make_work` is called once in each thread.
[[nodiscard]] Status for_each(std::uint64_t count, unsigned ranks, const std::stop_token& stop,
                              const std::function<WorkFunction()>& make_work);

}  // namespace stoker::audit
