#include "data/format/parquet/write/page_head.h"

#include "data/format/parquet/wire/thrift_writer.h"

namespace stoker::format::parquet {

void append_page_head(std::vector<std::byte>& out, const PageHead& head) {
  ThriftWriter w(out);
  w.begin_struct();
  w.i32(1, static_cast<std::int32_t>(head.type));
  w.i32(2, static_cast<std::int32_t>(head.uncompressed));
  w.i32(3, static_cast<std::int32_t>(head.compressed));
  if (head.crc) w.i32_padded(4, static_cast<std::int32_t>(*head.crc));
  w.field_struct(head.type == PageType::kData ? 5 : 7);
  w.i32(1, static_cast<std::int32_t>(head.values));
  w.i32(2, static_cast<std::int32_t>(head.encoding));
  if (head.type == PageType::kData) {
    w.i32(3, static_cast<std::int32_t>(Encoding::kRle));
    w.i32(4, static_cast<std::int32_t>(Encoding::kRle));
  } else {
    w.boolean(3, false);  // not sorted
  }
  w.end_struct();
  w.end_struct();
}

}  // namespace stoker::format::parquet
