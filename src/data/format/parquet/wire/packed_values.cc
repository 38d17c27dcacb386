#include "data/format/parquet/wire/packed_values.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

namespace stoker::format::parquet {
namespace {

std::uint64_t load64(const std::byte* at) {
  std::uint64_t v;
  std::memcpy(&v, at, sizeof v);
  return v;
}

std::uint32_t mask_of(unsigned width) {
  return static_cast<std::uint32_t>((std::uint64_t{1} << width) - 1);
}

std::uint32_t value_at(const std::byte* packed, unsigned width, std::uint64_t i) {
  const std::uint64_t bit = i * width;
  return static_cast<std::uint32_t>(load64(packed + bit / 8) >> (bit % 8)) & mask_of(width);
}

// The values up to the next one that begins at a byte, as every eighth does. Returns how many.
std::size_t unpack_head(const std::byte* packed, unsigned width, std::uint64_t first, std::size_t count,
                        std::uint32_t* out) {
  const auto head = static_cast<std::size_t>(std::min<std::uint64_t>((8 - first % 8) % 8, count));
  for (std::size_t i = 0; i < head; ++i) out[i] = value_at(packed, width, first + i);
  return head;
}

#if defined(__x86_64__)
// Of out[0, count), where the values [done, count) are known to come to `rest`: that they are at most rest.most, and
// that each is out[0] and its place if rest.consecutive.
Unpacked with_head(const std::uint32_t* out, std::size_t head, Unpacked rest) {
  for (std::size_t i = 0; i < head; ++i) {
    rest.most = std::max(rest.most, out[i]);
    rest.consecutive = rest.consecutive && out[i] == out[0] + i;
  }
  return rest;
}
#endif

// ---- any processor ----

// 32 values of W bits. The loop is unrolled, so that every offset and shift is a constant.
template <unsigned W>
void unpack32(const std::byte* in, std::uint32_t* out) {
  constexpr std::uint64_t kMask = (std::uint64_t{1} << W) - 1;
#pragma GCC unroll 32
  for (unsigned i = 0; i < 32; ++i) {
    out[i] = static_cast<std::uint32_t>(load64(in + i * W / 8) >> (i * W % 8) & kMask);
  }
}

using Unpack32 = void (*)(const std::byte*, std::uint32_t*);

template <unsigned... W>
constexpr std::array<Unpack32, sizeof...(W)> make_table(std::integer_sequence<unsigned, W...>) {
  return {unpack32<W>...};
}
constexpr auto kUnpack32 = make_table(std::make_integer_sequence<unsigned, 33>());

Unpacked unpack_portable(const std::byte* packed, unsigned width, std::uint64_t first, std::size_t count,
                         std::uint32_t* out) {
  std::size_t done = unpack_head(packed, width, first, count, out);
  const Unpack32 block = kUnpack32[width];
  for (; count - done >= 32; done += 32) block(packed + (first + done) / 8 * width, out + done);
  for (; done < count; ++done) out[done] = value_at(packed, width, first + done);

  std::uint32_t most = 0;
  std::uint32_t off = 0;
  for (std::size_t i = 0; i < count; ++i) {
    most = std::max(most, out[i]);
    off |= out[i] - out[0] - static_cast<std::uint32_t>(i);
  }
  return {.most = most, .consecutive = off == 0};
}

// Through `unpack`, a block at a time.
template <auto unpack>
std::uint32_t look_up_unpacked(const std::byte* table, const std::byte* packed, unsigned width, std::uint64_t first,
                               std::size_t count, std::byte* out) {
  std::array<std::uint32_t, 256> block;
  std::uint32_t most = 0;
  for (std::size_t done = 0; done < count;) {
    const std::size_t n = std::min(block.size(), count - done);
    most = std::max(most, unpack(packed, width, first + done, n, block.data()).most);
    for (std::size_t i = 0; i < n; ++i) out[done + i] = table[block[i]];
    done += n;
  }
  return most;
}

#if defined(__x86_64__)

// ---- AVX2 ----

// Eight values of up to 25 bits at a time: each half of a vector loads the bytes of four values, a shuffle gives every
// value the four bytes it lies in, a shift and a mask cut it out.
struct Lanes {
  alignas(32) std::array<std::uint8_t, 32> shuffle{};
  alignas(32) std::array<std::uint32_t, 8> shift{};
};

constexpr unsigned kMaxLaneWidth = 25;

constexpr std::array<Lanes, kMaxLaneWidth + 1> make_lanes() {
  std::array<Lanes, kMaxLaneWidth + 1> lanes;
  for (unsigned width = 0; width <= kMaxLaneWidth; ++width) {
    for (unsigned value = 0; value < 8; ++value) {
      const unsigned base = value < 4 ? 0 : 4 * width / 8 * 8;  // the bit at which the half's load begins
      const unsigned bit = value * width - base;
      for (unsigned b = 0; b < 4; ++b) lanes[width].shuffle[value * 4 + b] = static_cast<std::uint8_t>(bit / 8 + b);
      lanes[width].shift[value] = bit % 8;
    }
  }
  return lanes;
}
constexpr auto kLanes = make_lanes();

constexpr std::array<std::uint32_t, 16> kIota{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};

__attribute__((target("avx2"))) Unpacked unpack_avx2(const std::byte* packed, unsigned width, std::uint64_t first,
                                                     std::size_t count, std::uint32_t* out) {
  if (width > kMaxLaneWidth) return unpack_portable(packed, width, first, count, out);
  const std::size_t head = unpack_head(packed, width, first, count, out);
  const std::byte* in = packed + (first + head) / 8 * width;
  const __m256i shuffle = _mm256_load_si256(reinterpret_cast<const __m256i*>(kLanes[width].shuffle.data()));
  const __m256i shift = _mm256_load_si256(reinterpret_cast<const __m256i*>(kLanes[width].shift.data()));
  const __m256i mask = _mm256_set1_epi32(static_cast<int>(mask_of(width)));
  const __m256i step = _mm256_set1_epi32(8);
  const unsigned upper = 4 * width / 8;
  __m256i most = _mm256_setzero_si256();
  __m256i off = _mm256_setzero_si256();
  const auto begin = value_at(packed, width, first) + static_cast<std::uint32_t>(head);
  __m256i expected = _mm256_add_epi32(_mm256_set1_epi32(static_cast<int>(begin)),
                                      _mm256_loadu_si256(reinterpret_cast<const __m256i*>(kIota.data())));
  std::size_t done = head;
  for (; count - done >= 8; done += 8, in += width) {
    const __m128i low = _mm_loadu_si128(reinterpret_cast<const __m128i*>(in));
    const __m128i high = _mm_loadu_si128(reinterpret_cast<const __m128i*>(in + upper));
    const __m256i bytes = _mm256_shuffle_epi8(_mm256_set_m128i(high, low), shuffle);
    const __m256i values = _mm256_and_si256(_mm256_srlv_epi32(bytes, shift), mask);
    most = _mm256_max_epu32(most, values);
    off = _mm256_or_si256(off, _mm256_xor_si256(values, expected));
    expected = _mm256_add_epi32(expected, step);
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(out + done), values);
  }
  alignas(32) std::array<std::uint32_t, 8> lanes;
  _mm256_store_si256(reinterpret_cast<__m256i*>(lanes.data()), most);
  Unpacked all{.most = *std::max_element(lanes.begin(), lanes.end()), .consecutive = _mm256_testz_si256(off, off) != 0};
  for (; done < count; ++done) {
    out[done] = value_at(packed, width, first + done);
    all.most = std::max(all.most, out[done]);
    all.consecutive = all.consecutive && out[done] == out[0] + done;
  }
  return with_head(out, head, all);
}

// ---- AVX-512 with VBMI ----

#define STOKER_AVX512 __attribute__((target("avx512f,avx512bw,avx512vl,avx512vbmi")))

// A vector of values takes at most the 64 bytes of one load: a permutation gives every 8 bytes of the vector those in
// which their values lie, and a multishift cuts these out. One vector has 16 values of 4 bytes, or 64 of one.
struct Cut {
  alignas(64) std::array<std::uint8_t, 64> permutation{};
  alignas(64) std::array<std::uint8_t, 64> shifts{};
};

// Two values of 30 bits and what is before them in their first byte are at most 64 bits.
constexpr unsigned kMaxCutWidth = 30;

constexpr Cut make_cut(unsigned width, unsigned value_bytes) {
  Cut cut;
  const unsigned per_word = 8 / value_bytes;
  for (unsigned word = 0; word < 8; ++word) {
    const unsigned bit = word * per_word * width;
    for (unsigned b = 0; b < 8; ++b) {
      cut.permutation[word * 8 + b] = static_cast<std::uint8_t>((bit / 8 + b) % 64);
      cut.shifts[word * 8 + b] =
          static_cast<std::uint8_t>((bit % 8 + b / value_bytes * width + b % value_bytes * 8) % 64);
    }
  }
  return cut;
}

template <std::size_t widths>
constexpr std::array<Cut, widths> make_cuts(unsigned value_bytes) {
  std::array<Cut, widths> cuts;
  for (unsigned width = 0; width < widths; ++width) cuts[width] = make_cut(width, value_bytes);
  return cuts;
}
constexpr auto kCutsTo32 = make_cuts<kMaxCutWidth + 1>(4);
constexpr auto kCutsTo8 = make_cuts<9>(1);

STOKER_AVX512 Unpacked unpack_avx512(const std::byte* packed, unsigned width, std::uint64_t first, std::size_t count,
                                     std::uint32_t* out) {
  if (width > kMaxCutWidth) return unpack_avx2(packed, width, first, count, out);
  const std::size_t head = unpack_head(packed, width, first, count, out);
  const std::byte* in = packed + (first + head) / 8 * width;
  const __m512i permutation = _mm512_load_si512(kCutsTo32[width].permutation.data());
  const __m512i shifts = _mm512_load_si512(kCutsTo32[width].shifts.data());
  const __m512i mask = _mm512_set1_epi32(static_cast<int>(mask_of(width)));
  const __m512i step = _mm512_set1_epi32(16);
  __m512i most = _mm512_setzero_si512();
  __m512i off = _mm512_setzero_si512();
  const auto begin = value_at(packed, width, first) + static_cast<std::uint32_t>(head);
  __m512i expected = _mm512_add_epi32(_mm512_set1_epi32(static_cast<int>(begin)), _mm512_loadu_si512(kIota.data()));
  std::size_t done = head;
  for (; count - done >= 16; done += 16, in += 2 * width) {
    const __m512i words = _mm512_permutexvar_epi8(permutation, _mm512_loadu_si512(in));
    const __m512i values = _mm512_and_si512(_mm512_multishift_epi64_epi8(shifts, words), mask);
    most = _mm512_max_epu32(most, values);
    off = _mm512_ternarylogic_epi32(off, values, expected, 0xF6);  // off | (values ^ expected)
    expected = _mm512_add_epi32(expected, step);
    _mm512_storeu_si512(out + done, values);
  }
  if (done < count) {
    const auto rest = static_cast<__mmask16>((1U << (count - done)) - 1);
    const __m512i words = _mm512_permutexvar_epi8(permutation, _mm512_loadu_si512(in));
    const __m512i values = _mm512_maskz_and_epi32(rest, _mm512_multishift_epi64_epi8(shifts, words), mask);
    most = _mm512_max_epu32(most, values);
    off = _mm512_mask_or_epi32(off, rest, off, _mm512_xor_si512(values, expected));
    _mm512_mask_storeu_epi32(out + done, rest, values);
  }
  return with_head(out, head,
                   {.most = _mm512_reduce_max_epu32(most), .consecutive = _mm512_test_epi32_mask(off, off) == 0});
}

STOKER_AVX512 std::uint32_t look_up_bytes_avx512(const std::byte* table, const std::byte* packed, unsigned width,
                                                 std::uint64_t first, std::size_t count, std::byte* out) {
  std::uint32_t most_of_head = 0;
  for (; count > 0 && first % 8 != 0; ++first, --count) {
    const std::uint32_t index = value_at(packed, width, first);
    most_of_head = std::max(most_of_head, index);
    *out++ = table[index];
  }
  const std::byte* in = packed + first / 8 * width;
  const __m512i permutation = _mm512_load_si512(kCutsTo8[width].permutation.data());
  const __m512i shifts = _mm512_load_si512(kCutsTo8[width].shifts.data());
  const __m512i mask = _mm512_set1_epi8(static_cast<char>(mask_of(width)));
  const __m512i table0 = _mm512_loadu_si512(table);
  const __m512i table1 = _mm512_loadu_si512(table + 64);
  const __m512i table2 = _mm512_loadu_si512(table + 128);
  const __m512i table3 = _mm512_loadu_si512(table + 192);
  __m512i most = _mm512_setzero_si512();
  for (; count > 0; in += 8 * width) {
    const std::size_t n = std::min<std::size_t>(count, 64);
    const __mmask64 lanes = ~std::uint64_t{0} >> (64 - n);
    const __m512i words = _mm512_permutexvar_epi8(permutation, _mm512_loadu_si512(in));
    const __m512i indices =
        _mm512_maskz_mov_epi8(lanes, _mm512_and_si512(_mm512_multishift_epi64_epi8(shifts, words), mask));
    most = _mm512_max_epu8(most, indices);
    const __m512i lower = _mm512_permutex2var_epi8(table0, indices, table1);
    const __m512i upper = _mm512_permutex2var_epi8(table2, indices, table3);
    _mm512_mask_storeu_epi8(out, lanes, _mm512_mask_blend_epi8(_mm512_movepi8_mask(indices), lower, upper));
    out += n;
    count -= n;
  }
  alignas(64) std::array<std::uint8_t, 64> bytes;
  _mm512_store_si512(bytes.data(), most);
  return std::max<std::uint32_t>(most_of_head, *std::max_element(bytes.begin(), bytes.end()));
}

#endif

// Each processor that has the instructions of a row has those of the rows below it.
constexpr PackedFunctions kFunctions[] = {
#if defined(__x86_64__)
    {.name = "avx512", .unpack = unpack_avx512, .look_up_bytes = look_up_bytes_avx512},
    {.name = "avx2", .unpack = unpack_avx2, .look_up_bytes = look_up_unpacked<unpack_avx2>},
#endif
    {.name = "portable", .unpack = unpack_portable, .look_up_bytes = look_up_unpacked<unpack_portable>},
};

std::size_t rows_too_new() {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2") == 0) return 2;
  const bool avx512 = __builtin_cpu_supports("avx512f") != 0 && __builtin_cpu_supports("avx512bw") != 0 &&
                      __builtin_cpu_supports("avx512vl") != 0 && __builtin_cpu_supports("avx512vbmi") != 0;
  return avx512 ? 0 : 1;
#else
  return 0;
#endif
}

}  // namespace

std::span<const PackedFunctions> all_packed_functions() {
  return std::span(kFunctions).subspan(rows_too_new());
}

const PackedFunctions& packed_functions() {
  static const PackedFunctions& fastest = all_packed_functions().front();
  return fastest;
}

}  // namespace stoker::format::parquet
