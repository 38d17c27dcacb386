#include "base/threads.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <fstream>
#include <stdexcept>
#include <string>

#include "base/testing/status_matchers.h"

namespace stoker {
namespace {

using ::testing::HasSubstr;

TEST(AddThread, RunsTheFunction) {
  std::atomic<int> ran{0};
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 3; ++i) ASSERT_OK(add_thread(threads, "a thread", [&ran] { ++ran; }));
    EXPECT_EQ(threads.size(), 3U);
  }
  EXPECT_EQ(ran, 3);
}

// In a process of its own, whose limit of address space has no room for another stack.
TEST(AddThread, ALimitIsAnErrorThatNamesIt) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "a sanitizer needs address space of its own";
#endif
  const pid_t pid = ::fork();
  if (pid == 0) {
    // Some more than it has: memory for the error, and for a few stacks of 8 MiB.
    unsigned long pages = 0;
    std::ifstream("/proc/self/statm") >> pages;
    const rlim_t bytes = pages * static_cast<rlim_t>(::sysconf(_SC_PAGESIZE)) + (rlim_t{64} << 20);
    const rlimit few{bytes, bytes};
    ::setrlimit(RLIMIT_AS, &few);
    std::vector<std::jthread> threads;
    // The first may get the stack of a thread that has ended.
    for (int i = 0; i < 100; ++i) {
      const Status started = add_thread(threads, "reader thread 2 of 8", [] { ::sleep(60); });
      if (!started) ::_exit(started.error().code == Code::kLimit ? 0 : 1);
    }
    ::_exit(2);
  }
  int state = 0;
  ASSERT_EQ(::waitpid(pid, &state, 0), pid);
  EXPECT_TRUE(WIFEXITED(state) && WEXITSTATUS(state) == 0) << state;
}

TEST(NoThread, SaysWhichLimitsThereAre) {
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NPROC, &before), 0);
  const rlimit lower{std::min<rlim_t>(before.rlim_cur, 4321), before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NPROC, &lower), 0);
  const Error error = no_thread("reader thread 2 of 8", std::error_code(EAGAIN, std::generic_category()));
  ASSERT_EQ(::setrlimit(RLIMIT_NPROC, &before), 0);
  EXPECT_EQ(error.code, Code::kLimit);
  EXPECT_EQ(error.message, "cannot start reader thread 2 of 8: Resource temporarily unavailable");
  EXPECT_THAT(error.hint, HasSubstr("at most " + std::to_string(lower.rlim_cur) +
                                    " processes and threads of this user are allowed (ulimit -u)"));
  EXPECT_THAT(error.hint, HasSubstr("fewer ranks or reader.read_threads"));
}

TEST(CheckStackLimit, LessThanIsNeededIsAnError) {
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_STACK, &before), 0);
  const auto with = [&before](rlim_t bytes) {
    const rlimit limit{bytes, before.rlim_max};
    EXPECT_EQ(::setrlimit(RLIMIT_STACK, &limit), 0);
    Status status = check_stack_limit();
    EXPECT_EQ(::setrlimit(RLIMIT_STACK, &before), 0);
    return status;
  };
  EXPECT_OK(check_stack_limit());
  EXPECT_OK(with(1 << 20));
  EXPECT_ERROR(with((1 << 20) - 1024), Code::kLimit, "stacks are limited to 1023 KiB, and 1024 KiB are needed");
}

TEST(Caught, ExceptionsAreErrors) {
  EXPECT_OK(caught([]() -> Status { return {}; }));
  EXPECT_EQ(*caught([]() -> Result<int> { return 7; }), 7);
  EXPECT_ERROR(caught([]() -> Status { throw std::bad_alloc(); }), Code::kLimit, "memory cannot be had");
  EXPECT_ERROR(caught([]() -> Status { throw std::system_error(EAGAIN, std::generic_category()); }), Code::kLimit,
               "cannot start a thread");
  EXPECT_ERROR(caught([]() -> Status { throw std::system_error(EMFILE, std::generic_category()); }), Code::kLimit,
               "Too many open files");
  EXPECT_ERROR(caught([]() -> Status { throw std::system_error(ENOMEM, std::generic_category()); }), Code::kLimit,
               "memory cannot be had");
  EXPECT_ERROR(caught([]() -> Status { throw std::system_error(EINVAL, std::generic_category()); }), Code::kInternal,
               "Invalid argument");
  EXPECT_ERROR(caught([]() -> Result<int> { throw std::runtime_error("odd"); }), Code::kInternal, "odd");
  EXPECT_ERROR(caught([]() -> Status { throw 1; }), Code::kInternal, "unknown type");
}

TEST(NoMemory, NamesNoLimitWhereThereIsNone) {
  for (const auto resource : {RLIMIT_AS, RLIMIT_DATA}) {
    rlimit now{};
    ASSERT_EQ(::getrlimit(resource, &now), 0);
    if (now.rlim_cur != RLIM_INFINITY) GTEST_SKIP() << "memory is limited here";
  }
  EXPECT_EQ(no_memory().hint,
            "raise the limit, or use fewer ranks, reader.read_threads or a smaller reader.chunk_bytes");
}

}  // namespace
}  // namespace stoker
