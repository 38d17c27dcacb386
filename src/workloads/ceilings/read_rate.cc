#include "workloads/ceilings/read_rate.h"

#include <algorithm>
#include <atomic>
#include <deque>
#include <utility>
#include <vector>

#include "data/pipeline/chunk_reads.h"
#include "workloads/ceilings/at_once.h"

namespace stoker::ceilings {
namespace {

// Which chunk next, for all threads of a pass.
class Pass {
 public:
  // `again`: after the last comes the first.
  Pass(std::uint64_t chunks, std::uint64_t first, bool again) : chunks_(chunks), next_(first), again_(again) {}
  [[nodiscard]] std::optional<std::uint64_t> next() {
    const std::uint64_t n = next_.fetch_add(1, std::memory_order_relaxed);
    if (n >= chunks_ && !again_) return std::nullopt;
    return n % chunks_;
  }

 private:
  const std::uint64_t chunks_;
  std::atomic<std::uint64_t> next_;
  const bool again_;
};

class MinimalReader final : io::ReadObserver {
 public:
  MinimalReader(const Chunks& chunks, io::Storage& storage, const Clock& clock, unsigned depth,
                std::uint64_t memory_most)
      : chunks_(chunks),
        clock_(clock),
        memory_most_(memory_most),
        reads_(storage.make_read_queue({.depth = depth}, this)) {}
  ~MinimalReader() override { abandon(); }
  MinimalReader(const MinimalReader&) = delete;
  MinimalReader& operator=(const MinimalReader&) = delete;

  Status run(Pass& pass, Instant deadline, const std::stop_token& stop) {
    const Nanos before = clock_.thread_times().cpu;
    const Status status = read(pass, deadline, stop);
    measured_.cpu += clock_.thread_times().cpu - before;
    abandon();  // after an error; by the thread that sent the reads
    return status;
  }
  [[nodiscard]] const ReadMeasured& measured() const { return measured_; }
  // It would have held more memory than it may: it had less under way than it was to have.
  [[nodiscard]] bool short_of_memory() const { return short_of_memory_; }

 private:
  std::int64_t now_ns() override { return clock_.now().since_start.count(); }
  void completed(std::int64_t begin_ns, std::int64_t end_ns, std::uint64_t bytes, bool /*seen_late*/) override {
    ++measured_.requests;
    measured_.bytes += bytes;
    measured_.latency.add(Nanos{end_ns - begin_ns});
  }

  Status read(Pass& pass, Instant deadline, const std::stop_token& stop) {
    bool more = true;
    while (true) {
      while (more && (in_hand_.empty() || reads_.wants_more())) {
        if (!in_hand_.empty() && held_ >= memory_most_) {
          short_of_memory_ = true;
          break;
        }
        more = clock_.now() < deadline && !stop.stop_requested();
        if (!more) break;
        const auto number = pass.next();
        more = number.has_value();
        if (more) STOKER_TRY(submit(*number));
      }
      if (in_hand_.empty()) return {};
      std::unique_ptr<pipeline::SentChunk> chunk = std::move(in_hand_.front());
      in_hand_.pop_front();
      held_ -= chunk->plan.memory_bytes();
      STOKER_TRY(reads_.wait(*chunk, stop));
      reads_.recycle(std::move(chunk));
    }
  }

  Status submit(std::uint64_t number) {
    STOKER_ASSIGN(auto chunk, reads_.send(chunks_.file(number), chunks_.rows(number)));
    if (chunk->plan.reads().empty()) {
      reads_.recycle(std::move(chunk));
      return {};
    }
    held_ += chunk->plan.memory_bytes();
    in_hand_.push_back(std::move(chunk));
    return {};
  }

  // What is under way goes to memory that is lent.
  void abandon() {
    for (const auto& chunk : in_hand_) reads_.abandon(*chunk);
    in_hand_.clear();
  }

  const Chunks& chunks_;
  const Clock& clock_;
  const std::uint64_t memory_most_;
  ReadMeasured measured_;
  bool short_of_memory_ = false;
  std::uint64_t held_ = 0;
  pipeline::ChunkReads reads_;
  std::deque<std::unique_ptr<pipeline::SentChunk>> in_hand_;
};

}  // namespace

Result<std::optional<ReadMeasured>> measure_reads(const Chunks& chunks, io::Storage& storage, const Clock& clock,
                                                  const ReadSettings& settings, const std::stop_token& stop) {
  std::vector<std::unique_ptr<MinimalReader>> readers;
  for (unsigned i = 0; i < settings.threads; ++i) {
    readers.push_back(std::make_unique<MinimalReader>(chunks, storage, clock, settings.depth,
                                                      std::max(kMostReadMemory / settings.threads, kLeastReadMemory)));
  }
  const Instant start = clock.now();
  const Nanos wanted = from_seconds(settings.seconds);
  Nanos wall{0};
  // A pass over few small files is short, and what is done before it takes time as well: that is bounded, too.
  while (wall < wanted && clock.now() - start < 3 * wanted) {
    if (settings.before_pass) STOKER_TRY(settings.before_pass());
    Pass pass(chunks.size(), 0, !settings.before_pass);
    const Instant begin = clock.now();
    const Instant deadline = begin + (wanted - wall);
    STOKER_TRY(at_once("reader", readers, [&](MinimalReader& reader) { return reader.run(pass, deadline, stop); }));
    wall += clock.now() - begin;
    if (stop.stop_requested()) return make_error(Code::kInterrupted, "interrupted while the storage was measured");
  }
  ReadMeasured all;
  for (const auto& reader : readers) {
    if (reader->short_of_memory()) return std::optional<ReadMeasured>();
    all.bytes += reader->measured().bytes;
    all.requests += reader->measured().requests;
    all.cpu += reader->measured().cpu;
    all.latency.merge(reader->measured().latency);
  }
  all.wall = wall;
  return std::optional<ReadMeasured>(all);
}

}  // namespace stoker::ceilings
