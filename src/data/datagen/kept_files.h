// The files of an interrupted data set that need not be written again.
#pragma once

#include <cstdint>
#include <stop_token>
#include <vector>

#include "base/status.h"
#include "data/datagen/generate.h"
#include "data/dataset/file_records.h"

namespace stoker::datagen {

// Of one rank's share: a bit per file.
class KeptFiles {
 public:
  KeptFiles() = default;  // none
  explicit KeptFiles(std::uint64_t share_size) : words_((share_size + kBitsPerWord - 1) / kBitsPerWord) {}

  [[nodiscard]] bool contains(std::uint64_t position) const {
    return !words_.empty() && (words_[position / kBitsPerWord] >> (position % kBitsPerWord) & 1) != 0;
  }
  // Threads may add at the same time when no two of them have positions of one word.
  void add(std::uint64_t position) { words_[position / kBitsPerWord] |= std::uint64_t{1} << (position % kBitsPerWord); }

  static constexpr std::uint64_t kBitsPerWord = 64;
  std::uint64_t files = 0, bytes = 0;

 private:
  std::vector<std::uint64_t> words_;
};

// Looks at this rank's share with its threads. A file is kept when it has a record, is there under its name with as
// many bytes as the record says, and its end, which the format reads, has as many rows. Where one is kept, what a
// writer left beside it under its temporary name is removed, if `remove_temporary`; the other files are written through
// that name anyway. Code::kInterrupted when a stop was requested.
[[nodiscard]] Result<KeptFiles> find_kept_files(const Request& request, dataset::FileRecords& records,
                                                bool remove_temporary, const std::stop_token& stop);

}  // namespace stoker::datagen
