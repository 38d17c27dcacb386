// The codecs of pages, one row each, on top of the codec libraries themselves: codecs.h reads with them, compressor.h
// writes.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "config/workload.h"
#include "data/format/parquet/wire/parquet_types.h"

struct libdeflate_compressor;
struct libdeflate_decompressor;
struct ZSTD_CCtx_s;
struct ZSTD_DCtx_s;

namespace stoker::format::parquet {

// What the libraries keep from call to call, made when first needed. Not for sharing between threads.
struct CodecContexts {
  struct Free {
    void operator()(libdeflate_compressor*) const;
    void operator()(libdeflate_decompressor*) const;
    void operator()(ZSTD_CCtx_s*) const;
    void operator()(ZSTD_DCtx_s*) const;
  };
  std::unique_ptr<libdeflate_decompressor, Free> inflate;
  std::unique_ptr<ZSTD_DCtx_s, Free> zstd_decompress;
  std::unique_ptr<libdeflate_compressor, Free> deflate;  // of the level that was asked for first
  std::unique_ptr<ZSTD_CCtx_s, Free> zstd_compress;
};

// How many bytes came out, or what stands against it.
struct CodecResult {
  std::uint64_t bytes = 0;
  std::string_view fault;
};

struct CodecLevels {
  int least = 0, most = 0;
  int standard = 0;  // where none is asked for; what Arrow takes
};

struct CodecRow {
  Codec codec;
  std::optional<config::Compression> name;  // dataset.compression; none: such files are only read
  // Bytes that one stored byte can stand for at most.
  std::uint64_t densest;
  std::optional<CodecLevels> levels;
  // Never reads past `in` nor writes past `out`, whatever the bytes are. Null: the page is plain.
  CodecResult (*decompress)(CodecContexts&, Bytes in, MutBytes out);
  // The page where it lies among its stored bytes as it is, which is how what cannot be compressed is stored. Empty
  // where it does not, or not in one piece; null where that is not looked for.
  Bytes (*plain_view)(Bytes in);
  // The rest is null where `name` is not set. The bytes depend on page and level alone, not on what went before.
  CodecResult (*compress)(CodecContexts&, int level, Bytes page, MutBytes out);
  // Room that compress needs for a page of `bytes` bytes, whatever they are.
  std::uint64_t (*most_bytes)(std::uint64_t bytes);
  // The library that compresses, with its version: another one may write other bytes.
  std::string (*library)();
};

[[nodiscard]] std::span<const CodecRow> codec_table();
// Null: none of ours.
[[nodiscard]] const CodecRow* find_codec(Codec);

}  // namespace stoker::format::parquet
