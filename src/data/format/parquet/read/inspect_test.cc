#include "data/format/parquet/read/inspect.h"

#include <arrow/type.h>
#include <gtest/gtest.h>

#include <cstring>
#include <stop_token>

#include "base/testing/status_matchers.h"
#include "data/format/parquet/parquet_internal.h"
#include "data/format/parquet/read/page_walk.h"
#include "data/format/parquet/testing/arrow_files.h"
#include "data/io/testing/faulty_storage.h"
#include "data/io/testing/mem_storage.h"

namespace stoker::format::parquet {
namespace {

using io::testing::MemStorage;

Result<FileInfo> inspect(const std::vector<std::byte>& bytes, Detail detail = Detail::kStorage) {
  MemStorage storage;
  storage.put("f.parquet", bytes);
  return inspect_parquet(storage, "f.parquet", detail);
}

// 900 rows in row groups of 400: an int8, a list of two float32.
std::vector<std::byte> own_file(config::Compression compression = config::Compression::kNone, bool dictionary = false) {
  config::Workload workload;
  workload.dataset.format = config::FormatName::kParquet;
  workload.dataset.compression = compression;
  workload.dataset.parquet.dictionary = dictionary;
  workload.dataset.parquet.row_group_size = 400;
  workload.dataset.parquet.columns = {{.name = "i8", .dtype = config::DType::kInt8},
                                      {.name = "v", .dtype = config::DType::kFloat32, .size = 2}};
  MemStorage storage;
  const auto writer = make_parquet_writer(workload);
  EXPECT_OK(writer);
  const auto out = storage.create("f.parquet");
  EXPECT_OK(out);
  EXPECT_OK((*writer)->write({.rows = 900, .path = "f.parquet"}, **out, std::stop_token{}));
  EXPECT_OK((*out)->commit());
  return storage.get("f.parquet");
}

TEST(InspectParquet, KnowsTheSchemaFromTheFooterAlone) {
  const auto bytes = own_file();
  const auto info = inspect(bytes, Detail::kSchema);
  ASSERT_OK(info);
  EXPECT_EQ(info->file_bytes, bytes.size());
  EXPECT_EQ(info->rows, 900U);
  EXPECT_EQ(info->num_row_groups, 3U);
  EXPECT_TRUE(info->row_groups.empty());
  const std::vector<SchemaNode> schema{{.name = "i8", .physical = "INT32", .logical = "Int(bitWidth=8, isSigned=true)"},
                                       {.name = "v", .logical = "List"},
                                       {.name = "list", .depth = 1, .repetition = Repetition::kRepeated},
                                       {.name = "element", .depth = 2, .physical = "FLOAT"}};
  EXPECT_EQ(info->schema, schema);
  ASSERT_EQ(info->columns.size(), 2U);
  EXPECT_EQ(info->columns[0].name, "i8");
  EXPECT_EQ(info->columns[0].type, "int8");
  EXPECT_EQ(info->columns[0].values, ValueType::kSigned);
  EXPECT_EQ(info->columns[0].width, 1U);
  EXPECT_EQ(info->columns[1].name, "v.list.element");
  EXPECT_EQ(info->columns[1].values, ValueType::kFloat);
}

TEST(InspectParquet, KnowsWhatEveryLevelMeans) {
  // Optional all the way: a list of records with a list in it; and the same with nothing optional.
  const auto levels = [](bool nullable) {
    const auto field = [&](const std::string& name, const std::shared_ptr<::arrow::DataType>& type) {
      return ::arrow::field(name, type, nullable);
    };
    const auto record = ::arrow::struct_({field("a", ::arrow::list(field("item", ::arrow::int8())))});
    const auto schema = ::arrow::schema({field("x", ::arrow::list(field("item", record)))});
    ::parquet::WriterProperties::Builder builder;
    const auto info = inspect(testing::write_with_arrow(*testing::random_table(schema, {.rows = 3}), builder.build()));
    EXPECT_OK(info);
    std::string text;
    for (const LevelInfo& level : info->columns.at(0).levels)
      text += fmt::format("{} {} {};", level.missing, level.lists, level.empty_list);
    return text;
  };
  // x, list, element, a, list, element.
  EXPECT_EQ(levels(true), "6 0 false;5 0 true;4 1 false;3 1 false;2 1 true;1 2 false;0 2 false;");
  EXPECT_EQ(levels(false), "5 0 true;2 1 true;0 2 false;");
}

TEST(InspectParquet, CountsThePagesOfOwnFiles) {
  const auto plain = inspect(own_file());
  ASSERT_OK(plain);
  EXPECT_THAT(plain->created_by, ::testing::StartsWith("stoker version "));
  ASSERT_EQ(plain->keys.size(), 1U);
  EXPECT_EQ(plain->keys[0].name, "ARROW:schema");
  EXPECT_GT(plain->keys[0].value_bytes, 100U);
  ASSERT_EQ(plain->row_groups.size(), 3U);
  EXPECT_EQ(plain->row_groups[0].rows, 400U);
  EXPECT_EQ(plain->row_groups[2].rows, 100U);
  const ChunkInfo& i8 = plain->row_groups[0].columns.at(0);
  EXPECT_EQ(i8.codec, "uncompressed");
  EXPECT_EQ(i8.values, 400U);
  EXPECT_EQ(i8.pages.data, 1U);
  EXPECT_EQ(i8.pages.dictionary, 0U);
  EXPECT_EQ(i8.pages.other, 0U);
  EXPECT_EQ(i8.pages.version2, 0U);
  EXPECT_EQ(i8.pages.with_checksum, 0U);
  EXPECT_EQ(i8.pages.smallest_bytes, 1600U);
  EXPECT_EQ(i8.pages.largest_bytes, 1600U);
  EXPECT_EQ(i8.stored_bytes, i8.plain_bytes);
  EXPECT_TRUE(i8.offset_index);
  EXPECT_FALSE(i8.column_index);
  EXPECT_FALSE(i8.bloom_filter);
  EXPECT_FALSE(i8.nulls.has_value());
  EXPECT_FALSE(i8.min.has_value());

  const auto packed = inspect(own_file(config::Compression::kZstd, true));
  ASSERT_OK(packed);
  const ChunkInfo& v = packed->row_groups[0].columns.at(1);
  EXPECT_EQ(v.codec, "zstd");
  EXPECT_EQ(v.values, 800U);
  EXPECT_EQ(v.pages.dictionary, 1U);
  EXPECT_EQ(v.pages.data, 1U);
}

TEST(InspectParquet, HasStatisticsAndManyPages) {
  const auto schema = ::arrow::schema({::arrow::field("x", ::arrow::int16())});
  const auto table = testing::random_table(schema, {.rows = 5000, .nulls = 0.5});
  ::parquet::WriterProperties::Builder builder;
  builder.data_page_version(::parquet::ParquetDataPageVersion::V2)->disable_dictionary()->enable_write_page_index();
  builder.data_pagesize(1000)->write_batch_size(100)->enable_page_checksum();
  const auto info = inspect(testing::write_with_arrow(*table, builder.build()));
  ASSERT_OK(info);
  const ChunkInfo& x = info->row_groups.at(0).columns.at(0);
  EXPECT_GT(x.pages.data, 3U);
  EXPECT_EQ(x.pages.version2, x.pages.data);
  EXPECT_EQ(x.pages.with_checksum, x.pages.data);
  EXPECT_LT(x.pages.smallest_bytes, x.pages.largest_bytes);
  EXPECT_TRUE(x.column_index);
  EXPECT_EQ(x.nulls, static_cast<std::uint64_t>(table->column(0)->null_count()));
  // As wide as the type, although they are stored as 32 bits.
  ASSERT_TRUE(x.min.has_value() && x.max.has_value());
  EXPECT_EQ(x.min->size(), 2U);
  std::int16_t least = 0, most = 0;
  std::memcpy(&least, x.min->data(), 2);
  std::memcpy(&most, x.max->data(), 2);
  EXPECT_LT(least, most);
}

TEST(InspectParquet, KnowsHowValuesAreToBeRead) {
  const auto type_of = [](const std::shared_ptr<::arrow::DataType>& type) {
    ::parquet::WriterProperties::Builder builder;
    const auto table = testing::random_table(::arrow::schema({::arrow::field("x", type)}), {.rows = 1});
    const auto info = inspect(testing::write_with_arrow(*table, builder.build()), Detail::kSchema);
    EXPECT_OK(info);
    return info->columns.at(0).values;
  };
  EXPECT_EQ(type_of(::arrow::boolean()), ValueType::kBool);
  EXPECT_EQ(type_of(::arrow::int64()), ValueType::kSigned);
  EXPECT_EQ(type_of(::arrow::int32()), ValueType::kSigned);
  EXPECT_EQ(type_of(::arrow::uint8()), ValueType::kUnsigned);
  EXPECT_EQ(type_of(::arrow::uint64()), ValueType::kUnsigned);
  EXPECT_EQ(type_of(::arrow::float32()), ValueType::kFloat);
  EXPECT_EQ(type_of(::arrow::float64()), ValueType::kFloat);
  EXPECT_EQ(type_of(::arrow::utf8()), ValueType::kText);
  EXPECT_EQ(type_of(::arrow::binary()), ValueType::kBinary);
  EXPECT_EQ(type_of(::arrow::fixed_size_binary(4)), ValueType::kBinary);
}

TEST(InspectParquet, NamesThePlaceOfABrokenPage) {
  const auto good = own_file();
  const auto broken = [&](std::size_t at, std::byte value) {
    auto bytes = good;
    bytes[at] = value;
    return bytes;
  };
  // The first page begins behind the magic; its header's first field has type 15, which there is none of.
  EXPECT_ERROR(inspect(broken(4, std::byte{0x1F})), Code::kCorrupt,
               "f.parquet: row group 0: column 'i8': page 0 at byte 4: the page header is malformed");
  EXPECT_OK(inspect(broken(4, std::byte{0x1F}), Detail::kSchema));
  EXPECT_OK(inspect(good));
}

TEST(InspectParquet, ErrorsOfTheStorageAreNotBlamedOnTheFile) {
  MemStorage memory;
  memory.put("f.parquet", own_file());
  for (const std::uint64_t read : {1U, 2U}) {
    io::testing::FaultyStorage storage(memory, {.fail_read = read});
    const auto info = inspect_parquet(storage, "f.parquet", Detail::kStorage);
    EXPECT_ERROR(info, Code::kIo, "f.parquet: ");
    EXPECT_EQ(info.error().message.find("f.parquet", 1), std::string::npos) << info.error().message;
  }
  EXPECT_ERROR(inspect_parquet(memory, "none.parquet", Detail::kSchema), Code::kNotFound, "none.parquet");
}

// A chunk of pages, each a v1 data page header and its bytes.
class PageWalkOf : public ::testing::Test {
 protected:
  // type 0, sizes, data_page_header {values, encoding PLAIN, levels RLE}: small numbers, one byte each.
  void add_page(int values, int bytes) {
    const int header[] = {0x15, 0x00, 0x15, bytes * 2, 0x15, bytes * 2, 0x2C, 0x15, values * 2,
                          0x15, 0x00, 0x15, 0x06,      0x15, 0x06,      0x00, 0x00};
    for (const int b : header) content_.push_back(static_cast<std::byte>(b));
    content_.resize(content_.size() + static_cast<std::size_t>(bytes));
  }

