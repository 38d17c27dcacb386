#include "base/plural.h"

#include <gtest/gtest.h>

namespace stoker {
namespace {

TEST(Counted, PutsTheNounIntoTheRightNumber) {
  EXPECT_EQ(counted(0, "step"), "0 steps");
  EXPECT_EQ(counted(1, "step"), "1 step");
  EXPECT_EQ(counted(-1, "step"), "-1 steps");
  EXPECT_EQ(counted(std::uint64_t{12345}, "file"), "12345 files");
  EXPECT_EQ(counted(1, "batch", "batches"), "1 batch");
  EXPECT_EQ(counted(2, "batch", "batches"), "2 batches");
  EXPECT_EQ(counted_long(1, "file"), "1 file");
  EXPECT_EQ(counted_long(12345, "file"), "12,345 files");
  EXPECT_EQ(counted_long(2000, "batch", "batches"), "2,000 batches");
}

}  // namespace
}  // namespace stoker
