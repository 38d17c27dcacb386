#include "data/format/values.h"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cstring>

#include "base/check.h"

// One copy of each loop per instruction set, chosen when the program starts. Not under the thread and address
// sanitizers: the code that chooses would be instrumented, and runs before their run time is there.
#if defined(__x86_64__) && defined(__ELF__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define STOKER_VECTOR_CLONES __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define STOKER_VECTOR_CLONES
#endif

namespace stoker::format {
namespace {

static_assert(std::endian::native == std::endian::little,
              "Parquet is little endian, and values are stored as they are");

constexpr std::uint64_t kSegmentWords = std::uint64_t{1} << 32;
// Elements that are converted from raw words in a second loop go through this many words on the stack: a corner of L1.
constexpr std::size_t kScratchWords = 1024;

struct Keys {
  std::uint32_t k0, k1, k2;
};

Keys segment_keys(std::uint64_t key, std::uint64_t segment) {
  const std::uint64_t a = derive_seed(key, segment);
  const std::uint64_t b = mix64(a);
  return {static_cast<std::uint32_t>(a), static_cast<std::uint32_t>(a >> 32), static_cast<std::uint32_t>(b)};
}

[[gnu::always_inline]] inline std::uint32_t mix_word(std::uint32_t counter, Keys keys) {
  std::uint32_t x = counter + keys.k0;
  x ^= x >> 16;
  x *= 0x21f0aaadU;
  x ^= x >> 15;
  x += keys.k1;
  x *= 0x735a2d97U;
  x ^= x >> 15;
  return x ^ keys.k2;
}

template <class T>
[[gnu::always_inline]] inline void store(std::byte* out, std::size_t i, T value) {
  std::memcpy(out + i * sizeof(T), &value, sizeof(T));
}

STOKER_VECTOR_CLONES void words_loop(Keys keys, std::uint32_t first, std::uint32_t count, std::byte* out) {
  for (std::uint32_t i = 0; i < count; ++i) store(out, i, mix_word(first + i, keys));
}

STOKER_VECTOR_CLONES void float32_loop(Keys keys, std::uint32_t first, std::uint32_t count, std::byte* out) {
  for (std::uint32_t i = 0; i < count; ++i) {
    const auto u = static_cast<std::int32_t>(mix_word(first + i, keys) >> 8);
    store(out, i, static_cast<float>(u) * 0x1p-24F);
  }
}

STOKER_VECTOR_CLONES void float64_loop(const std::uint32_t* words, std::size_t count, std::byte* out) {
  for (std::size_t i = 0; i < count; ++i) {
    const auto high = static_cast<std::int32_t>(words[2 * i] >> 5);
    const auto low = static_cast<std::int32_t>(words[2 * i + 1] >> 6);
    store(out, i, (static_cast<double>(high) * 0x1p26 + static_cast<double>(low)) * 0x1p-53);
  }
}

// The 11 bits are exact in a float; its exponent and the upper 10 bits of its fraction are the half's, rebiased from
// 127 to 15. The least value above zero, 2^-11, is still a normal half; zero becomes negative by the rebiasing.
STOKER_VECTOR_CLONES void float16_loop(const std::uint16_t* halves, std::size_t count, std::byte* out) {
  for (std::size_t i = 0; i < count; ++i) {
    const std::int32_t u = halves[i] >> 5;
    const auto bits = std::bit_cast<std::int32_t>(static_cast<float>(u) * 0x1p-11F);
    const std::int32_t half = std::max((bits >> 13) - (112 << 10), 0);
    store(out, i, static_cast<std::uint16_t>(half));
  }
}

template <class Narrow>
[[gnu::always_inline]] inline void widen(const std::byte* in, std::size_t count, std::byte* out) {
  for (std::size_t i = 0; i < count; ++i) {
    Narrow value;
    std::memcpy(&value, in + i * sizeof(Narrow), sizeof(Narrow));
    store(out, i, static_cast<std::int32_t>(value));
  }
}
STOKER_VECTOR_CLONES void widen_u8(const std::byte* in, std::size_t n, std::byte* out) {
  widen<std::uint8_t>(in, n, out);
}
STOKER_VECTOR_CLONES void widen_i8(const std::byte* in, std::size_t n, std::byte* out) {
  widen<std::int8_t>(in, n, out);
}
STOKER_VECTOR_CLONES void widen_u16(const std::byte* in, std::size_t n, std::byte* out) {
  widen<std::uint16_t>(in, n, out);
}
STOKER_VECTOR_CLONES void widen_i16(const std::byte* in, std::size_t n, std::byte* out) {
  widen<std::int16_t>(in, n, out);
}

// Calls loop(keys, first, count, out) for the parts of [first, first + count) that share the upper half of the counter.
template <class Loop>
void per_segment(std::uint64_t key, std::uint64_t first, std::size_t count, std::byte* out, Loop loop) {
  while (count > 0) {
    const std::uint64_t left = kSegmentWords - first % kSegmentWords;
    const std::size_t n = std::min({count, static_cast<std::size_t>(left), std::size_t{1} << 31});
    loop(segment_keys(key, first / kSegmentWords), static_cast<std::uint32_t>(first), static_cast<std::uint32_t>(n),
         out);
    first += n;
    out += n * sizeof(std::uint32_t);
    count -= n;
  }
}

void fill_words(std::uint64_t key, std::uint64_t first, std::size_t count, std::byte* out) {
  per_segment(key, first, count, out, words_loop);
}

// Generates `count` elements of `in_bytes` stream bytes each in pieces that fit the scratch, and converts each piece.
template <class Convert>
void convert_pieces(std::uint64_t key, std::uint64_t first, std::size_t count, std::size_t in_bytes,
                    std::size_t out_bytes, std::byte* out, Convert convert) {
  alignas(64) std::array<std::byte, kScratchWords * sizeof(std::uint32_t)> scratch;
  const std::size_t most = scratch.size() / in_bytes;
  while (count > 0) {
    const std::size_t n = std::min(count, most);
    fill_bytes(key, first * in_bytes, MutBytes(scratch).first(n * in_bytes));
    convert(scratch.data(), n, out);
    first += n;
    out += n * out_bytes;
    count -= n;
  }
}

}  // namespace

void fill_bytes(std::uint64_t key, std::uint64_t first, MutBytes out) {
  // Words that are only wanted in part, at the front and at the back.
  const auto partial = [&](std::uint64_t word, std::size_t skip, MutBytes into) {
    std::array<std::byte, sizeof(std::uint32_t)> bytes;
    fill_words(key, word, 1, bytes.data());
    std::memcpy(into.data(), bytes.data() + skip, into.size());
  };
  if (const std::size_t skip = first % 4; skip != 0 && !out.empty()) {
    const std::size_t n = std::min(4 - skip, out.size());
    partial(first / 4, skip, out.first(n));
    first += n;
    out = out.subspan(n);
  }
  const std::size_t whole = out.size() / 4;
  fill_words(key, first / 4, whole, out.data());
  if (const MutBytes rest = out.subspan(whole * 4); !rest.empty()) partial(first / 4 + whole, 0, rest);
}

void fill_values(ValueKind kind, std::uint64_t key, std::uint64_t first, std::size_t count, std::byte* out) {
  switch (kind) {
    case ValueKind::kRaw8:
    case ValueKind::kRaw16: return fill_bytes(key, first * value_bytes(kind), {out, count * value_bytes(kind)});
    case ValueKind::kRaw32: return fill_words(key, first, count, out);
    case ValueKind::kRaw64: return fill_words(key, 2 * first, 2 * count, out);
    case ValueKind::kUint8In32: return convert_pieces(key, first, count, 1, 4, out, widen_u8);
    case ValueKind::kInt8In32: return convert_pieces(key, first, count, 1, 4, out, widen_i8);
    case ValueKind::kUint16In32: return convert_pieces(key, first, count, 2, 4, out, widen_u16);
    case ValueKind::kInt16In32: return convert_pieces(key, first, count, 2, 4, out, widen_i16);
    case ValueKind::kUnitFloat16:
      return convert_pieces(key, first, count, 2, 2, out, [](const std::byte* in, std::size_t n, std::byte* to) {
        float16_loop(reinterpret_cast<const std::uint16_t*>(in), n, to);
      });
    case ValueKind::kUnitFloat32: return per_segment(key, first, count, out, float32_loop);
    case ValueKind::kUnitFloat64:
      return convert_pieces(key, first, count, 8, 8, out, [](const std::byte* in, std::size_t n, std::byte* to) {
        float64_loop(reinterpret_cast<const std::uint32_t*>(in), n, to);
      });
  }
  STOKER_CHECK(false, "unknown value kind");
}

void fill_bits(std::uint64_t key, std::uint64_t first, std::size_t count, std::byte* out) {
  const std::size_t bytes = (count + 7) / 8;
  if (bytes == 0) return;
  fill_bytes(key, first / 8, {out, bytes});
  if (const unsigned shift = first % 8; shift != 0) {
    std::byte last{};
    fill_bytes(key, first / 8 + bytes, {&last, 1});
    for (std::size_t i = 0; i < bytes; ++i) {
      const std::byte next = i + 1 < bytes ? out[i + 1] : last;
      out[i] = (out[i] >> shift) | (next << (8 - shift));
    }
  }
  if (const unsigned used = count % 8; used != 0) out[bytes - 1] &= static_cast<std::byte>((1U << used) - 1U);
}

std::size_t fill_plain_strings(std::uint64_t key, std::uint64_t first, std::size_t count, std::byte* out) {
  alignas(64) std::array<std::uint32_t, kScratchWords> words;
  std::byte* at = out;
  while (count > 0) {
    const std::size_t n = std::min(count, words.size());
    fill_words(key, first, n, reinterpret_cast<std::byte*>(words.data()));
    for (std::size_t i = 0; i < n; ++i) {
      char* const text = reinterpret_cast<char*>(at) + 4;
      text[0] = 's';
      text[1] = '_';
      const char* const end = std::to_chars(text + 2, text + 12, words[i] >> 1).ptr;
      store(at, 0, static_cast<std::uint32_t>(end - text));
      at += 4 + (end - text);
    }
    first += n;
    count -= n;
  }
  return static_cast<std::size_t>(at - out);
}

}  // namespace stoker::format
