#include "data/format/parquet/wire/page_checksum.h"

#include "base/checksum.h"

namespace stoker::format::parquet {

Status check_page(const PageHeader& header, Bytes stored, std::uint64_t offset) {
  if (!header.crc) return {};
  const std::uint32_t found = crc32(stored);
  if (found == *header.crc) return {};
  Error error = make_error(Code::kCorrupt, "the page at byte {} of the file has the checksum {:08x}, expected {:08x}",
                           offset, found, *header.crc);
  error.hint =
      "the file is damaged, or the storage returned other bytes than were written; compare with a second read and with "
      "a copy of the file (reader.verify_checksums: False reads it as it is)";
  return error;
}

Status check_pages(Bytes pages, std::uint64_t offset) {
  for (std::size_t at = 0; at < pages.size();) {
    const auto header = parse_page_header(pages.subspan(at));
    if (!header || !header->has_value()) return {};
    const PageHeader& page = **header;
    if (page.stored_bytes > pages.size() - at - page.header_bytes) return {};
    STOKER_TRY(check_page(page, pages.subspan(at + page.header_bytes, page.stored_bytes), offset + at));
    at += std::size_t{page.header_bytes} + page.stored_bytes;
  }
  return {};
}

}  // namespace stoker::format::parquet
