// Decompression of pages, through Arrow's codec library.
#pragma once

#include <array>
#include <cstdint>
#include <memory>

#include "base/bytes.h"
#include "base/status.h"
#include "data/format/parquet/wire/parquet_types.h"

namespace arrow::util {
class Codec;
}

namespace stoker::format::parquet {

// Code::kUnsupported for a codec that nothing here can read.
[[nodiscard]] Status check_codec(Codec codec);

// At most this many bytes can come out of `stored` bytes: what a header may claim without being a lie for certain.
[[nodiscard]] std::uint64_t max_plain_bytes(Codec codec, std::uint64_t stored);

// The codecs of one worker, made when first needed. Some have state: not for sharing between threads.
class Codecs {
 public:
  Codecs();
  ~Codecs();
  Codecs(const Codecs&) = delete;
  Codecs& operator=(const Codecs&) = delete;

  // Fills `out` completely or says why it could not. Code::kUnsupported for a codec that this build does not have.
  Status decompress(Codec codec, Bytes in, MutBytes out);

 private:
  std::array<std::unique_ptr<::arrow::util::Codec>, 8> codecs_;
};

}  // namespace stoker::format::parquet
