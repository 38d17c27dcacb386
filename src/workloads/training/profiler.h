// iostat beside a run: `iostat.json` in the output folder, for reports of what the devices did.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/status.h"
#include "workloads/training/context.h"

namespace stoker::training {

// A running iostat. Ends with SIGINT, on which iostat completes its JSON document.
class Profiler {
 public:
  // Code::kNotFound when there is no such program.
  [[nodiscard]] static Result<std::unique_ptr<Profiler>> start(const std::vector<std::string>& command,
                                                               const std::filesystem::path& output);
  ~Profiler();
  Profiler(const Profiler&) = delete;
  Profiler& operator=(const Profiler&) = delete;

 private:
  explicit Profiler(pid_t pid) : pid_(pid) {}
  const pid_t pid_;
};

// iostat -m -d -x -t -c -y -o JSON <devices> 1
[[nodiscard]] std::vector<std::string> iostat_command(const std::vector<std::string>& devices);

// Whether the profiler that workflow.profiling asks for can do its work here. darshan is a library that watches a
// process from inside: it must have been preloaded. tensorboard exists inside TensorFlow only.
[[nodiscard]] Status check_profiler(const config::Workload& workload, const char* ld_preload);

// On rank 0, when workflow.profiling asks for iostat; a missing iostat is a warning, not a failure. Null when there is
// nothing to do.
[[nodiscard]] std::unique_ptr<Profiler> start_profiler(Context& context);

}  // namespace stoker::training
