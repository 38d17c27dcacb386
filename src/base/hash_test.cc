#include "base/hash.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <set>
#include <unordered_set>
#include <vector>

namespace stoker {
namespace {

std::vector<std::uint64_t> images(std::uint64_t n, std::uint64_t seed) {
  const Permutation permutation(n, seed);
  std::vector<std::uint64_t> out;
  for (std::uint64_t i = 0; i < n; ++i) out.push_back(permutation(i));
  return out;
}

TEST(Mix64, IsSplitMix64) {
  // The first output of the published generator for seed 0.
  EXPECT_EQ(mix64(0), 0xE220A8397B1DCDAFULL);
}

TEST(DeriveSeed, DependsOnEveryPartAndTheirOrder) {
  std::unordered_set<std::uint64_t> seeds;
  for (std::uint64_t a = 0; a < 30; ++a) {
    for (std::uint64_t b = 0; b < 30; ++b) {
      for (std::uint64_t c = 0; c < 10; ++c) seeds.insert(derive_seed(a, b, c));
    }
  }
  EXPECT_EQ(seeds.size(), 30U * 30U * 10U);
  EXPECT_NE(derive_seed(1, 2, 3), derive_seed(1, 3, 2));
  EXPECT_NE(derive_seed(1, 2), derive_seed(1, 2, 0));
  // Any integer type names the same stream.
  EXPECT_EQ(derive_seed(1, 2), derive_seed(1, std::uint64_t{2}));
}

TEST(Permutation, IsABijection) {
  std::vector<std::uint64_t> sizes;
  for (std::uint64_t n = 1; n <= 130; ++n) sizes.push_back(n);
  sizes.insert(sizes.end(), {1000, 4095, 4096, 4097, 16384, 65537});
  for (std::uint64_t n : sizes) {
    for (std::uint64_t seed : {0ULL, 1ULL, 123456789ULL}) {
      auto out = images(n, seed);
      std::sort(out.begin(), out.end());
      for (std::uint64_t i = 0; i < n; ++i) ASSERT_EQ(out[i], i) << "n " << n << " seed " << seed;
    }
  }
}

TEST(Permutation, HugeSizesStayInRangeAndDistinct) {
  for (std::uint64_t n :
       {std::uint64_t{1'000'000'007}, (std::uint64_t{1} << 62) + 1, std::numeric_limits<std::uint64_t>::max()}) {
    const Permutation permutation(n, 7);
    std::unordered_set<std::uint64_t> seen;
    for (std::uint64_t k = 0; k < 10'000; ++k) {
      const std::uint64_t image = permutation(k * (n / 10'000));
      ASSERT_LT(image, n);
      ASSERT_TRUE(seen.insert(image).second);
    }
  }
}

TEST(Permutation, IsAFunctionOfItsSeed) {
  EXPECT_EQ(images(1000, 5), images(1000, 5));
  EXPECT_NE(images(1000, 5), images(1000, 6));
  std::set<std::vector<std::uint64_t>> different;
  for (std::uint64_t seed = 0; seed < 200; ++seed) different.insert(images(50, seed));
  EXPECT_EQ(different.size(), 200U);
}

TEST(Permutation, FewElementsComeInEveryOrder) {
  std::set<std::vector<std::uint64_t>> orders;
  for (std::uint64_t seed = 0; seed < 2000; ++seed) orders.insert(images(3, seed));
  EXPECT_EQ(orders.size(), 6U);
}

TEST(Permutation, SpreadsEveryElementOverAllPlaces) {
  constexpr std::uint64_t kSize = 16;
  constexpr int kSeeds = 16'000;
  std::vector<std::vector<int>> counts(kSize, std::vector<int>(kSize, 0));
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
    const Permutation permutation(kSize, seed);
    for (std::uint64_t i = 0; i < kSize; ++i) ++counts[i][permutation(i)];
  }
  // 1000 expected in each place, 31 the standard deviation: 6.5 of them.
  for (const auto& places : counts) {
    for (int count : places) EXPECT_LE(std::abs(count - kSeeds / static_cast<int>(kSize)), 200);
  }
}

TEST(PermutationDeathTest, AnIndexOutsideIsOurMistake) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(static_cast<void>(Permutation(10, 1)(10)), "internal error");
  EXPECT_DEATH(static_cast<void>(Permutation(0, 1)(0)), "internal error");
}

// The order in which epochs read: it is the same in every run and every version.
TEST(Permutation, KeepsItsOrders) {
  using Order = std::vector<std::uint64_t>;
  EXPECT_EQ(images(2, 42), (Order{1, 0}));
  EXPECT_EQ(images(3, 42), (Order{1, 0, 2}));
  EXPECT_EQ(images(15, 42), (Order{1, 2, 11, 7, 3, 10, 8, 9, 12, 14, 4, 5, 0, 13, 6}));
  EXPECT_EQ(images(16, 42), (Order{1, 2, 11, 7, 3, 15, 8, 9, 12, 14, 4, 5, 0, 13, 6, 10}));
  EXPECT_EQ(images(17, 42), (Order{9, 6, 16, 15, 7, 5, 13, 10, 0, 8, 11, 4, 2, 12, 14, 3, 1}));
  Order first = images(64, 42);
  first.resize(6);
  EXPECT_EQ(first, (Order{9, 6, 23, 15, 40, 5}));
  first = images(100, 42);
  first.resize(6);
  EXPECT_EQ(first, (Order{51, 77, 82, 11, 88, 28}));
}

}  // namespace
}  // namespace stoker
