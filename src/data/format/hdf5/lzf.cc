#include "data/format/hdf5/lzf.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <utility>

namespace stoker::format::hdf5 {
namespace {

// A control byte below 32 is followed by so many literals, and one. Any other has the length of a copy, less 2, in its
// upper three bits (7: the next byte is added), and with the byte behind it how far back it begins, less 1, in 13.
constexpr std::size_t kMostLiterals = 32;
constexpr std::size_t kLeastCopy = 3, kMostCopy = 264;
constexpr std::size_t kFarthest = std::size_t{1} << 13;
constexpr std::size_t kNoPlace = ~std::size_t{0};
constexpr unsigned kTableBits = 14;

std::uint32_t slot_of(const std::byte* at) {
  const std::uint32_t three = std::to_integer<std::uint32_t>(at[0]) << 16U |
                              std::to_integer<std::uint32_t>(at[1]) << 8U | std::to_integer<std::uint32_t>(at[2]);
  return three * 0x9E3779B1U >> (32U - kTableBits);
}

class Output {
 public:
  explicit Output(MutBytes into) : into_(into) {}
  bool literals(Bytes bytes) {
    while (!bytes.empty()) {
      const std::size_t n = std::min(bytes.size(), kMostLiterals);
      if (into_.size() - used_ < n + 1) return false;
      into_[used_++] = static_cast<std::byte>(n - 1);
      std::ranges::copy(bytes.first(n), into_.begin() + static_cast<std::ptrdiff_t>(used_));
      used_ += n;
      bytes = bytes.subspan(n);
    }
    return true;
  }
  bool copy(std::size_t back, std::size_t length) {
    if (into_.size() - used_ < 3) return false;
    const std::size_t high = (back - 1) >> 8U, rest = length - 2;
    into_[used_++] = static_cast<std::byte>(std::min<std::size_t>(rest, 7) << 5U | high);
    if (rest >= 7) into_[used_++] = static_cast<std::byte>(rest - 7);
    into_[used_++] = static_cast<std::byte>(back - 1);
    return true;
  }
  [[nodiscard]] std::size_t used() const { return used_; }

 private:
  const MutBytes into_;
  std::size_t used_ = 0;
};

}  // namespace

std::optional<std::size_t> lzf_compress(Bytes plain, MutBytes into) {
  Output out(into);
  std::array<std::size_t, std::size_t{1} << kTableBits> last;
  last.fill(kNoPlace);
  std::size_t at = 0, literals_from = 0;
  while (plain.size() - at >= kLeastCopy) {
    std::size_t& slot = last[slot_of(plain.data() + at)];
    const std::size_t from = std::exchange(slot, at);
    if (from == kNoPlace || at - from > kFarthest ||
        std::memcmp(plain.data() + from, plain.data() + at, kLeastCopy) != 0) {
      ++at;
      continue;
    }
    const std::size_t most = std::min(plain.size() - at, kMostCopy);
    std::size_t length = kLeastCopy;
    while (length < most && plain[from + length] == plain[at + length]) ++length;
    if (!out.literals(plain.subspan(literals_from, at - literals_from)) || !out.copy(at - from, length))
      return std::nullopt;
    at += length;
    literals_from = at;
  }
  if (!out.literals(plain.subspan(literals_from))) return std::nullopt;
  return out.used();
}

bool lzf_decompress(Bytes stored, MutBytes into) {
  std::size_t at = 0, made = 0;
  while (at < stored.size()) {
    const auto control = std::to_integer<std::size_t>(stored[at++]);
    if (control < kMostLiterals) {
      const std::size_t n = control + 1;
      if (stored.size() - at < n || into.size() - made < n) return false;
      std::memcpy(into.data() + made, stored.data() + at, n);
      at += n;
      made += n;
      continue;
    }
    std::size_t length = (control >> 5U) + 2;
    if (stored.size() - at < (length == 9 ? 2U : 1U)) return false;
    if (length == 9) length += std::to_integer<std::size_t>(stored[at++]);
    const std::size_t back = (control & 31U) << 8U | std::to_integer<std::size_t>(stored[at++]);
    if (back + 1 > made || into.size() - made < length) return false;
    // Byte by byte: a copy may reach into itself.
    const std::byte* from = into.data() + made - back - 1;
    for (std::size_t i = 0; i < length; ++i) into[made + i] = from[i];
    made += length;
  }
  return made == into.size();
}

}  // namespace stoker::format::hdf5
