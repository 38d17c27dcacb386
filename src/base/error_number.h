// The numbered errors that users of mlpstorage know; the front end prints them in front of the message: "[E401] ...".
#pragma once

#include <string>

#include "base/exit_code.h"
#include "base/status.h"

namespace stoker {

enum class ErrorNumber : int {
  kByCode = 0,
  // Command line and configuration.
  kMissing = 101,       // a required option or value is not there
  kBadValue = 102,      // an option or a key has a value that it cannot have
  kConfigFile = 103,    // a configuration or workload file does not exist
  kParse = 104,         // a configuration file is not what its format demands
  kIncompatible = 105,  // values that exclude each other, builds that differ
  // The benchmark.
  kCommandFailed = 201,
  kTimedOut = 202,
  kInterrupted = 203,
  kDependency = 204,  // a program or library that is needed is not there
  // The rules.
  kInvalidRun = 301,
  kOpenOnly = 302,
  kSubmission = 303,
  // Files.
  kFileNotFound = 401,
  kAccessDenied = 402,
  kDiskFull = 403,
  kBadStructure = 404,  // a file or folder is not built as it must be
  kInputOutput = 405,   // the storage answered with an error; ours, the numbers above are mlpstorage's
  kLimit = 406,         // a limit of the process or the machine; ours, too
  // Hosts.
  kMpiMissing = 501,
  kHostUnreachable = 502,
  kCommunication = 503,
  kClusterInfo = 504,
  // The program itself.
  kInternalError = 901,
  kNotImplemented = 902,
};

// The number an error is printed with: its own, else the one of its code.
[[nodiscard]] constexpr ErrorNumber number_of(const Error& error) {
  if (error.number != ErrorNumber::kByCode) return error.number;
  switch (error.code) {
    case Code::kInvalidArgument:
    case Code::kConfig: return ErrorNumber::kBadValue;
    case Code::kNotFound: return ErrorNumber::kFileNotFound;
    case Code::kPermission: return ErrorNumber::kAccessDenied;
    case Code::kNoSpace: return ErrorNumber::kDiskFull;
    case Code::kIo: return ErrorNumber::kInputOutput;
    case Code::kLimit: return ErrorNumber::kLimit;
    case Code::kCorrupt: return ErrorNumber::kBadStructure;
    case Code::kUnsupported: return ErrorNumber::kNotImplemented;
    case Code::kFailed: return ErrorNumber::kCommandFailed;
    case Code::kInterrupted: return ErrorNumber::kInterrupted;
    case Code::kTimeout: return ErrorNumber::kTimedOut;
    case Code::kInternal: return ErrorNumber::kInternalError;
  }
  return ErrorNumber::kInternalError;
}

// "E401".
[[nodiscard]] inline std::string to_string(ErrorNumber number) {
  return fmt::format("E{}", static_cast<int>(number));
}

// As exit_code(error.code), but whatever the code, a run that the rules refuse ends with kGeneral, and a program or
// library that is missing is a failure and not a file that the user forgot.
[[nodiscard]] constexpr ExitCode exit_code(const Error& error) {
  switch (error.number) {
    case ErrorNumber::kInvalidRun:
    case ErrorNumber::kOpenOnly:
    case ErrorNumber::kSubmission: return ExitCode::kGeneral;
    case ErrorNumber::kDependency:
    case ErrorNumber::kMpiMissing: return ExitCode::kFailure;
    default: return exit_code(error.code);
  }
}

}  // namespace stoker
