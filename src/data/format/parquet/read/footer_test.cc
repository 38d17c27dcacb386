// The footer as scanned here against the footer as Arrow has it, and footers that lie.
#include "data/format/parquet/read/footer.h"

#include <arrow/type.h>
#include <gtest/gtest.h>
#include <parquet/metadata.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "base/testing/status_matchers.h"
#include "data/format/parquet/read/footer_cache.h"
#include "data/format/parquet/testing/arrow_files.h"
#include "data/io/testing/mem_storage.h"

namespace stoker::format::parquet {
namespace {

namespace fs = std::filesystem;

Result<RawFooter> footer_of(const std::vector<std::byte>& file, bool direct = false) {
  io::testing::MemStorage storage;
  storage.put("f.parquet", file);
  STOKER_ASSIGN(const auto opened, storage.open("f.parquet", {.direct = direct}));
  return read_footer(*opened, nullptr);
}

void expect_same_as_arrow(const std::vector<std::byte>& file, const std::vector<std::string>& names = {}) {
  const auto footer = footer_of(file);
  ASSERT_OK(footer);
  const auto parsed = parse_footer(footer->bytes, file.size(), {.names = names});
  ASSERT_OK(parsed);
  const FileIndex& index = parsed->index;
  const auto metadata =
      ::parquet::FileMetaData::Make(footer->bytes.data(), static_cast<std::int64_t>(footer->bytes.size()));
  const auto rows = outline_footer(footer->bytes);
  ASSERT_OK(rows);
  EXPECT_EQ(rows->rows, index.rows);
  ASSERT_EQ(index.groups.size(), static_cast<std::size_t>(metadata->num_row_groups()));
  if (names.empty()) {
    ASSERT_EQ(index.leaves.size(), static_cast<std::size_t>(metadata->num_columns()));
  }
  std::uint64_t first_row = 0;
  for (std::size_t g = 0; g < index.groups.size(); ++g) {
    const auto group = metadata->RowGroup(static_cast<int>(g));
    EXPECT_EQ(index.groups[g].first_row, first_row);
    EXPECT_EQ(index.groups[g].rows, static_cast<std::uint64_t>(group->num_rows()));
    first_row += index.groups[g].rows;
    for (std::size_t leaf = 0; leaf < index.leaves.size(); ++leaf) {
      const auto theirs = group->ColumnChunk(static_cast<int>(index.leaves[leaf].column));
      const ChunkIndex& ours = index.chunk(g, leaf);
      std::int64_t offset = theirs->data_page_offset();
      if (theirs->has_dictionary_page() && theirs->dictionary_page_offset() > 0) {
        offset = std::min(offset, theirs->dictionary_page_offset());
      }
      EXPECT_EQ(index.leaves[leaf].name, theirs->path_in_schema()->ToDotString());
      EXPECT_EQ(ours.offset, static_cast<std::uint64_t>(offset));
      EXPECT_GE(ours.bytes, static_cast<std::uint64_t>(theirs->total_compressed_size()));
      EXPECT_LE(ours.bytes, static_cast<std::uint64_t>(theirs->total_compressed_size()) + 100);
      EXPECT_EQ(ours.plain_bytes, static_cast<std::uint64_t>(theirs->total_uncompressed_size()));
      EXPECT_EQ(ours.values, static_cast<std::uint64_t>(theirs->num_values()));
      EXPECT_EQ(ours.codec == Codec::kUncompressed, theirs->compression() == ::arrow::Compression::UNCOMPRESSED);
      const auto location = theirs->GetOffsetIndexLocation();
      EXPECT_EQ(ours.offset_index_bytes > 0, location.has_value());
      if (location) {
        EXPECT_EQ(ours.offset_index, static_cast<std::uint64_t>(location->offset));
        EXPECT_EQ(ours.offset_index_bytes, static_cast<std::uint32_t>(location->length));
      }
    }
  }
  EXPECT_EQ(index.rows, first_row);
}

std::vector<std::byte> wide_file(int columns, std::int64_t rows, std::int64_t group_rows) {
  std::vector<std::shared_ptr<::arrow::Field>> fields;
  for (int i = 0; i < columns; ++i)
    fields.push_back(::arrow::field(fmt::format("c{}", i), i % 2 == 0 ? ::arrow::int32() : ::arrow::utf8()));
  ::parquet::WriterProperties::Builder builder;
  builder.enable_write_page_index()->compression(::arrow::Compression::SNAPPY);
  return testing::write_with_arrow(*testing::random_table(::arrow::schema(fields), {.rows = rows}), builder.build(),
                                   {.row_group_rows = group_rows});
}

TEST(Footer, IsReadAsArrowDoes) {
  const auto file = wide_file(20, 1000, 130);
  expect_same_as_arrow(file);
  expect_same_as_arrow(file, {"c3", "c17", "c18"});
}

TEST(Footer, OfFilesOfOthersIsReadAsArrowDoes) {
  const char* given = std::getenv("STOKER_INTEROP");
  const fs::path folder = given != nullptr ? fs::path(given) : fs::path(STOKER_SOURCE_DIR) / "../shared/interop";
  if (!fs::exists(folder))
    GTEST_SKIP() << "no " << folder << " (set STOKER_INTEROP to the folder of data made by others)";
  std::size_t count = 0;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.path().extension() != ".parquet") continue;
    SCOPED_TRACE(entry.path());
    std::ifstream in(entry.path(), std::ios::binary);
    const std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
    const auto bytes = std::as_bytes(std::span(text));
    expect_same_as_arrow({bytes.begin(), bytes.end()});
    ++count;
  }
  EXPECT_GT(count, 50U);
}

