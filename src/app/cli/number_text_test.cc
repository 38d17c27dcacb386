#include "app/cli/number_text.h"

#include "base/testing/status_matchers.h"

namespace stoker::cli {
namespace {

TEST(WholeNumber, IsReadAsPeopleReadIt) {
  for (const auto& [text, value] : {std::pair("7", "7"), std::pair("010", "10"), std::pair("+3", "3"),
                                    std::pair("0", "0"), std::pair("99", "99")}) {
    const auto read = whole_number(text, 0, 99);
    ASSERT_OK(read);
    EXPECT_EQ(*read, value) << text;
  }
}

TEST(WholeNumber, AnythingElseIsRefusedInOneShortLine) {
  for (const char* text :
       {"", " 5", "5 ", "-1", "100", "0x10", "1e3", "1.5", "five", "99999999999999999999", "--5", "+-5"}) {
    EXPECT_ERROR(whole_number(text, 0, 99), Code::kInvalidArgument,
                 std::string("found '") + text + "', expected a whole number, 0 to 99");
  }
}

TEST(RealNumber, IsFinite) {
  EXPECT_EQ(*real_number("0.5", 0, 10), "0.5");
  EXPECT_EQ(*real_number("16", 0, 100), "16");
  for (const char* text : {"nan", "inf", "-inf", "1e308", "-0.5", "1,5", "", "0x1p3"}) {
    EXPECT_ERROR(real_number(text, 0, 1e9), Code::kInvalidArgument, "expected a number, 0 to 1000000000");
  }
}

}  // namespace
}  // namespace stoker::cli
