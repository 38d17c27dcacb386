// The digest of rows: arithmetic modulo the Mersenne prime 2^61 - 1.
#include <bit>

#include "base/hash.h"
#include "data/dataset/coverage.h"

namespace stoker::dataset {
namespace {

__extension__ using Wide = unsigned __int128;

constexpr std::uint64_t kPrime = (std::uint64_t{1} << 61) - 1;

std::uint64_t times(std::uint64_t a, std::uint64_t b) {
  const Wide product = static_cast<Wide>(a) * b;
  return add_digests(static_cast<std::uint64_t>(product & kPrime), static_cast<std::uint64_t>(product >> 61));
}

std::uint64_t power(std::uint64_t base, std::uint64_t exponent) {
  std::uint64_t result = 1;
  for (; exponent > 0; exponent >>= 1) {
    if ((exponent & 1) != 0) result = times(result, base);
    base = times(base, base);
  }
  return result;
}

// 1 + b + ... + b^(n-1), from the highest bit of n down: twice as many terms are sum + b^m * sum, one more is
// b * sum + 1.
std::uint64_t series(std::uint64_t b, std::uint64_t n) {
  std::uint64_t sum = 0;
  std::uint64_t b_to_m = 1;
  for (int bit = static_cast<int>(std::bit_width(n)) - 1; bit >= 0; --bit) {
    sum = add_digests(sum, times(b_to_m, sum));
    b_to_m = times(b_to_m, b_to_m);
    if ((n >> bit & 1) != 0) {
      sum = add_digests(times(b, sum), 1);
      b_to_m = times(b_to_m, b);
    }
  }
  return sum;
}

// FNV-1a.
std::uint64_t hash_of(std::string_view name) {
  std::uint64_t hash = 0xCBF29CE484222325;
  for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3;
  return hash;
}

}  // namespace

std::uint64_t add_digests(std::uint64_t a, std::uint64_t b) {
  const std::uint64_t sum = a + b;
  return sum >= kPrime ? sum - kPrime : sum;
}

std::uint64_t row_digest(std::string_view name, RowRange range) {
  const std::uint64_t hash = hash_of(name);
  const std::uint64_t a = 1 + mix64(hash) % (kPrime - 1);
  const std::uint64_t b = 1 + mix64(hash + 1) % (kPrime - 1);
  return times(a, times(power(b, range.begin), series(b, range.end - range.begin)));
}

}  // namespace stoker::dataset
