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

std::uint64_t rows_ahead(const LoaderOptions& options, std::uint64_t batch_size) {
  return options.threads == 0 ? 0 : window_depth(options) * batch_size / options.threads;
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

// Of a chunk with which nothing was done before.
ChunkTimes from_here(Instant begin) {
  ChunkTimes times;
  for (Instant* at :
       {&times.begun, &times.claimed, &times.fetched, &times.decompressed, &times.decoded, &times.verified})
    *at = begin;
  return times;
}

}  // namespace

// One reader thread's own state; nobody else touches it while an epoch runs.
struct DataLoader::Worker {
  Worker(Dataset& dataset, const Clock& clock, const ReaderOptions& options)
      : reader(dataset, clock, options), preprocess(config::Duration{}, 0) {}

  metrics::LoaderTotals& totals() { return reader.totals(); }

  Reader reader;
  config::DurationSampler preprocess;
  std::unique_ptr<format::ValueChecker> checker;  // with reader.verify, from the first chunk on

  // Rows of the reader's chunk that have not found room in a batch yet (collate only).
  struct Pending {
    Claim claim;
    ChunkTimes times;
    std::uint64_t done = 0;
  };
  std::optional<Pending> pending;
};

struct DataLoader::Epoch {
  Epoch(const dataset::EpochPlan& the_plan, std::uint64_t depth, const Clock& clock, const LoaderOptions& options)
      : plan(the_plan),
        window(plan.rows(), plan.batch_size(), depth, clock),
        queue(plan, window, options.files_kept_open),
        collator(options.collate ? std::make_unique<Collator>(plan.batch_size(), depth) : nullptr),
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

DataLoader::DataLoader(Dataset& dataset, const Clock& clock, const LoaderOptions& options)
    : dataset_(dataset), clock_(clock), options_(options) {}

DataLoader::~DataLoader() {
  if (epoch_) end_epoch();
}

Status DataLoader::begin_epoch(const dataset::EpochPlan& plan, std::uint64_t epoch, std::stop_token stop) {
  STOKER_CHECK(!epoch_, "an epoch is under way");
  const std::uint64_t depth = window_depth(options_);
  const unsigned readers = std::max(options_.threads, 1U);
  if (workers_.empty()) {
    const ReaderOptions reader{.io_depth = options_.io_depth,
                               .ahead_rows = rows_ahead(options_, plan.batch_size()),
                               .memory = options_.memory};
    for (unsigned i = 0; i < readers; ++i) workers_.push_back(std::make_unique<Worker>(dataset_, clock_, reader));
  }
  epoch_ = std::make_unique<Epoch>(plan, depth, clock_, options_);
  epoch_->outer_stop = std::make_unique<std::stop_callback<std::function<void()>>>(
      std::move(stop), [inner = &epoch_->stop] { inner->request_stop(); });
  for (std::size_t i = 0; i < workers_.size(); ++i) {
    Worker& worker = *workers_[i];
    worker.totals() = {};
    worker.pending.reset();
    worker.preprocess = config::DurationSampler(options_.preprocess, derive_seed(options_.seed, epoch, i));
    if (options_.threads == 0) continue;
    const Status started = add_thread(epoch_->threads, fmt::format("reader thread {} of {}", i + 1, workers_.size()),
                                      [this, &worker] { run(worker, epoch_->stop.get_token()); });
    if (!started) {
      epoch_->close(started);
      return started;
    }
  }
  return {};
}

void DataLoader::run(Worker& worker, const std::stop_token& stop) {
  const auto fail = [&](Error error) { epoch_->close(std::move(error)); };
  while (true) {
    auto more = caught([&] { return read_one(worker, stop); });
    if (!more) fail(std::move(more).error());
    if (!more || !*more) break;
    // A chunk longer than the ring of batches: wait for the consumer to free a slot, then go on where it stopped.
    bool room = true;
    while (worker.pending && room) {
      const Instant begin = clock_.now();
      const dataset::Piece& piece = worker.pending->claim.piece;
      room = epoch_->collator->wait_for_room(piece.position + worker.pending->done);
      if (!room) break;
      worker.totals().idle += clock_.now() - begin;
      if (Status placed = caught([&] { return place_pending(worker); }); !placed) {
        fail(std::move(placed).error());
        room = false;
      }
    }
    if (!room) break;
  }
  // The kernel may be writing into this thread's memory yet.
  worker.reader.abandon();
}

Result<bool> DataLoader::read_one(Worker& worker, const std::stop_token& stop) {
  Epoch& epoch = *epoch_;
  STOKER_ASSIGN(auto claim, worker.reader.next(epoch.queue, stop));
  if (!claim) return false;
  const dataset::Piece& piece = claim->piece;
  ChunkTimes times = worker.reader.times();

  times.verified = times.decoded;
  if (options_.verification) {
    STOKER_TRY(verify(worker, *claim));
    times.verified = clock_.now();
  }

  times.preprocessed = times.verified;
  const ThreadTimes worked = worker.reader.thread_times();
  times.rest_runnable = worked.runnable - worker.reader.fetched().runnable;
  if (const Nanos d = worker.preprocess.next_sum(piece.rows); d > Nanos{0}) {
    clock_.sleep_until(times.verified + d, stop);
    times.slept_runnable = worker.reader.thread_times().runnable - worked.runnable;
    times.preprocessed = clock_.now();
  }

  worker.totals().bytes_useful += worker.reader.chunk().useful_bytes;
  worker.totals().rows += piece.rows;
  ++worker.totals().chunks;
  times.placed = times.preprocessed;
  if (epoch.collator) {
    worker.pending = Worker::Pending{std::move(*claim), times};
    STOKER_TRY(place_pending(worker));
  } else {
    deliver(worker, piece, 0, piece.rows, times);
    cover(*claim);
  }
  return true;
}

void DataLoader::deliver(Worker& worker, const dataset::Piece& piece, std::uint64_t done, std::uint64_t rows,
                         const ChunkTimes& times) {
  worker.totals().busy += epoch_->window.deliver(piece.position + done, rows, times);
}

Status DataLoader::verify(Worker& worker, const Claim& claim) const {
  const Nanos cpu_before = thread_cpu_time();
  if (!worker.checker) {
    STOKER_ASSIGN(worker.checker, options_.verification->make_checker());
  }
  STOKER_ASSIGN(const dataset::FileSpec spec, options_.verification->spec(claim.visit->visit.file));
  STOKER_TRY(worker.reader.complete(claim));
  STOKER_TRY(worker.checker->check(spec, claim.piece.first_row, worker.reader.chunk()));
  const format::Chunk& chunk = worker.reader.chunk();
  worker.totals().bytes_verified += chunk.stored.empty() ? chunk.useful_bytes : chunk.stored.size();
  worker.totals().verify_cpu += thread_cpu_time() - cpu_before;
  return {};
}

Status DataLoader::place_pending(Worker& worker) {
  Epoch& epoch = *epoch_;
  Worker::Pending& pending = *worker.pending;
  const dataset::Piece& piece = pending.claim.piece;
  const Instant begin = clock_.now();
  const std::uint64_t row_seed = dataset::row_order_seed(pending.claim.visit->visit, piece);
  STOKER_ASSIGN(const std::uint64_t done, epoch.collator->place(worker.reader.chunk(), piece, row_seed, pending.done));
  const Instant end = clock_.now();
  if (done > pending.done) {
    // The stages before were told with the first rows; the others have waited for room since.
    if (pending.done > 0) pending.times = from_here(begin);
    pending.times.preprocessed = begin;
    pending.times.placed = end;
    deliver(worker, piece, pending.done, done - pending.done, pending.times);
    pending.done = done;
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
    const metrics::StageTimes busy_before = workers_.front()->totals().busy;
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
    batch.wait.causes = waited_for(busy_before, workers_.front()->totals().busy, batch.wait.total);
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
  if (options_.threads == 0) workers_.front()->reader.abandon();
  EpochTotals totals;
  totals.rows_read = epoch_->window.delivered_rows();
  {
    const std::lock_guard lock(epoch_->coverage_mutex);
    totals.coverage = std::move(epoch_->coverage);
  }
  for (const auto& worker : workers_) totals.loader.merge(worker->totals());
  epoch_.reset();
  return totals;
}

}  // namespace stoker::pipeline
