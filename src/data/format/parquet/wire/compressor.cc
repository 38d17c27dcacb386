#include "data/format/parquet/wire/compressor.h"

#include <arrow/util/compression.h>

#include "base/check.h"

namespace stoker::format::parquet {
namespace {

struct CodecRow {
  config::Compression name;
  std::int32_t parquet;  // parquet.thrift: CompressionCodec
  arrow::Compression::type arrow;
  bool takes_level;
  // Bytes that one compressed byte can stand for at most.
  //   snappy: a copy of up to 64 bytes takes 3 bytes, the shorter ones 2 for up to 11.
  //   gzip: a match of 258 bytes takes a bit for its length and one for its distance.
  //   zstd: a block holds up to 128 KiB and takes at least the 3 bytes of its header and one more.
  //   lz4: each further byte of a length adds 255.
  std::uint64_t best_ratio;
};

// Parquet's LZ4_RAW is a bare LZ4 block, which Arrow calls LZ4.
constexpr CodecRow kCodecs[] = {
    {config::Compression::kNone, 0, arrow::Compression::UNCOMPRESSED, false, 1},
    {config::Compression::kSnappy, 1, arrow::Compression::SNAPPY, false, 22},
    {config::Compression::kGzip, 2, arrow::Compression::GZIP, true, 1032},
    {config::Compression::kZstd, 6, arrow::Compression::ZSTD, true, 32768},
    {config::Compression::kLz4, 7, arrow::Compression::LZ4, false, 255},
};

}  // namespace

Compressor::Compressor() = default;
Compressor::Compressor(Compressor&&) noexcept = default;
Compressor& Compressor::operator=(Compressor&&) noexcept = default;
Compressor::~Compressor() = default;

Result<Compressor> Compressor::make(config::Compression name, std::optional<std::int64_t> level) {
  const CodecRow* row = nullptr;
  std::string accepted;
  for (const CodecRow& r : kCodecs) {
    if (r.name == name) row = &r;
    accepted += fmt::format("{}{}", accepted.empty() ? "" : ", ", config::to_string(r.name));
  }
  if (row == nullptr) {
    return Error{.code = Code::kConfig,
                 .message = fmt::format("dataset.compression: '{}' does not go with dataset.format 'parquet'",
                                        config::to_string(name)),
                 .hint = "use one of " + accepted};
  }
  Compressor made;
  made.parquet_codec_ = row->parquet;
  made.best_ratio_ = row->best_ratio;
  if (row->arrow == arrow::Compression::UNCOMPRESSED) return made;
  if (!arrow::util::Codec::IsAvailable(row->arrow)) {
    return make_error(Code::kUnsupported, "dataset.compression: the Arrow library of this build has no codec '{}'",
                      config::to_string(name));
  }
  int arrow_level = arrow::util::kUseDefaultCompressionLevel;
  if (row->takes_level && level.has_value()) {
    const auto least = arrow::util::Codec::MinimumCompressionLevel(row->arrow);
    const auto most = arrow::util::Codec::MaximumCompressionLevel(row->arrow);
    if (least.ok() && most.ok() && (*level < *least || *level > *most)) {
      return make_error(Code::kConfig, "dataset.compression_level: {} is out of the range of '{}', {} to {}", *level,
                        config::to_string(name), *least, *most);
    }
    arrow_level = static_cast<int>(*level);
  }
  auto codec = arrow::util::Codec::Create(row->arrow, arrow_level);
  if (!codec.ok()) {
    return make_error(Code::kUnsupported, "dataset.compression: cannot use '{}': {}", config::to_string(name),
                      codec.status().ToString());
  }
  made.codec_ = *std::move(codec);
  return made;
}

std::uint64_t Compressor::most_bytes(std::uint64_t size) const {
  if (!active()) return size;
  return static_cast<std::uint64_t>(codec_->MaxCompressedLen(static_cast<std::int64_t>(size), nullptr));
}

std::uint64_t Compressor::least_bytes(std::uint64_t size) const {
  return (size + best_ratio_ - 1) / best_ratio_;
}

Result<Bytes> Compressor::compress(Bytes page) {
  STOKER_CHECK(active());
  const auto* const in = reinterpret_cast<const std::uint8_t*>(page.data());
  const auto size = static_cast<std::int64_t>(page.size());
  const std::int64_t most = codec_->MaxCompressedLen(size, in);
  const MutBytes out = out_.resize(static_cast<std::size_t>(most));
  const auto written = codec_->Compress(size, in, most, reinterpret_cast<std::uint8_t*>(out.data()));
  if (!written.ok()) {
    return make_error(Code::kInternal, "parquet: {}: cannot compress a page of {} bytes: {}", codec_->name(),
                      page.size(), written.status().ToString());
  }
  return Bytes(out).first(static_cast<std::size_t>(*written));
}

}  // namespace stoker::format::parquet
