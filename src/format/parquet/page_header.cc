#include "format/parquet/page_header.h"

#include "format/parquet/thrift_reader.h"

namespace stoker::format::parquet {
namespace {

// Which fields a header had; Parquet demands some.
struct Seen {
  bool type = false, plain = false, stored = false, data = false, dictionary = false, data_v2 = false;
  bool negative = false;
};

std::uint32_t size_of(ThriftReader::Struct& s, Seen& seen) {
  const std::int32_t v = s.i32();
  seen.negative |= v < 0;
  return static_cast<std::uint32_t>(v);
}

void parse_data(ThriftReader& r, PageHeader& out, Seen& seen) {
  for (ThriftReader::Struct s(r); s.next();) {
    switch (s.id()) {
      case 1: out.values = size_of(s, seen); break;
      case 2: out.encoding = static_cast<PageEncoding>(s.i32()); break;
      case 3: out.definition_encoding = static_cast<PageEncoding>(s.i32()); break;
      case 4: out.repetition_encoding = static_cast<PageEncoding>(s.i32()); break;
      default: s.skip();
    }
  }
}

void parse_dictionary(ThriftReader& r, PageHeader& out, Seen& seen) {
  for (ThriftReader::Struct s(r); s.next();) {
    switch (s.id()) {
      case 1: out.values = size_of(s, seen); break;
      case 2: out.encoding = static_cast<PageEncoding>(s.i32()); break;
      default: s.skip();
    }
  }
}

void parse_data_v2(ThriftReader& r, PageHeader& out, Seen& seen) {
  for (ThriftReader::Struct s(r); s.next();) {
    switch (s.id()) {
      case 1: out.values = size_of(s, seen); break;
      case 3: out.rows = size_of(s, seen); break;
      case 4: out.encoding = static_cast<PageEncoding>(s.i32()); break;
      case 5: out.definition_bytes = size_of(s, seen); break;
      case 6: out.repetition_bytes = size_of(s, seen); break;
      case 7: out.compressed = s.boolean(); break;
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
      case 1:
        out.type = static_cast<PageType>(s.i32());
        seen.type = true;
        break;
      case 2:
        out.plain_bytes = size_of(s, seen);
        seen.plain = true;
        break;
      case 3:
        out.stored_bytes = size_of(s, seen);
        seen.stored = true;
        break;
      case 5:
        seen.data = true;
        if (s.is_struct()) parse_data(r, out, seen);
        break;
      case 7:
        seen.dictionary = true;
        if (s.is_struct()) parse_dictionary(r, out, seen);
        break;
      case 8:
        seen.data_v2 = true;
        if (s.is_struct()) parse_data_v2(r, out, seen);
        break;
      default: s.skip();
    }
  }
  if (r.state() == ThriftReader::State::kTruncated) return std::optional<PageHeader>{};
  if (!r.ok() || !seen.type || !seen.plain || !seen.stored)
    return make_error(Code::kCorrupt, "the page header is malformed");
  if (seen.negative) return make_error(Code::kCorrupt, "the page header has a negative size");
  if ((out.type == PageType::kData && !seen.data) || (out.type == PageType::kDictionary && !seen.dictionary) ||
      (out.type == PageType::kDataV2 && !seen.data_v2)) {
    return make_error(Code::kCorrupt, "the page header lacks the part that belongs to its page type {}",
                      static_cast<std::int32_t>(out.type));
  }
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
