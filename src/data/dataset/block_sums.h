// Sums over a sequence whose elements can be computed: every 32nd sum is kept, the elements between are added up again.
// So a quarter of a byte is kept for each element, and a sum costs 16 computations on average.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

namespace stoker::dataset {

class BlockSums {
 public:
  struct Element {
    std::uint64_t index = 0;
    std::uint64_t before = 0;  // sum of the elements before it
  };

  BlockSums() = default;
  // `size(i)`, here and below the same function, is element i of n.
  template <class Size>
  BlockSums(std::uint64_t n, const Size& size) {
    std::uint64_t sum = 0;
    for (std::uint64_t i = 0; i < n; ++i) {
      if (i % kBlock == 0) begins_.push_back(sum);
      sum += size(i);
    }
  }

  // Sum of the elements before i; i < n.
  template <class Size>
  [[nodiscard]] std::uint64_t before(std::uint64_t i, const Size& size) const {
    std::uint64_t sum = begins_[i / kBlock];
    for (std::uint64_t k = i / kBlock * kBlock; k < i; ++k) sum += size(k);
    return sum;
  }

  // The element that contains unit x when all are laid end to end; x < sum of all, and no element is 0.
  template <class Size>
  [[nodiscard]] Element holding(std::uint64_t x, const Size& size) const {
    const auto block = static_cast<std::uint64_t>(std::ranges::upper_bound(begins_, x) - begins_.begin()) - 1;
    Element element{block * kBlock, begins_[block]};
    while (true) {
      const std::uint64_t end = element.before + size(element.index);
      if (x < end) return element;
      element = {element.index + 1, end};
    }
  }

 private:
  static constexpr std::uint64_t kBlock = 32;
  std::vector<std::uint64_t> begins_;  // of each block
};

}  // namespace stoker::dataset
