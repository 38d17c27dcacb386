// Which chunk next: opens visits in plan order and hands out their pieces, each to exactly one worker.
//
// A visit's units are known only when its file has been opened, so the worker that finds no piece to read opens the
// next visit itself, outside the lock; meanwhile others may open later ones. Pieces are handed out oldest visit first,
// and only when the batch window admits their first row.
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

  [[nodiscard]] format::FileReader& file() const { return *visit->file; }
};

// What a worker that has chunks in hand takes beside them.
struct Room {
  std::uint64_t rows = 0;
  std::uint64_t bytes = 0;
};

// Opens files for the worker that claims, which may time it.
class FileOpener {
 public:
  virtual ~FileOpener() = default;
  // File number i of the split.
  [[nodiscard]] virtual Result<std::unique_ptr<format::FileReader>> open(std::uint64_t file) = 0;
};

// One per epoch. Safe from many threads. The plan and the window outlive it.
class ChunkQueue {
 public:
  ChunkQueue(const dataset::EpochPlan& plan, BatchWindow& window) : plan_(plan), window_(window) {}

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
  Status open(const std::shared_ptr<OpenVisit>& visit, FileOpener& opener);

  const dataset::EpochPlan& plan_;
  BatchWindow& window_;

  std::mutex mutex_;
  std::deque<std::shared_ptr<OpenVisit>> open_ GUARDED_BY(mutex_);  // in plan order
  std::uint64_t next_visit_ GUARDED_BY(mutex_) = 0;
  bool closed_ GUARDED_BY(mutex_) = false;
};

}  // namespace stoker::pipeline
