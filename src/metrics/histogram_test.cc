#include "metrics/histogram.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <random>
#include <vector>

#include "base/testing/status_matchers.h"

namespace stoker::metrics {
namespace {

TEST(Histogram, BucketsCoverTheRangeWithoutGaps) {
  std::uint64_t next = 0;
  for (std::size_t i = 0; i < Histogram::kBuckets; ++i) {
    ASSERT_EQ(Histogram::bucket_begin(i), next) << i;
    const std::uint64_t width = Histogram::bucket_width(i);
    ASSERT_EQ(Histogram::bucket_of(next), i);
    ASSERT_EQ(Histogram::bucket_of(next + width - 1), i);
    if (next >= Histogram::kSubBuckets) {
      ASSERT_LE(width * 64, next) << "wider than 1/64 of its value";
    }
    next += width;
  }
  EXPECT_EQ(next, std::uint64_t{1} << Histogram::kMaxBits);
}

TEST(Histogram, EmptyAnswersZero) {
  const Histogram h;
  EXPECT_EQ(h.count(), 0U);
  EXPECT_EQ(h.min(), Nanos{0});
  EXPECT_EQ(h.max(), Nanos{0});
  EXPECT_EQ(h.quantile(0.5), Nanos{0});
}

TEST(Histogram, OutliersAreClampedButMaxStaysExact) {
  Histogram h;
  h.add(Nanos{-7});
  h.add(std::chrono::seconds(500));
  EXPECT_EQ(h.count(), 2U);
  EXPECT_EQ(h.min(), Nanos{0});
  EXPECT_EQ(h.max(), std::chrono::seconds(500));
  EXPECT_EQ(h.sum(), std::chrono::seconds(500));
  EXPECT_EQ(h.quantile(0.5), Nanos{0});
  EXPECT_EQ(h.quantile(1), std::chrono::seconds(500));
}

// Against a sorted list: within the width of a bucket.
TEST(Histogram, QuantilesAreWithinABucket) {
  std::mt19937_64 random(7);
  std::lognormal_distribution<double> latency(12.0, 2.0);  // median 163 us
  std::vector<std::int64_t> values;
  Histogram h;
  for (int i = 0; i < 20'001; ++i) {
    values.push_back(static_cast<std::int64_t>(latency(random)));
    h.add(Nanos(values.back()));
  }
  std::sort(values.begin(), values.end());
  for (const double q : {0.0, 0.01, 0.5, 0.9, 0.99, 0.999, 1.0}) {
    const auto rank = static_cast<std::size_t>(std::max(1.0, std::ceil(q * static_cast<double>(values.size()))));
    const auto exact = static_cast<double>(values[rank - 1]);
    EXPECT_NEAR(static_cast<double>(h.quantile(q).count()), exact, exact / 64 + 1) << q;
  }
}

// What lies in a bucket is told as its middle.
TEST(Histogram, QuantilesAreMiddlesOfBuckets) {
  Histogram h;
  const std::size_t bucket = Histogram::bucket_of(1'000'001);
  for (const std::int64_t ns : {1'000, 1'000'001, 1'000'002, 2'000'000'000}) h.add(Nanos{ns});
  const std::uint64_t middle = Histogram::bucket_begin(bucket) + Histogram::bucket_width(bucket) / 2;
  EXPECT_EQ(h.quantile(0.5), Nanos{static_cast<std::int64_t>(middle)});
}

TEST(Histogram, KnowsItsFirstAndItsLastBucket) {
  Histogram h;
  for (const auto latency : {Nanos{0}, Nanos{0}, Nanos(std::chrono::seconds(500)), Nanos(std::chrono::seconds(600))})
    h.add(latency);
  EXPECT_EQ(h.quantile(0.5), Nanos{0});
  constexpr std::size_t kLast = Histogram::kBuckets - 1;
  const std::uint64_t middle = Histogram::bucket_begin(kLast) + Histogram::bucket_width(kLast) / 2;
  EXPECT_EQ(h.quantile(0.75), Nanos{static_cast<std::int64_t>(middle)});
  const Result<Histogram> back = Histogram::parse(h.serialise());
  ASSERT_OK(back);
  EXPECT_EQ(*back, h);
}

TEST(Histogram, QuantileNeverLeavesTheObservedRange) {
  Histogram h;
  h.add(Nanos{1'000'001});
  for (const double q : {0.0, 0.5, 0.999, 1.0, -3.0, 7.0}) EXPECT_EQ(h.quantile(q), Nanos{1'000'001}) << q;
}

TEST(Histogram, MergeEqualsAddingEverything) {
  Histogram a;
  Histogram b;
  Histogram all;
  for (int i = 0; i < 1000; ++i) {
    const Nanos value{i * i * 1000};
    (i % 3 == 0 ? a : b).add(value);
    all.add(value);
  }
  a.merge(b);
  EXPECT_EQ(a, all);
  a.merge(Histogram{});
  EXPECT_EQ(a, all);
}

TEST(Histogram, TextGoesThereAndBack) {
  Histogram h;
  EXPECT_EQ(h.serialise(), "0 0 0 0");
  Result<Histogram> empty = Histogram::parse(h.serialise());
  ASSERT_OK(empty);
  EXPECT_EQ(*empty, h);
  for (const int ns : {3, 3, 70, 1'000'000}) h.add(Nanos(ns));
  EXPECT_EQ(h.serialise().substr(0, 24), "4 1000076 3 1000000 3:2 ");
  Result<Histogram> back = Histogram::parse(h.serialise());
  ASSERT_OK(back);
  EXPECT_EQ(*back, h);
  back->merge(h);
  EXPECT_EQ(back->count(), 8U);
}

TEST(Histogram, RefusesBrokenText) {
  for (const char* text :
       {"", "1", "1 2 3", "x 0 0 0", "1 5 5 5", "1 5 5 5 5:2", "1 5 5 5 99999:1", "1 5 5 5 5", "1 5 5 5 5:1,"}) {
    SCOPED_TRACE(text);
    EXPECT_ERROR(Histogram::parse(text), Code::kCorrupt, "latency histogram");
  }
}

}  // namespace
}  // namespace stoker::metrics
