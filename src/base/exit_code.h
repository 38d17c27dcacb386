// The process's exit codes, those that mlpstorage's users know (error codes E101... are printed beside them).
#pragma once

#include "base/status.h"

namespace stoker {

enum class ExitCode : int {
  kSuccess = 0,
  kGeneral = 1,  // also: a rule refused the run
  kBadArguments = 2,
  kNotFound = 3,
  kPermission = 4,
  kConfiguration = 5,
  kFailure = 6,  // benchmark failed, dependency missing, internal error
  kTimeout = 7,
  kInterrupted = 130,  // 128 + SIGINT, as shells report it
};

[[nodiscard]] constexpr ExitCode exit_code(Code code) {
  switch (code) {
    case Code::kInvalidArgument: return ExitCode::kBadArguments;
    case Code::kConfig: return ExitCode::kConfiguration;
    case Code::kNotFound: return ExitCode::kNotFound;
    case Code::kPermission: return ExitCode::kPermission;
    case Code::kTimeout: return ExitCode::kTimeout;
    case Code::kInterrupted: return ExitCode::kInterrupted;
    case Code::kNoSpace:
    case Code::kIo:
    case Code::kLimit:
    case Code::kCorrupt:
    case Code::kUnsupported:
    case Code::kFailed:
    case Code::kInternal: return ExitCode::kFailure;
  }
  return ExitCode::kFailure;
}

}  // namespace stoker
