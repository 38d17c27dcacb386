// The header in front of a page's content, as written.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "data/format/parquet/wire/parquet_types.h"
#include "data/format/parquet/wire/schema.h"

namespace stoker::format::parquet {

struct PageHead {
  PageType type = PageType::kData;  // kData or kDictionary
  std::uint64_t uncompressed = 0;   // bytes of the content
  std::uint64_t compressed = 0;     // bytes of it in the file
  std::uint64_t values = 0;
  Encoding encoding = Encoding::kPlain;
  std::optional<std::uint32_t> crc{};  // CRC-32 of the content in the file
};

// Appends it. Its length never falls when a member grows, so that bounds of sizes give bounds of it;
// a CRC takes the same number of bytes whatever it is.
void append_page_head(std::vector<std::byte>&, const PageHead&);

}  // namespace stoker::format::parquet
