#include "data/format/value_checker.h"

#include <gtest/gtest.h>

#include <stop_token>

#include "base/testing/status_matchers.h"
#include "data/format/chunk_reader.h"
#include "data/format/parquet/column_checker.h"
#include "data/format/parquet/parquet_internal.h"
#include "data/format/parquet/wire/page_header.h"
#include "data/io/testing/mem_storage.h"

namespace stoker::format::parquet {
namespace {

using config::DType;
using ::testing::HasSubstr;

config::Workload workload_of(bool dictionary, config::Compression compression) {
  config::Workload workload;
  workload.dataset.format = config::FormatName::kParquet;
  workload.dataset.compression = compression;
  workload.dataset.parquet.dictionary = dictionary;
  workload.dataset.parquet.row_group_size = 350;
  workload.dataset.parquet.columns = {{.name = "i8", .dtype = DType::kInt8},
                                      {.name = "u8s", .dtype = DType::kUint8, .size = 5000},
                                      {.name = "i16", .dtype = DType::kInt16},
                                      {.name = "u16", .dtype = DType::kUint16, .size = 700},
                                      {.name = "u32", .dtype = DType::kUint32, .size = 3},
                                      {.name = "i32", .dtype = DType::kInt32},
                                      {.name = "i64", .dtype = DType::kInt64},
                                      {.name = "u64", .dtype = DType::kUint64},
                                      {.name = "f16", .dtype = DType::kFloat16, .size = 9},
                                      {.name = "f32", .dtype = DType::kList, .size = 1500},
                                      {.name = "one", .dtype = DType::kList, .size = 1},
                                      {.name = "f64", .dtype = DType::kFloat64},
                                      {.name = "flag", .dtype = DType::kBool},
                                      {.name = "text", .dtype = DType::kString},
                                      {.name = "blob", .dtype = DType::kBinary, .size = 3000},
                                      {.name = "tag", .dtype = DType::kBinary, .size = 5}};
  return workload;
}

constexpr std::uint64_t kRows = 900;
const dataset::FileSpec kSpec{.index = 3, .rows = kRows, .path = "f.parquet"};

// A data set of one file, and one chunk of it in memory.
struct Reading {
  explicit Reading(config::Workload the_workload) : workload(std::move(the_workload)) {
    const auto writer = make_parquet_writer(workload);
    EXPECT_OK(writer);
    const auto out = storage.create(kSpec.path);
    EXPECT_OK(out);
    EXPECT_OK((*writer)->write(kSpec, **out, std::stop_token{}));
    EXPECT_OK((*out)->commit());
  }
  void open() {
    auto made = make_parquet_reader(workload, storage);
    ASSERT_OK(made);
    reader = std::move(made).value();
    auto opened = reader->open(kSpec.path, nullptr);
    ASSERT_OK(opened);
    file = std::move(opened).value();
    auto made_checker = make_checker(workload);
    ASSERT_OK(made_checker);
    checker = std::move(made_checker).value();
  }
  void read(std::size_t unit, std::uint64_t row, std::uint64_t rows) {
    first_row = row;
    ASSERT_OK(chunks.fetch(*file, {unit, row, rows}));
    ASSERT_OK(chunks.decompress(*file));
    ASSERT_OK(chunks.decode(*file, chunk));
  }
  Status check() { return checker->check(kSpec, first_row, chunk); }
  // The byte of a column's decoded values, to be changed.
  std::byte& value_byte(std::string_view name, std::uint64_t at) {
    for (const ColumnView& view : chunk.columns) {
      if (view.name != name) continue;
      for (const Segment& segment : view.segments) {
        if (at < segment.values.size())
          return const_cast<std::byte&>(segment.values[at]);  // lies in the memory of `chunks`
        at -= segment.values.size();
      }
    }
    ADD_FAILURE() << "no byte " << at << " in " << name;
    static std::byte none{};
    return none;
  }
  ColumnView& view(std::string_view name) { return *std::ranges::find(chunk.columns, name, &ColumnView::name); }

