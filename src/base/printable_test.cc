#include "base/printable.h"

#include <gtest/gtest.h>

namespace stoker {
namespace {

TEST(Printable, LeavesTextAsItIs) {
  EXPECT_EQ(printable("two lines\n\tand \xc3\xbc \xc2\xa0 \xe2\x82\xac"),
            "two lines\n\tand \xc3\xbc \xc2\xa0 \xe2\x82\xac");
  EXPECT_EQ(printable(""), "");
}

TEST(Printable, ShowsControlsInsteadOfSendingThem) {
  EXPECT_EQ(printable("\x1b[2Jx\r\b\x7f"), "\\x1b[2Jx\\x0d\\x08\\x7f");
  EXPECT_EQ(printable(std::string_view("\0", 1)), "\\x00");
  EXPECT_EQ(printable("\xc2\x9b"
                      "2J"),
            "\\u009b2J");
}

TEST(Printable, ALineStaysOne) {
  EXPECT_EQ(printable_line("a\nb\tc"), "a\\x0ab\tc");
}

TEST(Printable, ATextThatEndsInsideACharacterIsKept) {
  EXPECT_EQ(printable("\xc2"), "\xc2");
}

}  // namespace
}  // namespace stoker
