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

TEST(Printable, ShowsMarksOfDirection) {
  EXPECT_EQ(printable("a\xe2\x80\xaegnp.exe"), "a\\u202egnp.exe");
  EXPECT_EQ(printable("\xe2\x80\xaa\xe2\x81\xa6\xe2\x81\xa9"), "\\u202a\\u2066\\u2069");
  EXPECT_EQ(printable_line("a\xe2\x80\xa8[CLOSED] b"), "a\\u2028[CLOSED] b");
  EXPECT_EQ(printable("\xe2\x80\xa6 \xe2\x80\xaf \xe2\x81\xaa \xe2\x80"),
            "\xe2\x80\xa6 \xe2\x80\xaf \xe2\x81\xaa \xe2\x80");
}

TEST(Printable, ALineStaysOne) {
  EXPECT_EQ(printable_line("a\nb\tc"), "a\\x0ab\tc");
}

TEST(Printable, ATextThatEndsInsideACharacterIsKept) {
  EXPECT_EQ(printable("\xc2"), "\xc2");
}

}  // namespace
}  // namespace stoker
