#include "data/format/parquet/wire/page_header.h"

#include "data/format/parquet/wire/thrift_reader.h"

namespace stoker::format::parquet {
namespace {

// Which fields a header had; Parquet demands some.
struct Seen {
  bool type = false, plain = false, stored = false, data = false, dictionary = false, data_v2 = false;
  bool values = false, encoding = false;  // of the part that belongs to the type
  bool negative = false;
};

bool read_size(ThriftReader::Struct& s, std::uint32_t& out, Seen& seen) {
  std::int32_t v = 0;
  if (!s.read(v)) return false;
  seen.negative |= v < 0;
  out = static_cast<std::uint32_t>(v);
  return true;
}

template <class Enum>
bool read_enum(ThriftReader::Struct& s, Enum& out) {
  std::int32_t v = 0;
  if (!s.read(v)) return false;
  out = static_cast<Enum>(v);
  return true;
}

void parse_data(ThriftReader& r, PageHeader& out, Seen& seen) {
  for (ThriftReader::Struct s(r); s.next();) {
    switch (s.id()) {
      case 1: seen.values = read_size(s, out.values, seen); break;
      case 2: seen.encoding = read_enum(s, out.encoding); break;
      case 3: read_enum(s, out.definition_encoding); break;
      case 4: read_enum(s, out.repetition_encoding); break;
      default: s.skip();
    }
  }
}

void parse_dictionary(ThriftReader& r, PageHeader& out, Seen& seen) {
  for (ThriftReader::Struct s(r); s.next();) {
    switch (s.id()) {
      case 1: seen.values = read_size(s, out.values, seen); break;
      case 2: seen.encoding = read_enum(s, out.encoding); break;
      default: s.skip();
    }
  }
}

void parse_data_v2(ThriftReader& r, PageHeader& out, Seen& seen) {
  for (ThriftReader::Struct s(r); s.next();) {
    switch (s.id()) {
      case 1: seen.values = read_size(s, out.values, seen); break;
      case 3: read_size(s, out.rows, seen); break;
      case 4: seen.encoding = read_enum(s, out.encoding); break;
      case 5: read_size(s, out.definition_bytes, seen); break;
      case 6: read_size(s, out.repetition_bytes, seen); break;
      case 7: s.read(out.compressed); break;
      default: s.skip();
    }
  }
}

}  // namespace

Result<std::optional<PageHeader>> parse_page_header(Bytes in) {
  PageHeader out;
  Seen seen;
  ThriftReader r(in);
  for (ThriftReader::Struct s(r); s.next();) {
    switch (s.id()) {
      case 1: seen.type = read_enum(s, out.type); break;
      case 2: seen.plain = read_size(s, out.plain_bytes, seen); break;
      case 3: seen.stored = read_size(s, out.stored_bytes, seen); break;
      case 4:
        if (std::int32_t crc = 0; s.read(crc)) out.crc = static_cast<std::uint32_t>(crc);
        break;
      case 5:
        seen.data = s.begin_struct();
        if (seen.data) parse_data(r, out, seen);
        break;
      case 7:
        seen.dictionary = s.begin_struct();
        if (seen.dictionary) parse_dictionary(r, out, seen);
        break;
      case 8:
        seen.data_v2 = s.begin_struct();
        if (seen.data_v2) parse_data_v2(r, out, seen);
        break;
      default: s.skip();
    }
  }
  if (r.state() == ThriftReader::State::kTruncated) return std::optional<PageHeader>{};
  if (!r.ok()) return make_error(Code::kCorrupt, "the page header {}", r.problem());
  if (!seen.type || !seen.plain || !seen.stored)
    return make_error(Code::kCorrupt, "the page header lacks its type or one of its sizes");
  if (seen.negative) return make_error(Code::kCorrupt, "the page header has a negative size");
  if ((out.type == PageType::kData && !seen.data) || (out.type == PageType::kDictionary && !seen.dictionary) ||
      (out.type == PageType::kDataV2 && !seen.data_v2)) {
    return make_error(Code::kCorrupt, "the page header lacks the part that belongs to its page type {}",
                      static_cast<std::int32_t>(out.type));
  }
  if ((seen.data || seen.dictionary || seen.data_v2) && (!seen.values || !seen.encoding))
    return make_error(Code::kCorrupt, "the page header lacks the number of its values or their encoding");
  if (out.type == PageType::kDataV2) {
    const std::uint64_t levels = std::uint64_t{out.definition_bytes} + out.repetition_bytes;
    if (levels > out.stored_bytes || levels > out.plain_bytes) {
      return make_error(Code::kCorrupt, "the page header gives {} bytes of levels to a page of {} bytes", levels,
                        out.stored_bytes);
    }
  }
  out.header_bytes = static_cast<std::uint32_t>(r.position());
  return std::optional<PageHeader>(out);
}

}  // namespace stoker::format::parquet
