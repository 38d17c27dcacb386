#include "base/status.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "base/exit_code.h"
#include "base/testing/status_matchers.h"

namespace stoker {
namespace {

Status check_even(int n) {
  if (n % 2 != 0) return make_error(Code::kInvalidArgument, "{} is odd", n);
  return {};
}

Result<int> half(int n) {
  STOKER_TRY(check_even(n));
  return n / 2;
}

Result<std::unique_ptr<int>> boxed_half(int n) {
  STOKER_ASSIGN(const int value, half(n));
  return std::make_unique<int>(value);
}

// Two in one function, one of a type that can only be moved, and an expression with a comma.
Result<int> half_of_both(int a, int b) {
  STOKER_ASSIGN(std::unique_ptr<int> x, boxed_half(a));
  STOKER_ASSIGN(int y, (static_cast<void>(a), half(b)));
  return *x + y;
}

Status try_of_a_result(int n) {
  STOKER_TRY(half(n));
  return {};
}

TEST(Result, HoldsAValue) {
  Result<int> result = half(8);
  ASSERT_TRUE(result.has_value());
  EXPECT_TRUE(static_cast<bool>(result));
  EXPECT_EQ(*result, 4);
  EXPECT_EQ(result.value(), 4);
  *result = 5;
  EXPECT_EQ(result.value(), 5);
  Result<std::string> text(std::string("abc"));
  EXPECT_EQ(text->size(), 3U);
}

TEST(Result, HoldsAnError) {
  Result<int> result = half(7);
  EXPECT_FALSE(static_cast<bool>(result));
  EXPECT_ERROR(result, Code::kInvalidArgument, "7 is odd");
}

TEST(Result, GivesUpAValueThatCanOnlyBeMoved) {
  std::unique_ptr<int> box = *boxed_half(10);
  ASSERT_NE(box, nullptr);
  EXPECT_EQ(*box, 5);
}

TEST(Macros, PassErrorsUpAndValuesOn) {
  EXPECT_EQ(*half_of_both(2, 4), 3);
  EXPECT_ERROR(half_of_both(3, 4), Code::kInvalidArgument, "3 is odd");
  EXPECT_ERROR(half_of_both(2, 5), Code::kInvalidArgument, "5 is odd");
  EXPECT_OK(try_of_a_result(2));
  EXPECT_ERROR(try_of_a_result(1), Code::kInvalidArgument, "1 is odd");
}

TEST(Macros, EvaluateTheirExpressionOnce) {
  int calls = 0;
  const auto counted = [&]() -> Result<int> {
    ++calls;
    return calls;
  };
  const auto both = [&]() -> Status {
    STOKER_TRY(counted());
    STOKER_ASSIGN(const int value, counted());
    EXPECT_EQ(value, 2);
    return {};
  };
  EXPECT_OK(both());
  EXPECT_EQ(calls, 2);
}

TEST(Error, KeepsEverythingWhenContextIsAdded) {
  Error error{.code = Code::kCorrupt,
              .message = "bad magic",
              .hint = "look",
              .where = SourcePos{.file = "f", .line = 2, .column = 3}};
  const Error wrapped = std::move(error).with_context("file.npz");
  EXPECT_EQ(wrapped.message, "file.npz: bad magic");
  EXPECT_EQ(wrapped.code, Code::kCorrupt);
  EXPECT_EQ(wrapped.hint, "look");
  ASSERT_TRUE(wrapped.where);
  EXPECT_EQ(wrapped.where->line, 2);
}

TEST(ResultDeathTest, TheWrongSideIsOurMistake) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(static_cast<void>(half(7).value()), "internal error: .*status.h:[0-9]+: has_value\\(\\)");
  EXPECT_DEATH(static_cast<void>(half(8).error()), "internal error: .*!has_value\\(\\)");
  EXPECT_DEATH(static_cast<void>(check_even(2).error()), "internal error");
}

TEST(CheckDeathTest, SaysWhatAndWhere) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const int two = 2;
  STOKER_CHECK(two == 2);
  EXPECT_DEATH(STOKER_CHECK(two == 3), "stoker: internal error: .*status_test.cc:[0-9]+: two == 3\n");
  EXPECT_DEATH(STOKER_CHECK(two == 3, "sizes differ"), "two == 3: sizes differ");
}

TEST(ExitCode, OfEveryKindOfError) {
  const struct {
    Code code;
    int exit;
  } cases[] = {
      {Code::kInvalidArgument, 2}, {Code::kConfig, 5}, {Code::kNotFound, 3}, {Code::kPermission, 4},
      {Code::kNoSpace, 6},         {Code::kIo, 6},     {Code::kLimit, 6},    {Code::kCorrupt, 6},
      {Code::kUnsupported, 6},     {Code::kFailed, 6}, {Code::kTimeout, 7},  {Code::kInterrupted, 130},
      {Code::kInternal, 6},
  };
  for (const auto& c : cases) EXPECT_EQ(static_cast<int>(exit_code(c.code)), c.exit);
}

}  // namespace
}  // namespace stoker
