#include "data/pipeline/data_loader.h"

#include <algorithm>
#include <mutex>
#include <optional>
#include <utility>

#include "base/cpu_time.h"
#include "base/hash.h"
#include "base/threads.h"

namespace stoker::pipeline {

std::uint64_t window_depth(const LoaderOptions& options) {
  const std::uint64_t threads = options.threads;
  const std::uint64_t depth = options.prefetch == 0 ? 2 * threads : std::max(options.prefetch, threads);
  return std::max<std::uint64_t>(depth, 1);
}

namespace {

// A wait during which this thread itself read chunks: what it did between two readings of its stage times.
metrics::WaitTimes waited_for(const metrics::StageTimes& before, const metrics::StageTimes& after, Nanos total) {
  metrics::WaitTimes causes;
  for (const metrics::Stage& stage : metrics::kStages) causes.*stage.time = after.*stage.time - before.*stage.time;
  causes.other = Nanos{0};
  causes.queue = total - (causes.total() - causes.queue);
  return causes;
}

}  // namespace

// One reader thread's own state; nobody else touches it while an epoch runs.
struct DataLoader::Worker final : io::ReadObserver {
  explicit Worker(const Clock& the_clock) : clock(the_clock), preprocess(config::Duration{}, 0) {}

  std::int64_t now_ns() override { return clock.now().since_start.count(); }
  void completed(std::int64_t begin_ns, std::int64_t end_ns, std::uint64_t bytes) override {
    ++totals.requests;
    totals.bytes_requested += bytes;
    totals.read_latency.add(Nanos{end_ns - begin_ns});
  }

  const Clock& clock;
  metrics::LoaderTotals totals;
  config::DurationSampler preprocess;
  // When this worker began to open a file in the claim under way; of that, blocked and without a core.
  std::optional<Instant> open_begin;
  Nanos open_storage{0}, open_core{0};
  std::unique_ptr<format::ChunkBuffer> buffer;
  format::Chunk chunk;
  std::unique_ptr<format::ValueChecker> checker;  // with reader.verify, from the first chunk on

  // Rows of `chunk` that have not found room in a batch yet (collate only).
  struct Pending {
    Claim claim;
    ChunkTimes times;
    std::uint64_t done = 0;
  };
  std::optional<Pending> pending;
};

struct DataLoader::Epoch {
  Epoch(const dataset::EpochPlan& the_plan, std::uint64_t depth, const Clock& clock, ChunkQueue::Opener open,
        bool collate)
      : plan(the_plan),
        window(plan.rows(), plan.batch_size(), depth, clock),
        queue(plan, window, std::move(open)),
        collator(collate ? std::make_unique<Collator>(plan.batch_size(), depth) : nullptr),
        coverage(plan.row_counts()) {}

  void close(const Status& why) {
    window.close(why);
    queue.close();
    if (collator) collator->close();
  }

