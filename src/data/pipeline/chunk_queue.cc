#include "data/pipeline/chunk_queue.h"

#include <utility>

namespace stoker::pipeline {

ChunkQueue::ChunkQueue(const dataset::EpochPlan& plan, BatchWindow& window, Opener open)
    : plan_(plan), window_(window), open_file_(std::move(open)) {}

Result<std::optional<Claim>> ChunkQueue::claim(io::ReadObserver* observer, const std::stop_token& stop) {
  while (true) {
    const std::uint64_t version = window_.work_version();
    std::shared_ptr<OpenVisit> to_open;
    {
      const std::lock_guard lock(mutex_);
      if (closed_ || stop.stop_requested()) return std::optional<Claim>();
      const std::uint64_t admitted = window_.admitted();
      bool blocked = false;  // an opened visit has pieces left, all beyond the window; so has everything after it
      for (auto it = open_.begin(); it != open_.end() && !blocked; ++it) {
        OpenVisit& visit = **it;
        if (!visit.ready) continue;
        const dataset::Piece& piece = visit.pieces[visit.next];
        if (piece.position < admitted) {
          Claim claim{*it, piece};
          if (++visit.next == visit.pieces.size()) open_.erase(it);
          return std::optional<Claim>(std::move(claim));
        }
        blocked = true;
      }
      if (!blocked && next_visit_ < plan_.visits()) {
        const dataset::Visit visit = plan_.visit(next_visit_);
        if (visit.position < admitted) {
          to_open = std::make_shared<OpenVisit>();
          to_open->visit = visit;
          open_.push_back(to_open);
          ++next_visit_;
        }
      } else if (open_.empty()) {
        return std::optional<Claim>();
      }
    }
    if (to_open) {
      STOKER_TRY(open(*to_open, observer));
      {
        const std::lock_guard lock(mutex_);
        to_open->ready = true;
      }
      window_.signal_work();
    } else if (!window_.wait_work(version, stop)) {
      return std::optional<Claim>();
    }
  }
}

Status ChunkQueue::open(OpenVisit& slot, io::ReadObserver* observer) const {
  const dataset::Visit& visit = slot.visit;
  STOKER_ASSIGN(slot.file, open_file_(visit.file, observer));
  if (slot.file->rows() < visit.first_row + visit.rows) {
    Error error = make_error(Code::kCorrupt, "file {} of the split: it has {} rows, but rows {} to {} were planned",
                             visit.file, slot.file->rows(), visit.first_row, visit.first_row + visit.rows);
    error.hint = "the file was changed while the run was under way; start it again when nobody writes the data set";
    return error;
  }
  std::vector<dataset::UnitRows> units;
  units.reserve(slot.file->units().size());
  for (const format::Unit& unit : slot.file->units()) units.push_back({unit.first_row, unit.rows});
  STOKER_ASSIGN(slot.pieces, dataset::unit_order(visit, units));
  STOKER_CHECK(!slot.pieces.empty(), "a visit without rows");
  return {};
}

void ChunkQueue::close() {
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
  }
  window_.signal_work();
}

}  // namespace stoker::pipeline
