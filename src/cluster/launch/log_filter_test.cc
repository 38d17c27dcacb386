#include "cluster/launch/log_filter.h"

#include <gtest/gtest.h>

#include <string>

namespace stoker::launch {
namespace {

struct Case {
  std::string in;
  std::string kept;
};

const Case kCases[] = {
    {"", ""},
    {"plain\n", "plain\n"},
    {"no end", "no end"},
    {"\n\n", "\n\n"},
    {"dos\r\nlines\r\n", "dos\nlines\n"},
    // Progress is dropped with its line end, whatever stands around it.
    {"\r10 %\r20 %\n", ""},
    {"before\n\r10 %\r20 %\nafter\n", "before\nafter\n"},
    {"\r10 %", ""},
    {"\r10 %\r", ""},
    {"\r10 %\r\nafter\n", "after\n"},
    // Text before the first '\r' stays.
    {"step 1\r10 %\r20 %\n", "step 1\n"},
    // Erased and then written to stay.
    {"\r10 %\r\x1b[Kdone\n", "done\n"},
    {"\r10 %\r\x1b[2Kdone", "done"},
    {"\r10 %\r\x1b[K\n", ""},
    {"start\r10 %\r\x1b[Kdone\n", "start\ndone\n"},
    // Drawn with an erase each time: only the last one can have been meant to stay.
    {"\r\x1b[K10 %\r\x1b[K20 %\r\x1b[Kwarning\nnext\n", "warning\nnext\n"},
    {std::string("zero\0byte\n", 10), std::string("zero\0byte\n", 10)},
};

std::string filtered(const std::string& in, std::size_t piece) {
  LogFilter filter;
  std::string kept;
  for (std::size_t at = 0; at < in.size(); at += piece) filter.feed(std::string_view(in).substr(at, piece), kept);
  filter.finish(kept);
  return kept;
}

TEST(LogFilter, KeepsWhatIsNotProgressWhereverTheOutputIsCut) {
  for (const Case& c : kCases) {
    for (std::size_t piece : {std::size_t{1}, std::size_t{2}, std::size_t{3}, std::size_t{1000}}) {
      EXPECT_EQ(filtered(c.in, piece), c.kept) << ::testing::PrintToString(c.in) << " in pieces of " << piece;
    }
  }
}

TEST(LogFilter, PassesTextOnBeforeItsLineEnds) {
  LogFilter filter;
  std::string kept;
  filter.feed("waiting...", kept);
  EXPECT_EQ(kept, "waiting...");
}

TEST(LogFilter, AnEndlessUpdateTakesLittleMemory) {
  LogFilter filter;
  std::string kept;
  filter.feed("\r\x1b[K", kept);
  for (int i = 0; i < 100; ++i) filter.feed(std::string(10'000, 'x'), kept);
  EXPECT_EQ(kept, "");
  filter.feed("\n", kept);
  EXPECT_LE(kept.size(), 20'000U);
  EXPECT_GT(kept.size(), 10'000U);
}

}  // namespace
}  // namespace stoker::launch
