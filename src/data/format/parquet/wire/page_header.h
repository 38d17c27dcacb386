// The header in front of every page.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/status.h"
#include "data/format/parquet/wire/parquet_types.h"

namespace stoker::format::parquet {

// As far as reading needs it: statistics are skipped. All counts and sizes have been checked to be >= 0.
struct PageHeader {
  PageType type = PageType::kData;
  std::uint32_t header_bytes = 0;    // of the header itself
  std::uint32_t stored_bytes = 0;    // of the page that follows it
  std::uint32_t plain_bytes = 0;     // of the page when decompressed; untrusted
  std::uint32_t values = 0;          // nulls and empty lists included
  std::optional<std::uint32_t> crc;  // CRC-32 of the page as it is stored
  PageEncoding encoding = PageEncoding::kPlain;
  // Data page v1.
  PageEncoding definition_encoding = PageEncoding::kRle, repetition_encoding = PageEncoding::kRle;
  // Data page v2.
  std::uint32_t rows = 0;
  std::uint32_t definition_bytes = 0, repetition_bytes = 0;  // together at most stored_bytes and plain_bytes
  bool compressed = true;

  [[nodiscard]] bool is_data() const { return type == PageType::kData || type == PageType::kDataV2; }
};

// Parses the header at the front of `in`. An empty optional: `in` ends inside the header, more bytes might do.
// Code::kCorrupt with what is wrong, without a place: the caller knows it.
[[nodiscard]] Result<std::optional<PageHeader>> parse_page_header(Bytes in);

}  // namespace stoker::format::parquet
