#include "data/format/parquet/read/page_scan.h"

#include <algorithm>
#include <span>

#include "base/aligned_buffer.h"
#include "data/format/parquet/wire/page_header.h"

namespace stoker::format::parquet {
namespace {

// Enough for the headers that writers make by default; those with long statistics take a second read.
constexpr std::uint64_t kProbeBytes = 512;
constexpr std::uint64_t kMaxProbeBytes = 1 << 20;
// Reads under way at a time: bounds the memory and fills any device's queue.
constexpr std::size_t kReadsAtOnce = 128;

// The state of one job.
class Scan {
 public:
  explicit Scan(ScanJob& job) : job_(job), at_(job.chunk->offset), end_(job.chunk->offset + job.chunk->bytes) {}

  [[nodiscard]] bool done() const { return done_; }
  [[nodiscard]] std::uint64_t at() const { return at_; }
  [[nodiscard]] std::uint64_t probe_bytes() const { return std::min(probe_, end_ - at_); }

  // Takes the headers that lie in `probe`, the file's bytes from at() on.
  void take(Bytes probe) {
    const std::uint64_t begin = at_;
    while (!done_) {
      if (values_ == job_.chunk->values && !job_.pages.pages.empty()) return finish();
      if (at_ >= end_) return give_up();
      const std::uint64_t skip = at_ - begin;
      if (skip >= probe.size()) return;
      auto header = parse_page_header(probe.subspan(static_cast<std::size_t>(skip)));
      if (!header) return give_up();
      if (!header->has_value()) {
        // Once more from this header on, with a larger probe if that was as much as there was room for.
        if (skip > 0) return;
        probe_ *= 8;
        if (probe_ > kMaxProbeBytes || probe.size() >= end_ - at_) give_up();
        return;
      }
      add(**header);
    }
  }

 private:
  void add(const PageHeader& header) {
    const std::uint64_t bytes = std::uint64_t{header.header_bytes} + header.stored_bytes;
    if (bytes > end_ - at_ || bytes > UINT32_MAX) return give_up();
    probe_ = kProbeBytes;
    if (header.is_data()) {
      if (header.values > job_.chunk->values - values_) return give_up();
      if (header.type != PageType::kDataV2) all_v2_ = false;
      if (job_.leaf->max_repetition > 0 && !all_v2_ && !lists_promised()) return give_up();
      if (job_.pages.pages.empty()) job_.pages.dictionary_bytes = at_ - job_.chunk->offset;
      job_.pages.pages.push_back({.offset = at_,
                                  .position = values_,
                                  .bytes = static_cast<std::uint32_t>(bytes),
                                  .dictionary = is_dictionary_index(header.encoding)});
      rows_before_.push_back(rows_);
      values_ += header.values;
      rows_ += header.rows;
    } else if (!job_.pages.pages.empty()) {
      // Pages must follow each other without anything between them.
      return give_up();
    }
    at_ += bytes;
  }

  [[nodiscard]] bool lists_promised() const {
    return job_.leaf->list_size > 0 && job_.chunk->values == job_.rows * job_.leaf->list_size;
  }

  void finish() {
    done_ = true;
    ColumnPages& pages = job_.pages;
    pages.end_position = values_;
    if (job_.leaf->max_repetition > 0) {
      if (all_v2_) {
        if (rows_ != job_.rows) return;
        for (std::size_t i = 0; i < pages.pages.size(); ++i) pages.pages[i].position = rows_before_[i];
        pages.end_position = rows_;
      } else {
        pages.scale = job_.leaf->list_size;
        pages.lists_promised = true;
      }
    }
    job_.mapped = true;
  }

  void give_up() { done_ = true; }

  ScanJob& job_;
  std::uint64_t at_;
  const std::uint64_t end_;
  std::uint64_t probe_ = kProbeBytes;
  std::uint64_t values_ = 0, rows_ = 0;     // before at_
  std::vector<std::uint64_t> rows_before_;  // of v2 pages
  bool all_v2_ = true;
  bool done_ = false;
};

// One probe for each scan.
Status probe(std::span<Scan*> scans, io::ReadableFile& file, AlignedBuffer& memory, io::ReadObserver* observer) {
  const std::uint64_t unit = file.alignment();
  std::vector<io::ReadOp> ops;
  std::uint64_t total = 0;
  for (const Scan* scan : scans) {
    const std::uint64_t first = scan->at() / unit * unit;
    const std::uint64_t last = (scan->at() + scan->probe_bytes() + unit - 1) / unit * unit;
    ops.push_back(
        {.offset = first, .into = MutBytes(static_cast<std::byte*>(nullptr), static_cast<std::size_t>(last - first))});
    total += last - first;
  }
  MutBytes room = memory.resize(static_cast<std::size_t>(total));
  for (io::ReadOp& op : ops) {
    const std::size_t bytes = op.into.size();
    op.into = room.first(bytes);
    room = room.subspan(bytes);
  }
  STOKER_TRY(file.read_many(ops, observer));
  for (std::size_t i = 0; i < scans.size(); ++i) {
    scans[i]->take(Bytes(ops[i].into).subspan(static_cast<std::size_t>(scans[i]->at() - ops[i].offset)));
  }
  return {};
}

}  // namespace

Status scan_pages(std::vector<ScanJob>& jobs, io::ReadableFile& file, io::ReadObserver* observer) {
  AlignedBuffer memory;
  for (std::size_t begin = 0; begin < jobs.size(); begin += kReadsAtOnce) {
    std::vector<Scan> scans;
    for (std::size_t i = begin; i < std::min(jobs.size(), begin + kReadsAtOnce); ++i) scans.emplace_back(jobs[i]);
    while (true) {
      std::vector<Scan*> open;
      for (Scan& scan : scans) {
        // A chunk without bytes has no header to read.
        if (scan.probe_bytes() == 0) scan.take({});
        if (!scan.done()) open.push_back(&scan);
      }
      if (open.empty()) break;
      STOKER_TRY(probe(open, file, memory, observer));
    }
  }
  return {};
}

}  // namespace stoker::format::parquet
