// Page compression for the writer, by Arrow's codecs.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "base/aligned_buffer.h"
#include "base/bytes.h"
#include "base/status.h"
#include "config/workload.h"

namespace arrow::util {
class Codec;
}

namespace stoker::format::parquet {

// One per writer; not for sharing between threads.
class Compressor {
 public:
  // Code::kConfig for a codec or a level that Parquet files of ours do not have (the message lists those there are);
  // Code::kUnsupported for one that the Arrow library was built without. A level is looked at for gzip and zstd only.
  [[nodiscard]] static Result<Compressor> make(config::Compression, std::optional<std::int64_t> level);
  Compressor(Compressor&&) noexcept;
  Compressor& operator=(Compressor&&) noexcept;
  ~Compressor();

  // parquet.thrift's CompressionCodec.
  [[nodiscard]] std::int32_t parquet_codec() const { return parquet_codec_; }
  // False: pages are stored as they are, and compress() is not to be called.
  [[nodiscard]] bool active() const { return codec_ != nullptr; }
  // What the compressed form of a page of `size` bytes takes at most, whatever the bytes are; `size` without a codec.
  [[nodiscard]] std::uint64_t most_bytes(std::uint64_t size) const;
  // And at least: what the codec's format can say in the fewest bytes.
  [[nodiscard]] std::uint64_t least_bytes(std::uint64_t size) const;
  // The compressed form of `page`, valid until the next call.
  [[nodiscard]] Result<Bytes> compress(Bytes page);

 private:
  Compressor();
  std::int32_t parquet_codec_ = 0;
  std::uint64_t best_ratio_ = 1;
  std::unique_ptr<arrow::util::Codec> codec_;
  AlignedBuffer out_;
};

}  // namespace stoker::format::parquet
