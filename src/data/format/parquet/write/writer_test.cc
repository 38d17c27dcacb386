// Files written to memory, read back by Arrow.
#include <arrow/api.h>
#include <arrow/io/memory.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <parquet/arrow/reader.h>
#include <parquet/column_page.h>
#include <parquet/column_reader.h>
#include <parquet/file_reader.h>
#include <parquet/page_index.h>

#include <algorithm>
#include <cstring>
#include <numeric>

#include "base/testing/status_matchers.h"
#include "config/columns.h"
#include "data/format/parquet/parquet_internal.h"
#include "data/format/values.h"
#include "data/io/testing/faulty_storage.h"
#include "data/io/testing/mem_storage.h"

namespace stoker::format::parquet {
namespace {

using config::ColumnSpec;
using config::Compression;
using config::DType;
using ::testing::ElementsAre;

constexpr std::uint64_t kFile = 3;

config::Workload workload(std::vector<ColumnSpec> columns, std::int64_t row_group_size = 1000) {
  config::Workload w;
  w.dataset.format = config::FormatName::kParquet;
  w.dataset.parquet.columns = std::move(columns);
  w.dataset.parquet.row_group_size = row_group_size;
  return w;
}

std::vector<ColumnSpec> every_type() {
  std::vector<ColumnSpec> columns;
  const auto add = [&](DType dtype, std::int64_t size) {
    columns.push_back({.name = fmt::format("{}_{}", config::to_string(dtype), size), .dtype = dtype, .size = size});
  };
  for (const DType dtype : {DType::kUint8, DType::kUint16, DType::kUint32, DType::kUint64, DType::kInt8, DType::kInt16,
                            DType::kInt32, DType::kInt64, DType::kFloat16, DType::kFloat32, DType::kFloat64}) {
    for (const std::int64_t size : {1, 3, 40}) add(dtype, size);
  }
  add(DType::kBool, 1);
  add(DType::kString, 1);
  add(DType::kBinary, 1);
  add(DType::kBinary, 21);
  add(DType::kList, 1);
  add(DType::kList, 5);
  return columns;
}

dataset::FileSpec file_spec(std::uint64_t rows, std::uint64_t index = kFile) {
  return {.index = index, .rows = rows, .path = "f.parquet"};
}

std::shared_ptr<arrow::Buffer> write(FileWriter& writer, const dataset::FileSpec& spec) {
  io::testing::MemStorage storage;
  auto file = storage.create(spec.path);
  EXPECT_OK(file);
  EXPECT_OK((*file)->append({}));
  EXPECT_OK(writer.write(spec, **file, {}));
  EXPECT_OK((*file)->commit());
  const std::vector<std::byte> content = storage.get(spec.path);
  return arrow::Buffer::FromString(std::string(reinterpret_cast<const char*>(content.data()), content.size()));
}

std::shared_ptr<arrow::Buffer> write(const config::Workload& w, std::uint64_t rows) {
  auto writer = make_parquet_writer(w);
  EXPECT_OK(writer);
  return write(**writer, file_spec(rows));
}

std::unique_ptr<::parquet::ParquetFileReader> open(const std::shared_ptr<arrow::Buffer>& file) {
  return ::parquet::ParquetFileReader::Open(std::make_shared<arrow::io::BufferReader>(file));
}

std::shared_ptr<arrow::Table> read_table(const std::shared_ptr<arrow::Buffer>& file) {
  std::unique_ptr<::parquet::arrow::FileReader> reader;
  ::parquet::arrow::FileReaderBuilder builder;
  EXPECT_TRUE(builder.Open(std::make_shared<arrow::io::BufferReader>(file)).ok());
  EXPECT_TRUE(builder.Build(&reader).ok());
  auto table = reader->ReadTable();
  EXPECT_TRUE(table.ok()) << table.status();
  EXPECT_TRUE((*table)->ValidateFull().ok());
  return *table;
}

template <class Builder, class Value>
std::shared_ptr<arrow::Array> build(std::uint64_t count, Value value) {
  Builder builder;
  for (std::uint64_t i = 0; i < count; ++i) EXPECT_TRUE(builder.Append(value(i)).ok());
  return builder.Finish().ValueOrDie();
}

// Elements [0, count) of column `index` as an array, from the value generator alone.
std::shared_ptr<arrow::Array> expected_elements(const ColumnSpec& column, std::uint64_t index, std::uint64_t count) {
  const std::uint64_t key = column_key(kFile, index);
  const auto fixed = [&](ValueKind kind, std::shared_ptr<arrow::DataType> type) {
    auto buffer = arrow::AllocateBuffer(static_cast<std::int64_t>(count * value_bytes(kind))).ValueOrDie();
    fill_values(kind, key, 0, count, reinterpret_cast<std::byte*>(buffer->mutable_data()));
    return arrow::MakeArray(arrow::ArrayData::Make(std::move(type), static_cast<std::int64_t>(count),
                                                   {nullptr, std::shared_ptr<arrow::Buffer>(std::move(buffer))}));
  };
  switch (column.dtype) {
    case DType::kUint8: return fixed(ValueKind::kRaw8, arrow::uint8());
    case DType::kUint16: return fixed(ValueKind::kRaw16, arrow::uint16());
    case DType::kUint32: return fixed(ValueKind::kRaw32, arrow::uint32());
    case DType::kUint64: return fixed(ValueKind::kRaw64, arrow::uint64());
    case DType::kInt8: return fixed(ValueKind::kRaw8, arrow::int8());
    case DType::kInt16: return fixed(ValueKind::kRaw16, arrow::int16());
    case DType::kInt32: return fixed(ValueKind::kRaw32, arrow::int32());
    case DType::kInt64: return fixed(ValueKind::kRaw64, arrow::int64());
    case DType::kFloat16: return fixed(ValueKind::kUnitFloat16, arrow::float16());
    case DType::kFloat32:
    case DType::kList: return fixed(ValueKind::kUnitFloat32, arrow::float32());
    case DType::kFloat64: return fixed(ValueKind::kUnitFloat64, arrow::float64());
    case DType::kBool:
      return build<arrow::BooleanBuilder>(count, [&](std::uint64_t i) {
        std::byte bit;
        fill_bits(key, i, 1, &bit);
        return bit != std::byte{0};
      });
    case DType::kString:
      return build<arrow::StringBuilder>(count, [&](std::uint64_t i) {
        std::uint32_t word;
        fill_values(ValueKind::kRaw32, key, i, 1, reinterpret_cast<std::byte*>(&word));
        return fmt::format("s_{}", word >> 1);
      });
    case DType::kBinary:
      return build<arrow::BinaryBuilder>(count, [&](std::uint64_t i) {
        std::string bytes(static_cast<std::size_t>(column.size), '\0');
        fill_bytes(key, i * bytes.size(), std::as_writable_bytes(std::span(bytes)));
        return bytes;
      });
    default: ADD_FAILURE(); return nullptr;
  }
}

std::shared_ptr<arrow::Array> expected_column(const ColumnSpec& column, std::uint64_t index, std::uint64_t rows,
                                              bool nullable) {
  if (!config::is_vector(column)) return expected_elements(column, index, rows);
  const auto size = static_cast<std::uint64_t>(column.size);
  auto values = expected_elements(column, index, rows * size);
  auto type =
      arrow::fixed_size_list(arrow::field("element", values->type(), nullable), static_cast<std::int32_t>(size));
  return std::make_shared<arrow::FixedSizeListArray>(type, static_cast<std::int64_t>(rows), values);
}

void expect_values(const config::Workload& w, std::uint64_t rows) {
  const auto table = read_table(write(w, rows));
  const auto& columns = w.dataset.parquet.columns;
  ASSERT_EQ(table->num_columns(), static_cast<int>(columns.size()));
  ASSERT_EQ(table->num_rows(), static_cast<std::int64_t>(rows));
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const auto& field = *table->schema()->field(static_cast<int>(i));
    EXPECT_EQ(field.name(), columns[i].name);
    EXPECT_EQ(field.nullable(), w.dataset.parquet.dictionary);
    const auto expected = expected_column(columns[i], i, rows, w.dataset.parquet.dictionary);
    EXPECT_TRUE(field.type()->Equals(expected->type())) << field.ToString() << " v. " << expected->type()->ToString();
    EXPECT_TRUE(table->column(static_cast<int>(i))->Equals(arrow::ChunkedArray(expected))) << field.ToString();
  }
}

struct Coding {
  Compression compression;
  bool dictionary;
};

class WriterOfAllTypes : public ::testing::TestWithParam<Coding> {};

TEST_P(WriterOfAllTypes, ArrowReadsTheGeneratedValues) {
  config::Workload w = workload(every_type(), 1003);
  w.dataset.compression = GetParam().compression;
  w.dataset.parquet.dictionary = GetParam().dictionary;
  expect_values(w, 2501);
}

INSTANTIATE_TEST_SUITE_P(Codings, WriterOfAllTypes,
                         ::testing::Values(Coding{Compression::kNone, false}, Coding{Compression::kSnappy, false},
                                           Coding{Compression::kGzip, false}, Coding{Compression::kZstd, false},
                                           Coding{Compression::kLz4, false}, Coding{Compression::kNone, true},
                                           Coding{Compression::kZstd, true}),
                         [](const auto& coding) {
                           return fmt::format("{}_{}", config::to_string(coding.param.compression),
                                              coding.param.dictionary ? "dictionary" : "plain");
                         });

// Pages of every kind: several per chunk, one per row, rows split over pages, values larger than the write buffer.
TEST(Writer, LargeRows) {
  const std::vector<ColumnSpec> columns{{.name = "split", .dtype = DType::kUint8, .size = (9 << 20) + 3},
                                        {.name = "own_page", .dtype = DType::kFloat32, .size = 400'001},
                                        {.name = "binary", .dtype = DType::kBinary, .size = 5'000'001},
                                        {.name = "small", .dtype = DType::kInt16, .size = 100'001},
                                        {.name = "scalar", .dtype = DType::kInt64}};
  for (const Compression compression : {Compression::kNone, Compression::kLz4}) {
    config::Workload w = workload(columns, 4);
    w.dataset.compression = compression;
    expect_values(w, 6);
  }
}

TEST(Writer, ScalarsOverSeveralPages) {
  expect_values(workload({{.name = "f", .dtype = DType::kFloat64},
                          {.name = "b", .dtype = DType::kBool},
                          {.name = "s", .dtype = DType::kString},
                          {.name = "h", .dtype = DType::kFloat16}},
                         299'999),
                600'001);
}

// Distinct values beyond the limit of the dictionary: the first pages refer to it, the others are PLAIN. 16-bit values
// never reach it.
TEST(Writer, DictionariesFallBackToPlain) {
  config::Workload w = workload({{.name = "f", .dtype = DType::kFloat32},
                                 {.name = "wide", .dtype = DType::kFloat32, .size = 30},
                                 {.name = "i16", .dtype = DType::kInt16},
                                 {.name = "s", .dtype = DType::kString},
                                 {.name = "i8", .dtype = DType::kInt8}},
                                1'000'000);
  w.dataset.parquet.dictionary = true;
  expect_values(w, 700'000);
  const auto reader = open(write(w, 700'000));
  const auto encodings = [&](int column) {
    std::vector<::parquet::Encoding::type> seen;
    auto pages = reader->RowGroup(0)->GetColumnPageReader(column);
    while (const auto page = pages->NextPage()) {
      if (page->type() == ::parquet::PageType::DATA_PAGE) {
        seen.push_back(static_cast<const ::parquet::DataPage&>(*page).encoding());
      }
    }
    return seen;
  };
  using ::parquet::Encoding;
  EXPECT_THAT(encodings(0), ElementsAre(Encoding::RLE_DICTIONARY, Encoding::PLAIN, Encoding::PLAIN));
  const auto wide = encodings(1);
  EXPECT_EQ(std::count(wide.begin(), wide.end(), Encoding::RLE_DICTIONARY), 1);
  EXPECT_EQ(wide.back(), Encoding::PLAIN);
  EXPECT_THAT(encodings(2), ElementsAre(Encoding::RLE_DICTIONARY, Encoding::RLE_DICTIONARY, Encoding::RLE_DICTIONARY));
  EXPECT_THAT(encodings(4), ElementsAre(Encoding::RLE_DICTIONARY));
}

TEST(Writer, DictionarySplitsLargeRows) {
  config::Workload w = workload({{.name = "wide", .dtype = DType::kFloat32, .size = 700'000}}, 10);
  w.dataset.parquet.dictionary = true;
  expect_values(w, 3);
}

TEST(Writer, RowGroupsAreExactWhateverTheBatch) {
  config::Workload w = workload({{.name = "x", .dtype = DType::kFloat32}}, 1024);
  const auto whole = write(w, 2500);
  const auto metadata = open(whole)->metadata();
  ASSERT_EQ(metadata->num_row_groups(), 3);
  EXPECT_EQ(metadata->num_rows(), 2500);
  EXPECT_EQ(metadata->RowGroup(0)->num_rows(), 1024);
  EXPECT_EQ(metadata->RowGroup(1)->num_rows(), 1024);
  EXPECT_EQ(metadata->RowGroup(2)->num_rows(), 452);
  w.dataset.parquet.generation_batch_size = 1000;
  EXPECT_TRUE(write(w, 2500)->Equals(*whole));
}

TEST(Writer, FooterTellsTheTruth) {
  for (const auto& [compression, codec] : {std::pair{Compression::kNone, ::parquet::Compression::UNCOMPRESSED},
                                           {Compression::kSnappy, ::parquet::Compression::SNAPPY},
                                           {Compression::kGzip, ::parquet::Compression::GZIP},
                                           {Compression::kZstd, ::parquet::Compression::ZSTD},
                                           {Compression::kLz4, ::parquet::Compression::LZ4}}) {
    config::Workload w = workload(every_type(), 700);
    w.dataset.compression = compression;
    const auto file = write(w, 1500);
    const auto metadata = open(file)->metadata();
    EXPECT_THAT(metadata->created_by(), ::testing::StartsWith("stoker version "));
    EXPECT_EQ(metadata->writer_version().application_, "stoker");
    EXPECT_EQ(metadata->version(), ::parquet::ParquetVersion::PARQUET_2_6);
    EXPECT_TRUE(metadata->key_value_metadata()->Contains("ARROW:schema"));
    std::int64_t at = 4;  // behind the magic number
    for (int g = 0; g < metadata->num_row_groups(); ++g) {
      const auto group = metadata->RowGroup(g);
      EXPECT_EQ(group->file_offset(), at);
      std::int64_t uncompressed = 0;
      for (int c = 0; c < group->num_columns(); ++c) {
        const auto chunk = group->ColumnChunk(c);
        EXPECT_EQ(chunk->compression(), codec);
        EXPECT_FALSE(chunk->is_stats_set());
        EXPECT_EQ(chunk->has_dictionary_page() ? chunk->dictionary_page_offset() : chunk->data_page_offset(), at);
        const auto& spec = w.dataset.parquet.columns[static_cast<std::size_t>(c)];
        const bool bytes = config::is_vector(spec) && config::element_bytes(spec.dtype) == 1;
        EXPECT_EQ(chunk->has_dictionary_page(), bytes) << spec.name;
        const std::int64_t elements = config::is_vector(spec) ? spec.size : 1;
        EXPECT_EQ(chunk->num_values(), group->num_rows() * elements);
        EXPECT_EQ(metadata->schema()->Column(c)->max_definition_level(), config::is_vector(spec) ? 1 : 0);
        EXPECT_EQ(metadata->schema()->Column(c)->max_repetition_level(), config::is_vector(spec) ? 1 : 0);
        if (codec == ::parquet::Compression::UNCOMPRESSED) {
          EXPECT_EQ(chunk->total_compressed_size(), chunk->total_uncompressed_size());
        }
        at += chunk->total_compressed_size();
        uncompressed += chunk->total_uncompressed_size();
      }
      EXPECT_EQ(group->total_byte_size(), uncompressed);
    }
  }
}

TEST(Writer, SchemaHasLogicalAndConvertedTypes) {
  const auto metadata = open(write(workload(every_type()), 1))->metadata();
  const auto& schema = *metadata->schema();
  const auto leaf = [&](std::string_view path) { return schema.Column(schema.ColumnIndex(std::string(path))); };
  EXPECT_EQ(leaf("uint8_1")->converted_type(), ::parquet::ConvertedType::UINT_8);
  EXPECT_TRUE(leaf("uint8_1")->logical_type()->Equals(*::parquet::LogicalType::Int(8, false)));
  EXPECT_EQ(leaf("int16_3.list.element")->converted_type(), ::parquet::ConvertedType::INT_16);
  EXPECT_TRUE(leaf("uint64_1")->logical_type()->Equals(*::parquet::LogicalType::Int(64, false)));
  EXPECT_TRUE(leaf("float16_1")->logical_type()->is_float16());
  EXPECT_EQ(leaf("float16_1")->physical_type(), ::parquet::Type::FIXED_LEN_BYTE_ARRAY);
  EXPECT_EQ(leaf("string_1")->converted_type(), ::parquet::ConvertedType::UTF8);
  EXPECT_TRUE(leaf("string_1")->logical_type()->is_string());
  EXPECT_FALSE(leaf("binary_21")->logical_type()->is_string());
  const auto list = schema.group_node()->field(schema.group_node()->FieldIndex("list_5"));
  EXPECT_TRUE(list->logical_type()->is_list());
  EXPECT_EQ(list->converted_type(), ::parquet::ConvertedType::LIST);
}

TEST(Writer, OffsetIndexesLeadToPagesThatBeginWithARow) {
  std::vector<ColumnSpec> columns{{.name = "scalar", .dtype = DType::kInt32},
                                  {.name = "vector", .dtype = DType::kFloat32, .size = 100'000},
                                  {.name = "bytes", .dtype = DType::kUint8, .size = 700'000},
                                  {.name = "split", .dtype = DType::kUint8, .size = (8 << 20) + 1}};
  for (const bool dictionary : {false, true}) {
    config::Workload w = workload(columns, 5);
    w.dataset.parquet.dictionary = dictionary;
    const auto file = write(w, 8);
    const auto reader = open(file);
    for (int g = 0; g < 2; ++g) {
      const auto group = reader->metadata()->RowGroup(g);
      const auto indexes = reader->GetPageIndexReader()->RowGroup(g);
      for (int c = 0; c < 4; ++c) {
        const auto index = indexes->GetOffsetIndex(c);
        ASSERT_EQ(index == nullptr, c == 3);
        if (index == nullptr) continue;
        const auto chunk = group->ColumnChunk(c);
        const std::int64_t elements = c == 0 ? 1 : columns[static_cast<std::size_t>(c)].size;
        auto pages = reader->RowGroup(g)->GetColumnPageReader(c);
        std::int64_t at = chunk->data_page_offset();
        std::int64_t row = 0;
        for (const auto& location : index->page_locations()) {
          EXPECT_EQ(location.offset, at);
          EXPECT_EQ(location.first_row_index, row);
          auto page = pages->NextPage();
          if (page->type() == ::parquet::PageType::DICTIONARY_PAGE) page = pages->NextPage();
          ASSERT_NE(page, nullptr);
          const int values = static_cast<const ::parquet::DataPage&>(*page).num_values();
          EXPECT_EQ(values % elements, 0);
          row += values / elements;
          at += location.compressed_page_size;
        }
        EXPECT_EQ(pages->NextPage(), nullptr);
        EXPECT_EQ(row, group->num_rows());
        const std::int64_t begin =
            chunk->has_dictionary_page() ? chunk->dictionary_page_offset() : chunk->data_page_offset();
        EXPECT_EQ(at, begin + chunk->total_compressed_size());
      }
    }
  }
}

TEST(Writer, WithoutColumnsASampleIsAListOfBytes) {
  config::Workload w = workload({});
  w.dataset.record_length_bytes = 10000;
  const auto table = read_table(write(w, 7));
  ASSERT_EQ(table->num_columns(), 1);
  EXPECT_EQ(table->schema()->field(0)->name(), "data");
  const auto expected = expected_column({.name = "data", .dtype = DType::kUint8, .size = 10000}, 0, 7, false);
  EXPECT_TRUE(table->column(0)->Equals(arrow::ChunkedArray(expected)));
  // All dimensions count, and the width of an element.
  w.dataset.record_dims = {3, 4, 5};
  w.dataset.record_element_type = DType::kFloat16;
  const auto wide = read_table(write(w, 2))->schema()->field(0)->type();
  EXPECT_EQ(static_cast<const arrow::FixedSizeListType&>(*wide).list_size(), 3 * 4 * 5 * 2);
}

TEST(Writer, SampleSizesMayDifferBetweenFiles) {
  config::Workload w = workload({});
  w.dataset.record_length_bytes = 1'000'000;
  w.dataset.record_length_bytes_stdev = 300'000;
  auto writer = make_parquet_writer(w);
  ASSERT_OK(writer);
  const auto a = read_table(write(**writer, file_spec(2, 0)));
  const auto b = read_table(write(**writer, file_spec(2, 1)));
  EXPECT_FALSE(a->schema()->Equals(*b->schema()));
}

TEST(Writer, ThePartitionColumnIsLeftOut) {
  config::Workload w = workload({{.name = "a", .dtype = DType::kInt32},
                                 {.name = "day", .dtype = DType::kInt32},
                                 {.name = "b", .dtype = DType::kFloat32}});
  const auto all = read_table(write(w, 10));
  w.dataset.parquet.partition_by = "day";
  const auto without = read_table(write(w, 10));
  EXPECT_THAT(without->ColumnNames(), ElementsAre("a", "b"));
  // The others hold what they would have held.
  EXPECT_TRUE(without->column(1)->Equals(*all->column(2)));
}

TEST(Writer, AFileDependsOnItsIndexOnly) {
  config::Workload w = workload(every_type());
  w.dataset.parquet.dictionary = true;
  auto used = make_parquet_writer(w);
  ASSERT_OK(used);
  const auto first = write(**used, file_spec(1500, 0));
  const auto second = write(**used, file_spec(1500, 1));
  auto fresh = make_parquet_writer(w);
  ASSERT_OK(fresh);
  EXPECT_TRUE(write(**fresh, file_spec(1500, 1))->Equals(*second));
  EXPECT_FALSE(first->Equals(*second));
}

TEST(Writer, NoRowsAreAValidFile) {
  const auto file = write(workload(every_type()), 0);
  EXPECT_EQ(open(file)->metadata()->num_row_groups(), 0);
  EXPECT_EQ(read_table(file)->num_rows(), 0);
}

TEST(Writer, AppendsLargePiecesOfOneSize) {
  io::testing::MemStorage storage;
  auto file = storage.create("f");
  ASSERT_OK(file);
  auto writer = make_parquet_writer(workload({{.name = "x", .dtype = DType::kFloat32}}, 300'000));
  ASSERT_OK(writer);
  ASSERT_OK((*writer)->write(file_spec(2'000'000), **file, {}));
  const auto calls = storage.calls();
  ASSERT_EQ(calls.size(), 1U + 4);  // 8 MB
  for (std::size_t i = 1; i + 1 < calls.size(); ++i) EXPECT_EQ(calls[i].length, 2U << 20);
}

TEST(Writer, AStopIsSeenBetweenPages) {
  auto writer = make_parquet_writer(workload({{.name = "x", .dtype = DType::kFloat32}}, 100'000'000));
  ASSERT_OK(writer);
  std::stop_source stop;
  class StoppingSink final : public io::Sink {
   public:
    explicit StoppingSink(std::stop_source& source) : source_(source) {}
    Status append(Bytes data) override {
      bytes_ += data.size();
      source_.request_stop();
      return {};
    }
    [[nodiscard]] std::uint64_t position() const override { return bytes_; }

   private:
    std::stop_source& source_;
    std::uint64_t bytes_ = 0;
  } file(stop);
  EXPECT_ERROR((*writer)->write(file_spec(100'000'000), file, stop.get_token()), Code::kInterrupted, "stopped");
  EXPECT_LE(file.position(), 4U << 20);
}

TEST(Writer, StorageErrorsComeThrough) {
  io::testing::MemStorage memory;
  io::testing::FaultyStorage storage(memory, {.space_bytes = 5 << 20});
  auto file = storage.create("f");
  ASSERT_OK(file);
  auto writer = make_parquet_writer(workload({{.name = "x", .dtype = DType::kFloat32}}));
  ASSERT_OK(writer);
  EXPECT_ERROR((*writer)->write(file_spec(10'000'000), **file, {}), Code::kNoSpace, "f");
  // The writer is fit for the next file.
  const auto again = write(**writer, file_spec(100));
  EXPECT_EQ(read_table(again)->num_rows(), 100);
}

}  // namespace
}  // namespace stoker::format::parquet
