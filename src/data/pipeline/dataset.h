// What a loader reads: the files of a split, by their numbers.
#pragma once

#include <cstdint>
#include <memory>

#include "base/status.h"
#include "data/format/format.h"
#include "data/io/read_queue.h"
#include "data/io/storage.h"

namespace stoker::pipeline {

// From any thread.
class Dataset {
 public:
  virtual ~Dataset() = default;
  // File number i, as its reading threads share it.
  [[nodiscard]] virtual Result<std::unique_ptr<format::FileReader>> open(std::uint64_t file, io::ReadObserver*) = 0;
  // For the calling thread's reads of files that open() gave.
  [[nodiscard]] virtual std::unique_ptr<io::ReadQueue> make_read_queue(const io::ReadQueueOptions&,
                                                                       io::ReadObserver*) = 0;
};

}  // namespace stoker::pipeline
