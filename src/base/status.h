// Errors as values. Fallible functions return Result<T> (or Status when there is no value); exceptions of libraries are
// turned into an Error in the one file that wraps the library. Member names are those of std::expected, so that it can
// replace Result later.
#pragma once

#include <fmt/format.h>

#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/check.h"

namespace stoker {

// What kind of failure it is. Decides the exit code (base/exit_code.h) and what a caller may do about it.
enum class Code {
  kInvalidArgument,  // the user asked for something that cannot be (command line)
  kConfig,           // a configuration value is wrong
  kNotFound,         // a file or folder that should exist does not
  kPermission,       // the operating system refuses access
  kNoSpace,          // the file system or quota is full
  kIo,               // the storage answered a request with an error
  kLimit,            // this process or machine is at a limit (open files, memory), whatever the request was
  kCorrupt,          // a file's content breaks its format
  kUnsupported,      // a valid request that this build cannot do
  kFailed,           // a benchmark run or a child process failed
  kInterrupted,      // SIGINT or SIGTERM, or another rank failed first
  kTimeout,
  kInternal,  // our own mistake
};

// The number that users see, such as E401: base/error_number.h. 0: the one that belongs to the code.
enum class ErrorNumber : int;

// Where in a text file the cause stands; line and column are 1-based, 0 when unknown.
struct SourcePos {
  std::string file;
  int line = 0;
  int column = 0;
};

// One failure. `message` says where, what was found and what was expected, lower case, without a full stop;
// `hint` says what to do.
struct Error {
  Code code = Code::kInternal;
  std::string message;
  std::string hint{};
  std::optional<SourcePos> where{};
  ErrorNumber number{};             // only where it says more than `code`
  std::vector<std::string> list{};  // what belongs to the message, in lines of its own

  // The same error with "context: " in front of the message. For a layer that knows something the cause does not.
  [[nodiscard]] Error with_context(std::string_view context) && {
    message = fmt::format("{}: {}", context, message);
    return std::move(*this);
  }
};

// Convenience maker: make_error(Code::kIo, "{}: read at {}: {}", path, offset, text).
template <class... Args>
[[nodiscard]] Error make_error(Code code, fmt::format_string<Args...> format, Args&&... args) {
  return Error{.code = code, .message = fmt::format(format, std::forward<Args>(args)...)};
}

template <class T>
class [[nodiscard]] Result {
 public:
  using value_type = T;

  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}      // NOLINT(google-explicit-constructor)
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}  // NOLINT(google-explicit-constructor)

  [[nodiscard]] bool has_value() const { return state_.index() == 0; }
  explicit operator bool() const { return has_value(); }

  [[nodiscard]] T& value() & {
    STOKER_CHECK(has_value());
    return *std::get_if<0>(&state_);
  }
  [[nodiscard]] const T& value() const& {
    STOKER_CHECK(has_value());
    return *std::get_if<0>(&state_);
  }
  // By value, so that `for (auto& x : *make())` does not look into a temporary that is gone.
  [[nodiscard]] T value() && {
    STOKER_CHECK(has_value());
    return std::move(*std::get_if<0>(&state_));
  }
  [[nodiscard]] T& operator*() & { return value(); }
  [[nodiscard]] const T& operator*() const& { return value(); }
  [[nodiscard]] T operator*() && { return std::move(*this).value(); }
  [[nodiscard]] T* operator->() { return &value(); }
  [[nodiscard]] const T* operator->() const { return &value(); }

  [[nodiscard]] Error& error() & {
    STOKER_CHECK(!has_value());
    return *std::get_if<1>(&state_);
  }
  [[nodiscard]] const Error& error() const& {
    STOKER_CHECK(!has_value());
    return *std::get_if<1>(&state_);
  }
  [[nodiscard]] Error error() && {
    STOKER_CHECK(!has_value());
    return std::move(*std::get_if<1>(&state_));
  }

 private:
  std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : error_(std::move(error)) {}  // NOLINT(google-explicit-constructor)

  [[nodiscard]] bool has_value() const { return !error_.has_value(); }
  explicit operator bool() const { return has_value(); }

  [[nodiscard]] Error& error() & {
    STOKER_CHECK(!has_value());
    return *error_;
  }
  [[nodiscard]] const Error& error() const& {
    STOKER_CHECK(!has_value());
    return *error_;
  }
  [[nodiscard]] Error error() && {
    STOKER_CHECK(!has_value());
    return std::move(*error_);
  }

 private:
  std::optional<Error> error_;
};

using Status = Result<void>;

}  // namespace stoker

#define STOKER_CONCAT_INNER(a, b) a##b
#define STOKER_CONCAT(a, b) STOKER_CONCAT_INNER(a, b)

// STOKER_TRY(expression): returns the error of a Status or Result to the caller, else goes on.
#define STOKER_TRY(...)                                                           \
  do {                                                                            \
    if (auto stoker_try_result = (__VA_ARGS__); !stoker_try_result.has_value()) { \
      return std::move(stoker_try_result).error();                                \
    }                                                                             \
  } while (false)

// STOKER_ASSIGN(auto x, expression): as STOKER_TRY, and x becomes the value.
#define STOKER_ASSIGN(lhs, ...) STOKER_ASSIGN_INNER(STOKER_CONCAT(stoker_result_, __COUNTER__), lhs, __VA_ARGS__)
#define STOKER_ASSIGN_INNER(temporary, lhs, ...)                   \
  auto temporary = (__VA_ARGS__);                                  \
  if (!temporary.has_value()) return std::move(temporary).error(); \
  lhs = std::move(temporary).value()
