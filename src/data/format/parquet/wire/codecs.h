// Decompression of pages.
#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "base/status.h"
#include "data/format/parquet/wire/codec_table.h"
#include "data/format/parquet/wire/parquet_types.h"

namespace stoker::format::parquet {

// Code::kUnsupported for a codec that nothing here can read.
[[nodiscard]] Status check_codec(Codec codec);

// At most this many bytes can come out of `stored` bytes: what a header may claim without being a lie for certain.
[[nodiscard]] std::uint64_t max_plain_bytes(Codec codec, std::uint64_t stored);

// The `plain_bytes` bytes that `in` decompresses to where they lie in it as they are; empty where they do not, or where
// that cannot be told without decompressing.
[[nodiscard]] Bytes plain_view(Codec codec, Bytes in, std::uint64_t plain_bytes);

// The codecs of one worker. Some have state: not for sharing between threads.
class Codecs {
 public:
  // Fills `out` completely or says why it could not. Code::kUnsupported for a codec that nothing here can read.
  Status decompress(Codec codec, Bytes in, MutBytes out);

 private:
  CodecContexts contexts_;
};

}  // namespace stoker::format::parquet
