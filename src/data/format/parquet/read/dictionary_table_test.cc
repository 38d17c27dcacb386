#include "data/format/parquet/read/dictionary_table.h"

#include <gtest/gtest.h>

#include <bit>
#include <cstring>
#include <numeric>
#include <random>
#include <vector>

#include "base/testing/status_matchers.h"
#include "data/format/arena.h"
#include "data/format/parquet/testing/guarded_bytes.h"

namespace stoker::format::parquet {
namespace {

using Indices = std::vector<std::uint32_t>;

// A page of indices, written a run at a time.
class IndexPage {
 public:
  explicit IndexPage(unsigned width) : width_(width) { bytes_.push_back(static_cast<std::byte>(width)); }

  void repeated(std::uint32_t index, std::size_t count) {
    head(count << 1);
    for (unsigned i = 0; i < (width_ + 7) / 8; ++i) bytes_.push_back(static_cast<std::byte>(index >> (8 * i)));
  }
  // As many as fill groups of 8.
  void packed(const Indices& indices) {
    head(indices.size() / 8 << 1 | 1);
    const std::size_t at = bytes_.size();
    bytes_.resize(at + indices.size() * width_ / 8);
    for (std::size_t bit = 0; bit < indices.size() * width_; ++bit) {
      if ((indices[bit / width_] >> (bit % width_) & 1) != 0) bytes_[at + bit / 8] |= std::byte{1} << (bit % 8);
    }
  }
  // With no more behind it than may be touched.
  [[nodiscard]] testing::GuardedBytes guarded() const {
    std::vector<std::byte> copy = bytes_;
    copy.resize(copy.size() + kReadSlack);
    return testing::GuardedBytes(Bytes(copy));
  }
  [[nodiscard]] std::size_t size() const { return bytes_.size(); }

 private:
  void head(std::size_t value) {
    for (; value >= 0x80; value >>= 7) bytes_.push_back(static_cast<std::byte>(value | 0x80));
    bytes_.push_back(static_cast<std::byte>(value));
  }
  unsigned width_;
  std::vector<std::byte> bytes_;
};

Leaf leaf_of(std::uint32_t width) {
  Leaf leaf;
  leaf.physical = width == 4 ? Physical::kInt32 : width == 8 ? Physical::kInt64 : Physical::kFixed;
  leaf.width = leaf.stored_width = width;
  if (width < 4) {
    leaf.physical = Physical::kInt32;
    leaf.stored_width = 4;
  }
  return leaf;
}

struct Dictionary {
  Arena arena;
  std::vector<std::byte> plain;
  DictionaryTable table;