  config::Workload workload;
  io::testing::MemStorage storage;
  std::unique_ptr<FormatReader> reader;
  std::unique_ptr<FileReader> file;
  ChunkReader chunks;
  std::unique_ptr<ValueChecker> checker;
  Chunk chunk;
  std::uint64_t first_row = 0;
};

class OwnValues : public ::testing::TestWithParam<std::tuple<bool, config::Compression>> {};

TEST_P(OwnValues, AreThoseOfTheGenerator) {
  const auto [dictionary, compression] = GetParam();
  Reading reading(workload_of(dictionary, compression));
  for (const std::int64_t chunk_bytes : {std::int64_t{32} << 20, std::int64_t{1} << 19}) {
    reading.workload.reader.chunk_bytes = chunk_bytes;
    reading.open();
    std::uint64_t checked = 0;
    for (std::size_t u = 0; u < reading.file->units().size(); ++u) {
      const Unit unit = reading.file->units()[u];
      // The unit as a whole, and pieces of it that begin anywhere.
      reading.read(u, unit.first_row, unit.rows);
      EXPECT_OK(reading.check());
      EXPECT_EQ(reading.chunk.columns.size(), 16U);
      checked += reading.chunk.rows;
      for (std::uint64_t done = 0; done < unit.rows;) {
        const std::uint64_t rows = std::min<std::uint64_t>(1 + done / 2, unit.rows - done);
        reading.read(u, unit.first_row + done, rows);
        ASSERT_OK(reading.check()) << unit.first_row + done << " " << rows;
        done += rows;
      }
    }
    EXPECT_EQ(checked, kRows);
  }
}

INSTANTIATE_TEST_SUITE_P(All, OwnValues,
                         ::testing::Combine(::testing::Bool(),
                                            ::testing::Values(config::Compression::kNone, config::Compression::kZstd)));

// One byte of each column is changed; the message says which value.
TEST(ValueChecker, NamesTheFirstWrongValue) {
  Reading reading(workload_of(false, config::Compression::kNone));
  reading.open();
  struct Case {
    std::string name, place;
    std::uint64_t byte;
  };
  // The chunk begins at row 353.
  const Case cases[] = {
      {"i8", "column 'i8', row 353: ", 0},
      {"i8", "column 'i8', row 652: ", 299},
      {"u8s.list.element", "column 'u8s', row 354, element 4999: ", 9999},
      {"i16", "column 'i16', row 355: ", 5},
      {"u16.list.element", "column 'u16', row 354, element 0: ", 1400},
      {"u32.list.element", "column 'u32', row 354, element 1: ", 16},
      {"i32", "column 'i32', row 354: ", 7},
      {"i64", "column 'i64', row 354: ", 8},
      {"u64", "column 'u64', row 353: ", 7},
      {"f16.list.element", "column 'f16', row 354, element 8: ", 34},
      {"f32.list.element", "column 'f32', row 355, element 17: ", 12071},
      {"one.list.element", "column 'one', row 356, element 0: ", 12},
      {"f64", "column 'f64', row 354: ", 15},
      {"flag", "column 'flag', row 652: ", 299},
      {"blob", "column 'blob', row 354, byte 2999: ", 5999},
      {"tag", "column 'tag', row 354, byte 0: ", 5},
  };
  for (const Case& c : cases) {
    reading.read(1, 353, 300);
    ASSERT_OK(reading.check());
    reading.value_byte(c.name, c.byte) ^= std::byte{1};
    const auto status = reading.check();
    ASSERT_FALSE(status) << c.place;
    EXPECT_EQ(status.error().code, Code::kCorrupt);
    EXPECT_THAT(status.error().message, HasSubstr("f.parquet: " + c.place + "found "));
    EXPECT_THAT(status.error().message, HasSubstr(" of the file)"));
    EXPECT_THAT(status.error().hint, HasSubstr("other bytes than datagen wrote"));
  }
}

// What was found and what was expected, in the words of each type.
TEST(ValueChecker, PrintsValuesAsTheirType) {
  Reading reading(workload_of(false, config::Compression::kNone));
  reading.open();
  const auto message_after = [&](std::string_view name, const auto& value) {
    reading.read(0, 0, 10);
    const auto bytes = std::as_bytes(std::span(&value, 1));
    for (std::size_t i = 0; i < bytes.size(); ++i) reading.value_byte(name, i) = bytes[i];
    const auto status = reading.check();
    return status ? std::string("nothing") : status.error().message;
  };
  const auto value = [&](std::string_view name, auto zero) {
    reading.read(0, 0, 10);
    std::memcpy(&zero, &reading.value_byte(name, 0), sizeof zero);
    return zero;
  };
  const auto expect = [&](std::string_view name, auto found, std::string_view text) {
    EXPECT_THAT(message_after(name, found), HasSubstr(fmt::format("found {}, expected ", text)));
  };
  expect("i8", std::int8_t{-100}, "-100");
  expect("i16", std::int16_t{-30000}, "-30000");
  expect("i32", std::int32_t{-2000000000}, "-2000000000");
  expect("i64", std::int64_t{-9000000000000}, "-9000000000000");
  expect("u8s.list.element", std::uint8_t{200}, "200");
  expect("u16.list.element", std::uint16_t{60000}, "60000");
  expect("u32.list.element", std::uint32_t{4000000000}, "4000000000");
  expect("u64", std::uint64_t{18000000000000000000ULL}, "18000000000000000000");
  expect("f16.list.element", std::uint16_t{0x3c00}, "1 (0x3c00)");
  expect("f16.list.element", std::uint16_t{0xc100}, "-2.5 (0xc100)");
  expect("f16.list.element", std::uint16_t{0x0001}, "5.960464477539063e-08 (0x0001)");
  expect("f16.list.element", std::uint16_t{0x7c00}, "inf (0x7c00)");
  expect("f16.list.element", std::uint16_t{0x7c01}, "nan (0x7c01)");
  expect("f32.list.element", -1.5F, "-1.5 (0xbfc00000)");
  expect("one.list.element", 2.0F, "2 (0x40000000)");
  expect("f64", 0.25, "0.25 (0x3fd0000000000000)");
  expect("blob", std::uint8_t{0}, "0x00");
  expect("flag", std::uint8_t{7}, "0x07");
  const bool flag = value("flag", false);
  EXPECT_THAT(message_after("flag", !flag),
              HasSubstr(fmt::format("column 'flag', row 0: found {}, expected {} (in", !flag, flag)));
  const auto i64 = value("i64", std::int64_t{});
  EXPECT_THAT(message_after("i64", i64 + 1), HasSubstr(fmt::format("found {}, expected {} (in", i64 + 1, i64)));
}

TEST(ValueChecker, ComparesStringsAsWholes) {
  Reading reading(workload_of(false, config::Compression::kNone));
  reading.open();
  reading.read(0, 0, 350);
  std::vector<std::uint64_t> begins{0};
  for (const std::uint32_t length : reading.view("text").lengths) begins.push_back(begins.back() + length);
  for (const std::size_t row : {std::size_t{0}, std::size_t{1}, std::size_t{349}}) {
    reading.read(0, 0, 350);
    reading.value_byte("text", begins[row]) = std::byte{'\n'};
    const auto status = reading.check();
    ASSERT_FALSE(status);
    EXPECT_THAT(status.error().message, HasSubstr(fmt::format("column 'text', row {}: found '\\x0a_", row)));
    EXPECT_THAT(status.error().message, HasSubstr("', expected 's_"));
  }
  // Texts that agree, cut elsewhere.
  reading.read(0, 0, 350);
  --reading.view("text").lengths[7];
  ++reading.view("text").lengths[8];
  auto status = reading.check();
  ASSERT_FALSE(status);
  EXPECT_THAT(status.error().message, HasSubstr("column 'text', row 7: found 's_"));
  // The last is longer than what is left.
  reading.read(0, 0, 350);
  reading.view("text").lengths[349] += 100;
  status = reading.check();
  ASSERT_FALSE(status);
  EXPECT_THAT(status.error().message, HasSubstr("column 'text', row 349: found 's_"));
  // Values in pieces, as dictionaries leave them: cut inside a string.
  reading.read(0, 0, 350);
  ColumnView& view = reading.view("text");
  const Bytes all = view.segments[0].values;
  ASSERT_EQ(view.segments.size(), 1U);
  view.segments = {{all.first(1), 0}, {all.subspan(1, 1), 0}, {Bytes{}, 0}, {all.subspan(2), 350}};
  EXPECT_OK(reading.check());
  view.segments.pop_back();
  status = reading.check();
  ASSERT_FALSE(status);
  EXPECT_THAT(status.error().message, HasSubstr("column 'text', row 0: found 's_', expected 's_"));
  // A long string is not printed whole.
  reading.read(0, 0, 350);
  reading.view("text").lengths[2] += 200;
  status = reading.check();
  ASSERT_FALSE(status);
  EXPECT_THAT(status.error().message, HasSubstr("_797'..., expected 's_314669722' (in"));
}

TEST(ValueChecker, NoticesBinariesOfAnotherLength) {
  Reading reading(workload_of(false, config::Compression::kNone));
  reading.open();
  reading.read(0, 100, 50);
  reading.view("tag").lengths[9] = 4;
  auto status = reading.check();
  ASSERT_FALSE(status);
  EXPECT_THAT(status.error().message, HasSubstr("column 'tag', row 109, byte 0: found 4 bytes, expected 5 (in"));
  // A wrong byte before it comes first.
  reading.value_byte("tag", 43) ^= std::byte{1};
  status = reading.check();
  ASSERT_FALSE(status);
  EXPECT_THAT(status.error().message, HasSubstr("column 'tag', row 108, byte 3: found 0x"));
  reading.read(0, 100, 50);
  reading.view("tag").segments.pop_back();
  status = reading.check();
  ASSERT_FALSE(status);
  EXPECT_THAT(status.error().message, HasSubstr("column 'tag', row 100, byte 0: found the end of the values"));
}

TEST(ValueChecker, NoticesOtherShapes) {
  Reading reading(workload_of(false, config::Compression::kNone));
  reading.open();
  const auto after = [&](std::string_view name, const auto& change) {
    reading.read(0, 0, 10);
    change(reading.view(name));
    const auto status = reading.check();
    return status ? std::string("nothing") : status.error().message;
  };
  EXPECT_THAT(after("i64", [](ColumnView& view) { view.width = 4; }),
              HasSubstr("column 'i64', row 0: found values of 4 bytes, expected values of 8 bytes"));
  EXPECT_THAT(after("i64", [](ColumnView& view) { view.width = 0; }),
              HasSubstr("found byte arrays, expected values of 8 bytes"));
  EXPECT_THAT(after("u32.list.element", [](ColumnView& view) { view.list_size = 4; }),
              HasSubstr("column 'u32', row 0, element 0: found a list of 4 elements, expected a list of 3 elements"));
  EXPECT_THAT(after("i64", [](ColumnView& view) { view.list_size = 1; }),
              HasSubstr("found a list of 1 elements, expected a single value"));
  EXPECT_THAT(after("i64",
                    [](ColumnView& view) {
                      Segment& segment = view.segments.back();
                      segment.values = segment.values.first(segment.values.size() - 8);
                    }),
              HasSubstr("column 'i64', row 0: found 9 values in 10 rows, expected 10"));
  EXPECT_THAT(after("text", [](ColumnView& view) { view.lengths.pop_back(); }),
              HasSubstr("column 'text', row 0: found 9 values in 10 rows, expected 10"));
  EXPECT_THAT(after("i64",
                    [](ColumnView& view) {
                      view.definition_levels = {1, 1, 1, 0, 1, 1, 1, 1, 1, 1};
                      view.max_definition_level = 1;
                    }),
              HasSubstr("column 'i64', row 3: found a null, expected a value"));
  EXPECT_THAT(after("u32.list.element",
                    [](ColumnView& view) {
                      view.max_definition_level = 2;
                      view.definition_levels = {2, 2, 2, 2, 1, 2};
                      view.repetition_levels = {0, 1, 1, 0, 1, 1};
                    }),
              HasSubstr("column 'u32', row 1, element 1: found a null, expected a value"));
  EXPECT_THAT(after("u32.list.element", [](ColumnView& view) { view.repetition_levels = {0, 1, 1, 0, 1, 0, 1, 1}; }),
              HasSubstr("column 'u32', row 1, element 0: found a list of 2 elements, expected 3 elements"));
  EXPECT_THAT(after("u32.list.element", [](ColumnView& view) { view.repetition_levels = {0, 1, 1, 0, 1, 1, 1}; }),
              HasSubstr("column 'u32', row 1, element 0: found a list of 4 elements, expected 3 elements"));
  EXPECT_THAT(after("i64",
                    [](ColumnView& view) {
                      view.repetition_levels = {0, 1, 1, 0};
                    }),
              HasSubstr("column 'i64', row 0: found a list of 3 elements, expected 1 elements"));
}

TEST(ValueChecker, WantsTheColumnsThatAreRead) {
  Reading reading(workload_of(false, config::Compression::kNone));
  reading.workload.storage.columns = {"f64", "u32", "one.list.element"};
  reading.open();
  reading.read(2, 800, 100);
  EXPECT_EQ(reading.chunk.columns.size(), 3U);
  EXPECT_OK(reading.check());
  reading.chunk.columns.erase(reading.chunk.columns.begin() + 1);
  auto status = reading.check();
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().message, "f.parquet: column 'one' is not there to be compared");
  reading.read(2, 800, 100);
  reading.chunk.columns[0].name = "other";
  status = reading.check();
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().message, "f.parquet: found column 'other', which the data set does not have");
  // In another order they are found as well.
  reading.read(2, 800, 100);
  std::swap(reading.chunk.columns[0], reading.chunk.columns[2]);
  EXPECT_OK(reading.check());
}

