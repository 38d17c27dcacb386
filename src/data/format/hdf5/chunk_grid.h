// An array cut into chunks of one shape: which elements lie in which chunk. An array that is not cut is one chunk.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>
#include <vector>

#include "data/format/hdf5/limits.h"

namespace stoker::format::hdf5 {

// Products of sizes that were checked to fit: shape and chunk have one to kMostAxes axes, all of at least 1.
class ChunkGrid {
 public:
  ChunkGrid() = default;
  ChunkGrid(std::vector<std::uint64_t> shape, std::vector<std::uint64_t> chunk)
      : shape_(std::move(shape)), chunk_(std::move(chunk)) {
    for (std::size_t axis = 0; axis < shape_.size(); ++axis) {
      counts_.push_back((shape_[axis] + chunk_[axis] - 1) / chunk_[axis]);
      if (chunk_[axis] != shape_[axis]) cut_ = axis;
      if (axis == 0) continue;
      per_row_ *= counts_[axis];
      row_elements_ *= shape_[axis];
      chunk_row_elements_ *= chunk_[axis];
    }
  }

  [[nodiscard]] const std::vector<std::uint64_t>& shape() const { return shape_; }
  [[nodiscard]] const std::vector<std::uint64_t>& chunk() const { return chunk_; }
  [[nodiscard]] const std::vector<std::uint64_t>& counts() const { return counts_; }  // of chunks along each axis
  [[nodiscard]] std::uint64_t rows() const { return shape_.front(); }
  [[nodiscard]] std::uint64_t chunk_rows() const { return chunk_.front(); }
  [[nodiscard]] std::uint64_t chunks() const { return counts_.front() * per_row_; }
  [[nodiscard]] std::uint64_t chunks_per_row() const { return per_row_; }  // that a row lies in
  [[nodiscard]] std::uint64_t row_elements() const { return row_elements_; }
  [[nodiscard]] std::uint64_t chunk_row_elements() const { return chunk_row_elements_; }
  [[nodiscard]] std::uint64_t chunk_elements() const { return chunk_rows() * chunk_row_elements_; }
  // Chunks hold rows as the array has them: one after the other, whole.
  [[nodiscard]] bool keeps_rows() const { return cut_ == 0; }
  // Whether a chunk reaches past the array.
  [[nodiscard]] bool is_partial(std::uint64_t number) const {
    for (std::size_t axis = shape_.size(); axis-- > 0;) {
      if ((number % counts_[axis] + 1) * chunk_[axis] > shape_[axis]) return true;
      number /= counts_[axis];
    }
    return false;
  }

  // Calls run(element of the array, element of the chunk, how many) for each run of elements that lie together in both,
  // of rows [first, first + rows) of the array, in chunk `number` in C order, which has them.
  template <class Run>
  void for_each_run(std::uint64_t number, std::uint64_t first, std::uint64_t rows, Run&& run) const {
    const std::size_t axes = shape_.size();
    std::array<std::uint64_t, kMostAxes> begin{}, extent{}, at{};
    for (std::size_t axis = axes; axis-- > 0;) {
      begin[axis] = number % counts_[axis] * chunk_[axis];
      number /= counts_[axis];
      extent[axis] = std::min(chunk_[axis], shape_[axis] - begin[axis]);
    }
    const std::uint64_t skipped = first - begin[0];
    begin[0] = first;
    extent[0] = rows;
    // Axes behind the last that is cut lie whole in each chunk.
    std::uint64_t run_elements = extent[cut_];
    for (std::size_t axis = cut_ + 1; axis < axes; ++axis) run_elements *= shape_[axis];
    for (;;) {
      std::uint64_t in_array = 0, in_chunk = 0;
      for (std::size_t axis = 0; axis < axes; ++axis) {
        in_array = in_array * shape_[axis] + begin[axis] + at[axis];
        in_chunk = in_chunk * chunk_[axis] + at[axis] + (axis == 0 ? skipped : 0);
      }
      run(in_array, in_chunk, run_elements);
      std::size_t axis = cut_;
      while (axis > 0 && ++at[axis - 1] == extent[axis - 1]) at[--axis] = 0;
      if (axis == 0) return;
    }
  }

 private:
  std::vector<std::uint64_t> shape_, chunk_, counts_;
  std::uint64_t per_row_ = 1, row_elements_ = 1, chunk_row_elements_ = 1;
  std::size_t cut_ = 0;  // the last axis along which it is cut
};

}  // namespace stoker::format::hdf5
