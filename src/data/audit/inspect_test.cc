#include "data/audit/inspect.h"

#include <gtest/gtest.h>

#include <atomic>
#include <string>

#include "base/testing/status_matchers.h"
#include "base/testing/temp_dir.h"
#include "data/audit/file_digest.h"
#include "data/audit/inspect_json.h"
#include "data/audit/inspect_text.h"
#include "data/audit/testing/data_set.h"
#include "data/io/testing/mem_storage.h"
#include "results/testing/manifest_file.h"

namespace stoker::audit {
namespace {

using format::ChunkInfo;
using format::Repetition;
using format::ValueType;

const format::Format* parquet() {
  return *format::find_format(config::FormatName::kParquet);
}

template <class T>
std::string raw(T value) {
  return {reinterpret_cast<const char*>(&value), sizeof value};
}

// Two row groups of an int32 column and a list of strings.
FileView example() {
  FileView view{.file = {.path = "d/a\x1b.parquet", .name = "a\x1b.parquet", .format = parquet()}};
  format::FileInfo& info = view.info;
  info.file_bytes = 2048;
  info.rows = 3000;
  info.num_row_groups = 2;
  info.created_by = "some writer";
  info.version = "2.6";
  info.keys = {{.name = "pandas", .value_bytes = 300}};
  info.schema = {{.name = "n", .physical = "INT32"},
                 {.name = "t", .repetition = Repetition::kOptional, .logical = "List"},
                 {.name = "list", .depth = 1, .repetition = Repetition::kRepeated},
                 {.name = "element",
                  .depth = 2,
                  .repetition = Repetition::kOptional,
                  .physical = "BYTE_ARRAY",
                  .logical = "String"}};
  info.columns = {{.name = "n", .type = "int32", .values = ValueType::kSigned, .width = 4},
                  {.name = "t.list.element", .type = "list of string", .values = ValueType::kText}};
  ChunkInfo n{.codec = "zstd", .encodings = {"PLAIN"}, .values = 2000, .stored_bytes = 1024, .plain_bytes = 1536};
  n.pages = {.data = 2, .smallest_bytes = 400, .largest_bytes = 500};
  n.offset_index = true;
  n.nulls = 0;
  n.min = raw(std::int32_t{-5});
  n.max = raw(std::int32_t{7});
  ChunkInfo t{.codec = "zstd",
              .encodings = {"RLE_DICTIONARY", "PLAIN"},
              .values = 4000,
              .stored_bytes = 512,
              .plain_bytes = 1024};
  t.pages = {
      .data = 1, .dictionary = 1, .version2 = 1, .with_checksum = 2, .smallest_bytes = 512, .largest_bytes = 512};
  info.row_groups = {{.rows = 2000, .columns = {n, t}}, {.rows = 1000, .columns = {n, t}}};
  ChunkInfo& second = info.row_groups[1].columns[0];
  second.pages = {.data = 1, .other = 1, .with_checksum = 1, .smallest_bytes = 100, .largest_bytes = 100};
  second.offset_index = false;
  second.bloom_filter = second.column_index = true;
  second.nulls = 1;
  second.min = raw(std::int32_t{-6});
  second.max = raw(std::int32_t{6});
  view.rows = {{{"n", 1}, {"t.list.element", {"x"}}}};
  return view;
}

TEST(FileText, ShowsAll) {
  EXPECT_EQ(file_text(example()),
            "d/a\\x1b.parquet: parquet, 2.0 KiB, 3,000 rows, 2 row groups, 2 columns\n"
            "written by some writer, format version 2.6\n"
            "key pandas (300 B)\n"
            "\n"
            "schema\n"
            "  required INT32 n\n"
            "  optional group t List\n"
            "    repeated group list\n"
            "      optional BYTE_ARRAY element String\n"
            "\n"
            "row groups\n"
            "    number            rows       stored        plain    ratio\n"
            "         0           2,000      1.5 KiB      2.5 KiB     1.67\n"
            "         1           1,000      1.5 KiB      2.5 KiB     1.67\n"
            "\n"
            "columns\n"
            "  n: int32\n"
            "      2.0 KiB, zstd, ratio 1.50, PLAIN\n"
            "      3 data pages of 100 B to 500 B, 1 page of another kind, 1 of 4 with checksums\n"
            "      1 null, -6 to 7, offset index in 1 of 2, column index in 1 of 2, Bloom filter in 1 of 2\n"
            "  t.list.element: list of string\n"
            "      1.0 KiB, zstd, ratio 2.00, PLAIN RLE_DICTIONARY\n"
            "      2 data pages of version 2 of 512 B to 512 B, 2 dictionary pages, with checksums\n"
            "      no statistics\n"
            "\n"
            "row 0\n"
            "  n: 1\n"
            "  t.list.element: [\"x\"]\n");
}

TEST(FileText, OnePageOfAKindIsTold) {
  FileView view = example();
  view.info.row_groups[1].columns[1].pages.version2 = 0;
  EXPECT_NE(file_text(view).find("      2 data pages, 1 of version 2 of 512 B to 512 B, 2 dictionary pages"),
            std::string::npos);
  view.info.row_groups.pop_back();
  EXPECT_NE(file_text(view).find("      1 data page of version 2 of 512 B, 1 dictionary page, with checksums\n"),
            std::string::npos);
}

TEST(FileText, ShowsTheFirstRowGroups) {
  FileView view = example();
  const format::RowGroupInfo group = view.info.row_groups[0];
  view.info.row_groups.assign(10, group);
  EXPECT_EQ(file_text(view).find("more\n"), std::string::npos);
  view.info.row_groups.assign(1012, group);
  EXPECT_NE(file_text(view).find("         9           2,000 "), std::string::npos);
  EXPECT_EQ(file_text(view).find("        10           2,000 "), std::string::npos);
  EXPECT_NE(file_text(view).find("\n  and 1,002 more\n"), std::string::npos);
}

TEST(FileText, KeepsToTheWidthWithoutCuttingACharacterInTwo) {
  FileView view = example();
  std::string name = "x";
  for (int i = 0; i < 60; ++i) name += "\xC3\xA9";
  view.info.schema[0].name = name;
  const std::string text = file_text(view);
  const std::size_t at = text.find("  required INT32 x");
  const std::string line = text.substr(at, text.find('\n', at) - at);
  EXPECT_EQ(line.size(), 99U);
  EXPECT_TRUE(line.ends_with("\xC3\xA9..."));
  view.info.schema[0].name = "x" + name;
  const std::string other = file_text(view);
  const std::size_t there = other.find("  required INT32 xx");
  EXPECT_EQ(other.substr(there, other.find('\n', there) - there).size(), 100U);
}

TEST(FileText, DecimalsOfSeveralChunksHaveNoRange) {
  FileView view = example();
  view.info.columns[0].values = ValueType::kDecimal;
  EXPECT_NE(file_text(view).find("      1 null, offset"), std::string::npos);
  view.info.row_groups.pop_back();
  EXPECT_NE(file_text(view).find("      0 nulls, \"-5\" to \"7\", offset index\n"), std::string::npos);
}

TEST(FileText, StatisticsThatAreNotEverywhereAreNotCounted) {
  FileView view = example();
  view.info.row_groups[1].columns[0].nulls.reset();
  EXPECT_NE(file_text(view).find("      nulls not counted, -6 to 7, "), std::string::npos);
  view.info.row_groups[1].columns[0].min.reset();
  EXPECT_NE(file_text(view).find("      no statistics, offset index in 1 of 2"), std::string::npos);
  view.info.row_groups[1].columns[0].nulls = 4;
  EXPECT_NE(file_text(view).find("      4 nulls, offset index in 1 of 2"), std::string::npos);
}

TEST(FileText, OfAnEmptyColumnHasNoRatio) {
  FileView view = example();
  for (auto& group : view.info.row_groups) group.columns[0].stored_bytes = group.columns[0].plain_bytes = 0;
  EXPECT_NE(file_text(view).find("      0 B, zstd, ratio -, PLAIN\n"), std::string::npos);
}

TEST(FileJson, HasEveryChunk) {
  const results::Json json = file_json(example());
  EXPECT_EQ(json["path"], "d/a\x1b.parquet");
  EXPECT_EQ(json["format"], "parquet");
  EXPECT_EQ(json["bytes"], 2048);
  EXPECT_EQ(json["rows"], 3000);
  EXPECT_EQ(json["num_row_groups"], 2);
  EXPECT_EQ(json["created_by"], "some writer");
  EXPECT_EQ(json["version"], "2.6");
  EXPECT_EQ(results::dump_line(json["keys"]), R"([{"name":"pandas","value_bytes":300}])");
  EXPECT_EQ(results::dump_line(json["schema"][1]),
            R"({"name":"t","depth":0,"repetition":"optional","physical_type":"","logical_type":"List"})");
  EXPECT_EQ(json["schema"][0]["repetition"], "required");
  EXPECT_EQ(json["schema"][2]["repetition"], "repeated");
  EXPECT_EQ(results::dump_line(json["columns"]),
            R"([{"name":"n","type":"int32","bytes_per_value":4},)"
            R"({"name":"t.list.element","type":"list of string","bytes_per_value":0}])");
  EXPECT_EQ(json["row_groups"].size(), 2U);
  EXPECT_EQ(json["row_groups"][1]["rows"], 1000);
  EXPECT_EQ(
      results::dump_line(json["row_groups"][0]["columns"][0]),
      R"({"name":"n","codec":"zstd","encodings":["PLAIN"],"values":2000,"stored_bytes":1024,"plain_bytes":1536,)"
      R"("pages":{"data":2,"version2":0,"dictionary":0,"other":0,"with_checksum":0,"smallest_bytes":400,"largest_bytes":500},)"
      R"("offset_index":true,"column_index":false,"bloom_filter":false,"nulls":0,"min":-5,"max":7})");
  EXPECT_EQ(json["row_groups"][0]["columns"][1]["nulls"], nullptr);
  EXPECT_EQ(json["row_groups"][0]["columns"][1]["min"], nullptr);
  EXPECT_EQ(results::dump_line(json["first_rows"]), R"([{"n":1,"t.list.element":["x"]}])");
  FileView without = example();
  without.rows.clear();
  EXPECT_FALSE(file_json(without).contains("first_rows"));
}

class Folder : public ::testing::Test {
 protected:
  Folder() { testing::write_data_set(*storage_, testing::small_workload(root().string())); }
  [[nodiscard]] io::Path root() const { return folder_.path() / "d"; }

