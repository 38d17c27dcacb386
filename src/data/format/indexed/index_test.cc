// Index files that others made, and what is told of broken ones. What holds of every format: conformance_test.cc.
#include "data/format/indexed/index.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/testing/status_matchers.h"
#include "data/format/chunk_reader.h"
#include "data/format/file_info.h"
#include "data/format/format.h"
#include "data/format/indexed/indexed_internal.h"
#include "data/io/testing/mem_storage.h"

namespace stoker::format::indexed {
namespace {

using io::testing::MemCall;
using io::testing::MemStorage;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class IndexTest : public ::testing::Test {
 protected:
  IndexTest() { w_.dataset.format = config::FormatName::kIndexedBinary; }
  void put(const char* path, const std::vector<std::uint64_t>& numbers) {
    storage_.put(path, std::as_bytes(std::span(numbers)));
  }
  void put_index(const std::vector<std::uint64_t>& offsets, const std::vector<std::uint64_t>& lengths) {
    put("f.off.idx", offsets);
    put("f.sz.idx", lengths);
  }
  void put_data(const std::string& text) { storage_.put("f", std::as_bytes(std::span(text))); }
  Result<Index> index(std::uint64_t bytes = 100) { return Index::read(storage_, "f", bytes, false, nullptr); }

  Result<std::vector<std::string>> read(std::uint64_t first, std::uint64_t rows) {
    STOKER_ASSIGN(const auto reader, make_reader(w_, storage_));
    STOKER_ASSIGN(const auto file, reader->open("f", nullptr));
    std::vector<std::string> samples;
    ChunkReader chunks;
    Chunk chunk;
    STOKER_TRY(chunks.read(*file, {0, first, rows}, chunk));
    for (const Segment& segment : chunk.columns.front().segments)
      samples.emplace_back(reinterpret_cast<const char*>(segment.values.data()), segment.values.size());
    return samples;
  }

  MemStorage storage_;
  config::Workload w_;
};

TEST_F(IndexTest, OfSamplesThatLieBackToBackIsNoTable) {
  put_index({0, 7, 14}, {7, 7, 7});
  const auto found = index(21);
  ASSERT_OK(found);
  EXPECT_EQ(found->rows(), 3U);
  EXPECT_EQ(found->row_bytes(), 7U);
  EXPECT_EQ(found->row(2).offset, 14U);
  EXPECT_EQ(found->row(2).bytes, 7U);
  std::vector<std::uint64_t> offsets, lengths;
  for (std::uint64_t i = 0; i < 100000; ++i) {
    offsets.push_back(i * 3);
    lengths.push_back(3);
  }
  put_index(offsets, lengths);
  EXPECT_LT(index(300000)->memory_bytes(), 100U);
  // Up to the last one.
  offsets.back() -= 1;
  put_index(offsets, lengths);
  const auto table = index(300000);
  ASSERT_OK(table);
  EXPECT_EQ(table->row_bytes(), 0U);
  for (const std::uint64_t row : {0U, 1U, 99998U}) EXPECT_EQ(table->row(row).offset, row * 3);
  EXPECT_EQ(table->row(99999).offset, 299996U);
  EXPECT_GT(table->memory_bytes(), 1000000U);
}

TEST_F(IndexTest, SamplesOfOtherSizesAndPlacesAreReadWhereTheyLie) {
  put_data("abcdefghij");
  put_index({0, 2, 3}, {2, 1, 7});
  EXPECT_THAT(*read(0, 3), ElementsAre("ab", "c", "defghij"));
  EXPECT_THAT(*read(1, 1), ElementsAre("c"));
  // Backwards, and twice.
  put_index({8, 0, 0}, {2, 3, 3});
  EXPECT_THAT(*read(0, 3), ElementsAre("ij", "abc", "abc"));
  put_index({0, 5}, {5, 5});
  EXPECT_THAT(*read(0, 2), ElementsAre("abcdefghij"));
  EXPECT_THAT(*read(1, 1), ElementsAre("fghij"));
}

TEST_F(IndexTest, WhatIsWrongIsToldWithItsPlace) {
  put_index({0, 50}, {50, 51});
  EXPECT_ERROR(index(), Code::kCorrupt,
               "f.off.idx: sample 1 lies at byte 50 and is 51 bytes long, expected a place in the 100 bytes of f");
  put_index({0, 101}, {50, 1});
  EXPECT_ERROR(index(), Code::kCorrupt, "sample 1 lies at byte 101");
  put_index({0, UINT64_MAX}, {50, 2});
  EXPECT_ERROR(index(), Code::kCorrupt, "sample 1");
  put_index({0, 50}, {50, 0});
  EXPECT_ERROR(index(), Code::kCorrupt, "is 0 bytes long");
  put_index({0, 50, 60}, {50, 10});
  EXPECT_ERROR(index(), Code::kCorrupt, "f.sz.idx: has the lengths of 2 samples, expected 3, as f.off.idx has offsets");
  storage_.put("f.sz.idx", std::vector<std::byte>(17));
  EXPECT_ERROR(index(), Code::kCorrupt, "f.sz.idx: is 17 bytes long, expected a multiple of 8");
  ASSERT_OK(storage_.remove("f.sz.idx"));
  EXPECT_ERROR(index(), Code::kNotFound, "f.sz.idx: is missing: it says where the samples of f lie");
  ASSERT_OK(storage_.remove("f.off.idx"));
  EXPECT_ERROR(index(), Code::kNotFound, "f.off.idx: is missing");
  put_index({}, {});
  EXPECT_EQ(index(0)->rows(), 0U);
  put_data("abc");
  const auto reader = make_reader(w_, storage_);
  EXPECT_ERROR((*reader)->open("f", nullptr), Code::kCorrupt, "f: has 3 bytes, but its index names no samples");
  put_data("");
  EXPECT_EQ((*reader)->open("f", nullptr).value()->rows(), 0U);
}

TEST_F(IndexTest, LargeSamplesOfOtherSizesAreRefused) {
  put_index({0, 10}, {10, std::uint64_t{1} << 33U});
  EXPECT_ERROR(index(std::uint64_t{1} << 34U), Code::kUnsupported, "expected less than 4 GiB where samples differ");
}

// An index is read once, not with every visit, and again when the file is another one.
TEST_F(IndexTest, IsKept) {
  put_data("abcdefghij");
  put_index({0, 5}, {5, 5});
  const auto reader = make_reader(w_, storage_);
  ASSERT_OK((*reader)->open("f", nullptr));
  const auto before = storage_.count(MemCall::Op::kRead);
  ASSERT_OK((*reader)->open("f", nullptr));
  EXPECT_EQ(storage_.count(MemCall::Op::kRead), before);
  put_data("abcdefghijk");
  put_index({0, 5, 10}, {5, 5, 1});
  EXPECT_EQ((*reader)->open("f", nullptr).value()->rows(), 3U);
  EXPECT_EQ((*reader)->outline("f")->rows, 3U);
}

TEST_F(IndexTest, UnitsAreRunsOfAFewMebibytes) {
  std::vector<std::uint64_t> offsets, lengths;
  constexpr std::uint64_t kSample = std::uint64_t{1} << 20;
  for (std::uint64_t i = 0; i < 9; ++i) {
    offsets.push_back(i * kSample);
    lengths.push_back(kSample);
  }
  storage_.put("f", std::vector<std::byte>(9 * kSample));
  put_index(offsets, lengths);
  const auto units_of = [&] {
    const auto reader = make_reader(w_, storage_);
    const auto file = (*reader)->open("f", nullptr);
    std::vector<std::uint64_t> rows;
    for (const Unit& unit : (*file)->units()) rows.push_back(unit.rows);
    EXPECT_EQ((*reader)->worker_bytes(), 4 * kSample);
    return rows;
  };
  EXPECT_THAT(units_of(), ElementsAre(4, 4, 1));
  lengths.back() -= 1;
  put_index(offsets, lengths);
  EXPECT_THAT(units_of(), ElementsAre(4, 4, 1));
}

// What lies between samples may be read with them: a unit does not reach over more than its bytes.
TEST_F(IndexTest, UnitsDoNotReachOverGaps) {
  constexpr std::uint64_t kApart = std::uint64_t{1} << 20;
  std::vector<std::uint64_t> offsets, lengths;
  for (std::uint64_t i = 0; i < 10; ++i) {
    offsets.push_back((9 - i) * kApart);
    lengths.push_back(1);
  }
  storage_.put("f", std::vector<std::byte>(10 * kApart));
  put_index(offsets, lengths);
  const auto reader = make_reader(w_, storage_);
  const auto file = (*reader)->open("f", nullptr);
  ASSERT_OK(file);
  std::vector<std::uint64_t> rows;
  for (const Unit& unit : (*file)->units()) rows.push_back(unit.rows);
  EXPECT_THAT(rows, ElementsAre(4, 4, 2));
  EXPECT_EQ((*reader)->worker_bytes(), 3 * kApart + 1);
}

TEST_F(IndexTest, InspectTellsWhetherSamplesAreAlike) {
  put_data("abcdefghij");
  put_index({0, 5}, {5, 5});
  const Format* const format = *find_format(config::FormatName::kIndexedBinary);
  auto info = format->inspect(storage_, "f", Detail::kStorage);
  ASSERT_OK(info);
  EXPECT_EQ(info->rows, 2U);
  EXPECT_EQ(info->columns.front().type, "list of uint8");
  put_index({0, 4}, {4, 6});
  info = format->inspect(storage_, "f", Detail::kStorage);
  ASSERT_OK(info);
  EXPECT_EQ(info->columns.front().type, "binary");
}

}  // namespace
}  // namespace stoker::format::indexed
