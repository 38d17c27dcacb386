// Small hash and permutation primitives that many folders need: deriving independent seeds, and shuffling in O(1)
// memory.
#pragma once

#include <bit>
#include <cstdint>

namespace stoker {

// SplitMix64's finaliser (Steele, Lea, Flood 2014): a bijection with full avalanche.
[[nodiscard]] constexpr std::uint64_t mix64(std::uint64_t x) {
  x += 0x9E3779B97F4A7C15ULL;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9ULL;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBULL;
  return x ^ (x >> 31);
}

// A seed for the stream named by (seed, parts...): streams with different names are independent. The rotation makes the
// order of the names count: without it (a, b) and (b, a) would be one stream, and so would all (a, a).
template <class... Parts>
[[nodiscard]] constexpr std::uint64_t derive_seed(std::uint64_t seed, Parts... parts) {
  std::uint64_t h = mix64(seed);
  ((h = mix64(std::rotl(h, 32) ^ mix64(static_cast<std::uint64_t>(parts)))), ...);
  return h;
}

// A pseudo-random permutation of [0, n) given by a seed, computed per index without a table: a 4-round Feistel network
// over the next even power of two, walked until the value falls inside [0, n) (at most 4 steps on average).
class Permutation {
 public:
  Permutation(std::uint64_t n, std::uint64_t seed);
  [[nodiscard]] std::uint64_t size() const { return n_; }
  // The image of i; i < size().
  [[nodiscard]] std::uint64_t operator()(std::uint64_t i) const;

 private:
  std::uint64_t n_;
  std::uint64_t seed_;
  int half_bits_;
};

}  // namespace stoker
