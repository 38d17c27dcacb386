// Which chunk next: opens visits in plan order and hands out their pieces, each to exactly one worker.
//
// A visit's units are known only when its file has been opened, so the worker that finds no piece to read opens the
// next visit itself, outside the lock; meanwhile others may open later ones. Pieces are handed out oldest visit first,
// and only when the batch window admits their first row. Visits of a plan that go on where the one before ended are
// opened as one.
//
// A change calls as many sleepers as it has work for, about; whoever finds something to do calls one more if there is
// more.
#pragma once

#include <cstdint>
#include <deque>
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
#include "data/pipeline/batch_window.h"
#include "data/pipeline/open_files.h"

namespace stoker::pipeline {

// Rows that are being read, and the file they are in. Shared by the workers that hold pieces of it.
struct OpenVisit {
  dataset::Visit visit;
  std::shared_ptr<const OpenFile> file;
  std::vector<dataset::Piece> pieces;
  std::size_t next = 0;  // guarded by the queue's mutex
  bool ready = false;    // likewise
};

struct Claim {
  std::shared_ptr<OpenVisit> visit;
  dataset::Piece piece;

  [[nodiscard]] format::FileReader& file() const { return *visit->file->reader; }
};

// What a worker that has chunks in hand takes beside them.
struct Room {
  std::uint64_t rows = 0;
  std::uint64_t bytes = 0;
};

// One per epoch. Safe from many threads. The plan and the window outlive it.
class ChunkQueue {
 public:
  // `kept_open`: files for visits to come, if the plan comes back to files.
  ChunkQueue(const dataset::EpochPlan& plan, BatchWindow& window, std::uint64_t kept_open = 0)
      : plan_(plan), window_(window), files_(plan.returns_to_files() ? kept_open : 0) {}

  // The next chunk to read; nullopt when there is none left or the queue was closed. Blocks while the window is full.
  // An error of opening a file is returned to the worker that opened it.
  [[nodiscard]] Result<std::optional<Claim>> claim(FileOpener& opener, const std::stop_token& stop);
  // The same for a worker that has something to do: never waits, and gives no chunk larger than the room. May open a
  // file.
  [[nodiscard]] Result<std::optional<Claim>> claim_ahead(FileOpener& opener, const Room& room);
  void close();

 private:
  // What there is to do: at most one of the two; none of them: nothing now, or nothing any more (`ended`).
  struct Found {
    std::optional<Claim> claim;
    std::shared_ptr<OpenVisit> to_open;
    bool ended = false;
  };
  [[nodiscard]] Found find(const Room& room);
  [[nodiscard]] Found find(const Room& room, std::uint64_t admitted) REQUIRES(mutex_);
  // The next rows of the plan, of one file and without a gap, as far as they begin inside the window.
  [[nodiscard]] dataset::Visit next_run(std::uint64_t admitted) REQUIRES(mutex_);
  // Whether another worker would find something to do.
  [[nodiscard]] bool has_more(std::uint64_t admitted) const REQUIRES(mutex_);
  Status open(const std::shared_ptr<OpenVisit>& visit, FileOpener& opener);

  const dataset::EpochPlan& plan_;
  BatchWindow& window_;
  OpenFiles files_;

  std::mutex mutex_;
  std::deque<std::shared_ptr<OpenVisit>> open_ GUARDED_BY(mutex_);  // in plan order
  std::uint64_t next_visit_ GUARDED_BY(mutex_) = 0;
  bool closed_ GUARDED_BY(mutex_) = false;
};

}  // namespace stoker::pipeline
