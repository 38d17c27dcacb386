#include "results/timestamp.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <ctime>

#include "base/testing/status_matchers.h"

namespace stoker::results {
namespace {

using std::chrono::microseconds;
using std::chrono::seconds;

// Every test in a fixed zone with daylight saving.
class Timestamp : public ::testing::Test {
 protected:
  void SetUp() override { zone("CET-1CEST,M3.5.0,M10.5.0/3"); }
  void TearDown() override { zone(nullptr); }

 private:
  static void zone(const char* name) {
    if (name != nullptr) {
      ::setenv("TZ", name, 1);
    } else {
      ::unsetenv("TZ");
    }
    ::tzset();
  }
};

// 2025-06-01T08:00:00Z
const WallTime kTime = WallTime(seconds(1'748'764'800)) + microseconds(250);

TEST_F(Timestamp, IsLocalWithSixDigits) {
  EXPECT_EQ(format_timestamp(kTime), "2025-06-01T10:00:00.000250");
  EXPECT_EQ(run_stamp(kTime), "20250601_100000");
  EXPECT_EQ(format_utc(kTime), "2025-06-01T08:00:00Z");
}

TEST_F(Timestamp, FractionsBeforeTheEpochRoundDown) {
  EXPECT_EQ(format_timestamp(WallTime(microseconds(-1))), "1970-01-01T00:59:59.999999");
}

TEST_F(Timestamp, ReadsBackWhatItWrites) {
  for (const WallTime t : {kTime, kTime + std::chrono::hours(24 * 200), WallTime(seconds(0))}) {
    const Result<WallTime> back = parse_timestamp(format_timestamp(t));
    ASSERT_OK(back);
    EXPECT_EQ(*back, t);
  }
}

TEST_F(Timestamp, TakesShorterFractionsAndABlank) {
  for (const char* text : {"2025-06-01T10:00:00.00025", "2025-06-01 10:00:00.000250"}) {
    const Result<WallTime> time = parse_timestamp(text);
    ASSERT_OK(time);
    EXPECT_EQ(*time, kTime);
  }
  const Result<WallTime> whole = parse_timestamp("2025-06-01T10:00:00");
  ASSERT_OK(whole);
  EXPECT_EQ(*whole, kTime - microseconds(250));
}

TEST_F(Timestamp, RefusesWhatIsNone) {
  for (const char* text : {"", "2025", "2025-06-01", "2025-6-01T10:00:00", "2025-02-30T10:00:00", "2025-06-01T25:00:00",
                           "2025-06-01T10:00:00.1234567", "2025-06-01T10:00:00Z", "2025-06-01T10:00:00.x",
                           "2025-03-30T02:30:00" /* skipped by daylight saving */}) {
    SCOPED_TRACE(text);
    EXPECT_ERROR(parse_timestamp(text), Code::kCorrupt, "is no time stamp");
  }
}

TEST(RunStamp, KnowsItsForm) {
  EXPECT_TRUE(is_run_stamp("20250601_100000"));
  EXPECT_TRUE(is_run_stamp("20250601_100000_12"));
  for (const char* text :
       {"", "20250601", "20250601-100000", "20250601_10000x", "20250601_100000_", "20250601_100000x"}) {
    EXPECT_FALSE(is_run_stamp(text)) << text;
  }
  EXPECT_TRUE(begins_with_run_stamp("20250601_100000"));
  EXPECT_TRUE(begins_with_run_stamp("20250601_100000-renamed"));
  EXPECT_FALSE(begins_with_run_stamp("20250601"));
  EXPECT_FALSE(begins_with_run_stamp("run_20250601_100000"));
}

}  // namespace
}  // namespace stoker::results
