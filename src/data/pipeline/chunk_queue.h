// Which chunk next: opens visits in plan order and hands out their pieces, each to exactly one worker.
//
// A visit's units are known only when its file has been opened, so the worker that finds no piece to read opens the
// next visit itself, outside the lock; meanwhile others may open later ones. Pieces are handed out oldest visit first,
// and only when the batch window admits their first row.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <vector>

#include "base/status.h"
#include "base/thread_annotations.h"
#include "data/dataset/plan.h"
#include "data/dataset/unit_order.h"
#include "data/format/format.h"
#include "data/io/storage.h"
#include "data/pipeline/batch_window.h"

namespace stoker::pipeline {

// A file that is being read. Shared by the workers that hold pieces of it; closed with the last one.
struct OpenVisit {
  dataset::Visit visit;
  std::unique_ptr<format::FileReader> file;
  std::vector<dataset::Piece> pieces;
  std::size_t next = 0;  // guarded by the queue's mutex
  bool ready = false;    // likewise
};

struct Claim {
  std::shared_ptr<OpenVisit> visit;
  dataset::Piece piece;
};

// One per epoch. Safe from many threads. The plan, the window and the opener outlive it.
class ChunkQueue {
 public:
  // Opens file number i of the split; called by the claiming worker with its own observer.
  using Opener = std::function<Result<std::unique_ptr<format::FileReader>>(std::uint64_t file, io::ReadObserver*)>;

  ChunkQueue(const dataset::EpochPlan& plan, BatchWindow& window, Opener open);

  // The next chunk to read; nullopt when there is none left or the queue was closed. Blocks while the window is full.
  // An error of opening a file is returned to the worker that opened it.
  [[nodiscard]] Result<std::optional<Claim>> claim(io::ReadObserver* observer, const std::stop_token& stop);
  void close();

 private:
  Status open(OpenVisit& visit, io::ReadObserver* observer) const;

  const dataset::EpochPlan& plan_;
  BatchWindow& window_;
  const Opener open_file_;

  std::mutex mutex_;
  std::deque<std::shared_ptr<OpenVisit>> open_ GUARDED_BY(mutex_);  // in plan order
  std::uint64_t next_visit_ GUARDED_BY(mutex_) = 0;
  bool closed_ GUARDED_BY(mutex_) = false;
};

}  // namespace stoker::pipeline
