#include "base/units.h"

#include <gtest/gtest.h>

#include <limits>
#include <string_view>

namespace stoker {
namespace {

TEST(FormatBytes, ReadsWell) {
  const struct {
    double bytes;
    const char* text;
  } cases[] = {
      {0, "0 B"},
      {17, "17 B"},
      {1023, "1023 B"},
      {1024, "1.0 KiB"},
      {1536, "1.5 KiB"},
      {1024 * 1024, "1.0 MiB"},
      {2.5 * 1024 * 1024 * 1024, "2.5 GiB"},
      {1.5 * static_cast<double>(kGiB) * 1024, "1.5 TiB"},
      {5e15, "4.4 PiB"},
      {5e18, "4440.9 PiB"},
      {-1536, "-1.5 KiB"},
      // Not "1024.0 KiB": the unit is chosen after rounding.
      {1024.0 * 1024 - 1, "1.0 MiB"},
      {1023.7, "1.0 KiB"},
      {1023.5, "1.0 KiB"},
      {1023.95 * 1024, "1.0 MiB"},
  };
  for (const auto& c : cases) EXPECT_EQ(format_bytes(c.bytes), c.text) << c.bytes;
}

TEST(FormatDuration, ReadsWell) {
  const struct {
    double seconds;
    const char* text;
  } cases[] = {
      {0, "0 us"},
      {0.000375, "375 us"},
      {0.0004, "400 us"},
      {0.00999, "10.0 ms"},
      {0.323, "323.0 ms"},
      {1, "1.0 s"},
      {59.94, "59.9 s"},
      {90, "1m30s"},
      {60, "1m00s"},
      {3599, "59m59s"},
      {3600, "1h00m"},
      {3661, "1h01m"},
      {86400 * 2, "48h00m"},
      {-90, "-1m30s"},
      // The unit is chosen after rounding.
      {0.0009996, "1.0 ms"},
      {0.99996, "1.0 s"},
      {59.96, "1m00s"},
      {0.9995e-3, "1.0 ms"},
      {0.99995, "1.0 s"},
      {59.95, "1m00s"},
      {3599.7, "1h00m"},
  };
  for (const auto& c : cases) EXPECT_EQ(format_duration(c.seconds), c.text) << c.seconds;
}

TEST(FormatDuration, ShowsWhatIsNoDurationAsItIs) {
  EXPECT_EQ(format_duration(std::numeric_limits<double>::infinity()), "inf");
  EXPECT_EQ(format_duration(std::numeric_limits<double>::quiet_NaN()), "nan");
}

TEST(FormatCount, GroupsDigits) {
  EXPECT_EQ(format_count(0), "0");
  EXPECT_EQ(format_count(999), "999");
  EXPECT_EQ(format_count(1000), "1,000");
  EXPECT_EQ(format_count(123456), "123,456");
  EXPECT_EQ(format_count(1234567), "1,234,567");
  EXPECT_EQ(format_count(std::numeric_limits<std::uint64_t>::max()), "18,446,744,073,709,551,615");
}

TEST(ParseDuration, NumbersWithUnits) {
  for (const auto& [text, seconds] :
       {std::pair("5ms", 0.005), std::pair("1.5 s", 1.5), std::pair("90us", 90e-6), std::pair("20ns", 20e-9),
        std::pair("2m", 120.0), std::pair("1h", 3600.0), std::pair("0", 0.0), std::pair("3", 3.0)}) {
    const auto found = parse_duration(text);
    ASSERT_TRUE(found) << text;
    EXPECT_DOUBLE_EQ(*found, seconds) << text;
  }
  for (const char* text : {"", "ms", "5 minutes", "-1s", "1e999", "inf", "nan", "5ms ", "5MB", "1e308h"})
    EXPECT_FALSE(parse_duration(text)) << text;
}

TEST(ParseBytes, DecimalAndBinaryUnits) {
  for (const auto& [text, bytes] :
       {std::pair("200MB", 2e8), std::pair("4 MiB", 4194304.0), std::pair("512", 512.0), std::pair("1B", 1.0),
        std::pair("2KB", 2e3), std::pair("2kB", 2e3), std::pair("2GB", 2e9), std::pair("2TB", 2e12),
        std::pair("2PB", 2e15), std::pair("1KiB", 1024.0), std::pair("0.5GiB", 536870912.0),
        std::pair("1TiB", 0x1p40)}) {
    const auto found = parse_bytes(text);
    ASSERT_TRUE(found) << text;
    EXPECT_DOUBLE_EQ(*found, bytes) << text;
  }
  for (const char* text : {"", "MB", "5 mb", "-1MB", "5MBps", "5ms"}) EXPECT_FALSE(parse_bytes(text)) << text;
}

// What follows the text in memory is no part of it.
TEST(ParseDuration, EndsWithItsText) {
  EXPECT_EQ(parse_duration(std::string_view("12s").substr(0, 1)), 1.0);
  EXPECT_EQ(parse_duration(std::string_view("5ms").substr(0, 2)), 300.0);
}

}  // namespace
}  // namespace stoker