TEST(ValueChecker, KnowsHowManyRowsAFileHas) {
  Reading reading(workload_of(false, config::Compression::kNone));
  reading.open();
  reading.read(2, 800, 100);
  dataset::FileSpec shorter = kSpec;
  shorter.rows = 899;
  auto status = reading.checker->check(shorter, 800, reading.chunk);
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().message, "f.parquet: found rows up to 900, expected 899 rows");
  shorter.rows = 700;
  status = reading.checker->check(shorter, 800, reading.chunk);
  ASSERT_FALSE(status);
  EXPECT_THAT(status.error().message, HasSubstr("found rows up to 900, expected 700 rows"));
}

TEST(ValueChecker, FindsColumnsWhoseNamesHoldDots) {
  config::Workload workload;
  workload.dataset.format = config::FormatName::kParquet;
  workload.dataset.parquet.columns = {{.name = "a.b", .dtype = DType::kInt64},
                                      {.name = "c", .dtype = DType::kList, .size = 3},
                                      {.name = "c.list.element", .dtype = DType::kInt64}};
  for (const std::vector<std::string>& wanted :
       {std::vector<std::string>{}, {"a.b"}, {"`a.b`"}, {"c", "`c.list.element`"}, {"c.`list`.element"}}) {
    Reading reading(workload);
    reading.workload.storage.columns = wanted;
    reading.open();
    reading.read(0, 0, 10);
    EXPECT_EQ(reading.chunk.columns.size(), wanted.empty() ? 3U : wanted.size());
    EXPECT_OK(reading.check());
    const ColumnView& last = reading.chunk.columns.back();
    reading.value_byte(last.name, 0) ^= std::byte{1};
    const auto status = reading.check();
    ASSERT_FALSE(status);
    EXPECT_THAT(status.error().message, HasSubstr(", row 0"));
    EXPECT_THAT(status.error().message, HasSubstr(" of the file)"));
  }
}

