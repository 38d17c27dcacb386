// STOKER_CHECK(condition[, text]): aborts with file and line when our own reasoning is wrong. On in release builds too.
// Never for user input, a file's content or the answer of a system call: those are Errors.
#pragma once

namespace stoker {

// Prints the failed condition to stderr and aborts the process.
[[noreturn]] void check_failed(const char* condition, const char* file, int line, const char* text = nullptr);

}  // namespace stoker

#define STOKER_CHECK(condition, ...)                                                     \
  do {                                                                                   \
    if (!(condition)) [[unlikely]] {                                                     \
      ::stoker::check_failed(#condition, __FILE__, __LINE__ __VA_OPT__(, ) __VA_ARGS__); \
    }                                                                                    \
  } while (false)