TEST(Footer, LongerThanTheTailIsReadInTwoPieces) {
  const auto file = wide_file(150, 100, 10);
  for (const bool direct : {false, true}) {
    io::testing::MemStorage storage;
    storage.put("f.parquet", file);
    const auto opened = storage.open("f.parquet", {.direct = direct});
    ASSERT_OK(opened);
    const auto footer = read_footer(**opened, nullptr);
    ASSERT_OK(footer);
    EXPECT_GT(footer->bytes.size(), 64U * 1024);
    EXPECT_EQ(storage.count(io::testing::MemCall::Op::kRead), 2U);
    EXPECT_TRUE(std::ranges::equal(footer->bytes,
                                   Bytes(file).subspan(file.size() - 8 - footer->bytes.size(), footer->bytes.size())));
  }
}

TEST(Footer, OfWhatIsNoParquetFileIsRefused) {
  const auto file = wide_file(2, 10, 10);
  EXPECT_ERROR(footer_of({}), Code::kCorrupt, "is 0 bytes long");
  EXPECT_ERROR(footer_of(std::vector<std::byte>(11)), Code::kCorrupt, "is 11 bytes long");
  EXPECT_ERROR(footer_of(std::vector<std::byte>(100)), Code::kCorrupt, "does not end with the magic");
  auto cut = file;
  cut.resize(cut.size() - 1);
  EXPECT_ERROR(footer_of(cut), Code::kCorrupt, "does not end with the magic");
  auto huge = file;
  huge[huge.size() - 5] = std::byte{0x7F};
  EXPECT_ERROR(footer_of(huge), Code::kCorrupt, "claims a footer of");
  auto encrypted = file;
  encrypted.back() = std::byte{'E'};
  EXPECT_ERROR(footer_of(encrypted), Code::kUnsupported, "encrypted");
}

TEST(Footer, MissingColumnsAreAllNamedTogetherWithTheFilesOwn) {
  const auto file = wide_file(3, 10, 10);
  const auto footer = footer_of(file);
  ASSERT_OK(footer);
  const auto parsed = parse_footer(footer->bytes, file.size(), {.names = {"c1", "image", "label"}});
  EXPECT_ERROR(parsed, Code::kConfig, "has no columns image, label; its 3 columns are c0, c1, c2");
  const auto many = wide_file(100, 1, 1);
  const auto long_footer = footer_of(many);
  ASSERT_OK(long_footer);
  EXPECT_ERROR(parse_footer(long_footer->bytes, many.size(), {.names = {"x"}}), Code::kConfig,
               "c19, ... (76 more), c96");
}

TEST(Footer, TypesThatDifferFromTheConfiguredOnesAreTold) {
  const auto file = wide_file(3, 10, 10);
  const auto footer = footer_of(file);
  ASSERT_OK(footer);
  Selection selection;
  selection.specs = {{.name = "c0", .dtype = config::DType::kInt8},
                     {.name = "c1", .dtype = config::DType::kString},
                     {.name = "c2", .dtype = config::DType::kInt32, .size = 4}};
  const auto parsed = parse_footer(footer->bytes, file.size(), selection);
  ASSERT_OK(parsed);
  EXPECT_EQ(parsed->index.type_difference,
            "'c0' is int32 (configured: int8), 'c2' is int32 (configured: list of int32)");
}

TEST(Footer, ChunksOutsideTheFileAreCorrupt) {
  const auto file = wide_file(2, 10, 10);
  const auto footer = footer_of(file);
  ASSERT_OK(footer);
  EXPECT_ERROR(parse_footer(footer->bytes, 30, {}), Code::kCorrupt, "of a file of 30 bytes");
}

std::shared_ptr<const FileIndex> index_of_size(std::uint64_t chunks) {
  auto index = std::make_shared<FileIndex>();
  index->file_size = 7;
  index->chunks.resize(chunks);
  return index;
}

// Keeps the index of a file of that path, size and version, as far as there is room.
void keep(FooterCache& cache, const FileKey& key, std::uint64_t chunks = 1000) {
  EXPECT_OK(cache.find_or_make(key, [&] { return index_of_size(chunks); }));
}

TEST(FooterCache, KeepsWhatWasUsedLastWithinItsBound) {
  const std::uint64_t one = index_of_size(1000)->memory_bytes();
  FooterCache cache(3 * one + 1000, footer_cost);
  for (const char* path : {"a", "b", "c"}) keep(cache, {path, 7, 1});
  EXPECT_NE(cache.find({"a", 7, 1}), nullptr);
  keep(cache, {"d", 7, 1});
  EXPECT_EQ(cache.find({"b", 7, 1}), nullptr) << "the least recently used one goes first";
  EXPECT_NE(cache.find({"a", 7, 1}), nullptr);
  EXPECT_NE(cache.find({"d", 7, 1}), nullptr);
  EXPECT_LE(cache.used(), 3 * one + 1000);
  EXPECT_EQ(cache.find({"a", 8, 1}), nullptr) << "a file of another size is another file";
  EXPECT_EQ(cache.find({"a", 7, 2}), nullptr) << "so is one that was written or replaced";
  keep(cache, {"huge", 7, 1}, 5000);
  EXPECT_EQ(cache.find({"huge", 7, 1}), nullptr);
  EXPECT_NE(cache.find({"d", 7, 1}), nullptr) << "what does not fit pushes nothing out";
}

}  // namespace
}  // namespace stoker::format::parquet
