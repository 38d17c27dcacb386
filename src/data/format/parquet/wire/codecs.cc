#include "data/format/parquet/wire/codecs.h"

#include <arrow/result.h>
#include <arrow/status.h>
#include <arrow/util/compression.h>

#include <optional>

namespace stoker::format::parquet {
namespace {

std::optional<::arrow::Compression::type> arrow_type(Codec codec) {
  switch (codec) {
    case Codec::kSnappy: return ::arrow::Compression::SNAPPY;
    case Codec::kGzip: return ::arrow::Compression::GZIP;
    case Codec::kBrotli: return ::arrow::Compression::BROTLI;
    // Hadoop's framing, with a fallback to bare LZ4 blocks, which other writers put under the same number.
    case Codec::kLz4Hadoop: return ::arrow::Compression::LZ4_HADOOP;
    case Codec::kZstd: return ::arrow::Compression::ZSTD;
    case Codec::kLz4Raw: return ::arrow::Compression::LZ4;
    default: return std::nullopt;
  }
}

Error unreadable(Codec codec) {
  return make_error(Code::kUnsupported, "is compressed with codec {} ({}), which cannot be read here",
                    static_cast<std::int32_t>(codec), to_string(codec));
}

}  // namespace

std::uint64_t max_plain_bytes(Codec codec, std::uint64_t stored) {
  // A bit more than the formats' densest repetition: snappy copies 64 bytes in 3, deflate 258 in 2 bits, LZ4 255 in 1,
  // zstd 128 KiB in 4; brotli knows no small bound.
  constexpr std::uint64_t kSlack = 1024;
  switch (codec) {
    case Codec::kSnappy: return stored * 32 + kSlack;
    case Codec::kGzip: return stored * 1040 + kSlack;
    case Codec::kLz4Hadoop:
    case Codec::kLz4Raw: return stored * 256 + kSlack;
    case Codec::kZstd: return stored * 65536 + kSlack;
    case Codec::kBrotli: return stored * (1 << 22) + kSlack;
    default: return stored;
  }
}

Status check_codec(Codec codec) {
  if (codec == Codec::kUncompressed || arrow_type(codec)) return {};
  return unreadable(codec);
}

Codecs::Codecs() = default;
Codecs::~Codecs() = default;

Status Codecs::decompress(Codec codec, Bytes in, MutBytes out) {
  const auto type = arrow_type(codec);
  if (!type) return unreadable(codec);
  auto& slot = codecs_.at(static_cast<std::size_t>(codec));
  if (slot == nullptr) {
    auto made = ::arrow::util::Codec::Create(*type);
    if (!made.ok()) return make_error(Code::kUnsupported, "codec {}: {}", to_string(codec), made.status().message());
    slot = std::move(made).ValueOrDie();
  }
  const auto written =
      slot->Decompress(static_cast<std::int64_t>(in.size()), reinterpret_cast<const std::uint8_t*>(in.data()),
                       static_cast<std::int64_t>(out.size()), reinterpret_cast<std::uint8_t*>(out.data()));
  if (!written.ok()) {
    return make_error(Code::kCorrupt, "does not decompress with {}: {}", to_string(codec), written.status().message());
  }
  if (static_cast<std::uint64_t>(*written) != out.size()) {
    return make_error(Code::kCorrupt, "decompresses to {} bytes, its header says {}", *written, out.size());
  }
  return {};
}

}  // namespace stoker::format::parquet
