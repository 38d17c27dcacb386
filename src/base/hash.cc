#include "base/hash.h"

#include <bit>

#include "base/check.h"

namespace stoker {

Permutation::Permutation(std::uint64_t n, std::uint64_t seed) : n_(n), seed_(seed) {
  const int bits = n <= 1 ? 2 : static_cast<int>(std::bit_width(n - 1));
  half_bits_ = (bits + 1) / 2;
}

std::uint64_t Permutation::operator()(std::uint64_t i) const {
  STOKER_CHECK(i < n_);
  const std::uint64_t mask = (std::uint64_t{1} << half_bits_) - 1;
  do {
    std::uint64_t left = i >> half_bits_;
    std::uint64_t right = i & mask;
    for (std::uint64_t round = 0; round < 4; ++round) {
      const std::uint64_t next = left ^ (mix64(seed_ ^ (right + (round << 56))) & mask);
      left = right;
      right = next;
    }
    i = (left << half_bits_) | right;
  } while (i >= n_);
  return i;
}

}  // namespace stoker
