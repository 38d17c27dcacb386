// Where the records of a file lie, each of which is a row (row_places.h).
#pragma once

#include <cstdint>
#include <vector>

#include "base/status.h"
#include "data/format/read_plan.h"
#include "data/io/storage.h"

namespace stoker::format::tfrecord {

class Places {
 public:
  // Reads the header of the first record and of the last, as it would be if all had one length: then the whole file is
  // known, and each record's own header is checked when it is read: another length is an error then. Else every header,
  // one after the other. Errors without the path.
  [[nodiscard]] static Result<Places> read(io::ReadableFile& file, io::ReadObserver* observer);

  [[nodiscard]] std::uint64_t rows() const { return records_; }
  // Of all of them, with their framing; 0 where they differ.
  [[nodiscard]] std::uint64_t row_bytes() const { return offsets_.empty() ? record_bytes_ : 0; }
  [[nodiscard]] ByteRange row(std::uint64_t i) const {
    if (offsets_.empty()) return {i * record_bytes_, record_bytes_};
    const auto at = static_cast<std::size_t>(i);
    return {offsets_[at], offsets_[at + 1] - offsets_[at]};
  }
  // A table is kept only where records differ.
  [[nodiscard]] std::uint64_t memory_bytes() const {
    return sizeof *this + offsets_.capacity() * sizeof(std::uint64_t);
  }

 private:
  std::uint64_t records_ = 0, record_bytes_ = 0;
  std::vector<std::uint64_t> offsets_;  // of each record, and the file's end
};

}  // namespace stoker::format::tfrecord
