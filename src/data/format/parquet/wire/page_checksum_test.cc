#include "data/format/parquet/wire/page_checksum.h"

#include <gtest/gtest.h>

#include "base/checksum.h"
#include "base/testing/status_matchers.h"
#include "data/format/chunk_reader.h"
#include "data/format/parquet/parquet_internal.h"
#include "data/format/parquet/testing/arrow_files.h"
#include "data/format/parquet/testing/flat_columns.h"
#include "data/format/parquet/wire/thrift_writer.h"
#include "data/io/testing/mem_storage.h"

namespace stoker::format::parquet {
namespace {

using ::testing::HasSubstr;

const std::vector<std::byte> kPage(20, std::byte{7});

TEST(PageChecksum, IsComparedWhereThereIsOne) {
  PageHeader header{.stored_bytes = 20};
  EXPECT_OK(check_page(header, kPage, 100));
  header.crc = crc32(kPage);
  EXPECT_OK(check_page(header, kPage, 100));
  header.crc = *header.crc ^ 1;
  const auto status = check_page(header, kPage, 100);
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, Code::kCorrupt);
  EXPECT_EQ(status.error().message,
            fmt::format("the page at byte 100 of the file has the checksum {:08x}, expected {:08x}", crc32(kPage),
                        *header.crc));
  EXPECT_THAT(status.error().hint, HasSubstr("reader.verify_checksums: False"));
}

std::vector<std::byte> with_arrow(::parquet::ParquetDataPageVersion version, bool dictionary,
                                  ::parquet::Compression::type codec) {
  const auto schema =
      ::arrow::schema({::arrow::field("a", ::arrow::int64()), ::arrow::field("b", ::arrow::list(::arrow::float32())),
                       ::arrow::field("c", ::arrow::utf8())});
  ::parquet::WriterProperties::Builder builder;
  builder.enable_page_checksum()->data_page_version(version)->compression(codec);
  builder.data_pagesize(700)->write_batch_size(50);
  if (!dictionary) builder.disable_dictionary();
  const auto table = testing::random_table(schema, {.rows = 500, .nulls = 0.2, .distinct = 40});
  return testing::write_with_arrow(*table, builder.build(), {.row_group_rows = 300});
}

struct Read {
  Status status;
  std::vector<testing::FlatColumn> columns;
};
Read read_file(const std::vector<std::byte>& file, config::Decode depth, bool verify_checksums,
               std::int64_t chunk_bytes = 1 << 24) {
  io::testing::MemStorage storage;
  storage.put("f.parquet", file);
  config::Workload workload;
  workload.dataset.format = config::FormatName::kParquet;
  workload.dataset.parquet.decode = depth;
  workload.reader.verify_checksums = verify_checksums;
  workload.reader.chunk_bytes = chunk_bytes;
  Read read;
  const auto reader = make_parquet_reader(workload, storage);
  const auto opened = (*reader)->open("f.parquet", nullptr);
  if (!opened) return {opened.error(), {}};
  if (depth == config::Decode::kArrays) {
    auto columns = testing::read_units(**opened);
    if (!columns) return {columns.error(), {}};
    return {{}, *std::move(columns)};
  }
  ChunkReader chunks;
  Chunk chunk;
  for (std::size_t u = 0; u < (*opened)->units().size(); ++u) {
    const Unit& unit = (*opened)->units()[u];
    Status status = chunks.fetch(**opened, {u, unit.first_row, unit.rows});
    if (status) status = chunks.decompress(**opened);
    if (status) status = chunks.decode(**opened, chunk);
    if (!status) return {status, {}};
  }
  return read;
}

// Where the pages of a file lie: header and end of each.
struct Place {
  std::uint64_t header, body, end;
};
std::vector<Place> pages_of(const std::vector<std::byte>& file) {
  std::vector<Place> pages;
  for (std::uint64_t at = 4;;) {
    const auto header = parse_page_header(Bytes(file).subspan(at));
    if (!header || !header->has_value() || !(*header)->crc) return pages;
    const std::uint64_t body = at + (*header)->header_bytes;
    pages.push_back({at, body, body + (*header)->stored_bytes});
    at = pages.back().end;
  }
}

class ArrowFiles : public ::testing::TestWithParam<std::tuple<bool, bool, ::parquet::Compression::type>> {};

// A change anywhere in any page of a file of Arrow's, v1 and v2, data and dictionary, is told with its page.
TEST_P(ArrowFiles, EachPageIsChecked) {
  const auto [v2, dictionary, codec] = GetParam();
  const auto file =
      with_arrow(v2 ? ::parquet::ParquetDataPageVersion::V2 : ::parquet::ParquetDataPageVersion::V1, dictionary, codec);
  ASSERT_OK(read_file(file, config::Decode::kArrays, true).status);
  const std::vector<Place> pages = pages_of(file);
  ASSERT_GE(pages.size(), 6U);
  constexpr config::Decode kDepths[] = {config::Decode::kArrays, config::Decode::kArrow, config::Decode::kDecompress};
  for (std::size_t i = 0; i < pages.size(); ++i) {
    const Place& page = pages[i];
    if (page.body == page.end) continue;
    const std::uint64_t places[] = {page.body, (page.body + page.end) / 2, page.end - 1};
    auto changed = file;
    changed[places[i % 3]] ^= std::byte{0x10};
    const config::Decode depth = kDepths[i / 3 % 3];
    const Status status = read_file(changed, depth, true).status;
    ASSERT_FALSE(status) << page.header << " at depth " << to_string(depth);
    EXPECT_EQ(status.error().code, Code::kCorrupt);
    EXPECT_THAT(status.error().message,
                HasSubstr(fmt::format("the page at byte {} of the file has the checksum ", page.header)));
    EXPECT_THAT(status.error().message, ::testing::MatchesRegex("f.parquet: row group [01]: column '.*': .*"));
    if (i % 10 == 0) {
      EXPECT_OK(read_file(changed, config::Decode::kNone, true).status);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, ArrowFiles,
                         ::testing::Combine(::testing::Bool(), ::testing::Bool(),
                                            ::testing::Values(::parquet::Compression::UNCOMPRESSED,
                                                              ::parquet::Compression::ZSTD)));

TEST(PageChecksum, IsNotLookedAtWhenNotWanted) {
  auto file = with_arrow(::parquet::ParquetDataPageVersion::V1, false, ::parquet::Compression::UNCOMPRESSED);
  const auto before = read_file(file, config::Decode::kArrays, false);
  ASSERT_OK(before.status);
  const Place page = pages_of(file).front();
  file[page.end - 1] ^= std::byte{1};
  EXPECT_FALSE(read_file(file, config::Decode::kArrays, true).status);
  EXPECT_FALSE(read_file(file, config::Decode::kArrow, true).status);
  EXPECT_OK(read_file(file, config::Decode::kArrow, false).status);
  const auto after = read_file(file, config::Decode::kArrays, false);
  ASSERT_OK(after.status);
  EXPECT_NE(testing::difference(before.columns, after.columns), "");
}

// Files of ours, written with checksums, whole and in pieces.
TEST(PageChecksum, IsWrittenIntoEachPage) {
  for (const bool dictionary : {false, true}) {
    for (const auto compression : {config::Compression::kNone, config::Compression::kZstd}) {
      config::Workload workload;
      workload.dataset.format = config::FormatName::kParquet;
      workload.dataset.compression = compression;
      workload.dataset.parquet.dictionary = dictionary;
      workload.dataset.parquet.row_group_size = 700;
      workload.dataset.parquet.columns = {{.name = "i", .dtype = config::DType::kInt64},
                                          {.name = "u", .dtype = config::DType::kUint8, .size = 3000},
                                          {.name = "s", .dtype = config::DType::kString},
                                          {.name = "f", .dtype = config::DType::kList, .size = 700}};
      const auto written = [&](bool checksums) {
        workload.dataset.parquet.page_checksums = checksums;
        io::testing::MemStorage storage;
        const auto writer = make_parquet_writer(workload);
        const auto out = storage.create("f.parquet");
        EXPECT_OK((*writer)->write({.index = 1, .rows = 1000, .path = "f.parquet"}, **out, {}));
        EXPECT_OK((*out)->commit());
        return storage.get("f.parquet");
      };
      const auto without = written(false);
      auto with = written(true);
      const std::vector<Place> pages = pages_of(with);
      EXPECT_EQ(pages_of(without).size(), 0U);
      ASSERT_GT(pages.size(), 8U);
      // The footer counts larger offsets, nothing else.
      EXPECT_NEAR(static_cast<double>(with.size()),
                  static_cast<double>(without.size() + pages.size() * ThriftWriter::kPaddedBytes), 64);
      const auto read = read_file(with, config::Decode::kArrays, true);
      ASSERT_OK(read.status);
      EXPECT_EQ(testing::difference(read_file(without, config::Decode::kArrays, true).columns, read.columns), "");
      EXPECT_OK(read_file(with, config::Decode::kArrow, true).status);
      for (const Place& page : pages) {
        auto changed = with;
        changed[page.end - 1] ^= std::byte{1};
        const Status status = read_file(changed, config::Decode::kArrays, true, 1 << 19).status;
        ASSERT_FALSE(status) << page.header;
        EXPECT_THAT(status.error().message, HasSubstr(fmt::format("the page at byte {} of the file", page.header)));
      }
    }
  }
}

TEST(PageChecksum, TheWalkEndsWherePagesEnd) {
  const auto file = with_arrow(::parquet::ParquetDataPageVersion::V1, false, ::parquet::Compression::UNCOMPRESSED);
  const std::vector<Place> pages = pages_of(file);
  const Bytes all = Bytes(file).subspan(4, pages.back().end - 4);
  EXPECT_OK(check_pages(all, 4));
  EXPECT_OK(check_pages({}, 4));
  EXPECT_OK(check_pages(all.first(all.size() - 1), 4)) << "a page that is not all there";
  EXPECT_OK(check_pages(all.first(2), 4)) << "a header that is not all there";
  auto changed = file;
  changed[pages.back().end - 1] ^= std::byte{1};
  EXPECT_ERROR(check_pages(Bytes(changed).subspan(4, all.size()), 4), Code::kCorrupt,
               fmt::format("the page at byte {} of the file", pages.back().header));
}

}  // namespace
}  // namespace stoker::format::parquet
