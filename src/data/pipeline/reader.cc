#include "data/pipeline/reader.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/units.h"
#include "data/io/request_bytes.h"

namespace stoker::pipeline {
namespace {

// Chunks ahead take this together, or one alone may take more: without one on its way nothing is read while a chunk is
// decoded.
constexpr std::uint64_t kOneMost = 32 * kMiB;
std::uint64_t together_most(unsigned io_depth) {
  return std::max<std::uint64_t>(16 * kMiB, io_depth * kMiB);
}

}  // namespace

std::uint64_t most_ahead_bytes(unsigned io_depth, std::uint64_t chunk_bytes) {
  return std::max(together_most(io_depth), std::min(chunk_bytes, kOneMost));
}

Reader::Reader(Dataset& dataset, const Clock& clock, const ReaderOptions& options)
    : dataset_(dataset), clock_(clock), options_(options), thread_times_(clock) {}

Reader::~Reader() {
  abandon();
}

void Reader::abandon() {
  for (const InHand& chunk : in_hand_) reads_->abandon(*chunk.sent);
  in_hand_.clear();
  current_.reset();
  thread_times_.reset();
}

void Reader::completed(std::int64_t begin_ns, std::int64_t end_ns, std::uint64_t bytes, bool seen_late) {
  ++totals_.requests;
  totals_.requests_seen_late += seen_late ? 1 : 0;
  totals_.bytes_requested += bytes;
  totals_.read_latency.add(Nanos{end_ns - begin_ns});
}

Result<std::unique_ptr<format::FileReader>> Reader::open(std::uint64_t file) {
  const ThreadTimes before = thread_times_.now();
  const Instant begin = clock_.now();
  auto opened = dataset_.open(file, this);
  const Nanos took = clock_.now() - begin;
  const ThreadTimes after = thread_times_.now();
  // Whatever it waits for is the storage's: requests, and the open itself, which a metadata server may answer.
  const Nanos cpu = std::clamp(after.cpu - before.cpu, Nanos{0}, took);
  const Nanos core = std::clamp(after.runnable - before.runnable, Nanos{0}, took - cpu);
  times_.opening += took;
  times_.open_core += core;
  times_.open_storage += took - cpu - core;
  return opened;
}

std::optional<Room> Reader::room() const {
  if (in_hand_.size() >= io::kChunksUnderWay || !reads_->wants_more()) return std::nullopt;
  const std::uint64_t together = together_most(options_.io_depth);
  std::uint64_t rows = 0, bytes = 0;
  for (const InHand& chunk : in_hand_) {
    rows += chunk.sent->plan.rows().rows;
    bytes += chunk.sent->plan.bytes();
  }
  bytes -= in_hand_.front().sent->plan.bytes();
  const std::uint64_t bytes_most = in_hand_.size() == 1 ? std::max(kOneMost, together) : together;
  if (rows >= options_.ahead_rows || bytes >= bytes_most) return std::nullopt;
  return Room{.rows = options_.ahead_rows - rows, .bytes = bytes_most - bytes};
}

Status Reader::fill(ChunkQueue& queue, const std::stop_token& stop) {
  if (in_hand_.empty()) {
    const Instant asked = clock_.now();
    const ThreadTimes before = thread_times_.now();
    STOKER_ASSIGN(auto claim, queue.claim(*this, stop));
    // What was no opening was waiting for something to read. A thread that was called to a chunk and had no core is not
    // idle: it would have begun by so much earlier.
    const Nanos waited = std::max((clock_.now() - asked) - times_.opening, Nanos{0});
    const Nanos called =
        std::clamp((thread_times_.now().runnable - before.runnable) - times_.open_core, Nanos{0}, waited);
    totals_.idle += waited - called;
    times_.begun = asked + (waited - called);
    times_.open_core += called;
    if (!claim) return {};
    STOKER_TRY(submit(*std::move(claim)));
  }
  while (const auto left = room()) {
    STOKER_ASSIGN(auto claim, queue.claim_ahead(*this, *left));
    if (!claim) break;
    STOKER_TRY(submit(*std::move(claim)));
  }
  return {};
}

Status Reader::submit(Claim claim) {
  const Instant begin = clock_.now();
  const dataset::Piece& piece = claim.piece;
  STOKER_ASSIGN(auto sent,
                reads_->send(claim.file(), {.unit = piece.unit, .first_row = piece.first_row, .rows = piece.rows}));
  const auto after = std::ranges::upper_bound(in_hand_, piece.position, {},
                                              [](const InHand& other) { return other.claim.piece.position; });
  in_hand_.insert(after, InHand{std::move(claim), std::move(sent)});
  times_.sending += clock_.now() - begin;
  return {};
}

Result<std::optional<Claim>> Reader::next(ChunkQueue& queue, const std::stop_token& stop) {
  if (!reads_) reads_.emplace(dataset_.make_read_queue({.depth = options_.io_depth}, this), options_.memory);
  if (current_ != nullptr) reads_->recycle(std::move(current_));
  times_ = {};
  times_.begun = clock_.now();
  STOKER_TRY(fill(queue, stop));
  if (in_hand_.empty()) return std::optional<Claim>();

  const ThreadTimes claimed = thread_times_.exact();
  times_.claimed = clock_.now();
  Claim claim = std::move(in_hand_.front().claim);
  current_ = std::move(in_hand_.front().sent);
  in_hand_.erase(in_hand_.begin());
  const Status arrived = reads_->wait(*current_, stop);
  fetched_ = thread_times_.exact();
  times_.fetching = {.cpu = fetched_.cpu - claimed.cpu, .runnable = fetched_.runnable - claimed.runnable};
  times_.fetched = clock_.now();
  STOKER_TRY(arrived);

  const format::FileReader& file = claim.file();
  if (scratch_ == nullptr) scratch_ = file.make_scratch();
  const format::Fetched bytes = current_->fetched();
  STOKER_TRY(file.decompress(bytes, *scratch_));
  times_.decompressed = clock_.now();
  STOKER_TRY(file.decode(bytes, *scratch_, chunk_));
  times_.decoded = clock_.now();
  STOKER_CHECK(chunk_.rows == claim.piece.rows, "a reader returned another number of rows than was asked for");
  return std::optional<Claim>(std::move(claim));
}

}  // namespace stoker::pipeline