  Result<FolderView> view() {
    STOKER_ASSIGN(const DataFiles files, find_data_files(*storage_, root()));
    return view_folder({.storage = *storage_,
                        .folder = root(),
                        .files = files,
                        .rows = 2,
                        .ranks = 3,
                        .progress = [this](std::uint64_t) { ++done_; }},
                       {});
  }

  stoker::testing::TempDir folder_;
  std::unique_ptr<io::Storage> storage_ = io::make_posix_storage();
  std::atomic<int> done_{0};
};

TEST_F(Folder, AddsUpItsFiles) {
  const auto folder = view();
  ASSERT_OK(folder);
  EXPECT_EQ(done_.load(), 3);
  EXPECT_EQ(folder->files, 3U);
  EXPECT_EQ(folder->rows, 30U);
  EXPECT_EQ(folder->row_groups, 9U);
  EXPECT_EQ(folder->least_rows, 10U);
  EXPECT_EQ(folder->most_rows, 10U);
  EXPECT_EQ(folder->bytes, *storage_->file_size(root() / "train/img_0_of_2.parquet") +
                               *storage_->file_size(root() / "train/img_1_of_2.parquet") +
                               *storage_->file_size(root() / "valid/img_0_of_1.parquet"));
  EXPECT_FALSE(folder->manifest.has_value());
  ASSERT_EQ(folder->schemas.size(), 1U);
  EXPECT_EQ(folder->schemas[0].files, 3U);
  EXPECT_EQ(folder->schemas[0].difference, "");
  EXPECT_EQ(folder->first.file.name, "train/img_0_of_2.parquet");
  EXPECT_EQ(folder->first.rows.size(), 2U);
  const std::string text = folder_text(*folder, "D");
  EXPECT_EQ(text.substr(0, 11), "D: 3 files,");
  EXPECT_THAT(text, ::testing::HasSubstr(", 30 rows, 9 row groups\nno manifest: written by another program, or not as "
                                         "a data set\nevery file has 10 rows\nall files have the schema of the first "
                                         "one\n\nfirst file\n"));
  const results::Json json = folder_json(*folder, "D");
  EXPECT_EQ(json["path"], "D");
  EXPECT_EQ(json["manifest"], nullptr);
  EXPECT_EQ(json["num_files"], 3);
  EXPECT_EQ(json["rows"], 30);
  EXPECT_EQ(json["num_row_groups"], 9);
  EXPECT_EQ(results::dump_line(json["rows_per_file"]), R"({"least":10,"most":10})");
  EXPECT_EQ(json["schemas"].size(), 1U);
  EXPECT_EQ(json["first_file"]["rows"], 10);
}

TEST_F(Folder, NamesFilesThatDiffer) {
  config::Workload other = testing::small_workload(root().string());
  other.dataset.num_samples_per_file = 7;
  other.dataset.parquet.columns[0].dtype = config::DType::kInt64;
  testing::write_file(*storage_, other, dataset::Layout(other).file(1));
  other.dataset.parquet.columns = {{.name = "number", .dtype = config::DType::kInt32}};
  testing::write_file(*storage_, other, dataset::Layout(other).file(2));
  const auto folder = view();
  ASSERT_OK(folder);
  ASSERT_EQ(folder->schemas.size(), 3U);
  EXPECT_EQ(folder->schemas[0].first_file, "train/img_0_of_2.parquet");
  EXPECT_EQ(folder->schemas[1].first_file, "train/img_1_of_2.parquet");
  EXPECT_EQ(folder->schemas[1].difference, "has required INT64 number, not required INT32 number");
  EXPECT_EQ(folder->schemas[2].difference, "has nothing, not required BYTE_ARRAY text String");
  EXPECT_THAT(folder_text(*folder, "D"),
              ::testing::HasSubstr("files have 7 to 10 rows\n"
                                   "FILES DIFFER: 3 schemas\n"
                                   "  1 file as train/img_0_of_2.parquet\n"
                                   "  1 file as train/img_1_of_2.parquet, which has required INT64 number, not "
                                   "required INT32 number\n"
                                   "  1 file as valid/img_0_of_1.parquet, which has nothing, not required BYTE_ARRAY "
                                   "text String\n"));
}

TEST_F(Folder, NamesAFieldThatTheFirstFileLacks) {
  config::Workload other = testing::small_workload(root().string());
  other.dataset.parquet.columns.push_back({.name = "more", .dtype = config::DType::kInt32});
  testing::write_file(*storage_, other, dataset::Layout(other).file(1));
  const auto folder = view();
  ASSERT_OK(folder);
  ASSERT_EQ(folder->schemas.size(), 2U);
  EXPECT_EQ(folder->schemas[1].difference, "has required INT32 more, not nothing");
}

TEST_F(Folder, TellsWhatTheManifestSays) {
  results::DatasetManifest manifest = results::manifest_of(testing::small_workload(root().string()), "1.2");
  manifest.model = "small\x1b";
  ASSERT_OK(results::testing::write_manifest(root(), manifest));
  auto folder = view();
  ASSERT_OK(folder);
  EXPECT_THAT(folder_text(*folder, "D"),
              ::testing::HasSubstr("data set of model 'small\\x1b', written by stoker 1.2; INCOMPLETE: datagen did not "
                                   "finish\nmanifest: 2 training files and 1 evaluation file of 10 rows, format "
                                   "parquet, compression none\n"));
  EXPECT_EQ(folder_json(*folder, "D")["manifest"]["generator_version"], "1.2");
  folder->manifest->complete = true;
  EXPECT_THAT(folder_text(*folder, "D"), ::testing::HasSubstr("written by stoker 1.2\n"));
}

// An image does not say how many samples it stands for.
TEST_F(Folder, OfImagesHasAsManyRowsAsTheManifestSays) {
  config::Workload images = testing::small_workload((folder_.path() / "i").string());
  images.dataset.format = config::FormatName::kPng;
  images.dataset.record_dims = {20, 30};
  testing::write_data_set(*storage_, images);
  const auto look = [&] {
    const DataFiles files = *find_data_files(*storage_, folder_.path() / "i");
    return view_folder(
        {.storage = *storage_, .folder = folder_.path() / "i", .files = files, .rows = 3, .progress = nullptr}, {});
  };
  const auto digest = [&] {
    const DataFiles files = *find_data_files(*storage_, folder_.path() / "i");
    return digest_files({.storage = *storage_, .files = files}, {});
  };
  const auto one_each = look();
  ASSERT_OK(one_each);
  EXPECT_EQ(one_each->rows, 3U);
  const auto digest_of_one = digest();
  ASSERT_OK(digest_of_one);
  EXPECT_EQ(digest_of_one->rows, 3U);

  ASSERT_OK(results::testing::write_manifest(folder_.path() / "i", results::manifest_of(images, "1.2")));
  const auto ten_each = look();
  ASSERT_OK(ten_each);
  EXPECT_EQ(ten_each->rows, 30U);
  EXPECT_EQ(ten_each->most_rows, 10U);
  EXPECT_EQ(ten_each->first.info.row_groups.at(0).rows, 10U);
  ASSERT_EQ(ten_each->first.rows.size(), 3U);
  EXPECT_EQ(ten_each->first.rows[2], one_each->first.rows.at(0)) << "each is the one image";
  const auto digest_of_ten = digest();
  ASSERT_OK(digest_of_ten);
  EXPECT_EQ(digest_of_ten->rows, 30U);
  EXPECT_EQ(digest_of_ten->columns, digest_of_one->columns) << "which is there once";
}

TEST_F(Folder, ABrokenFileIsTheError) {
  const auto file = storage_->create(root() / "train/text.parquet");
  ASSERT_OK(file);
  ASSERT_OK((*file)->commit());
  EXPECT_ERROR(view(), Code::kCorrupt, "train/text.parquet: is 0 bytes long");
}

TEST(ViewFile, HasTheStorageOfEveryColumn) {
  io::testing::MemStorage storage;
  testing::write_data_set(storage, testing::small_workload("d"));
  const auto view = view_file(storage, {.path = "d/train/img_0_of_2.parquet", .name = "x", .format = parquet()}, 3, {});
  ASSERT_OK(view);
  EXPECT_EQ(view->rows.size(), 3U);
  ASSERT_EQ(view->info.row_groups.size(), 3U);
  EXPECT_EQ(view->info.row_groups[2].rows, 2U);
  EXPECT_EQ(view->info.row_groups[0].columns.size(), 2U);
  const auto none = view_file(storage, {.path = "d/train/img_0_of_2.parquet", .name = "x", .format = parquet()}, 0, {});
  ASSERT_OK(none);
  EXPECT_TRUE(none->rows.empty());
}

}  // namespace
}  // namespace stoker::audit
