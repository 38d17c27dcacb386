#include "base/error_number.h"

#include <gtest/gtest.h>

namespace stoker {
namespace {

TEST(ErrorNumber, BelongsToTheCodeUnlessTheErrorHasItsOwn) {
  const struct {
    Code code;
    const char* number;
    ExitCode exit;
  } cases[] = {
      {Code::kInvalidArgument, "E102", ExitCode::kBadArguments},
      {Code::kConfig, "E102", ExitCode::kConfiguration},
      {Code::kNotFound, "E401", ExitCode::kNotFound},
      {Code::kPermission, "E402", ExitCode::kPermission},
      {Code::kNoSpace, "E403", ExitCode::kFailure},
      {Code::kIo, "E405", ExitCode::kFailure},
      {Code::kLimit, "E406", ExitCode::kFailure},
      {Code::kCorrupt, "E404", ExitCode::kFailure},
      {Code::kUnsupported, "E902", ExitCode::kFailure},
      {Code::kFailed, "E201", ExitCode::kFailure},
      {Code::kInterrupted, "E203", ExitCode::kInterrupted},
      {Code::kTimeout, "E202", ExitCode::kTimeout},
      {Code::kInternal, "E901", ExitCode::kFailure},
  };
  for (const auto& c : cases) {
    const Error error = make_error(c.code, "text");
    EXPECT_EQ(to_string(number_of(error)), c.number);
    EXPECT_EQ(exit_code(error), c.exit) << c.number;
  }
  Error error = make_error(Code::kFailed, "host node7 does not answer");
  error.number = ErrorNumber::kHostUnreachable;
  EXPECT_EQ(to_string(number_of(std::move(error).with_context("--hosts"))), "E502");
}

TEST(ErrorNumber, ARefusalByTheRulesIsAGeneralFailure) {
  for (const ErrorNumber number : {ErrorNumber::kInvalidRun, ErrorNumber::kOpenOnly, ErrorNumber::kSubmission}) {
    Error error = make_error(Code::kInvalidArgument, "not for CLOSED");
    error.number = number;
    EXPECT_EQ(static_cast<int>(exit_code(error)), 1);
  }
}

TEST(ErrorNumber, AMissingProgramIsAFailure) {
  Error error = make_error(Code::kNotFound, "mpirun");
  EXPECT_EQ(exit_code(error), ExitCode::kNotFound);
  error.number = ErrorNumber::kMpiMissing;
  EXPECT_EQ(exit_code(error), ExitCode::kFailure);
  error.number = ErrorNumber::kDependency;
  EXPECT_EQ(exit_code(error), ExitCode::kFailure);
}

TEST(ExitCode, HasTheNumbersOfTheBenchmark) {
  EXPECT_EQ(static_cast<int>(ExitCode::kGeneral), 1);
  EXPECT_EQ(static_cast<int>(ExitCode::kBadArguments), 2);
  EXPECT_EQ(static_cast<int>(ExitCode::kNotFound), 3);
  EXPECT_EQ(static_cast<int>(ExitCode::kPermission), 4);
  EXPECT_EQ(static_cast<int>(ExitCode::kConfiguration), 5);
  EXPECT_EQ(static_cast<int>(ExitCode::kFailure), 6);
  EXPECT_EQ(static_cast<int>(ExitCode::kTimeout), 7);
}

}  // namespace
}  // namespace stoker