  Dictionary(const Leaf& leaf, std::uint32_t count) : plain(std::size_t{count} * leaf.stored_width + kReadSlack) {
    std::mt19937 random(1);
    for (std::byte& b : plain) b = static_cast<std::byte>(random());
    EXPECT_OK(table.build(leaf, Bytes(plain).first(std::size_t{count} * leaf.stored_width), count, arena));
  }
};

std::vector<std::byte> gathered(const Dictionary& dictionary, const Leaf& leaf, const IndexPage& page, std::size_t skip,
                                std::size_t take, std::vector<Segment>& segments) {
  const auto guarded = page.guarded();
  const testing::GuardedBytes room(take * leaf.width);
  segments.clear();
  EXPECT_OK(dictionary.table.gather(guarded.bytes().first(page.size()), skip, take, room.bytes().data(), segments));
  std::vector<std::byte> all;
  std::uint64_t elements = 0;
  for (const Segment& s : segments) {
    EXPECT_EQ(s.values.size(), s.elements * leaf.width);
    all.insert(all.end(), s.values.begin(), s.values.end());
    elements += s.elements;
  }
  EXPECT_EQ(elements, take);
  return all;
}

TEST(DictionaryTable, GivesTheValuesOfAllSizesAndWidths) {
  std::mt19937 random(2);
  for (const std::uint32_t width : {1, 2, 4, 8, 12}) {
    const Leaf leaf = leaf_of(width);
    for (const std::uint32_t count : {1, 2, 3, 4, 5, 127, 128, 129, 255, 256, 257, 8191, 8192, 8193}) {
      const Dictionary dictionary(leaf, count);
      const auto least = static_cast<unsigned>(std::bit_width(count - 1));
      for (const unsigned bits : {least, least + 1, 32U}) {
        IndexPage page(bits);
        Indices all;
        const auto add = [&](const Indices& indices) {
          page.packed(indices);
          all.insert(all.end(), indices.begin(), indices.end());
        };
        Indices any(504);
        for (auto& i : any) i = static_cast<std::uint32_t>(random()) % count;
        Indices rising(std::min<std::size_t>(512, count / 8 * 8));
        std::iota(rising.begin(), rising.end(), count - static_cast<std::uint32_t>(rising.size()));
        if (bits > 0) add(any);
        page.repeated(count - 1, 300);
        all.insert(all.end(), 300, count - 1);
        if (!rising.empty()) add(rising);
        if (bits > 0) add({any.begin(), any.begin() + 8});
        for (const std::size_t skip : {std::size_t{0}, std::size_t{5}, all.size() / 2}) {
          for (const std::size_t take : {std::size_t{1}, std::size_t{100}, all.size() - skip}) {
            if (take > all.size() - skip) continue;
            SCOPED_TRACE(fmt::format("{} values of {} bytes, {} bits, {} from {}", count, width, bits, take, skip));
            std::vector<Segment> segments;
            const auto found = gathered(dictionary, leaf, page, skip, take, segments);
            ASSERT_EQ(found.size(), take * width);
            for (std::size_t i = 0; i < take; ++i) {
              ASSERT_EQ(std::memcmp(&found[i * width], &dictionary.plain[all[skip + i] * leaf.stored_width], width), 0)
                  << i;
            }
          }
        }
      }
    }
  }
}

TEST(DictionaryTable, LendsWhatLiesInOrder) {
  const Leaf leaf = leaf_of(8);
  const Dictionary dictionary(leaf, 6000);
  IndexPage page(13);
  Indices rising(3000);
  std::iota(rising.begin(), rising.end(), 100);
  page.packed({rising.begin(), rising.begin() + 504});
  page.packed({rising.begin() + 504, rising.end()});
  page.repeated(0, 2);
  std::vector<Segment> segments;
  static_cast<void>(gathered(dictionary, leaf, page, 0, 3002, segments));
  ASSERT_EQ(segments.size(), 2U);
  EXPECT_EQ(segments[0].values.data(), dictionary.plain.data() + 800);
  EXPECT_EQ(segments[0].elements, 3000U);
}

TEST(DictionaryTable, RefusesAnIndexOutsideWhereverItStands) {
  for (const std::uint32_t width : {1, 2, 4, 8, 12}) {
    for (const std::uint32_t count : {1, 5, 200}) {
      const Leaf leaf = leaf_of(width);
      const Dictionary dictionary(leaf, count);
      for (const unsigned bits : {8U, 9U, 32U}) {
        for (const std::size_t at : {0, 9, 255, 256, 503}) {
          SCOPED_TRACE(fmt::format("{} values of {} bytes, {} bits, at {}", count, width, bits, at));
          IndexPage page(bits);
          Indices indices(504);
          indices[at] = count;
          page.packed(indices);
          const auto guarded = page.guarded();
          std::vector<std::byte> room(indices.size() * width);
          std::vector<Segment> segments;
          const auto gather =
              dictionary.table.gather(guarded.bytes().first(page.size()), 0, indices.size(), room.data(), segments);
          ASSERT_FALSE(gather);
          EXPECT_EQ(gather.error().code, Code::kCorrupt);
          EXPECT_EQ(gather.error().message, fmt::format("has index {} into a dictionary of {} values", count, count));
        }
      }
    }
  }
}

}  // namespace
}  // namespace stoker::format::parquet
