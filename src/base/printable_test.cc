#include "base/printable.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

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
  // Their neighbours are no marks.
  EXPECT_EQ(printable("\u2027\u2028\u202e\u202f"), "\u2027\\u2028\\u202e\u202f");
  EXPECT_EQ(printable("\u2065\u2066\u2069\u206a"), "\u2065\\u2066\\u2069\u206a");
  EXPECT_EQ(printable("\u061b\u061c\u061d"), "\u061b\\u061c\u061d");
  EXPECT_EQ(printable("\u200d\u200e\u200f\u2010"), "\u200d\\u200e\\u200f\u2010");
}

TEST(Printable, ALineStaysOne) {
  EXPECT_EQ(printable_line("a\nb\tc"), "a\\x0ab\tc");
}

TEST(Printable, C1ControlsEndAtTheNoBreakSpace) {
  EXPECT_EQ(printable("\xc2\x80\xc2\x9f\xc2\xa0"), "\\u0080\\u009f\xc2\xa0");
  EXPECT_EQ(printable("\x1f ~"), "\\x1f ~");
}

TEST(Printable, ShowsBytesThatAreNoUtf8) {
  EXPECT_EQ(printable("a\x9b"
                      "2J"),
            "a\\x9b2J");                  // C1 as a single byte
  EXPECT_EQ(printable("\xc2"), "\\xc2");  // ends inside a character
  EXPECT_EQ(printable("\xe2\x82"), "\\xe2\\x82");
  EXPECT_EQ(printable("\xf0\x9f\x98"), "\\xf0\\x9f\\x98");
  EXPECT_EQ(printable("\xe2\x82x"), "\\xe2\\x82x");
  EXPECT_EQ(printable("\xe2\xc3\xbc"), "\\xe2\xc3\xbc");
  EXPECT_EQ(printable("\xc3\x28"), "\\xc3(");
  EXPECT_EQ(printable("\xc1\xbf\xc2\x80"), "\\xc1\\xbf\\u0080");  // overlong, and the first that is not
  EXPECT_EQ(printable("\xe0\x9f\xbf\xe0\xa0\x80"), "\\xe0\\x9f\\xbf\xe0\xa0\x80");
  EXPECT_EQ(printable("\xf0\x8f\xbf\xbf\xf0\x90\x80\x80"), "\\xf0\\x8f\\xbf\\xbf\xf0\x90\x80\x80");
  EXPECT_EQ(printable("\xed\x9f\xbf\xed\xa0\x80"), "\xed\x9f\xbf\\xed\\xa0\\x80");  // surrogates
  EXPECT_EQ(printable("\xed\xbf\xbf\xee\x80\x80"), "\\xed\\xbf\\xbf\xee\x80\x80");
  EXPECT_EQ(printable("\xf4\x8f\xbf\xbf\xf4\x90\x80\x80"), "\xf4\x8f\xbf\xbf\\xf4\\x90\\x80\\x80");
  EXPECT_EQ(printable("\xf5\x80\x80\x80\xff"), "\\xf5\\x80\\x80\\x80\\xff");
}

std::string streamed(const std::vector<std::string>& pieces) {
  PrintableStream stream;
  std::string result;
  for (const std::string& piece : pieces) result += stream.feed(piece) + "|";
  return result + stream.finish();
}

TEST(PrintableStream, KeepsCharactersWholeThatAreCut) {
  EXPECT_EQ(streamed({"a\xc3",
                      "\xbc"
                      "b"}),
            "a|\xc3\xbc"
            "b|");
  EXPECT_EQ(streamed({"\xf0\x9f", "\x98", "\x80"}), "||\xf0\x9f\x98\x80|");
  EXPECT_EQ(streamed({"\xe2\x82", "x"}), "|\\xe2\\x82x|");
  EXPECT_EQ(streamed({"x\xe2\x82\xac", "y"}), "x\xe2\x82\xac|y|");
  EXPECT_EQ(streamed({"\x80\x80\x80"}), "\\x80\\x80\\x80|");
  EXPECT_EQ(streamed({"a\xe2"}), "a|\\xe2");
}

TEST(PrintableStream, WhatEmptiesALineStays) {
  EXPECT_EQ(streamed({"\r1 %\x1b[K\r\x1b[2K"}), "\r1 %\x1b[K\r\x1b[2K|");
  EXPECT_EQ(streamed({"\x1b", "[", "2", "K"}), "|||\x1b[2K|");
  EXPECT_EQ(streamed({"\x1b[", "Kx"}), "|\x1b[Kx|");
  EXPECT_EQ(streamed({"\x1b[", "J"}), "|\\x1b[J|");
  EXPECT_EQ(streamed({"\x1b[3K\x1b[1;1H"}), "\\x1b[3K\\x1b[1;1H|");
  EXPECT_EQ(streamed({"a\x1b[2"}), "a|\\x1b[2");
  EXPECT_EQ(printable("\x1b[K"), "\\x1b[K");
}

TEST(PrintableStream, RedrawnLinesStayOthersDoNot) {
  EXPECT_EQ(streamed({"1 %\r2 %\n\t", "\x1b[31m"}), "1 %\r2 %\n\t|\\x1b[31m|");
}

// A text that ends in the middle of a character, whatever follows it in memory.
TEST(Printable, EndsWithItsText) {
  EXPECT_EQ(printable(std::string_view("\xc3\xa4").substr(0, 1)), "\\xc3");
  EXPECT_EQ(printable(std::string_view("\xe2\x82\xac").substr(0, 2)), "\\xe2\\x82");
}

TEST(PrintableStream, WaitsForAsManyBytesAsACharacterHas) {
  EXPECT_EQ(streamed({"\xdf", "\xbf"}), "|\xdf\xbf|");
  EXPECT_EQ(streamed({"\xe0\xa0", "\x80"}), "|\xe0\xa0\x80|");
  EXPECT_EQ(streamed({"\xf0\x90\x80", "\x80"}), "|\xf0\x90\x80\x80|");
}

}  // namespace
}  // namespace stoker
