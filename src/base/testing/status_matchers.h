// GoogleTest helpers for Status and Result: ASSERT_OK(x), EXPECT_ERROR(x, Code::kIo, "part of the message").
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/status.h"

namespace stoker::testing {

template <class R>
::testing::AssertionResult is_ok(const R& result) {
  if (result.has_value()) return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure() << "error: " << result.error().message << " (hint: " << result.error().hint
                                       << ")";
}

}  // namespace stoker::testing

#define ASSERT_OK(...) ASSERT_TRUE(::stoker::testing::is_ok((__VA_ARGS__)))
#define EXPECT_OK(...) EXPECT_TRUE(::stoker::testing::is_ok((__VA_ARGS__)))
// Usable in functions with a return value too: like every EXPECT, it goes on after a failure.
#define EXPECT_ERROR(expression, expected_code, part)                                                 \
  do {                                                                                                \
    const auto& stoker_expect_result = (expression);                                                  \
    if (stoker_expect_result.has_value()) {                                                           \
      ADD_FAILURE() << #expression << ": expected an error, got success";                             \
    } else {                                                                                          \
      EXPECT_EQ(static_cast<int>(stoker_expect_result.error().code), static_cast<int>(expected_code)) \
          << stoker_expect_result.error().message;                                                    \
      EXPECT_THAT(stoker_expect_result.error().message, ::testing::HasSubstr(part));                  \
    }                                                                                                 \
  } while (false)