// Another file of the same data set holds other values.
TEST(ValueChecker, TellsFilesApart) {
  Reading reading(workload_of(true, config::Compression::kNone));
  reading.open();
  reading.read(0, 0, 10);
  dataset::FileSpec other = kSpec;
  other.index = 4;
  const auto status = reading.checker->check(other, 0, reading.chunk);
  ASSERT_FALSE(status);
  EXPECT_THAT(status.error().message, HasSubstr("column 'i8', row 0: found "));
}

// The offset is that of the header of the data page that holds the value, whatever is read at a time.
TEST(ValueChecker, SaysWhichPageItIs) {
  config::Workload workload;
  workload.dataset.format = config::FormatName::kParquet;
  workload.dataset.parquet.row_group_size = 600;
  workload.dataset.parquet.columns = {{.name = "pad", .dtype = DType::kInt64},
                                      {.name = "list", .dtype = DType::kList, .size = 1000}};
  for (const std::int64_t chunk_bytes : {std::int64_t{32} << 20, std::int64_t{1} << 19}) {
    Reading reading(workload);
    reading.workload.reader.chunk_bytes = chunk_bytes;
    reading.open();
    const std::vector<std::byte> bytes = reading.storage.get("f.parquet");
    // The pages of the second column in the first row group: what comes after the first column's only page.
    std::vector<std::pair<std::uint64_t, std::uint64_t>> pages;  // offset, first value
    const auto header_at = [&](std::uint64_t at) { return **parse_page_header(Bytes(bytes).subspan(at)); };
    const PageHeader first = header_at(4);
    ASSERT_EQ(first.values, 600U);
    std::uint64_t at = 4 + first.header_bytes + first.stored_bytes;
    for (std::uint64_t values = 0; values < 600 * 1000;) {
      const PageHeader header = header_at(at);
      pages.emplace_back(at, values);
      values += header.values;
      at += header.header_bytes + header.stored_bytes;
    }
    ASSERT_GT(pages.size(), 2U);
    for (std::size_t u = 0; u < reading.file->units().size(); ++u) {
      const Unit unit = reading.file->units()[u];
      if (unit.first_row >= 600) break;
      for (const std::uint64_t row : {unit.first_row, unit.first_row + unit.rows - 1}) {
        for (const std::uint64_t element : {std::uint64_t{0}, std::uint64_t{999}}) {
          const std::uint64_t from = unit.first_row + unit.rows / 3;
          const std::uint64_t begin = std::min(from, row);
          reading.read(u, begin, unit.first_row + unit.rows - begin);
          reading.value_byte("list.list.element", ((row - begin) * 1000 + element) * 4) ^= std::byte{2};
          const auto status = reading.check();
          ASSERT_FALSE(status);
          std::uint64_t expected = 0;
          for (const auto& [offset, value] : pages) {
            if (value <= row * 1000 + element) expected = offset;
          }
          EXPECT_THAT(status.error().message,
                      HasSubstr(fmt::format("column 'list', row {}, element {}: ", row, element)));
          EXPECT_THAT(status.error().message, HasSubstr(fmt::format("(in the page at byte {} of the file)", expected)));
        }
      }
    }
  }
}

