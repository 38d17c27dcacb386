// Threads, and exceptions at the borders of threads, as errors that say which limit of the system it was.
#pragma once

#include <new>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "base/status.h"

namespace stoker {

// Code::kLimit: "cannot start `what`: Resource temporarily unavailable", and as a hint the limits of this process and
// of its control groups that may have been reached.
[[nodiscard]] Error no_thread(std::string_view what, const std::error_code& reason);
// Code::kLimit where stacks are limited to less than this program needs, which would crash it. Threads get the limit of
// the process as the size of theirs.
[[nodiscard]] Status check_stack_limit();
// Code::kLimit: memory has run out, with the limits likewise.
[[nodiscard]] Error no_memory();
// What the exception under way means; call it in a catch clause only. Code::kLimit for memory and threads, else
// Code::kInternal.
[[nodiscard]] Error error_of_exception();

// Runs a function that returns a Status or a Result; what is thrown in it is its error. For bodies of threads, where an
// exception would end the process.
template <class Function>
[[nodiscard]] auto caught(Function&& function) -> decltype(function()) {
  try {
    return function();
  } catch (...) {
    return error_of_exception();
  }
}

// `what`: "reader thread 3 of 8".
template <class Function>
[[nodiscard]] Result<std::jthread> start_thread(std::string_view what, Function&& function) {
  return caught([&]() -> Result<std::jthread> {
    try {
      return std::jthread(std::forward<Function>(function));
    } catch (const std::system_error& error) {
      return no_thread(what, error.code());
    }
  });
}
// One more thread for `threads`.
template <class Function>
[[nodiscard]] Status add_thread(std::vector<std::jthread>& threads, std::string_view what, Function&& function) {
  return caught([&]() -> Status {
    std::jthread& place = threads.emplace_back();  // before there is a thread that would have to be joined
    auto started = start_thread(what, std::forward<Function>(function));
    if (!started) {
      threads.pop_back();
      return started.error();
    }
    place = *std::move(started);
    return {};
  });
}

}  // namespace stoker
