#include "workloads/ceilings/chunks.h"

#include <algorithm>
#include <utility>

#include "data/dataset/plan.h"
#include "data/dataset/row_counts.h"
#include "data/dataset/unit_order.h"

namespace stoker::ceilings {
namespace {

// A pass over more of them takes longer than any measurement.
constexpr std::size_t kMostChunks = std::size_t{1} << 20;

std::vector<dataset::UnitRows> unit_rows(const format::FileReader& file) {
  std::vector<dataset::UnitRows> rows;
  for (const format::Unit& unit : file.units()) rows.push_back({unit.first_row, unit.rows});
  return rows;
}

dataset::PlanRequest plan_request(const config::Workload& w, const format::Format& format,
                                  const dataset::RowCounts& rows) {
  dataset::PlanRequest request;
  request.row_counts = rows;
  request.batch_size = static_cast<std::uint64_t>(std::max<std::int64_t>(w.reader.batch_size, 1));
  // Some of the files need not fill a batch.
  if (rows.total() < request.batch_size) request.batch_size = 1;
  request.shuffle_files = w.reader.file_shuffle != config::Shuffle::kOff;
  request.shuffle_samples = w.reader.sample_shuffle != config::Shuffle::kOff;
  request.file_seed = request.sample_seed = static_cast<std::uint64_t>(w.train.seed);
  request.by_sample = format.granularity == format::Granularity::kSample;
  return request;
}

}  // namespace

std::vector<std::uint64_t> choose_files(std::uint64_t files, std::uint64_t file_bytes) {
  std::vector<std::uint64_t> chosen;
  if (files == 0) return chosen;
  const std::uint64_t by_bytes = kMostFileBytes / std::max<std::uint64_t>(file_bytes, 1);
  const std::uint64_t n = std::min(files, std::clamp<std::uint64_t>(by_bytes, 1, kMostFiles));
  // In two steps, since the product may pass 2^64.
  for (std::uint64_t i = 0; i < n; ++i) chosen.push_back(files / n * i + files % n * i / n);
  return chosen;
}

Result<Chunks> Chunks::open(const config::Workload& w, const format::Format& format, io::Storage& storage,
                            std::span<const io::Path> files, const std::stop_token& stop) {
  Chunks chunks;
  STOKER_ASSIGN(chunks.reader_, format.make_reader(w, storage));
  std::vector<std::uint64_t> rows;
  for (const io::Path& path : files) {
    if (stop.stop_requested()) return make_error(Code::kInterrupted, "interrupted while files were opened");
    STOKER_ASSIGN(auto file, chunks.reader_->open(path, nullptr));
    rows.push_back(file->rows());
    chunks.files_.push_back(std::move(file));
  }
  STOKER_ASSIGN(const dataset::RowCounts counts, dataset::RowCounts::of(std::move(rows)));
  if (counts.total() == 0) return make_error(Code::kConfig, "the files have no rows");
  const dataset::EpochPlan plan(plan_request(w, format, counts));
  for (std::uint64_t k = 0; k < plan.visits() && chunks.chunks_.size() < kMostChunks; ++k) {
    const dataset::Visit visit = plan.visit(k);
    const auto number = static_cast<std::size_t>(visit.file);
    STOKER_ASSIGN(const auto pieces, dataset::unit_order(visit, unit_rows(*chunks.files_[number])));
    for (const dataset::Piece& piece : pieces) {
      chunks.chunks_.push_back({number, {.unit = piece.unit, .first_row = piece.first_row, .rows = piece.rows}});
    }
  }
  STOKER_TRY(chunks.finish());
  return chunks;
}

Result<Chunks> Chunks::of(std::vector<std::unique_ptr<format::FileReader>> files) {
  Chunks chunks;
  chunks.files_ = std::move(files);
  for (std::size_t number = 0; number < chunks.files_.size(); ++number) {
    const auto units = chunks.files_[number]->units();
    for (std::size_t i = 0; i < units.size(); ++i) {
      chunks.chunks_.push_back({number, {.unit = i, .first_row = units[i].first_row, .rows = units[i].rows}});
    }
  }
  STOKER_TRY(chunks.finish());
  return chunks;
}

Status Chunks::finish() {
  for (const auto& file : files_) {
    if (file->source() != nullptr) file_bytes_ += file->source()->size();
  }
  // Some formats have chunks without bytes, and some files nothing else.
  std::uint64_t asked = 0;
  format::ReadPlan plan;
  for (const Chunk& chunk : chunks_) {
    STOKER_TRY(files_[chunk.file]->plan(chunk.rows, plan));
    asked += plan.bytes();
    if (asked > 0) return {};
  }
  return make_error(Code::kConfig, "reading the files asks for no bytes: there is nothing to measure");
}

}  // namespace stoker::ceilings
