#include "base/did_you_mean.h"

#include <gtest/gtest.h>

#include <array>
#include <string_view>

namespace stoker {
namespace {

TEST(EditDistance, CountsInsertionsRemovalsReplacementsAndSwaps) {
  const struct {
    std::string_view a;
    std::string_view b;
    std::size_t distance;
  } cases[] = {
      {"", "", 0},      {"", "abc", 3},    {"abc", "abc", 0},        {"abc", "abxc", 1},
      {"abc", "ac", 1}, {"abc", "axc", 1}, {"abcd", "abdc", 1},      {"ab", "ba", 1},
      {"abx", "ba", 2}, {"ca", "abc", 3},  {"kitten", "sitting", 3}, {"batch_size", "batchsize", 1},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(edit_distance(c.a, c.b), c.distance) << c.a << " " << c.b;
    EXPECT_EQ(edit_distance(c.b, c.a), c.distance) << c.b << " " << c.a;
  }
}

constexpr std::array<std::string_view, 5> kKeys{"batch_size", "read_threads", "seed", "format", "prefetch_size"};

TEST(DidYouMean, FindsTheNearest) {
  EXPECT_EQ(did_you_mean("read_thread", kKeys), "read_threads");
  EXPECT_EQ(did_you_mean("raed_threads", kKeys), "read_threads");
  EXPECT_EQ(did_you_mean("sede", kKeys), "seed");
  EXPECT_EQ(did_you_mean("batch_siz", kKeys), "batch_size");
  EXPECT_EQ(did_you_mean("seed", kKeys), "seed");
}

TEST(DidYouMean, GuessesNothingFarFetched) {
  EXPECT_EQ(did_you_mean("epochs", kKeys), std::nullopt);
  EXPECT_EQ(did_you_mean("", kKeys), std::nullopt);
  EXPECT_EQ(did_you_mean("seed", {}), std::nullopt);
  // Two edits of two letters would be another word.
  constexpr std::array<std::string_view, 1> kShort{"ab"};
  EXPECT_EQ(did_you_mean("xy", kShort), std::nullopt);
}

TEST(DidYouMean, TheFirstOfEquallyNearNamesWins) {
  constexpr std::array<std::string_view, 2> kNames{"cat", "cut"};
  EXPECT_EQ(did_you_mean("cot", kNames), "cat");
}

TEST(DidYouMeanText, IsReadyForAMessage) {
  EXPECT_EQ(did_you_mean_text("read_thread", kKeys), "; did you mean 'read_threads'?");
  EXPECT_EQ(did_you_mean_text("epochs", kKeys), "");
}

// Two edits, or a third of the name's letters; fewer than the longer name has.
TEST(DidYouMean, HasABoundThatGrowsWithTheName) {
  const auto guess = [](std::string_view name, std::string_view candidate) {
    return did_you_mean(name, std::array{candidate}).has_value();
  };
  EXPECT_TRUE(guess("abc", "abxy"));
  EXPECT_FALSE(guess("abcd", "axyz"));
  EXPECT_TRUE(guess("a", "abc"));
  EXPECT_TRUE(guess("abcdefghijkl", "wxyzefghijkl"));
  EXPECT_FALSE(guess("abcdefghijk", "wxyzefghijk"));
}

}  // namespace
}  // namespace stoker
