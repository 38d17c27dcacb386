#include "data/audit/file_digest.h"

#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <vector>

#include "base/testing/status_matchers.h"
#include "data/audit/digest.h"
#include "data/audit/digest_text.h"
#include "data/audit/testing/data_set.h"
#include "data/io/testing/mem_storage.h"

namespace stoker::audit {
namespace {

using config::Decode;
using io::testing::MemStorage;

DataFile parquet(const std::string& path) {
  return {.path = path, .name = path, .format = *format::find_format(config::FormatName::kParquet)};
}

TEST(DigestFile, HasTheColumnsOfTheFileInOrder) {
  MemStorage storage;
  testing::write_data_set(storage, testing::small_workload("d"));
  const auto digest = FileDigester(storage, Decode::kArrays).digest(parquet("d/train/img_0_of_2.parquet"), {});
  ASSERT_OK(digest);
  EXPECT_EQ(digest->rows, 10U);
  EXPECT_EQ(digest->bytes, storage.get("d/train/img_0_of_2.parquet").size());
  ASSERT_EQ(digest->columns.size(), 2U);
  EXPECT_EQ(digest->columns[0].column, "number");
  EXPECT_EQ(digest->columns[0].type, "int32");
  EXPECT_EQ(digest->columns[1].column, "text");
  EXPECT_EQ(digest->columns[1].type, "string");
  EXPECT_NE(digest->columns[0].digest, digest->columns[1].digest);
}

TEST(DigestFile, IsThatOfTheValuesHoweverTheyAreStoredAndDecoded) {
  const auto digest = [](auto change, Decode decode) {
    MemStorage storage;
    config::Workload workload = testing::small_workload("d");
    change(workload.dataset);
    testing::write_data_set(storage, workload);
    auto made = FileDigester(storage, decode).digest(parquet("d/train/img_0_of_2.parquet"), {});
    EXPECT_OK(made);
    return made ? made->columns : std::vector<NamedDigest>{};
  };
  const auto plain = digest([](config::Dataset&) {}, Decode::kArrays);
  EXPECT_EQ(digest([](config::Dataset&) {}, Decode::kArrow), plain);
  for (const Decode decode : {Decode::kArrays, Decode::kArrow}) {
    EXPECT_EQ(digest([](config::Dataset& d) { d.parquet.row_group_size = 3; }, decode), plain);
    EXPECT_EQ(digest([](config::Dataset& d) { d.parquet.dictionary = true; }, decode), plain);
    EXPECT_EQ(digest([](config::Dataset& d) { d.compression = config::Compression::kZstd; }, decode), plain);
  }
}

TEST(DigestFile, AFileThatIsNoneOfItsFormatNamesItself) {
  MemStorage storage;
  storage.put("a.parquet", "no parquet file, but some text");
  EXPECT_ERROR(FileDigester(storage, Decode::kArrays).digest(parquet("a.parquet"), {}), Code::kCorrupt,
               "a.parquet: does not end with the magic of a Parquet file");
}

TEST(DigestFile, FilesWithoutColumnsHaveNoDigest) {
  MemStorage storage;
  storage.put("a.synthetic", "7");
  const DataFile file{
      .path = "a.synthetic", .name = "a.synthetic", .format = *format::find_format(config::FormatName::kSynthetic)};
  EXPECT_ERROR(FileDigester(storage, Decode::kArrays).digest(file, {}), Code::kUnsupported,
               "a.synthetic: has no columns, so there are no values to digest");
}

TEST(DigestFile, AStopEndsIt) {
  MemStorage storage;
  testing::write_data_set(storage, testing::small_workload("d"));
  std::stop_source stopped;
  stopped.request_stop();
  EXPECT_ERROR(
      FileDigester(storage, Decode::kArrays).digest(parquet("d/train/img_0_of_2.parquet"), stopped.get_token()),
      Code::kInterrupted, "interrupted");
}

class Sets : public ::testing::Test {
 protected:
  Sets() { testing::write_data_set(storage_, testing::small_workload("d")); }

  Result<SetDigests> digest(unsigned ranks = 2) {
    STOKER_ASSIGN(const DataFiles files, find_data_files(storage_, "d"));
    const DigestRequest request{
        .storage = storage_, .files = files, .ranks = ranks, .progress = [&](std::uint64_t bytes) { bytes_ += bytes; }};
    return digest_files(request, {});
  }

