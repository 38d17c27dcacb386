// What a launcher or the program that it started said on stderr as it failed, cut down to the line that matters.
#pragma once

#include <string>

namespace stoker::environment {

struct Complaint {
  enum class Cause {
    kCommandLine,  // the launcher refuses its command line
    kMpiModule,    // the program is there, its MPI module or the MPI library is not
    kNoDaemon,     // the login works, the launcher's own program is not there
    kNoProgram,    // the launcher is there, the program is not
    kMpi,          // MPI does not come up as it is set up
    kLogin,        // ssh
    kAllocation,   // a host is none of the batch job's
    kOther,
  };
  std::string text;  // one line, at most 403 bytes, without "[host:pid] "
  std::string hint;  // when it is an error of ours
  Cause cause = Cause::kOther;
};

// Open MPI 4 and 5 and MPICH. Lines that these print on many machines beside the reason (components that cannot be
// opened and are ignored, the places in their source that an error passed, deprecated options) are passed over, unless
// there is nothing else.
[[nodiscard]] Complaint complaint(const std::string& stderr_text, int exit_code);

}  // namespace stoker::environment
