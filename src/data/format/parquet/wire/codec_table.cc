#include "data/format/parquet/wire/codec_table.h"

#include <brotli/decode.h>
#include <fmt/format.h>
#include <libdeflate.h>
#include <lz4.h>
#include <snappy.h>
#include <zstd.h>

#include <algorithm>
#include <limits>
#include <new>

namespace stoker::format::parquet {

void CodecContexts::Free::operator()(libdeflate_compressor* context) const {
  libdeflate_free_compressor(context);
}
void CodecContexts::Free::operator()(libdeflate_decompressor* context) const {
  libdeflate_free_decompressor(context);
}
void CodecContexts::Free::operator()(ZSTD_CCtx_s* context) const {
  ZSTD_freeCCtx(context);
}
void CodecContexts::Free::operator()(ZSTD_DCtx_s* context) const {
  ZSTD_freeDCtx(context);
}

namespace {

using config::Compression;

constexpr std::string_view kBroken = "the bytes are broken";
constexpr std::string_view kTooMany = "it holds more bytes than its header says";
constexpr std::string_view kBrokenOrTooMany = "the bytes are broken, or more than its header says";

const char* chars(Bytes bytes) {
  return reinterpret_cast<const char*>(bytes.data());
}
char* chars(MutBytes bytes) {
  return reinterpret_cast<char*>(bytes.data());
}

// The context in `slot`, made if there is none yet.
template <class Context, class Make>
Context* context_in(std::unique_ptr<Context, CodecContexts::Free>& slot, const Make& make) {
  if (slot == nullptr) slot.reset(make());
  if (slot == nullptr) throw std::bad_alloc();
  return slot.get();
}

// ---- snappy ----

CodecResult snappy_decompress(CodecContexts& /*contexts*/, Bytes in, MutBytes out) {
  std::size_t bytes = 0;
  if (!snappy::GetUncompressedLength(chars(in), in.size(), &bytes)) return {.fault = kBroken};
  if (bytes != out.size()) return {.bytes = bytes};  // the library writes what the page says, wherever it ends
  if (!snappy::RawUncompress(chars(in), in.size(), chars(out))) return {.fault = kBroken};
  return {.bytes = bytes};
}

// One literal, and nothing else: the length of the page as a varint, a tag whose upper six bits are the literal's
// length - 1, or 59 and how many bytes of that follow.
Bytes snappy_plain_view(Bytes in) {
  std::uint64_t page = 0;
  std::size_t at = 0;
  for (unsigned shift = 0;; shift += 7) {
    if (at == in.size() || shift > 28) return {};
    const auto b = std::to_integer<std::uint64_t>(in[at++]);
    page |= (b & 0x7F) << shift;
    if (b < 0x80) break;
  }
  if (at == in.size() || std::to_integer<unsigned>(in[at] & std::byte{3}) != 0) return {};
  std::uint64_t literal = std::to_integer<std::uint64_t>(in[at++] >> 2);
  if (literal >= 60) {
    const auto bytes = static_cast<std::size_t>(literal - 59);
    if (bytes > in.size() - at) return {};
    literal = 0;
    for (std::size_t i = 0; i < bytes; ++i) literal |= std::to_integer<std::uint64_t>(in[at++]) << (8 * i);
  }
  ++literal;
  return literal == page && literal == in.size() - at ? in.subspan(at) : Bytes();
}

CodecResult snappy_compress(CodecContexts& /*contexts*/, int /*level*/, Bytes page, MutBytes out) {
  std::size_t bytes = 0;
  snappy::RawCompress(chars(page), page.size(), chars(out), &bytes);
  return {.bytes = bytes};
}

// ---- gzip ----

CodecResult gzip_decompress(CodecContexts& contexts, Bytes in, MutBytes out) {
  constexpr std::byte kGzipMagic{0x1f};  // a zlib header, which some writers put in its place, begins otherwise
  libdeflate_decompressor* const context = context_in(contexts.inflate, libdeflate_alloc_decompressor);
  // Parquet allows several members, one behind the other. What follows the last one that is needed is not looked at.
  std::size_t done = 0;
  while (!in.empty() && done < out.size()) {
    const auto member = in[0] == kGzipMagic ? libdeflate_gzip_decompress_ex : libdeflate_zlib_decompress_ex;
    const MutBytes rest = out.subspan(done);
    std::size_t taken = 0;
    std::size_t made = 0;
    const libdeflate_result result = member(context, in.data(), in.size(), rest.data(), rest.size(), &taken, &made);
    if (result != LIBDEFLATE_SUCCESS) return {.fault = result == LIBDEFLATE_INSUFFICIENT_SPACE ? kTooMany : kBroken};
    in = in.subspan(taken);
    done += made;
  }
  return {.bytes = done};
}

CodecResult gzip_compress(CodecContexts& contexts, int level, Bytes page, MutBytes out) {
  libdeflate_compressor* const context =
      context_in(contexts.deflate, [&] { return libdeflate_alloc_compressor(level); });
  const std::size_t bytes = libdeflate_gzip_compress(context, page.data(), page.size(), out.data(), out.size());
  if (bytes == 0) return {.fault = "it does not fit"};
  return {.bytes = bytes};
}

// ---- brotli ----

CodecResult brotli_decompress(CodecContexts& /*contexts*/, Bytes in, MutBytes out) {
  std::size_t bytes = out.size();
  const auto result = BrotliDecoderDecompress(in.size(), reinterpret_cast<const std::uint8_t*>(in.data()), &bytes,
                                              reinterpret_cast<std::uint8_t*>(out.data()));
  if (result != BROTLI_DECODER_RESULT_SUCCESS) return {.fault = kBrokenOrTooMany};
  return {.bytes = bytes};
}

// ---- lz4 ----

// LZ4 counts in int, and so do page headers.
int lz4_size(std::size_t bytes) {
  return static_cast<int>(std::min<std::size_t>(bytes, std::numeric_limits<int>::max()));
}

// Negative: broken, or no room for it.
int lz4_block(Bytes in, MutBytes out) {
  return LZ4_decompress_safe(chars(in), chars(out), lz4_size(in.size()), lz4_size(out.size()));
}

CodecResult lz4_decompress(CodecContexts& /*contexts*/, Bytes in, MutBytes out) {
  const int bytes = lz4_block(in, out);
  if (bytes < 0) return {.fault = kBrokenOrTooMany};
  return {.bytes = static_cast<std::uint64_t>(bytes)};
}

std::uint32_t big_endian_32(Bytes in) {
  std::uint32_t value = 0;
  for (const std::byte b : in.first(4)) value = value << 8U | std::to_integer<std::uint32_t>(b);
  return value;
}

// Hadoop's frames: the plain and the stored length of a block, then the block. Nothing if these are none.
std::optional<std::uint64_t> hadoop_frames(Bytes in, MutBytes out) {
  constexpr std::size_t kLengths = 8;
  std::uint64_t done = 0;
  while (!in.empty()) {
    if (in.size() < kLengths) return std::nullopt;
    const std::uint32_t plain = big_endian_32(in);
    const std::uint32_t stored = big_endian_32(in.subspan(4));
    in = in.subspan(kLengths);
    if (stored > in.size() || plain > out.size() - done) return std::nullopt;
    const int bytes = lz4_block(in.first(stored), out.subspan(done));
    if (bytes < 0 || static_cast<std::uint32_t>(bytes) != plain) return std::nullopt;
    in = in.subspan(stored);
    done += plain;
  }
  return done;
}

// Bare blocks, which earlier writers of Arrow put under the same number, are told from frames by trying.
CodecResult lz4_hadoop_decompress(CodecContexts& contexts, Bytes in, MutBytes out) {
  if (const auto bytes = hadoop_frames(in, out)) return {.bytes = *bytes};
  return lz4_decompress(contexts, in, out);
}

// One sequence of literals: a token whose upper four bits are their number, or 15 and more of it in the bytes that
// follow, up to one that is not 255.
Bytes lz4_plain_view(Bytes in) {
  if (in.empty()) return {};
  std::uint64_t literals = std::to_integer<std::uint64_t>(in[0] >> 4);
  std::size_t at = 1;
  for (bool more = literals == 15; more;) {
    if (at == in.size()) return {};
    const auto b = std::to_integer<std::uint64_t>(in[at++]);
    literals += b;
    more = b == 255;
  }
  return literals == in.size() - at ? in.subspan(at) : Bytes();
}

CodecResult lz4_compress(CodecContexts& /*contexts*/, int /*level*/, Bytes page, MutBytes out) {
  if (page.size() > LZ4_MAX_INPUT_SIZE) return {.fault = "LZ4 takes at most 2113929216"};
  const int bytes = LZ4_compress_default(chars(page), chars(out), lz4_size(page.size()), lz4_size(out.size()));
  if (bytes == 0) return {.fault = "it does not fit"};
  return {.bytes = static_cast<std::uint64_t>(bytes)};
}

// LZ4_compressBound, which knows no pages beyond LZ4_MAX_INPUT_SIZE.
std::uint64_t lz4_most_bytes(std::uint64_t bytes) {
  return bytes + bytes / 255 + 16;
}

// ---- zstd ----

CodecResult zstd_result(std::size_t bytes) {
  if (ZSTD_isError(bytes) != 0) return {.fault = ZSTD_getErrorName(bytes)};
  return {.bytes = bytes};
}

CodecResult zstd_decompress(CodecContexts& contexts, Bytes in, MutBytes out) {
  ZSTD_DCtx* const context = context_in(contexts.zstd_decompress, ZSTD_createDCtx);
  return zstd_result(ZSTD_decompressDCtx(context, out.data(), out.size(), in.data(), in.size()));
}

CodecResult zstd_compress(CodecContexts& contexts, int level, Bytes page, MutBytes out) {
  ZSTD_CCtx* const context = context_in(contexts.zstd_compress, ZSTD_createCCtx);
  return zstd_result(ZSTD_compressCCtx(context, out.data(), out.size(), page.data(), page.size(), level));
}

// The order is that in which a user reads them.
constexpr CodecRow kCodecs[] = {
    {.codec = Codec::kUncompressed, .name = Compression::kNone, .densest = 1},
    // A copy of up to 64 bytes takes 3 bytes, the shorter ones 2 for up to 11.
    {.codec = Codec::kSnappy,
     .name = Compression::kSnappy,
     .densest = 22,
     .decompress = snappy_decompress,
     .plain_view = snappy_plain_view,
     .compress = snappy_compress,
     .most_bytes = [](std::uint64_t bytes) -> std::uint64_t { return snappy::MaxCompressedLength(bytes); },
     .library = [] { return fmt::format("snappy {}.{}.{}", SNAPPY_MAJOR, SNAPPY_MINOR, SNAPPY_PATCHLEVEL); }},
    // A match of 258 bytes takes a bit for its length and one for its distance.
    {.codec = Codec::kGzip,
     .name = Compression::kGzip,
     .densest = 1032,
     .levels = CodecLevels{.least = 1, .most = 9, .standard = 9},
     .decompress = gzip_decompress,
     .compress = gzip_compress,
     .most_bytes = [](std::uint64_t bytes) -> std::uint64_t { return libdeflate_gzip_compress_bound(nullptr, bytes); },
     .library = [] { return fmt::format("libdeflate {}", LIBDEFLATE_VERSION_STRING); }},
    // A block holds up to 128 KiB and takes at least the 3 bytes of its header and one more.
    {.codec = Codec::kZstd,
     .name = Compression::kZstd,
     .densest = 32768,
     .levels = CodecLevels{.least = 1, .most = 22, .standard = 1},
     .decompress = zstd_decompress,
     .compress = zstd_compress,
     .most_bytes = [](std::uint64_t bytes) -> std::uint64_t { return ZSTD_compressBound(bytes); },
     .library = [] { return fmt::format("zstd {}", ZSTD_versionString()); }},
    // Each further byte of a length adds 255.
    {.codec = Codec::kLz4Raw,
     .name = Compression::kLz4,
     .densest = 255,
     .decompress = lz4_decompress,
     .plain_view = lz4_plain_view,
     .compress = lz4_compress,
     .most_bytes = lz4_most_bytes,
     .library = [] { return fmt::format("lz4 {}", LZ4_versionString()); }},
    {.codec = Codec::kLz4Hadoop, .densest = 255, .decompress = lz4_hadoop_decompress},
    // A copy of 16 MiB takes a few bytes.
    {.codec = Codec::kBrotli, .densest = 1 << 22, .decompress = brotli_decompress},
};

}  // namespace

std::span<const CodecRow> codec_table() {
  return kCodecs;
}

const CodecRow* find_codec(Codec codec) {
  for (const CodecRow& row : kCodecs) {
    if (row.codec == codec) return &row;
  }
  return nullptr;
}

}  // namespace stoker::format::parquet
