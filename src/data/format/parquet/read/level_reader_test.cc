#include "data/format/parquet/read/level_reader.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

#include "base/testing/status_matchers.h"
#include "data/format/arena.h"

namespace stoker::format::parquet {
namespace {

void put_varint(std::vector<std::byte>& out, std::uint64_t v) {
  for (; v >= 0x80; v >>= 7) out.push_back(static_cast<std::byte>(v | 0x80));
  out.push_back(static_cast<std::byte>(v));
}

// Encodes levels of one byte or less each: `packed` says which runs of eight are packed, the others are run lengths.
std::vector<std::byte> encode(const std::vector<std::int16_t>& levels, unsigned width, std::mt19937& random) {
  std::vector<std::byte> out;
  for (std::size_t i = 0; i < levels.size();) {
    const auto run =
        static_cast<std::size_t>(std::find_if(levels.begin() + static_cast<std::ptrdiff_t>(i), levels.end(),
                                              [&](std::int16_t l) { return l != levels[i]; }) -
                                 levels.begin()) -
        i;
    if (run >= 3 && random() % 2 == 0) {
      put_varint(out, run << 1);
      out.push_back(static_cast<std::byte>(levels[i]));
      i += run;
      continue;
    }
    const std::size_t groups = 1 + random() % 20;
    put_varint(out, groups << 1 | 1);
    std::vector<std::byte> bits(groups * width);
    for (std::size_t k = 0; k < groups * 8 && i + k < levels.size(); ++k) {
      for (unsigned b = 0; b < width; ++b) {
        const std::size_t bit = k * width + b;
        if ((levels[i + k] >> b & 1) != 0) bits[bit / 8] |= std::byte{1} << (bit % 8);
      }
    }
    out.insert(out.end(), bits.begin(), bits.end());
    i += groups * 8;
  }
  return out;
}

// Readers may touch a little more than the stream.
struct Padded {
  explicit Padded(std::vector<std::byte> in) : size(in.size()), bytes(std::move(in)) {
    bytes.resize(size + kReadSlack);
  }
  [[nodiscard]] LevelStream stream() const { return {.bytes = Bytes(bytes).first(size)}; }
  std::size_t size;
  std::vector<std::byte> bytes;
};

TEST(Levels, AreDecodedAsEncoded) {
  std::mt19937 random(3);
  for (int round = 0; round < 400; ++round) {
    const auto max = static_cast<std::int16_t>(1 + random() % 7);
    const unsigned width = max < 2 ? 1 : max < 4 ? 2 : 3;
    std::vector<std::int16_t> levels(1 + random() % 1500);
    std::int16_t level = 0;
    for (auto& l : levels) {
      if (random() % 5 == 0) level = static_cast<std::int16_t>(random() % static_cast<unsigned>(max + 1));
      l = level;
    }
    const Padded encoded(encode(levels, width, random));
    std::vector<std::int16_t> out(levels.size());
    ASSERT_OK(decode_levels(encoded.stream(), max, out));
    ASSERT_EQ(out, levels);
    const bool all = std::ranges::all_of(levels, [&](std::int16_t l) { return l == max; });
    ASSERT_EQ(all_levels_are(encoded.stream(), max, max, levels.size()), all);
  }
}

TEST(Levels, AllTheSameIsSeenInEveryEncoding) {
  std::mt19937 random(4);
  for (int round = 0; round < 300; ++round) {
    const auto max = static_cast<std::int16_t>(1 + random() % 7);
    const unsigned width = max < 2 ? 1 : max < 4 ? 2 : 3;
    std::vector<std::int16_t> levels(1 + random() % 3000, max);
    const Padded same(encode(levels, width, random));
    EXPECT_TRUE(all_levels_are(same.stream(), max, max, levels.size()));
    levels[random() % levels.size()] = 0;
    const Padded other(encode(levels, width, random));
    EXPECT_FALSE(all_levels_are(other.stream(), max, max, levels.size()));
  }
}

TEST(Levels, UniformListsAreSeenInEveryEncodingAndPhase) {
  std::mt19937 random(5);
  for (int round = 0; round < 2000; ++round) {
    const std::uint64_t size = 1 + random() % (round % 2 == 0 ? 9 : 200);
    const std::uint64_t phase = random() % size;
    std::vector<std::int16_t> levels(1 + random() % 1000);
    for (std::size_t i = 0; i < levels.size(); ++i) levels[i] = (i + phase) % size == 0 ? 0 : 1;
    const Padded uniform(encode(levels, 1, random));
    ASSERT_TRUE(lists_are_uniform(uniform.stream(), size, phase, levels.size())) << size << " " << phase;
    if (size > 1 && levels.size() > size) {
      EXPECT_FALSE(lists_are_uniform(uniform.stream(), size, (phase + 1) % size, levels.size()));
      EXPECT_FALSE(lists_are_uniform(uniform.stream(), size + 1, phase, levels.size()) && levels.size() > 2 * size + 2);
    }
    auto& flipped = levels[random() % levels.size()];
    flipped = static_cast<std::int16_t>(1 - flipped);
    const Padded other(encode(levels, 1, random));
    ASSERT_FALSE(lists_are_uniform(other.stream(), size, phase, levels.size())) << size << " " << phase;
  }
}

TEST(Levels, OfTheLegacyEncodingAreRead) {
  // 2 bits each, highest bit first: 3 0 1 2, 2 1.
  std::vector<std::byte> in{std::byte{0b11000110}, std::byte{0b10010000}};
  const LevelStream stream{.bytes = in, .legacy = true};
  std::vector<std::int16_t> out(6);
  ASSERT_OK(decode_levels(stream, 3, out));
  EXPECT_EQ(out, (std::vector<std::int16_t>{3, 0, 1, 2, 2, 1}));
  EXPECT_FALSE(all_levels_are(stream, 3, 3, 6));
  EXPECT_TRUE(all_levels_are(stream, 3, 3, 1));
  // Eight of two bits, and no more.
  out.resize(8);
  EXPECT_OK(decode_levels(stream, 3, out));
  out.resize(9);
  EXPECT_ERROR(decode_levels(stream, 3, out), Code::kCorrupt, "has levels for 8 of its 9 values");
  const std::vector<std::byte> ones(2, std::byte{0xFF});
  EXPECT_TRUE(all_levels_are({.bytes = ones, .legacy = true}, 1, 1, 16));
  EXPECT_FALSE(all_levels_are({.bytes = ones, .legacy = true}, 1, 1, 17));
  EXPECT_TRUE(lists_are_uniform({.bytes = ones, .legacy = true}, 20, 1, 16));
  EXPECT_FALSE(lists_are_uniform({.bytes = ones, .legacy = true}, 20, 1, 17));
  EXPECT_TRUE(all_levels_are({.bytes = {}, .legacy = true}, 0, 0, 1000)) << "no bits are needed to say 0";
}

// Of the legacy encoding the highest bit is the first level: lists of three, from their beginning and from inside.
TEST(Levels, LegacyListsAreUniformFromTheFirstLevelOn) {
  const std::vector<std::byte> from_begin{std::byte{0b01101101}}, from_inside{std::byte{0b11011011}};
  EXPECT_TRUE(lists_are_uniform({.bytes = from_begin, .legacy = true}, 3, 0, 8));
  EXPECT_TRUE(lists_are_uniform({.bytes = from_inside, .legacy = true}, 3, 1, 8));
  EXPECT_FALSE(lists_are_uniform({.bytes = from_inside, .legacy = true}, 3, 0, 8));
  EXPECT_FALSE(lists_are_uniform({.bytes = from_begin, .legacy = true}, 3, 1, 8));
  EXPECT_FALSE(lists_are_uniform({.bytes = from_begin, .legacy = true}, 4, 0, 8));
}

TEST(Levels, TooFewOrTooHighAreCorrupt) {
  const Padded one(std::vector<std::byte>{std::byte{0x02}, std::byte{3}});
  std::vector<std::int16_t> out(1);
  EXPECT_ERROR(decode_levels(one.stream(), 2, out), Code::kCorrupt, "level above 2");
  out.resize(2);
  EXPECT_ERROR(decode_levels(one.stream(), 3, out), Code::kCorrupt, "levels for 1 of its 2 values");
  EXPECT_FALSE(all_levels_are(one.stream(), 3, 3, 2));
  EXPECT_FALSE(lists_are_uniform(one.stream(), 5, 1, 2));
}

TEST(SplitPage, ChecksTheLevelsLengths) {
  Leaf leaf;
  leaf.max_definition = 1;
  const std::vector<std::byte> body{std::byte{200}, std::byte{0}, std::byte{0},
                                    std::byte{0},   std::byte{2}, std::byte{1}};
  DataPage page{.body = body, .values = 1};
  EXPECT_ERROR(split_page(page, leaf), Code::kCorrupt, "200 bytes of levels");
  page.body = Bytes(body).first(3);
  EXPECT_ERROR(split_page(page, leaf), Code::kCorrupt, "ends inside its levels");
  page.definition_encoding = PageEncoding::kPlain;
  EXPECT_ERROR(split_page(page, leaf), Code::kCorrupt, "levels with encoding 0");
  page = {.body = body, .values = 1, .definition_bytes = 4, .repetition_bytes = 4, .v2 = true};
  EXPECT_ERROR(split_page(page, leaf), Code::kCorrupt, "ends inside its levels");
}

}  // namespace
}  // namespace stoker::format::parquet
