// Pages through our codecs and beside them, in turn, through the codec's library with a context that is used again, and
// through Arrow's codec (whose gzip is zlib). Times are of the thread's CPU, so that other programs do not count;
// `bytes_per_second` is ours, of plain bytes, and a ratio says how many times as long the other one took.
#include <arrow/result.h>
#include <arrow/util/compression.h>
#include <benchmark/benchmark.h>
#include <libdeflate.h>
#include <lz4.h>
#include <snappy.h>
#include <zstd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <functional>
#include <random>
#include <vector>

#include "base/cpu_time.h"
#include "data/format/parquet/wire/codecs.h"
#include "data/format/parquet/wire/compressor.h"
#include "data/format/values.h"

namespace stoker::format::parquet {
namespace {

using config::Compression;

enum class Values { kInt8, kFloat, kHalf };
enum class Way { kCompress, kDecompress };

// As DLRM's columns have them; kHalf: every other 64 bytes are there already.
std::vector<std::byte> page_of(Values values, std::size_t bytes) {
  std::vector<std::byte> page(bytes);
  const ValueKind kind = values == Values::kInt8 ? ValueKind::kInt8In32 : ValueKind::kUnitFloat32;
  fill_values(values == Values::kHalf ? ValueKind::kRaw32 : kind, column_key(0, 0), 0, bytes / 4, page.data());
  if (values != Values::kHalf) return page;
  std::mt19937_64 random(1);
  for (std::size_t i = 128; i + 64 <= bytes; i += 128) {
    const std::size_t back = 64 + random() % std::min<std::size_t>(i - 64, 30'000);
    std::memcpy(&page[i], &page[i - back], 64);
  }
  return page;
}

template <class T>
using Owned = std::unique_ptr<T, CodecContexts::Free>;

std::uint64_t snappy_library(Way way, Bytes in, MutBytes out) {
  std::size_t n = out.size();
  const auto* const from = reinterpret_cast<const char*>(in.data());
  auto* const to = reinterpret_cast<char*>(out.data());
  if (way == Way::kCompress) {
    snappy::RawCompress(from, in.size(), to, &n);
    return n;
  }
  return snappy::RawUncompress(from, in.size(), to) ? n : 0;
}

std::uint64_t lz4_library(Way way, Bytes in, MutBytes out) {
  const auto call = way == Way::kCompress ? LZ4_compress_default : LZ4_decompress_safe;
  return static_cast<std::uint64_t>(call(reinterpret_cast<const char*>(in.data()), reinterpret_cast<char*>(out.data()),
                                         static_cast<int>(in.size()), static_cast<int>(out.size())));
}

std::uint64_t zstd_library(Way way, int level, Bytes in, MutBytes out) {
  static const Owned<ZSTD_CCtx_s> compress(ZSTD_createCCtx());
  static const Owned<ZSTD_DCtx_s> decompress(ZSTD_createDCtx());
  if (way == Way::kCompress) {
    return ZSTD_compressCCtx(compress.get(), out.data(), out.size(), in.data(), in.size(), level);
  }
  return ZSTD_decompressDCtx(decompress.get(), out.data(), out.size(), in.data(), in.size());
}

std::uint64_t gzip_library(Way way, int level, Bytes in, MutBytes out) {
  static const Owned<libdeflate_decompressor> decompress(libdeflate_alloc_decompressor());
  static std::array<Owned<libdeflate_compressor>, 10> compress;
  std::size_t n = out.size();
  if (way == Way::kDecompress) {
    return libdeflate_gzip_decompress(decompress.get(), in.data(), in.size(), out.data(), out.size(), nullptr) == 0 ? n
                                                                                                                    : 0;
  }
  Owned<libdeflate_compressor>& slot = compress[static_cast<std::size_t>(level)];
  if (slot == nullptr) slot.reset(libdeflate_alloc_compressor(level));
  return libdeflate_gzip_compress(slot.get(), in.data(), in.size(), out.data(), out.size());
}

std::uint64_t library(Compression name, Way way, int level, Bytes in, MutBytes out) {
  switch (name) {
    case Compression::kSnappy: return snappy_library(way, in, out);
    case Compression::kLz4: return lz4_library(way, in, out);
    case Compression::kZstd: return zstd_library(way, level, in, out);
    default: return gzip_library(way, level, in, out);
  }
}

::arrow::Compression::type arrow_type(Compression name) {
  switch (name) {
    case Compression::kSnappy: return ::arrow::Compression::SNAPPY;
    case Compression::kLz4: return ::arrow::Compression::LZ4;
    case Compression::kZstd: return ::arrow::Compression::ZSTD;
    default: return ::arrow::Compression::GZIP;
  }
}

std::uint64_t arrow_codec(::arrow::util::Codec& codec, Way way, Bytes in, MutBytes out) {
  const auto size = static_cast<std::int64_t>(in.size());
  const auto room = static_cast<std::int64_t>(out.size());
  const auto* const from = reinterpret_cast<const std::uint8_t*>(in.data());
  auto* const to = reinterpret_cast<std::uint8_t*>(out.data());
  const auto n = way == Way::kCompress ? codec.Compress(size, from, room, to) : codec.Decompress(size, from, room, to);
  return n.ok() ? static_cast<std::uint64_t>(*n) : 0;
}

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::ranges::nth_element(values, middle);
  return *middle;
}

// One round in some milliseconds, so that nothing that is done once per call hides behind the clock.
double seconds_of(const std::function<std::uint64_t()>& call, std::size_t plain_bytes, std::uint64_t wanted,
                  bool& good) {
  const std::size_t calls = std::max<std::size_t>(1, (std::size_t{1} << 20) / plain_bytes);
  good &= call() != 0;  // what the side before it left in the caches is not this one's
  const Nanos begin = thread_cpu_time();
  for (std::size_t i = 0; i < calls; ++i) good &= call() == wanted || wanted == 0;
  return to_seconds(thread_cpu_time() - begin) / static_cast<double>(calls);
}

void codec(benchmark::State& state, Compression name, int level, Way way, Values values) {
  const auto page_bytes = static_cast<std::size_t>(state.range(0)) << 10;
  const std::vector<std::byte> page = page_of(values, page_bytes);
  auto compressor = *Compressor::make(name, level);
  const auto compressed = *compressor.compress(page);
  const std::vector<std::byte> stored(compressed.begin(), compressed.end());
  const auto arrows = level == 0 ? ::arrow::util::Codec::Create(arrow_type(name))
                                 : ::arrow::util::Codec::Create(arrow_type(name), level);
  Codecs codecs;
  const auto parquet_codec = static_cast<Codec>(compressor.parquet_codec());
  const Bytes in = way == Way::kCompress ? Bytes(page) : Bytes(stored);
  std::vector<std::byte> out(way == Way::kCompress ? 2 * page_bytes + 1024 : page_bytes);

  const std::uint64_t wanted = way == Way::kCompress ? stored.size() : page_bytes;
  struct Side {
    std::function<std::uint64_t()> call;
    std::uint64_t wanted;  // 0: whatever comes out
    double seconds = 0;
  };
  std::array<Side, 3> sides{
      {{[&]() -> std::uint64_t {
          if (way == Way::kCompress) return compressor.compress(in)->size();
          return codecs.decompress(parquet_codec, in, out) ? out.size() : 0;
        },
        wanted},
       {[&] { return library(name, way, level, in, out); }, wanted},
       // Its versions of the libraries are others, and so may the bytes be.
       {[&] { return arrow_codec(**arrows, way, in, out); }, way == Way::kCompress ? 0 : wanted}}};

  bool good = true;
  std::size_t first = 0;
  std::vector<double> times, to_library, to_arrow;
  for (auto _ : state) {
    // Each comes after each as often.
    for (std::size_t i = 0; i < sides.size(); ++i) {
      Side& side = sides[(first + i) % sides.size()];
      side.seconds = seconds_of(side.call, page_bytes, side.wanted, good);
    }
    ++first;
    times.push_back(sides[0].seconds);
    to_library.push_back(sides[1].seconds / sides[0].seconds);
    to_arrow.push_back(sides[2].seconds / sides[0].seconds);
    state.SetIterationTime(sides[0].seconds);
  }
  if (!good) return state.SkipWithError("another number of bytes");
  state.counters["bytes_per_second"] = static_cast<double>(page_bytes) / median(times);
  state.counters["library_ratio"] = median(to_library);
  state.counters["arrow_ratio"] = median(to_arrow);
  state.counters["stored_share"] = static_cast<double>(stored.size()) / static_cast<double>(page_bytes);
}

void register_all() {
  struct Level {
    const char* name;
    Compression codec;
    int level;
  };
  for (const Level& l : {Level{"snappy", Compression::kSnappy, 0}, Level{"lz4", Compression::kLz4, 0},
                         Level{"zstd_1", Compression::kZstd, 1}, Level{"zstd_3", Compression::kZstd, 3},
                         Level{"gzip_1", Compression::kGzip, 1}, Level{"gzip_6", Compression::kGzip, 6},
                         Level{"gzip_9", Compression::kGzip, 9}}) {
    for (const Way way : {Way::kCompress, Way::kDecompress}) {
      for (const auto& [text, values] :
           {std::pair{"int8", Values::kInt8}, std::pair{"float", Values::kFloat}, std::pair{"half", Values::kHalf}}) {
        const std::string name =
            fmt::format("codec/{}/{}/{}", way == Way::kCompress ? "compress" : "decompress", l.name, text);
        benchmark::RegisterBenchmark(name.c_str(), codec, l.codec, l.level, way, values)
            ->ArgName("KiB")
            ->Arg(64)
            ->Arg(1024)
            ->UseManualTime()
            ->Unit(benchmark::kMicrosecond);
      }
    }
  }
}

const bool kRegistered = (register_all(), true);

}  // namespace
}  // namespace stoker::format::parquet