  MemStorage storage_;
  std::atomic<std::uint64_t> bytes_{0};
};

TEST_F(Sets, CombineTheirFilesInOrderOfTheNames) {
  const auto set = digest();
  ASSERT_OK(set);
  EXPECT_EQ(set->rows, 30U);
  ASSERT_EQ(set->files.size(), 3U);
  EXPECT_EQ(set->files[0].name, "train/img_0_of_2.parquet");
  EXPECT_EQ(set->files[2].name, "valid/img_0_of_1.parquet");
  std::uint64_t bytes = 0;
  for (const FileDigest& file : set->files) bytes += file.bytes;
  EXPECT_EQ(bytes_.load(), bytes);
  ASSERT_EQ(set->columns.size(), 2U);
  for (std::size_t c = 0; c < 2; ++c) {
    SetDigest sum;
    for (const FileDigest& file : set->files) sum.add(file.columns[c].digest);
    EXPECT_EQ(set->columns[c].digest, sum.value());
    EXPECT_EQ(set->columns[c].column, set->files[0].columns[c].column);
  }
  const auto alone = digest(1);
  ASSERT_OK(alone);
  EXPECT_EQ(alone->columns, set->columns);
}

TEST_F(Sets, OfOneFileHaveItsDigests) {
  ASSERT_OK(storage_.remove("d/train/img_1_of_2.parquet"));
  ASSERT_OK(storage_.remove("d/valid/img_0_of_1.parquet"));
  const auto set = digest();
  ASSERT_OK(set);
  EXPECT_EQ(set->columns, set->files.at(0).columns);
}

TEST_F(Sets, FilesOfOtherColumnsAreNamedWithThem) {
  config::Workload other = testing::small_workload("d");
  other.dataset.parquet.columns[1].dtype = config::DType::kBinary;
  const dataset::Layout layout(other);
  testing::write_file(storage_, other, layout.file(1));
  EXPECT_ERROR(digest(), Code::kCorrupt,
               "train/img_1_of_2.parquet: its columns differ from those of train/img_0_of_2.parquet: column 1 is "
               "'text', binary, there it is 'text', string");
  other.dataset.parquet.columns.pop_back();
  testing::write_file(storage_, other, layout.file(1));
  EXPECT_ERROR(digest(), Code::kCorrupt, "column 1 has none, there it is 'text', string");
  other = testing::small_workload("d");
  other.dataset.parquet.columns.push_back({.name = "more", .dtype = config::DType::kBool});
  testing::write_file(storage_, other, layout.file(1));
  EXPECT_ERROR(digest(), Code::kCorrupt, "column 2 is 'more', bool, there it has none");
}

TEST_F(Sets, ABrokenFileIsTheError) {
  storage_.put("d/train/img_1_of_2.parquet", "text");
  EXPECT_ERROR(digest(), Code::kCorrupt, "d/train/img_1_of_2.parquet: is 4 bytes long");
}

SetDigests example() {
  SetDigests set;
  set.rows = 1200;
  set.columns = {{.column = "a", .type = "int8", .digest = 1},
                 {.column = "b\x1b", .type = "list of int8", .digest = ~0ULL}};
  set.files = {{.name = "x.parquet", .rows = 1000, .columns = {{.column = "a", .type = "int8", .digest = 2}}},
               {.name = "y.parquet", .rows = 200, .columns = {{.column = "a", .type = "int8", .digest = 3}}}};
  return set;
}

TEST(DigestText, HasALinePerColumn) {
  EXPECT_EQ(digest_text(example(), "d", false),
            "d: 1,200 rows, 2 columns, 2 files\n"
            "0000000000000001  int8          a\n"
            "ffffffffffffffff  list of int8  b\\x1b\n");
  EXPECT_EQ(digest_text(example(), "d", true),
            "d: 1,200 rows, 2 columns, 2 files\n"
            "0000000000000001  int8          a\n"
            "ffffffffffffffff  list of int8  b\\x1b\n"
            "\nx.parquet: 1,000 rows\n0000000000000002  int8  a\n"
            "\ny.parquet: 200 rows\n0000000000000003  int8  a\n");
}

TEST(DigestText, DoesNotCountASingleFile) {
  SetDigests set = example();
  set.files.pop_back();
  EXPECT_EQ(digest_text(set, "d", false).substr(0, 30), "d: 1,200 rows, 2 columns\n00000");
}

TEST(DigestJson, HasTheSame) {
  EXPECT_EQ(results::dump_line(digest_json(example(), "d", false)),
            R"({"path":"d","num_files":2,"rows":1200,"columns":[)"
            R"({"name":"a","type":"int8","digest":"0000000000000001"},)"
            R"({"name":"b\u001b","type":"list of int8","digest":"ffffffffffffffff"}]})");
  EXPECT_EQ(results::dump_line(digest_json(example(), "d", true)["files"]),
            R"([{"name":"x.parquet","rows":1000,"columns":[{"name":"a","type":"int8","digest":"0000000000000002"}]},)"
            R"({"name":"y.parquet","rows":200,"columns":[{"name":"a","type":"int8","digest":"0000000000000003"}]}])");
}

}  // namespace
}  // namespace stoker::audit