TEST(ValueChecker, PartitionedFilesLackTheColumnOfTheirFolder) {
  config::Workload workload = workload_of(true, config::Compression::kNone);
  workload.dataset.parquet.partition_by = "i16";
  Reading reading(workload);
  reading.open();
  reading.read(0, 0, 350);
  EXPECT_EQ(reading.chunk.columns.size(), 15U);
  EXPECT_OK(reading.check());
}

// Without columns a record is one list of bytes, whose length may vary from file to file.
TEST(ValueChecker, FollowsRecordsOfVaryingLength) {
  config::Workload workload;
  workload.dataset.format = config::FormatName::kParquet;
  workload.dataset.record_length_bytes = 2000;
  workload.dataset.record_length_bytes_stdev = 500;
  Reading reading(workload);
  reading.open();
  reading.read(0, 0, kRows);
  EXPECT_OK(reading.check());
  dataset::FileSpec other = kSpec;
  other.index = 5;
  const auto status = reading.checker->check(other, 0, reading.chunk);
  ASSERT_FALSE(status);
  EXPECT_THAT(status.error().message, HasSubstr("column 'data', row 0, element 0: found a list of "));
  EXPECT_OK(reading.check());
}

TEST(ValueChecker, IsRefusedForFormatsWithoutValues) {
  config::Workload workload;
  workload.dataset.format = config::FormatName::kSynthetic;
  const auto checker = make_checker(workload);
  ASSERT_FALSE(checker);
  EXPECT_EQ(checker.error().code, Code::kUnsupported);
  EXPECT_EQ(checker.error().message,
            "dataset.format: files of format 'synthetic' hold no values that could be compared");
}

}  // namespace
}  // namespace stoker::format::parquet
