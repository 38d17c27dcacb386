#include "data/pipeline/chunk_queue.h"

#include <limits>
#include <utility>

namespace stoker::pipeline {
namespace {

constexpr Room kNoBound{.rows = std::numeric_limits<std::uint64_t>::max(),
                        .bytes = std::numeric_limits<std::uint64_t>::max()};

// That reading the piece will ask of the storage, about.
std::uint64_t bytes_of(const format::FileReader& file, const dataset::Piece& piece) {
  const format::Unit& unit = file.units()[piece.unit];
  if (piece.rows >= unit.rows) return unit.storage_bytes;
  return static_cast<std::uint64_t>(static_cast<double>(unit.storage_bytes) * static_cast<double>(piece.rows) /
                                    static_cast<double>(unit.rows));
}

}  // namespace

ChunkQueue::Found ChunkQueue::find(const Room& room) {
  const std::uint64_t admitted = window_.admitted();
  Found found;
  bool more = false;
  {
    const std::lock_guard lock(mutex_);
    found = find(room, admitted);
    more = (found.claim || found.to_open) && has_more(admitted);
  }
  if (more) window_.signal_work();
  return found;
}

ChunkQueue::Found ChunkQueue::find(const Room& room, std::uint64_t admitted) {
  Found found;
  found.ended = closed_;
  if (closed_) return found;
  for (auto it = open_.begin(); it != open_.end(); ++it) {
    OpenVisit& visit = **it;
    if (!visit.ready) continue;
    const dataset::Piece& piece = visit.pieces[visit.next];
    // Beyond the window; so is everything after it. Or too large, and what comes after it is others'.
    if (piece.position >= admitted) return found;
    if (piece.rows > room.rows || bytes_of(*visit.file->reader, piece) > room.bytes) return found;
    found.claim = Claim{*it, piece};
    if (++visit.next == visit.pieces.size()) open_.erase(it);
    return found;
  }
  if (next_visit_ < plan_.visits()) {
    if (plan_.visit(next_visit_).position >= admitted) return found;
    found.to_open = std::make_shared<OpenVisit>();
    found.to_open->visit = next_run(admitted);
    open_.push_back(found.to_open);
    return found;
  }
  found.ended = open_.empty();
  return found;
}

dataset::Visit ChunkQueue::next_run(std::uint64_t admitted) {
  dataset::Visit run = plan_.visit(next_visit_);
  while (++next_visit_ < plan_.visits()) {
    const dataset::Visit next = plan_.visit(next_visit_);
    const bool goes_on =
        next.file == run.file && next.first_row == run.first_row + run.rows && next.position == run.position + run.rows;
    // Rows that are permuted inside a visit are that visit's.
    if (!goes_on || run.order_seed != 0 || next.order_seed != 0 || next.position >= admitted) break;
    run.rows += next.rows;
  }
  return run;
}

bool ChunkQueue::has_more(std::uint64_t admitted) const {
  for (const auto& visit : open_) {
    if (visit->ready) return visit->pieces[visit->next].position < admitted;
  }
  return next_visit_ < plan_.visits() && plan_.visit(next_visit_).position < admitted;
}

Result<std::optional<Claim>> ChunkQueue::claim(FileOpener& opener, const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    const std::uint64_t version = window_.work_version();
    Found found = find(kNoBound);
    if (found.claim || found.ended) return std::move(found.claim);
    if (found.to_open) {
      STOKER_TRY(open(found.to_open, opener));
    } else if (!window_.wait_work(version, stop)) {
      break;
    }
  }
  return std::optional<Claim>();
}

Result<std::optional<Claim>> ChunkQueue::claim_ahead(FileOpener& opener, const Room& room) {
  while (true) {
    Found found = find(room);
    if (!found.to_open) return std::move(found.claim);
    STOKER_TRY(open(found.to_open, opener));
  }
}

Status ChunkQueue::open(const std::shared_ptr<OpenVisit>& slot, FileOpener& opener) {
  const dataset::Visit& visit = slot->visit;
  STOKER_ASSIGN(slot->file, files_.open(visit.file, opener));
  if (const std::uint64_t rows = slot->file->reader->rows(); rows < visit.first_row + visit.rows) {
    Error error = make_error(Code::kCorrupt, "file {} of the split: it has {} rows, but rows {} to {} were planned",
                             visit.file, rows, visit.first_row, visit.first_row + visit.rows);
    error.hint = "the file was changed while the run was under way; start it again when nobody writes the data set";
    return error;
  }
  STOKER_ASSIGN(slot->pieces, dataset::unit_order(visit, slot->file->units));
  STOKER_CHECK(!slot->pieces.empty(), "a visit without rows");
  {
    const std::lock_guard lock(mutex_);
    slot->ready = true;
  }
  window_.signal_work(slot->pieces.size());
  return {};
}

void ChunkQueue::close() {
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
  }
  window_.wake_workers();
}

}  // namespace stoker::pipeline
