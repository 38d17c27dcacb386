// Dictionary encoding of a chunk whose values are a pure function of their index. A dictionary page precedes the pages
// that refer to it, so the values are walked twice: first to find the distinct ones, then to write their numbers. What
// other writers buffer for that (all pages of the chunk) is generated again instead, so memory is bounded by the
// dictionary.
#pragma once

#include <cstdint>
#include <vector>

#include "base/status.h"
#include "data/format/output_buffer.h"
#include "data/format/parquet/wire/schema.h"
#include "data/format/parquet/write/value_table.h"

namespace stoker::format::parquet {

// One per writer; keeps its memory for the next chunk.
class DictionaryEncoder {
 public:
  // About the size of a full dictionary, as pyarrow's default: the chunk's other pages are PLAIN.
  static constexpr std::size_t kLimitBytes = std::size_t{1} << 20;

  // Starts a chunk of `elements` elements; element 0 of the chunk is element `first` of the column's stream. `column`
  // must outlive the chunk.
  void begin(const Column&, std::uint64_t key, std::uint64_t first, std::uint64_t elements);
  // The dictionary takes no further page: what a page brings (up to 1 MiB) might take it well past its limit.
  [[nodiscard]] bool full() const { return table_.bytes().size() > kLimitBytes / 2; }
  // Adds elements [at, at + count) of the chunk; called in order, without gaps.
  Status collect(std::uint64_t at, std::uint64_t count);

  // After the last collect().
  [[nodiscard]] std::uint64_t entries() const { return table_.size(); }
  [[nodiscard]] Bytes page() const { return table_.bytes(); }
  [[nodiscard]] unsigned index_bits() const { return table_.index_bits(); }
  // RLE_DICTIONARY of elements that were collected: bit width, then one bit-packed run.
  Status put_indices(std::uint64_t at, std::uint64_t count, ByteTarget&);

 private:
  // Calls visit(span of numbers) for the elements, piece by piece.
  template <class Visit>
  Status for_numbers(std::uint64_t at, std::uint64_t count, Visit visit);

  const Column* column_ = nullptr;
  std::uint64_t key_ = 0, first_ = 0;
  ValueTable table_;
  std::vector<std::uint32_t> known_;  // numbers of the chunk's first elements, so that most are looked up once only
  PageBuffer piece_;
};

}  // namespace stoker::format::parquet
