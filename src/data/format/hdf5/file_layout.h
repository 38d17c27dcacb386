// Where everything lies in a generated file, and the bytes in front of the values.
//
//   superblock, root group, headers of records_0 ..., header of labels, indexes of chunks,
//   values of records_0, records_1, ..., labels; each begins at a whole 8, the first of many at a whole 4096
//
// All of it follows from the sizes of what is stored, so that files are written from front to back.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "config/workload.h"
#include "data/dataset/layout.h"
#include "data/format/hdf5/chunk_grid.h"
#include "data/format/samples.h"

namespace stoker::format::hdf5 {

// A chunk as it is stored; in the order of its array's chunks.
struct WrittenChunk {
  std::uint64_t bytes = 0;
  std::uint32_t filter_mask = 0;  // bit i: filter i was left out
};

class FileLayout {
 public:
  // Of contiguous arrays.
  FileLayout(const config::Dataset&, const dataset::FileSpec&);
  // Of chunked ones; `chunks` has those of all arrays, one array after the other.
  FileLayout(const config::Dataset&, const dataset::FileSpec&, std::span<const WrittenChunk> chunks);

  [[nodiscard]] const std::vector<SampleValues>& arrays() const { return arrays_; }
  // All arrays have the same.
  [[nodiscard]] const ChunkGrid& grid() const { return grid_; }
  // What stands in front of the values.
  [[nodiscard]] const std::vector<std::byte>& head() const { return head_; }
  // Where the values of array i begin.
  [[nodiscard]] std::uint64_t address(std::size_t array) const { return addresses_[array]; }
  [[nodiscard]] std::uint64_t labels_address() const { return addresses_.back(); }
  [[nodiscard]] std::uint64_t labels_bytes() const { return samples_ * sizeof(std::int64_t); }
  [[nodiscard]] std::uint64_t file_bytes() const { return labels_address() + labels_bytes(); }

 private:
  FileLayout(const config::Dataset&, const dataset::FileSpec&, std::span<const WrittenChunk> chunks,
             bool is_contiguous);
  void place(std::uint64_t begin, std::span<const WrittenChunk> chunks);
  void make_head(const config::Dataset&, std::span<const WrittenChunk> chunks);

  std::vector<SampleValues> arrays_;
  ChunkGrid grid_;
  std::uint64_t samples_ = 0;
  const bool is_contiguous_;
  std::vector<std::uint64_t> addresses_;  // of the arrays' values, then of the labels
  std::vector<std::byte> head_;
};

// The filters of generated chunks: their mask when the first, and only, one was left out.
inline constexpr std::uint32_t kNotCompressed = 1;

// What h5py says of gzip where nothing else is asked for.
inline constexpr std::int64_t kGzipLevel = 4;

}  // namespace stoker::format::hdf5
