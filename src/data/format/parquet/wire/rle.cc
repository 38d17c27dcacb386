#include "data/format/parquet/wire/rle.h"

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

#if defined(__x86_64__)

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

__attribute__((target("avx2"))) void unpack_avx2(const std::byte* in, unsigned width, std::size_t count,
                                                 std::uint32_t* out) {
  const auto* shuffle_at = reinterpret_cast<const __m256i*>(kLanes[width].shuffle.data());
  const auto* shift_at = reinterpret_cast<const __m256i*>(kLanes[width].shift.data());
  const __m256i shuffle = _mm256_load_si256(shuffle_at);
  const __m256i shift = _mm256_load_si256(shift_at);
  const __m256i mask = _mm256_set1_epi32(static_cast<int>((1U << width) - 1));
  const unsigned upper = 4 * width / 8;
  for (std::size_t i = 0; i < count; i += 8, in += width) {
    const __m128i low = _mm_loadu_si128(reinterpret_cast<const __m128i*>(in));
    const __m128i high = _mm_loadu_si128(reinterpret_cast<const __m128i*>(in + upper));
    const __m256i bytes = _mm256_shuffle_epi8(_mm256_set_m128i(high, low), shuffle);
    const __m256i values = _mm256_and_si256(_mm256_srlv_epi32(bytes, shift), mask);
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(out + i), values);
  }
}

const bool kHasAvx2 = __builtin_cpu_supports("avx2") != 0;

#endif

}  // namespace

bool HybridRuns::next(Run& run) {
  while (at_ != end_) {
    std::uint64_t header = 0;
    for (unsigned shift = 0;; shift += 7) {
      if (at_ == end_ || shift > 28) return false;
      const auto b = static_cast<std::uint8_t>(*at_++);
      header |= static_cast<std::uint64_t>(b & 0x7FU) << shift;
      if (b < 0x80) break;
    }
    const auto left = static_cast<std::uint64_t>(end_ - at_);
    run.count = header >> 1;
    if ((header & 1) != 0) {
      const std::uint64_t bytes = run.count * width_;  // 8 values take `width` bytes
      run.count *= 8;
      run.packed = at_;
      if (bytes > left) {
        run.count = left * 8 / width_;
        at_ = end_;
      } else {
        at_ += bytes;
      }
    } else {
      const unsigned bytes = (width_ + 7) / 8;
      if (bytes > left) return false;
      run.packed = nullptr;
      run.value = 0;
      std::memcpy(&run.value, at_, bytes);
      at_ += bytes;
    }
    if (run.count > 0) return true;
  }
  return false;
}

void unpack(const std::byte* packed, unsigned width, std::uint64_t first, std::size_t count, std::uint32_t* out) {
  const std::uint64_t mask = (std::uint64_t{1} << width) - 1;
  std::uint64_t i = first;
  const std::uint64_t end = first + count;
  const auto one = [&] {
    const std::uint64_t bit = i * width;
    *out++ = static_cast<std::uint32_t>(load64(packed + bit / 8) >> (bit % 8) & mask);
    ++i;
  };
  // Every eighth value begins at a byte.
  while (i < end && i % 8 != 0) one();
#if defined(__x86_64__)
  if (kHasAvx2 && width <= kMaxLaneWidth) {
    const std::size_t lanes = static_cast<std::size_t>(end - i) / 8 * 8;
    unpack_avx2(packed + i / 8 * width, width, lanes, out);
    i += lanes;
    out += lanes;
  }
#endif
  const Unpack32 block = kUnpack32[width];
  for (; end - i >= 32; i += 32, out += 32) block(packed + i / 8 * width, out);
  while (i < end) one();
}

bool any_at_least(const std::uint32_t* values, std::size_t count, std::uint32_t limit) {
  // limit - 1 - value is negative, or the value has its top bit set: no comparison of unsigned integers, which SSE2
  // lacks.
  std::uint32_t bits = 0;
  for (std::size_t i = 0; i < count; ++i) bits |= values[i] | (limit - 1 - values[i]);
  return bits >> 31 != 0;
}

}  // namespace stoker::format::parquet
