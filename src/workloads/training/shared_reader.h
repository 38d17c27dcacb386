// The reader of a data set's files that the ranks of one process have together: what one of them has learnt of a file,
// its footer, none of the others reads again.
#pragma once

#include <memory>
#include <mutex>

#include "base/status.h"
#include "base/thread_annotations.h"
#include "data/format/format.h"

namespace stoker::training {

// From any thread.
class SharedReader {
 public:
  // The reader of the run that is under way, made for the rank that asks first; all of them ask for the same. It lives
  // until the last rank lets go of it, and no longer than the storage.
  [[nodiscard]] Result<std::shared_ptr<format::FormatReader>> get(const format::Format& format,
                                                                  const config::Workload& workload,
                                                                  io::Storage& storage, int ranks_in_process) {
    const std::lock_guard lock(mutex_);
    std::shared_ptr<format::FormatReader> reader = reader_.lock();
    if (reader == nullptr) {
      STOKER_ASSIGN(reader, format.make_reader(workload, storage));
      reader->share(static_cast<std::uint64_t>(ranks_in_process));
      reader_ = reader;
    }
    return reader;
  }

 private:
  std::mutex mutex_;
  std::weak_ptr<format::FormatReader> reader_ GUARDED_BY(mutex_);
};

}  // namespace stoker::training
