// Compression of pages, for the writer.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/aligned_buffer.h"
#include "base/bytes.h"
#include "base/status.h"
#include "config/workload.h"
#include "data/format/parquet/wire/codec_table.h"

namespace stoker::format::parquet {

// One per writer; not for sharing between threads.
class Compressor {
 public:
  // Code::kConfig for a codec or a level that Parquet files of ours do not have (the message lists those there are).
  // A level is looked at for gzip and zstd only.
  [[nodiscard]] static Result<Compressor> make(config::Compression, std::optional<std::int64_t> level);

  // parquet.thrift's CompressionCodec.
  [[nodiscard]] std::int32_t parquet_codec() const { return static_cast<std::int32_t>(row_->codec); }
  // False: pages are stored as they are, and compress() is not to be called.
  [[nodiscard]] bool active() const { return row_->compress != nullptr; }
  // What the compressed form of a page of `size` bytes takes at most, whatever the bytes are; `size` without a codec.
  [[nodiscard]] std::uint64_t most_bytes(std::uint64_t size) const;
  // And at least: what the codec's format can say in the fewest bytes.
  [[nodiscard]] std::uint64_t least_bytes(std::uint64_t size) const;
  // The library that compresses, with its version; nothing without a codec. Another one may write other bytes.
  [[nodiscard]] std::optional<std::string> library() const;
  // The compressed form of `page`, valid until the next call. Depends on nothing but `page`, codec and level.
  [[nodiscard]] Result<Bytes> compress(Bytes page);

 private:
  Compressor(const CodecRow& row, int level) : row_(&row), level_(level) {}

  const CodecRow* row_;
  int level_;
  CodecContexts contexts_;
  AlignedBuffer out_;
};

}  // namespace stoker::format::parquet
