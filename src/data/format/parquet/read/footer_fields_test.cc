// Footers and page headers whose fields have other types than Parquet gives them: what is not needed is passed over,
// what is needed is missed by name.
#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "base/testing/status_matchers.h"
#include "data/format/parquet/read/footer.h"
#include "data/format/parquet/wire/page_header.h"
#include "data/format/parquet/wire/thrift_reader.h"
#include "data/format/parquet/wire/thrift_writer.h"

namespace stoker::format::parquet {
namespace {

using Type = ThriftWriter::Type;

// Writes a field, or one of another type in its place.
class Fields {
 public:
  // `odd`: the name of the field that gets another type; "-name": that is left out.
  Fields(std::vector<std::byte>& out, std::string odd) : w(out), odd_(std::move(odd)) {}

  void i32(const std::string& name, std::int16_t id, std::int32_t value) {
    if (!is_odd(name, id)) w.i32(id, value);
  }
  void i64(const std::string& name, std::int16_t id, std::int64_t value) {
    if (!is_odd(name, id)) w.i64(id, value);
  }
  bool is_odd(const std::string& name, std::int16_t id) {
    if (odd_ == "-" + name) return true;
    if (odd_ != name) return false;
    w.list(id, Type::kStruct, 2);  // of structs with a field each
    for (int i = 0; i < 2; ++i) {
      w.begin_struct();
      w.binary(1, "odd");
      w.end_struct();
    }
    return true;
  }

  ThriftWriter w;