  const dataset::EpochPlan plan;
  BatchWindow window;
  ChunkQueue queue;
  std::unique_ptr<Collator> collator;
  std::uint64_t handed_out = 0;  // batches
  std::mutex coverage_mutex;
  dataset::Coverage coverage GUARDED_BY(coverage_mutex);
  std::stop_source stop;
  std::unique_ptr<std::stop_callback<std::function<void()>>> outer_stop;
  std::vector<std::jthread> threads;
};

DataLoader::DataLoader(Opener open, const Clock& clock, const LoaderOptions& options)
    : open_(std::move(open)), clock_(clock), options_(options) {
  for (unsigned i = 0; i < std::max(options.threads, 1U); ++i) workers_.push_back(std::make_unique<Worker>(clock));
}

DataLoader::~DataLoader() {
  if (epoch_) end_epoch();
}

Status DataLoader::begin_epoch(const dataset::EpochPlan& plan, std::uint64_t epoch, std::stop_token stop) {
  STOKER_CHECK(!epoch_, "an epoch is under way");
  auto opener = [this](std::uint64_t file, io::ReadObserver* observer) {
    auto& worker = *static_cast<Worker*>(observer);
    const ThreadTimes before = clock_.thread_times();
    const Instant begin = clock_.now();
    worker.open_begin = begin;
    auto opened = open_(file, observer);
    const Nanos took = clock_.now() - begin;
    const ThreadTimes after = clock_.thread_times();
    // Whatever it waits for is the storage's: requests, and the open itself, which a metadata server may answer.
    const Nanos cpu = std::clamp(after.cpu - before.cpu, Nanos{0}, took);
    worker.open_core = std::clamp(after.runnable - before.runnable, Nanos{0}, took - cpu);
    worker.open_storage = took - cpu - worker.open_core;
    return opened;
  };
  epoch_ = std::make_unique<Epoch>(plan, window_depth(options_), clock_, opener, options_.collate);
  epoch_->outer_stop = std::make_unique<std::stop_callback<std::function<void()>>>(
      std::move(stop), [inner = &epoch_->stop] { inner->request_stop(); });
  for (std::size_t i = 0; i < workers_.size(); ++i) {
    Worker& worker = *workers_[i];
    worker.totals = {};
    worker.pending.reset();
    worker.preprocess = config::DurationSampler(options_.preprocess, derive_seed(options_.seed, epoch, i));
    if (options_.threads == 0) continue;
    const Status started = add_thread(epoch_->threads, fmt::format("reader thread {} of {}", i + 1, workers_.size()),
                                      [this, &worker] { run(worker); });
    if (!started) {
      epoch_->close(started);
      return started;
    }
  }
  return {};
}

void DataLoader::run(Worker& worker) {
  const std::stop_token stop = epoch_->stop.get_token();
  while (true) {
    auto more = caught([&] { return read_one(worker, stop); });
    if (!more) {
      epoch_->close(more.error());
      return;
    }
    // A chunk longer than the ring of batches: wait for the consumer to free a slot, then go on where it stopped.
    while (worker.pending) {
      const Instant begin = clock_.now();
      const dataset::Piece& piece = worker.pending->claim.piece;
      if (!epoch_->collator->wait_for_room(piece.position + worker.pending->done)) return;
      worker.totals.idle += clock_.now() - begin;
      if (const Status placed = caught([&] { return place_pending(worker); }); !placed) {
        epoch_->close(placed);
        return;
      }
    }
    if (!*more) return;
  }
}

Result<bool> DataLoader::read_one(Worker& worker, const std::stop_token& stop) {
  Epoch& epoch = *epoch_;
  ChunkTimes times;
  const Instant asked = clock_.now();
  const ThreadTimes idle = clock_.thread_times();
  worker.open_begin.reset();
  worker.open_storage = worker.open_core = Nanos{0};
  STOKER_ASSIGN(auto claim, epoch.queue.claim(&worker, stop));
  const ThreadTimes before = clock_.thread_times();
  times.claimed = clock_.now();
  times.open_storage = worker.open_storage;
  times.open_core = worker.open_core;
  if (!claim) {
    worker.totals.idle += times.claimed - asked;
    return false;
  }
  // Only this worker's own opening of the file belongs to the chunk; waiting for room is idle time. A worker that was
  // called to a chunk and had no core is not idle: it would have begun by so much earlier.
  times.begun = worker.open_begin.value_or(times.claimed);
  const Nanos called = std::clamp((before.runnable - idle.runnable) - worker.open_core, Nanos{0}, times.begun - asked);
  times.begun = times.begun + (-called);
  times.open_core += called;
  worker.totals.idle += times.begun - asked;

  const dataset::Piece& piece = claim->piece;
  format::FileReader& file = *claim->visit->file;
  if (!worker.buffer) worker.buffer = file.make_buffer();
  STOKER_TRY(file.fetch(piece.unit, piece.first_row, piece.rows, *worker.buffer, &worker));
  const ThreadTimes fetched = clock_.thread_times();
  times.fetching = {.cpu = fetched.cpu - before.cpu, .runnable = fetched.runnable - before.runnable};
  times.fetched = clock_.now();
  STOKER_TRY(file.decompress(*worker.buffer));
  times.decompressed = clock_.now();
  STOKER_TRY(file.decode(*worker.buffer, worker.chunk));
  times.decoded = clock_.now();
  STOKER_CHECK(worker.chunk.rows == piece.rows, "a reader returned another number of rows than was asked for");

  times.verified = times.decoded;
  if (options_.verification) {
    STOKER_TRY(verify(worker, *claim));
    times.verified = clock_.now();
  }

  times.preprocessed = times.verified;
  const ThreadTimes worked = clock_.thread_times();
  times.rest_runnable = worked.runnable - fetched.runnable;
  if (const Nanos d = worker.preprocess.next_sum(piece.rows); d > Nanos{0}) {
    clock_.sleep_until(times.verified + d, stop);
    times.slept_runnable = clock_.thread_times().runnable - worked.runnable;
    times.preprocessed = clock_.now();
  }

  worker.totals.bytes_useful += worker.chunk.useful_bytes;
  worker.totals.rows += piece.rows;
  ++worker.totals.chunks;
  times.placed = times.preprocessed;
  worker.totals.busy += stages_of(times);
  if (epoch.collator) {
    worker.pending = Worker::Pending{std::move(*claim), times};
    STOKER_TRY(place_pending(worker));
  } else {
    epoch.window.deliver(piece.position, piece.rows, times);
    cover(*claim);
  }
  return true;
}

Status DataLoader::verify(Worker& worker, const Claim& claim) const {
  const Nanos cpu_before = thread_cpu_time();
  if (!worker.checker) {
    STOKER_ASSIGN(worker.checker, options_.verification->make_checker());
  }
  STOKER_ASSIGN(const dataset::FileSpec spec, options_.verification->spec(claim.visit->visit.file));
  STOKER_TRY(claim.visit->file->complete(*worker.buffer, worker.chunk));
  STOKER_TRY(worker.checker->check(spec, claim.piece.first_row, worker.chunk));
  worker.totals.bytes_verified += worker.chunk.useful_bytes;
  worker.totals.verify_cpu += thread_cpu_time() - cpu_before;
  return {};
}

Status DataLoader::place_pending(Worker& worker) {
  Epoch& epoch = *epoch_;
  Worker::Pending& pending = *worker.pending;
  const dataset::Piece& piece = pending.claim.piece;
  const Instant begin = clock_.now();
  const std::uint64_t row_seed = dataset::row_order_seed(pending.claim.visit->visit, piece);
  STOKER_ASSIGN(const std::uint64_t done, epoch.collator->place(worker.chunk, piece, row_seed, pending.done));
  const Instant end = clock_.now();
  worker.totals.busy.place += end - begin;
  if (done > pending.done) {
    pending.times.preprocessed = begin;
    pending.times.placed = end;
    epoch.window.deliver(piece.position + pending.done, done - pending.done, pending.times);
    pending.done = done;
    // The stages were told with the first rows; what comes later waited for room only.
    pending.times.begun = pending.times.claimed = pending.times.fetched = pending.times.decompressed =
        pending.times.decoded = pending.times.verified = end;
    pending.times.open_storage = pending.times.open_core = Nanos{0};
    pending.times.rest_runnable = pending.times.slept_runnable = Nanos{0};
    pending.times.fetching = {};
  }
  if (done == piece.rows) {
    cover(pending.claim);
    worker.pending.reset();
  }
  return {};
}

void DataLoader::cover(const Claim& claim) {
  const std::lock_guard lock(epoch_->coverage_mutex);
  epoch_->coverage.add(claim.visit->visit.file, claim.piece.first_row, claim.piece.rows);
}

Result<Batch> DataLoader::next() {
  STOKER_CHECK(epoch_, "no epoch is under way");
  Epoch& epoch = *epoch_;
  Batch batch;
  if (epoch.collator) epoch.collator->release_below(epoch.handed_out);
  if (options_.threads == 0) {
    const Instant begin = clock_.now();
    const metrics::StageTimes busy_before = workers_.front()->totals.busy;
    while (!epoch.window.ready()) {
      Worker& self = *workers_.front();
      auto more = self.pending ? Result<bool>(true) : read_one(self, epoch.stop.get_token());
      if (more && self.pending) {
        if (const Status placed = place_pending(self); !placed) more = placed.error();
      }
      if (!more) {
        epoch.close(more.error());
        return more.error();
      }
      if (!*more) break;
    }
    STOKER_ASSIGN(batch.index, epoch.window.next(batch.wait, epoch.stop.get_token()));
    batch.wait.total = clock_.now() - begin;
    batch.wait.causes = waited_for(busy_before, workers_.front()->totals.busy, batch.wait.total);
  } else {
    STOKER_ASSIGN(batch.index, epoch.window.next(batch.wait, epoch.stop.get_token()));
  }
  epoch.handed_out = batch.index + 1;
  batch.rows = epoch.plan.batch_size();
  if (epoch.collator) batch.tensors = &epoch.collator->batch(batch.index);
  return batch;
}

EpochTotals DataLoader::end_epoch() {
  STOKER_CHECK(epoch_, "no epoch is under way");
  epoch_->stop.request_stop();
  epoch_->close({});
  epoch_->threads.clear();  // joins
  EpochTotals totals;
  totals.rows_read = epoch_->window.delivered_rows();
  {
    const std::lock_guard lock(epoch_->coverage_mutex);
    totals.coverage = std::move(epoch_->coverage);
  }
  for (const auto& worker : workers_) totals.loader.merge(worker->totals);
  epoch_.reset();
  return totals;
}

}  // namespace stoker::pipeline
