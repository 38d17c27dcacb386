// The headers of pages that lie one behind the other.
#include "base/testing/fuzz_input.h"
#include "data/format/parquet/wire/page_header.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  stoker::Bytes rest = stoker::testing::FuzzInput(data, size).rest();
  while (true) {
    const auto header = stoker::format::parquet::parse_page_header(rest);
    if (!header || !header->has_value()) return 0;
    STOKER_CHECK((*header)->header_bytes > 0 && (*header)->header_bytes <= rest.size(), "a header of its own size");
    rest = rest.subspan((*header)->header_bytes);
    rest = rest.subspan(std::min<std::size_t>((*header)->stored_bytes, rest.size()));
  }
}