 private:
  std::string odd_;
};

void write_chunk(Fields& f) {
  ThriftWriter& w = f.w;
  w.begin_struct();
  f.i64("file_offset", 2, 4);
  if (!f.is_odd("meta_data", 3)) {
    w.field_struct(3);
    f.i32("type", 1, 1);
    w.list(3, Type::kBinary, 1);
    w.element("a");
    f.i32("codec", 4, 0);
    f.i64("num_values", 5, 10);
    f.i64("total_uncompressed_size", 6, 60);
    f.i64("total_compressed_size", 7, 50);
    f.is_odd("key_value_metadata", 8);
    f.i64("data_page_offset", 9, 4);
    f.i64("dictionary_page_offset", 11, 4);
    f.is_odd("statistics", 12);
    w.end_struct();
  }
  f.i64("offset_index_offset", 4, 60);
  f.i32("offset_index_length", 5, 8);
  w.end_struct();
}

// One row group of 10 rows of one int32 column.
std::vector<std::byte> footer(const std::string& odd = "") {
  std::vector<std::byte> out;
  Fields f(out, odd);
  ThriftWriter& w = f.w;
  w.begin_struct();
  f.i32("version", 1, 2);
  w.list(2, Type::kStruct, 2);
  w.begin_struct();
  w.binary(4, "schema");
  w.i32(5, 1);
  w.end_struct();
  w.begin_struct();
  w.i32(1, 1);
  w.i32(3, 0);
  w.binary(4, "a");
  w.end_struct();
  f.i64("file_num_rows", 3, 10);
  if (!f.is_odd("row_groups", 4)) {
    w.list(4, Type::kStruct, 1);
    w.begin_struct();
    if (!f.is_odd("columns", 1)) {
      w.list(1, Type::kStruct, 1);
      write_chunk(f);
    }
    f.i64("total_byte_size", 2, 60);
    f.i64("num_rows", 3, 10);
    f.is_odd("sorting_columns", 4);
    w.end_struct();
  }
  if (!f.is_odd("file_key_values", 5)) {
    w.list(5, Type::kStruct, 2);
    w.begin_struct();
    if (!f.is_odd("key", 1)) w.binary(1, "ARROW:schema");
    if (!f.is_odd("value", 2)) w.binary(2, "text");
    w.end_struct();
    w.begin_struct();
    w.binary(1, "other");
    w.boolean(2, true);
    w.end_struct();
  }
  if (!f.is_odd("created_by", 6)) w.binary(6, "a test");
  w.end_struct();
  return out;
}

Result<ParsedFooter> parse(const std::vector<std::byte>& bytes) {
  return parse_footer(bytes, 100, {});
}

TEST(FooterFields, OfTheRightTypesAreRead) {
  const auto parsed = parse(footer());
  ASSERT_OK(parsed);
  const FileIndex& index = parsed->index;
  EXPECT_EQ(index.rows, 10U);
  ASSERT_EQ(index.chunks.size(), 1U);
  EXPECT_EQ(index.chunks[0].bytes, 50U);
  EXPECT_EQ(index.chunks[0].plain_bytes, 60U);
  EXPECT_EQ(index.chunks[0].offset_index, 60U);
  EXPECT_EQ(index.chunks[0].offset_index_bytes, 8U);
  EXPECT_EQ(parsed->arrow_schema, "text");
  EXPECT_EQ(outline_footer(footer())->rows, 10U);
}

TEST(FooterFields, ThatAreNotNeededMayHaveAnyType) {
  for (const std::string name :
       {"version", "file_num_rows", "file_offset", "key_value_metadata", "dictionary_page_offset", "statistics",
        "offset_index_offset", "offset_index_length", "total_byte_size", "sorting_columns", "file_key_values", "key",
        "value", "created_by"}) {
    const auto parsed = parse(footer(name));
    ASSERT_OK(parsed) << name;
    EXPECT_EQ(parsed->index.rows, 10U) << name;
    EXPECT_EQ(parsed->index.chunks[0].bytes, 50U) << name;
    EXPECT_EQ(parsed->index.chunks[0].offset, 4U) << name;
    EXPECT_EQ(outline_footer(footer(name))->rows, 10U) << name;
  }
  EXPECT_EQ(parse(footer("value"))->arrow_schema, "");
  EXPECT_EQ(parse(footer("key"))->arrow_schema, "");
  EXPECT_EQ(parse(footer("offset_index_length"))->index.chunks[0].offset_index_bytes, 0U);
}

TEST(FooterFields, ThatAreNeededAreMissedByName) {
  for (const std::string name :
       {"codec", "num_values", "total_uncompressed_size", "total_compressed_size", "data_page_offset"}) {
    for (const std::string& odd : {name, "-" + name}) {
      EXPECT_ERROR(parse(footer(odd)), Code::kCorrupt,
                   "row group 0: column 'a': the footer does not say the " + name + " of its column chunk");
    }
  }
  for (const std::string dash : {"", "-"}) {
    EXPECT_ERROR(parse(footer(dash + "type")), Code::kCorrupt, "has another type than the schema");
    EXPECT_ERROR(parse(footer(dash + "meta_data")), Code::kCorrupt,
                 "row group 0: column 'a': the footer says nothing about its column chunk");
    EXPECT_ERROR(parse(footer(dash + "num_rows")), Code::kCorrupt, "row group 0: the footer does not say its num_rows");
    EXPECT_ERROR(outline_footer(footer(dash + "num_rows")), Code::kCorrupt, "the footer does not say its num_rows");
    EXPECT_ERROR(parse(footer("-row_groups")), Code::kCorrupt, "the footer has no list of row groups");
    EXPECT_ERROR(outline_footer(footer("-row_groups")), Code::kCorrupt, "the footer has no list of row groups");
  }
}

TEST(FooterFields, ARowGroupHasAChunkForEachColumn) {
  EXPECT_ERROR(parse(footer("-columns")), Code::kCorrupt, "row group 0: has 0 column chunks, the schema has 1");
  EXPECT_ERROR(parse(footer("columns")), Code::kCorrupt, "row group 0: has 2 column chunks, the schema has 1");
}

TEST(FooterFields, OfNegativeNumbersAreNamed) {
  std::vector<std::byte> out = footer();
  // total_compressed_size: its id is 1 more than that of the field before, and 50 is 100 in zigzag.
  const std::string text(reinterpret_cast<const char*>(out.data()), out.size());
  const std::size_t at = text.find("\x16\x64");
  ASSERT_NE(at, std::string::npos);
  out[at + 1] = std::byte{99};
  EXPECT_ERROR(parse(out), Code::kCorrupt, "row group 0: column 'a': its column chunk has total_compressed_size -50");
}

// A schema of `structs` structs inside each other and a leaf, and no row groups.
std::vector<std::byte> nested_footer(int structs) {
  std::vector<std::byte> out;
  ThriftWriter w(out);
  w.begin_struct();
  w.i32(1, 2);
  w.list(2, Type::kStruct, static_cast<std::size_t>(structs) + 2);
  for (int i = 0; i <= structs; ++i) {
    w.begin_struct();
    w.i32(3, 0);
    w.binary(4, "s");
    w.i32(5, 1);
    w.end_struct();
  }
  w.begin_struct();
  w.i32(1, 1);
  w.i32(3, 0);
  w.binary(4, "a");
  w.end_struct();
  w.i64(3, 0);
  w.list(4, Type::kStruct, 0);
  w.end_struct();
  return out;
}

// The root, 98 structs and a leaf are 100 levels.
TEST(SchemaDepth, IsAtMost100Levels) {
  EXPECT_OK(parse(nested_footer(98)));
  EXPECT_ERROR(parse(nested_footer(99)), Code::kUnsupported,
               "its schema is nested more than 100 levels deep, which is the most that stoker reads");
  EXPECT_ERROR(parse(nested_footer(100000)), Code::kUnsupported, "nested more than 100 levels deep");
}

// An unknown field with lists inside each other: the list itself is level 1.
std::vector<std::byte> footer_with_lists(int levels) {
  std::vector<std::byte> out = footer();
  out.pop_back();                                                   // the end of the struct
  out.push_back(std::byte{0x19});                                   // field 7, a list
  for (int i = 1; i < levels; ++i) out.push_back(std::byte{0x19});  // of one list
  out.push_back(std::byte{0x05});                                   // of no numbers
  out.push_back(std::byte{0});
  return out;
}

TEST(ThriftDepth, OfWhatIsSkippedIsAtMost32Levels) {
  EXPECT_OK(parse(footer_with_lists(32)));
  EXPECT_ERROR(parse(footer_with_lists(33)), Code::kCorrupt,
               "the footer is nested more than 32 levels deep, which is the most that stoker reads");
}

std::vector<std::byte> page_header(const std::string& odd, std::int32_t type) {
  std::vector<std::byte> out;
  Fields f(out, odd);
  f.w.begin_struct();
  f.i32("type", 1, type);
  f.i32("size", 2, 80);
  f.i32("stored", 3, 40);
  f.is_odd("crc", 4);
  const auto part = static_cast<std::int16_t>(type == 0 ? 5 : type == 2 ? 7 : 8);
  if (!f.is_odd("part", part)) {
    f.w.field_struct(part);
    f.i32("values", 1, 9);
    if (type != 3) {
      f.i32("encoding", 2, 3);
      f.is_odd("statistics", 5);
    } else {
      f.i32("nulls", 2, 1);
      f.i32("rows", 3, 9);
      f.i32("encoding", 4, 3);
      f.i32("definition", 5, 2);
      f.i32("repetition", 6, 1);
      if (!f.is_odd("compressed", 7)) f.w.boolean(7, false);
      f.is_odd("statistics", 8);
    }
    f.w.end_struct();
  }
  f.w.end_struct();
  return out;
}

TEST(PageHeaderFields, ThatAreNotNeededMayHaveAnyType) {
  for (const std::int32_t type : {0, 2, 3}) {
    for (const std::string name : {"", "crc", "nulls", "statistics"}) {
      const auto header = parse_page_header(page_header(name, type));
      ASSERT_OK(header) << name;
      ASSERT_TRUE(header->has_value());
      EXPECT_EQ((*header)->values, 9U);
      EXPECT_EQ((*header)->stored_bytes, 40U);
      EXPECT_EQ(static_cast<int>((*header)->encoding), 3);
    }
  }
  EXPECT_FALSE((*parse_page_header(page_header("", 3)))->compressed);
  EXPECT_TRUE((*parse_page_header(page_header("compressed", 3)))->compressed);
}

TEST(PageHeaderFields, ThatAreNeededAreMissed) {
  for (const std::int32_t type : {0, 2, 3}) {
    for (const std::string dash : {"", "-"}) {
      for (const std::string name : {"type", "size", "stored"}) {
        EXPECT_ERROR(parse_page_header(page_header(dash + name, type)), Code::kCorrupt,
                     "the page header lacks its type or one of its sizes");
      }
      for (const std::string name : {"values", "encoding"}) {
        EXPECT_ERROR(parse_page_header(page_header(dash + name, type)), Code::kCorrupt,
                     "the page header lacks the number of its values or their encoding");
      }
      EXPECT_ERROR(parse_page_header(page_header(dash + "part", type)), Code::kCorrupt,
                   fmt::format("the page header lacks the part that belongs to its page type {}", type));
    }
  }
}

// Each reading function over a field of each other type, and the field after it.
TEST(ThriftReader, FieldsOfOtherTypesAreSkipped) {
  const auto value = [](ThriftWriter& w, int kind) {
    switch (kind) {
      case 0: return w.i32(1, 7);
      case 1: return w.i64(1, 7);
      case 2: return w.boolean(1, true);
      case 3: return w.binary(1, "seven");
      case 4:
        w.list(1, Type::kI32, 3);
        for (const std::int32_t e : {1, 200, -3}) w.element(e);
        return;
      case 5:
        w.list(1, Type::kStruct, 1);
        w.begin_struct();
        w.i32(3, 1);
        return w.end_struct();
      default:
        w.field_struct(1);
        w.binary(2, "inside");
        w.end_struct();
    }
  };
  for (int kind = 0; kind < 7; ++kind) {
    for (int asked = 0; asked < 7; ++asked) {
      std::vector<std::byte> bytes;
      ThriftWriter w(bytes);
      w.begin_struct();
      value(w, kind);
      w.i64(2, 42);
      w.end_struct();
      ThriftReader r(bytes);
      ThriftReader::Struct s(r);
      ASSERT_TRUE(s.next());
      std::int32_t i32 = -1;
      std::int64_t i64 = -1;
      bool boolean = false;
      Bytes binary;
      ThriftReader::ListHead list;
      bool there = false;
      switch (asked) {
        case 0: there = s.read(i32); break;
        case 1: there = s.read(i64); break;
        case 2: there = s.read(boolean); break;
        case 3: there = s.read(binary); break;
        case 4: there = s.begin_list(ThriftReader::kI32, list); break;
        case 5: there = s.begin_list(ThriftReader::kStruct, list); break;
        default: there = s.begin_struct();
      }
      EXPECT_EQ(there, kind == asked) << kind << " " << asked;
      EXPECT_TRUE(r.ok());
      if (kind != asked) {
        EXPECT_EQ(i32, -1);
        EXPECT_EQ(i64, -1);
        EXPECT_FALSE(boolean);
        EXPECT_TRUE(binary.empty());
        EXPECT_EQ(list.size, 0U);
        ASSERT_TRUE(s.next());
        EXPECT_EQ(s.id(), 2);
        EXPECT_TRUE(s.read(i64));
        EXPECT_EQ(i64, 42);
      } else if (asked < 4) {
        EXPECT_TRUE(i32 == 7 || i64 == 7 || boolean || binary.size() == 5);
      } else if (asked < 6) {
        EXPECT_EQ(list.size, asked == 4 ? 3U : 1U);
      }
    }
  }
}

TEST(ThriftReader, AnEmptyListIsOneOfAnyType) {
  std::vector<std::byte> bytes;
  ThriftWriter w(bytes);
  w.begin_struct();
  w.list(1, Type::kI32, 0);
  w.end_struct();
  ThriftReader r(bytes);
  ThriftReader::Struct s(r);
  ASSERT_TRUE(s.next());
  ThriftReader::ListHead list{.type = 1, .size = 9};
  EXPECT_TRUE(s.begin_list(ThriftReader::kStruct, list));
  EXPECT_EQ(list.size, 0U);
}

TEST(ThriftReader, Numbers32DoNotHoldLargerOnes) {
  for (const auto& [value, fits] : {std::pair{std::int64_t{2147483647}, true},
                                    {std::int64_t{2147483648}, false},
                                    {std::int64_t{-2147483648}, true},
                                    {std::int64_t{-2147483649}, false}}) {
    std::vector<std::byte> bytes;
    ThriftWriter w(bytes);
    w.begin_struct();
    w.i64(1, value);
    w.end_struct();
    bytes[0] = std::byte{0x15};  // field 1 as an i32
    ThriftReader r(bytes);
    ThriftReader::Struct s(r);
    ASSERT_TRUE(s.next());
    std::int32_t out = 0;
    EXPECT_EQ(s.read(out), fits);
    EXPECT_EQ(r.ok(), fits);
    EXPECT_EQ(out, fits ? value : 0);
  }
}

}  // namespace
}  // namespace stoker::format::parquet
