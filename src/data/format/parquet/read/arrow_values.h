// The encodings that are not decoded here (DELTA_*, BYTE_STREAM_SPLIT, ...), through Arrow's decoders, page by page.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/bytes.h"
#include "base/status.h"
#include "data/format/arena.h"
#include "data/format/format.h"
#include "data/format/parquet/wire/leaf.h"
#include "data/format/parquet/wire/parquet_types.h"

namespace stoker::format::parquet {

// One worker's decoders, made when first needed. Not for sharing between threads.
class ArrowValues {
 public:
  ArrowValues();
  ~ArrowValues();
  ArrowValues(const ArrowValues&) = delete;
  ArrowValues& operator=(const ArrowValues&) = delete;

  // Values [skip, skip + take) of the `present` ones encoded in `in`, appended to `segments`. Fixed width: leaf.width
  // bytes each, narrowed where the leaf is. Byte arrays: each one's length is appended to `lengths`.
  Status decode(const Leaf& leaf, PageEncoding encoding, Bytes in, std::uint64_t present, std::uint64_t skip,
                std::uint64_t take, Arena& arena, std::vector<Segment>& segments, std::vector<std::uint32_t>& lengths);

 private:
  struct Decoders;
  std::unique_ptr<Decoders> decoders_;
};

}  // namespace stoker::format::parquet