  Status walk(std::uint64_t values, std::uint64_t bytes) {
    MemStorage storage;
    storage.put("f", content_);
    const auto file = storage.open("f", {});
    const ChunkIndex chunk{.offset = 0, .bytes = bytes, .values = values};
    pages_.clear();
    return walk_pages(**file, chunk, [&](const PageHeader& header) { pages_.push_back(header.values); });
  }

  std::vector<std::byte> content_;
  std::vector<std::uint32_t> pages_;
};

TEST_F(PageWalkOf, GoesToTheLastValue) {
  add_page(3, 20);
  add_page(4, 10);
  EXPECT_OK(walk(7, content_.size()));
  EXPECT_EQ(pages_, (std::vector<std::uint32_t>{3, 4}));
  // What follows is nobody's page.
  content_.resize(content_.size() + 100, std::byte{0xFF});
  EXPECT_OK(walk(7, content_.size()));
  EXPECT_EQ(pages_.size(), 2U);
  EXPECT_OK(walk(0, 0));
  EXPECT_TRUE(pages_.empty());
}

TEST_F(PageWalkOf, TellsWhichPageIsWrongAndWhere) {
  add_page(3, 20);
  add_page(4, 10);
  const std::size_t all = content_.size();
  EXPECT_ERROR(walk(7, all - 1), Code::kCorrupt,
               "page 1 at byte 37: has 10 bytes, but the column chunk has only 9 left");
  EXPECT_ERROR(walk(6, all), Code::kCorrupt, "page 1 at byte 37: has 4 values, but the column chunk has only 3 left");
  EXPECT_ERROR(walk(8, all), Code::kCorrupt, "the column chunk ends after 7 of its 8 values");
  EXPECT_ERROR(walk(7, 37), Code::kCorrupt, "the column chunk ends after 3 of its 7 values");
  EXPECT_ERROR(walk(7, 40), Code::kCorrupt, "page 1 at byte 37: the column chunk ends inside the page header");
}

TEST_F(PageWalkOf, TakesHeadersLongerThanItReadsAtFirst) {
  // Statistics of 5,000 bytes, as the field of another kind that they are to this reader: field 5's struct has field 5.
  const std::vector<std::byte> before = content_;
  for (const int b :
       {0x15, 0x00, 0x15, 0x02, 0x15, 0x02, 0x2C, 0x15, 0x02, 0x15, 0x00, 0x15, 0x06, 0x15, 0x06, 0x1C, 0x18})
    content_.push_back(static_cast<std::byte>(b));
  // A varint of 5,000, the bytes, the ends of three structs, the page's one byte.
  content_.push_back(static_cast<std::byte>(0x88));
  content_.push_back(static_cast<std::byte>(0x27));
  content_.resize(content_.size() + 5000);
  for (int i = 0; i < 4; ++i) content_.push_back(std::byte{0});
  EXPECT_OK(walk(1, content_.size()));
  EXPECT_EQ(pages_, std::vector<std::uint32_t>{1});
}

}  // namespace
}  // namespace stoker::format::parquet
