#include "data/format/parquet/read/footer.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <initializer_list>
#include <limits>
#include <utility>

#include "base/units.h"
#include "data/format/parquet/read/footer_schema.h"
#include "data/format/parquet/wire/thrift_reader.h"
#include "data/format/read_range.h"

namespace stoker::format::parquet {
namespace {

constexpr std::uint64_t kTailBytes = 64 * kKiB;
constexpr std::uint64_t kEndBytes = 8;  // length of the footer and magic
constexpr std::uint64_t kMagicBytes = 4;
// No file has more rows; keeps sums from overflowing.
constexpr std::uint64_t kMaxRows = std::uint64_t{1} << 56;
constexpr std::string_view kArrowSchemaKey = "ARROW:schema";

std::string_view text(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// A number that is not there, or has another type than a number has.
constexpr std::int64_t kAbsent = std::numeric_limits<std::int64_t>::min();
constexpr std::int32_t kAbsent32 = std::numeric_limits<std::int32_t>::min();

// What is read of one ColumnChunk. Numbers are as they stand in the file.
struct RawChunk {
  std::int64_t values = kAbsent, stored = kAbsent, plain = kAbsent, data_page = kAbsent, dictionary_page = 0;
  std::int64_t offset_index = 0;
  std::int32_t offset_index_bytes = 0, codec = kAbsent32, physical = kAbsent32;
  bool encrypted = false, has_metadata = false;
};

void parse_column_metadata(ThriftReader& r, RawChunk& out) {
  for (ThriftReader::Struct s(r); s.next();) {
    switch (s.id()) {
      case 1: s.read(out.physical); break;
      case 4: s.read(out.codec); break;
      case 5: s.read(out.values); break;
      case 6: s.read(out.plain); break;
      case 7: s.read(out.stored); break;
      case 9: s.read(out.data_page); break;
      case 11: s.read(out.dictionary_page); break;
      default: s.skip();
    }
  }
}

void parse_chunk(ThriftReader& r, RawChunk& out) {
  for (ThriftReader::Struct s(r); s.next();) {
    switch (s.id()) {
      case 3:
        out.has_metadata = s.begin_struct();
        if (out.has_metadata) parse_column_metadata(r, out);
        break;
      case 4: s.read(out.offset_index); break;
      case 5: s.read(out.offset_index_bytes); break;
      case 8:
      case 9:
        out.encrypted = true;
        s.skip();
        break;
      default: s.skip();
    }
  }
}

// Checks one chunk against the file and its row group, and adds it to the index.
Status add_chunk(const RawChunk& raw, const Leaf& leaf, std::uint64_t rows, FileIndex& index) {
  const auto corrupt = [&](std::string_view what) {
    return make_error(Code::kCorrupt, "row group {}: column '{}': {}", index.groups.size(), leaf.name, what);
  };
  if (raw.encrypted) {
    return make_error(Code::kUnsupported, "row group {}: column '{}' is encrypted", index.groups.size(), leaf.name);
  }
  if (!raw.has_metadata) return corrupt("the footer says nothing about its column chunk");
  for (const auto& [name, value] : std::initializer_list<std::pair<std::string_view, std::int64_t>>{
           {"codec", raw.codec == kAbsent32 ? kAbsent : raw.codec},
           {"num_values", raw.values},
           {"total_uncompressed_size", raw.plain},
           {"total_compressed_size", raw.stored},
           {"data_page_offset", raw.data_page}}) {
    if (value == kAbsent) return corrupt(fmt::format("the footer does not say the {} of its column chunk", name));
    if (value < 0) return corrupt(fmt::format("its column chunk has {} {}", name, value));
  }
  if (raw.physical != static_cast<std::int32_t>(leaf.physical))
    return corrupt("its column chunk has another type than the schema");
  const auto values = static_cast<std::uint64_t>(raw.values);
  if (leaf.max_repetition == 0 ? values != rows : values < rows) {
    return corrupt(fmt::format("its column chunk has {} values for {} rows", values, rows));
  }
  // Some writers give 0 for "no dictionary page".
  std::int64_t offset = raw.data_page;
  if (raw.dictionary_page > 0) offset = std::min(offset, raw.dictionary_page);
  ChunkIndex chunk;
  chunk.offset = static_cast<std::uint64_t>(offset);
  chunk.bytes = static_cast<std::uint64_t>(raw.stored);
  chunk.plain_bytes = static_cast<std::uint64_t>(raw.plain);
  chunk.values = values;
  chunk.codec = static_cast<Codec>(raw.codec);
  if (chunk.offset > index.file_size || chunk.bytes > index.file_size - chunk.offset) {
    return corrupt(fmt::format("its column chunk would lie at bytes {} to {} of a file of {} bytes", chunk.offset,
                               chunk.offset + chunk.bytes, index.file_size));
  }
  // A broken location of the optional index is no reason not to read the file.
  const auto at = static_cast<std::uint64_t>(raw.offset_index);
  if (raw.offset_index > 0 && raw.offset_index_bytes > 0 && at < index.file_size &&
      static_cast<std::uint64_t>(raw.offset_index_bytes) <= index.file_size - at) {
    chunk.offset_index = at;
    chunk.offset_index_bytes = static_cast<std::uint32_t>(raw.offset_index_bytes);
  }
  index.chunks.push_back(chunk);
  return {};
}

// Adds the rows of row group `group` to their sum. The footer's own sum is not looked at: some writers leave it 0.
Status add_rows(std::int64_t rows, std::size_t group, std::uint64_t& sum) {
  if (rows == kAbsent) return make_error(Code::kCorrupt, "row group {}: the footer does not say its num_rows", group);
  if (rows < 0 || static_cast<std::uint64_t>(rows) > kMaxRows - sum) {
    return make_error(Code::kCorrupt, "row group {}: has {} rows", group, rows);
  }
  sum += static_cast<std::uint64_t>(rows);
  return {};
}

// One RowGroup. Its row count stands behind its columns, so they are kept until it is known.
Status parse_row_group(ThriftReader& r, const std::vector<bool>& selected, std::vector<RawChunk>& raw,
                       FileIndex& index) {
  raw.clear();
  std::uint64_t columns = 0;
  std::int64_t rows = kAbsent;
  for (ThriftReader::Struct s(r); s.next();) {
    switch (s.id()) {
      case 1: {
        ThriftReader::ListHead list;
        if (!s.begin_list(ThriftReader::kStruct, list)) break;
        columns = list.size;
        for (std::uint64_t c = 0; c < list.size && r.ok(); ++c) {
          if (c < selected.size() && selected[static_cast<std::size_t>(c)]) {
            parse_chunk(r, raw.emplace_back());
          } else {
            r.skip(ThriftReader::kStruct);
          }
        }
        break;
      }
      case 3: s.read(rows); break;
      default: s.skip();
    }
  }
  if (!r.ok()) return make_error(Code::kCorrupt, "row group {}: the footer {}", index.groups.size(), r.problem());
  if (columns != selected.size() || raw.size() != index.leaves.size()) {
    return make_error(Code::kCorrupt, "row group {}: has {} column chunks, the schema has {} columns",
                      index.groups.size(), columns, selected.size());
  }
  const std::uint64_t first_row = index.rows;
  STOKER_TRY(add_rows(rows, index.groups.size(), index.rows));
  for (std::size_t i = 0; i < raw.size(); ++i) {
    STOKER_TRY(add_chunk(raw[i], index.leaves[i], static_cast<std::uint64_t>(rows), index));
  }
  index.groups.push_back({.first_row = first_row, .rows = static_cast<std::uint64_t>(rows)});
  return {};
}

// The value of a key, when the list at hand has it.
void find_arrow_schema(ThriftReader& r, ThriftReader::Struct& field, std::string& out) {
  ThriftReader::ListHead list;
  if (!field.begin_list(ThriftReader::kStruct, list)) return;
  for (std::uint64_t i = 0; i < list.size && r.ok(); ++i) {
    Bytes key, value;
    for (ThriftReader::Struct s(r); s.next();) {
      switch (s.id()) {
        case 1: s.read(key); break;
        case 2: s.read(value); break;
        default: s.skip();
      }
    }
    if (text(key) == kArrowSchemaKey) out = text(value);
  }
}

// The bytes of a field that is skipped; none if it is no list.
Bytes skip_list(ThriftReader& r, ThriftReader::Struct& field, Bytes footer) {
  const std::size_t begin = r.position();
  const bool is_list = field.type() == ThriftReader::kList;
  field.skip();
  return is_list ? footer.subspan(begin, r.position() - begin) : Bytes{};
}

// Adds up the rows of the row groups.
Status count_rows(ThriftReader& r, const ThriftReader::ListHead& list, std::uint64_t& rows) {
  for (std::uint64_t g = 0; g < list.size && r.ok(); ++g) {
    std::int64_t group_rows = kAbsent;
    for (ThriftReader::Struct group(r); group.next();) {
      if (group.id() == 3) {
        group.read(group_rows);
      } else {
        group.skip();
      }
    }
    if (!r.ok()) break;
    STOKER_TRY(add_rows(group_rows, g, rows));
  }
  return {};
}

// A footer of that schema and no row groups: what the schema is read from, whatever the rest of the footer holds.
std::vector<std::byte> schema_alone(Bytes schema) {
  constexpr std::array kHead{std::byte{0x15}, std::byte{0x02},  // field 1, version: 1
                             std::byte{0x19}};                  // field 2, a list: the schema
  constexpr std::array kTail{std::byte{0x16}, std::byte{0x00},  // field 3, rows: 0
                             std::byte{0x19}, std::byte{0x0C},  // field 4, row groups: an empty list of structs
                             std::byte{ThriftReader::kStop}};
  std::vector<std::byte> out(kHead.size() + schema.size() + kTail.size());
  auto to = std::ranges::copy(kHead, out.begin()).out;
  to = std::ranges::copy(schema, to).out;
  std::ranges::copy(kTail, to);
  return out;
}

Status parse_row_groups(ThriftReader& r, const ThriftReader::ListHead& list, const std::vector<bool>& selected,
                        FileIndex& index) {
  std::vector<RawChunk> raw;
  for (std::uint64_t g = 0; g < list.size; ++g) STOKER_TRY(parse_row_group(r, selected, raw, index));
  return {};
}

// At the end of the footer.
Status is_whole(const ThriftReader& r, bool has_row_groups) {
  if (!r.ok()) return make_error(Code::kCorrupt, "the footer {}", r.problem());
  if (!has_row_groups) return make_error(Code::kCorrupt, "the footer has no list of row groups");
  return {};
}

void pad_short_chunks(FileIndex& index) {
  // As much as the header of a dictionary page can take.
  constexpr std::uint64_t kPadding = 100;
  for (ChunkIndex& chunk : index.chunks) {
    chunk.bytes += std::min(kPadding, index.file_size - chunk.offset - chunk.bytes);
  }
}

}  // namespace

Result<RawFooter> read_footer(io::ReadableFile& file, io::ReadObserver* observer) {
  const std::uint64_t size = file.size();
  const auto corrupt = [&](std::string_view what) {
    return make_error(Code::kCorrupt, "{}: {}", file.path().string(), what);
  };
  if (size < kMagicBytes + kEndBytes)
    return corrupt(fmt::format("is {} bytes long, too short for a Parquet file", size));
  RawFooter footer;
  const std::uint64_t tail_begin = size - std::min(size, kTailBytes);
  STOKER_ASSIGN(const MutBytes tail, read_range(file, {tail_begin, size - tail_begin}, footer.memory, observer));
  const Bytes end = tail.last(kEndBytes);
  const std::string_view magic = text(end.last(kMagicBytes));
  if (magic == "PARE") {
    return make_error(Code::kUnsupported, "{}: has an encrypted footer, which cannot be read here",
                      file.path().string());
  }
  if (magic != "PAR1")
    return corrupt("does not end with the magic of a Parquet file: it is cut short or something else");
  std::uint32_t length = 0;
  std::memcpy(&length, end.data(), sizeof length);
  if (length == 0 || length > size - kMagicBytes - kEndBytes) {
    return corrupt(fmt::format("claims a footer of {} bytes in a file of {} bytes", length, size));
  }
  const std::uint64_t begin = size - kEndBytes - length;
  if (begin >= tail_begin) {
    footer.bytes = tail.subspan(static_cast<std::size_t>(begin - tail_begin), length);
    return footer;
  }
  // The tail is read a second time only as far as alignment wants it.
  AlignedBuffer whole(length + file.alignment() * 3);
  STOKER_ASSIGN(const MutBytes head, read_range(file, {begin, tail_begin - begin}, whole, observer));
  std::memcpy(head.data() + head.size(), tail.data(), tail.size() - kEndBytes);
  footer.bytes = Bytes(head.data(), length);
  footer.memory = std::move(whole);
  return footer;
}

Result<FooterOutline> outline_footer(Bytes footer) {
  FooterOutline outline;
  bool has_row_groups = false;
  ThriftReader r(footer);
  for (ThriftReader::Struct s(r); s.next();) {
    switch (s.id()) {
      case 2:
        if (const Bytes list = skip_list(r, s, footer); !list.empty()) outline.schema_footer = schema_alone(list);
        break;
      case 4: {
        ThriftReader::ListHead list;
        if (!s.begin_list(ThriftReader::kStruct, list)) break;
        has_row_groups = true;
        STOKER_TRY(count_rows(r, list, outline.rows));
        break;
      }
      case 5: find_arrow_schema(r, s, outline.arrow_schema); break;
      default: s.skip();
    }
  }
  STOKER_TRY(is_whole(r, has_row_groups));
  return outline;
}

Result<ParsedFooter> parse_footer(Bytes footer, std::uint64_t file_size, const Selection& selection) {
  ParsedFooter out;
  FileIndex& index = out.index;
  index.file_size = file_size;
  Bytes schema_list;
  bool has_row_groups = false;
  std::string created_by;
  ThriftReader r(footer);
  for (ThriftReader::Struct s(r); s.next();) {
    switch (s.id()) {
      case 2:
        if (const Bytes list = skip_list(r, s, footer); !list.empty()) schema_list = list;
        break;
      case 4: {
        ThriftReader::ListHead list;
        if (!s.begin_list(ThriftReader::kStruct, list)) break;
        if (schema_list.empty())
          return make_error(Code::kCorrupt, "the footer has no schema in front of its row groups");
        if (has_row_groups) return make_error(Code::kCorrupt, "the footer has two lists of row groups");
        has_row_groups = true;
        out.schema_footer = schema_alone(schema_list);
        STOKER_ASSIGN(FileSchema schema, read_schema(out.schema_footer, selection));
        index.leaves = std::move(schema.leaves);
        index.type_difference = std::move(schema.type_difference);
        std::vector<bool> selected(schema.leaf_count);
        for (const Leaf& leaf : index.leaves) selected[leaf.column] = true;
        STOKER_TRY(parse_row_groups(r, list, selected, index));
        break;
      }
      case 5: find_arrow_schema(r, s, out.arrow_schema); break;
      case 6:
        if (Bytes name; s.read(name)) created_by = text(name);
        break;
      case 8: return make_error(Code::kUnsupported, "is encrypted, which cannot be read here");
      default: s.skip();
    }
  }
  STOKER_TRY(is_whole(r, has_row_groups));
  if (writes_short_chunks(created_by)) pad_short_chunks(index);
  return out;
}

}  // namespace stoker::format::parquet
