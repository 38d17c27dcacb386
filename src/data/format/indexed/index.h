// Where the samples of an indexed binary file lie, as the two files beside it say: "<name>.off.idx" has the byte offset
// of each sample, "<name>.sz.idx" its length, both as 64-bit numbers in little endian and nothing else. A sample is a
// row (row_places.h).
#pragma once

#include <cstdint>
#include <vector>

#include "base/status.h"
#include "data/format/read_plan.h"
#include "data/io/storage.h"

namespace stoker::format::indexed {

class Index {
 public:
  // Of the data file, which has `file_bytes`; past the page cache where that one is read so. Nothing in it is trusted:
  // each sample lies within the file. Errors name the index file and the sample.
  [[nodiscard]] static Result<Index> read(io::Storage& storage, const io::Path& data_file, std::uint64_t file_bytes,
                                          bool direct, io::ReadObserver* observer);

  [[nodiscard]] std::uint64_t rows() const { return rows_; }
  // Where all samples lie back to back from the file's first byte on and have one length: that; 0 else.
  [[nodiscard]] std::uint64_t row_bytes() const { return places_.empty() ? sample_bytes_ : 0; }
  [[nodiscard]] ByteRange row(std::uint64_t row) const {
    return places_.empty() ? ByteRange{row * sample_bytes_, sample_bytes_} : places_[static_cast<std::size_t>(row)];
  }
  // A table is kept only where samples differ.
  [[nodiscard]] std::uint64_t memory_bytes() const { return sizeof *this + places_.capacity() * sizeof(ByteRange); }

 private:
  std::uint64_t rows_ = 0, sample_bytes_ = 0;
  std::vector<ByteRange> places_;
};

}  // namespace stoker::format::indexed
