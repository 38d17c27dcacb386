#include "data/pipeline/data_loader.h"

#include <random>

#include "base/testing/status_matchers.h"
#include "data/pipeline/testing/fake_format.h"

namespace stoker::pipeline {
namespace {

using testing::FakeDataset;
using testing::FakeFiles;

dataset::PlanRequest request(std::uint64_t files, std::uint64_t rows, std::uint64_t batch) {
  dataset::PlanRequest r;
  r.files = files;
  r.samples_per_file = rows;
  r.batch_size = batch;
  return r;
}

TEST(RowsAhead, AreTheThreadsShareOfTheWindow) {
  LoaderOptions options;
  options.threads = 4;
  options.prefetch = 6;
  EXPECT_EQ(rows_ahead(options, 10), 15U);
  options.prefetch = 2;
  EXPECT_EQ(rows_ahead(options, 10), 10U);
  options.threads = 0;
  EXPECT_EQ(rows_ahead(options, 10), 0U) << "nothing is read while the caller does something else";
}

TEST(WindowDepth, FollowsPrefetchAndThreads) {
  LoaderOptions options;
  options.threads = 4;
  options.prefetch = 2;
  EXPECT_EQ(window_depth(options), 4U);
  options.prefetch = 7;
  EXPECT_EQ(window_depth(options), 7U);
  options.prefetch = 0;
  EXPECT_EQ(window_depth(options), 8U);
  options.threads = 0;
  EXPECT_EQ(window_depth(options), 1U);
}

// Over random shapes: every planned row is read once by exactly one rank, batches come in order, and with collate each
// batch holds the plan's rows.
TEST(DataLoader, ReadsEverySampleOnceOverRandomShapes) {
  const SteadyClock clock;
  std::mt19937 random(20261120);
  const auto pick = [&](int from, int to) {
    return static_cast<std::uint64_t>(std::uniform_int_distribution<int>(from, to)(random));
  };
  for (int round = 0; round < 150; ++round) {
    FakeDataset data;
    data.rows_per_file = pick(1, 12);
    data.unit_rows = pick(1, 13);
    data.jitter = std::chrono::microseconds(pick(0, 60));
    dataset::PlanRequest r = request(pick(1, 9), data.rows_per_file, pick(1, 9));
    r.ranks = static_cast<int>(pick(1, 3));
    r.shuffle_files = pick(0, 1) == 1;
    r.shuffle_samples = pick(0, 1) == 1;
    r.file_seed = r.sample_seed = pick(1, 1000);
    LoaderOptions options;
    options.threads = static_cast<unsigned>(pick(0, 8));
    options.prefetch = pick(0, 4);
    options.collate = pick(0, 1) == 1;
    const auto chunks = static_cast<std::size_t>(pick(1, 5));
    SCOPED_TRACE(fmt::format(
        "round {}: files {}, rows {}, unit {}, batch {}, ranks {}, threads {}, prefetch {}, collate {}, chunks {}",
        round, r.files, data.rows_per_file, data.unit_rows, r.batch_size, r.ranks, options.threads, options.prefetch,
        options.collate, chunks));

    if (pick(0, 1) == 1) {
      for (std::uint64_t f = 0; f < r.files; ++f) data.rows.push_back(pick(0, 12));
      data.rows.push_back(13);
      r.row_counts = *dataset::RowCounts::of(data.rows);
    }

    std::uint64_t planned = 0;
    std::map<std::int64_t, int> delivered;
    std::vector<std::string> coverage;
    dataset::RowCounts counts;
    for (r.rank = 0; r.rank < r.ranks; ++r.rank) {
      const dataset::EpochPlan plan(r);
      planned += plan.rows();
      counts = plan.row_counts();
      if (plan.steps() == 0) continue;
      FakeFiles files(data, chunks);
      DataLoader loader(files, clock, options);
      ASSERT_OK(loader.begin_epoch(plan, 1, {}));
      for (std::uint64_t step = 0; step < plan.steps(); ++step) {
        const auto batch = loader.next();
        ASSERT_OK(batch);
        ASSERT_EQ(batch->index, step);
        ASSERT_EQ(batch->rows, r.batch_size);
        if (batch->tensors != nullptr) {
          const auto& column = batch->tensors->columns.at(0);
          for (std::uint64_t i = 0; i < batch->rows; ++i) {
            std::int64_t id = 0;
            std::memcpy(&id, column.data.data() + i * column.row_bytes, 8);
            ++delivered[id];
          }
        }
      }
      const EpochTotals totals = loader.end_epoch();
      ASSERT_EQ(totals.rows_read, plan.rows());
      ASSERT_EQ(totals.loader.rows, plan.rows());
      ASSERT_EQ(totals.loader.bytes_useful, plan.rows() * 8);
      ASSERT_EQ(totals.coverage.again(), 0U);
      coverage.push_back(totals.coverage.slice(0, counts.files()));
    }
    dataset::CoverageTotals covered;
    ASSERT_OK(dataset::add_slices(coverage, 0, counts.files(), counts, covered));
    ASSERT_EQ(covered.rows, planned);
    ASSERT_EQ(covered.again, 0U);
    ASSERT_EQ(data.decoded.size(), planned);
    for (const auto& [row, times] : data.decoded) ASSERT_EQ(times, 1) << "file " << row.first << " row " << row.second;
    if (options.collate) {
      ASSERT_EQ(delivered.size(), planned);
      for (const auto& [id, times] : delivered) ASSERT_EQ(times, 1) << "id " << id;
    }
  }
}

TEST(DataLoader, WithoutShuffleACollatedEpochIsFileOrder) {
  const SteadyClock clock;
  FakeDataset data;
  data.jitter = std::chrono::microseconds(200);
  const dataset::EpochPlan plan(request(5, 10, 7));
  LoaderOptions options;
  options.threads = 4;
  options.collate = true;
  FakeFiles files(data);
  DataLoader loader(files, clock, options);
  ASSERT_OK(loader.begin_epoch(plan, 1, {}));
  std::uint64_t expected = 0;
  for (std::uint64_t step = 0; step < plan.steps(); ++step) {
    const auto batch = loader.next();
    ASSERT_OK(batch);
    const auto& column = batch->tensors->columns.at(0);
    for (std::uint64_t i = 0; i < batch->rows; ++i, ++expected) {
      std::int64_t id = 0;
      std::memcpy(&id, column.data.data() + i * 8, 8);
      ASSERT_EQ(id, static_cast<std::int64_t>(expected / 10 * 1'000'000 + expected % 10));
    }
  }
}

// What was delivered is remembered, not what was planned.
TEST(DataLoader, AnEpochThatIsBrokenOffCoversOnlyWhatItDelivered) {
  const SteadyClock clock;
  FakeDataset data;
  const dataset::EpochPlan plan(request(2, 10, 4));
  for (const bool collate : {false, true}) {
    LoaderOptions options;
    options.threads = 0;
    options.collate = collate;
    FakeFiles files(data);
    DataLoader loader(files, clock, options);
    ASSERT_OK(loader.begin_epoch(plan, 1, {}));
    ASSERT_OK(loader.next());
    const EpochTotals totals = loader.end_epoch();
    // One unit of four rows of the first file.
    const auto name = [](std::uint64_t file) { return std::to_string(file); };
    EXPECT_EQ(totals.coverage.digest(name), dataset::row_digest("0", {0, 4})) << collate;
  }
}

TEST(DataLoader, NeverStartsMoreThanTheWindowAdmits) {
  const SteadyClock clock;
  FakeDataset data;
  data.rows_per_file = 1000;
  data.unit_rows = 1;
  const dataset::EpochPlan plan(request(1, 1000, 10));
  LoaderOptions options;
  options.threads = 4;
  options.prefetch = 5;
  FakeFiles files(data);
  DataLoader loader(files, clock, options);
  ASSERT_OK(loader.begin_epoch(plan, 1, {}));
  for (std::uint64_t step = 0; step < 20; ++step) {
    ASSERT_OK(loader.next());
    // Batches handed out so far, and five ahead.
    ASSERT_LE(data.fetches.load(), (step + 1 + 5) * 10);
  }
  const EpochTotals totals = loader.end_epoch();  // in the middle of the epoch
  EXPECT_LT(totals.rows_read, plan.rows());
}

TEST(DataLoader, AFailingFileEndsTheEpochWithItsError) {
  const SteadyClock clock;
  for (const bool opening : {true, false}) {
    for (const unsigned threads : {0U, 1U, 6U}) {
      FakeDataset data;
      (opening ? data.fail_open : data.fail_decode) = 3;
      const dataset::EpochPlan plan(request(8, 10, 4));
      LoaderOptions options;
      options.threads = threads;
      FakeFiles files(data);
      DataLoader loader(files, clock, options);
      ASSERT_OK(loader.begin_epoch(plan, 1, {}));
      Status failed;
      std::uint64_t steps = 0;
      for (; steps < plan.steps(); ++steps) {
        if (auto batch = loader.next(); !batch) {
          failed = batch.error();
          break;
        }
      }
      EXPECT_ERROR(failed, opening ? Code::kNotFound : Code::kCorrupt, "file 3");
      EXPECT_LE(steps, 7U);
      loader.end_epoch();
    }
  }
}

TEST(DataLoader, AFileWithFewerRowsThanPlannedIsAnError) {
  const SteadyClock clock;
  FakeDataset data;
  data.rows_per_file = 6;
  const dataset::EpochPlan plan(request(2, 10, 5));
  FakeFiles files(data);
  DataLoader loader(files, clock, LoaderOptions{});
  ASSERT_OK(loader.begin_epoch(plan, 1, {}));
  EXPECT_ERROR(loader.next(), Code::kCorrupt, "it has 6 rows, but rows 0 to 10 were planned");
}

TEST(DataLoader, AStopEndsAnEpochThatWaits) {
  const SteadyClock clock;
  FakeDataset data;
  data.jitter = std::chrono::milliseconds(20);
  const dataset::EpochPlan plan(request(200, 10, 10));
  std::stop_source stop;
  LoaderOptions options;
  options.threads = 2;
  FakeFiles files(data);
  DataLoader loader(files, clock, options);
  ASSERT_OK(loader.begin_epoch(plan, 1, stop.get_token()));
  ASSERT_OK(loader.next());
  std::jthread stopper([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(30));
    stop.request_stop();
  });
  Status ended;
  while (ended) {
    if (auto batch = loader.next(); !batch) ended = batch.error();
  }
  EXPECT_ERROR(ended, Code::kInterrupted, "interrupted");
  loader.end_epoch();
}

// A checker that notes what it is asked, takes its time, and may find a fault.
struct Checked {
  std::mutex mutex;
  std::map<std::pair<std::uint64_t, std::uint64_t>, std::uint64_t> rows;  // (file, first row) -> rows
  int checkers = 0;
  std::optional<std::uint64_t> fault;  // file
};
class FakeChecker final : public format::ValueChecker {
 public:
  explicit FakeChecker(Checked& checked) : checked_(checked) {}
  Status check(const dataset::FileSpec& spec, std::uint64_t first_row, const format::Chunk& chunk) override {
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
    const std::lock_guard lock(checked_.mutex);
    if (checked_.fault == spec.index) return make_error(Code::kCorrupt, "file {}: another value", spec.index);
    checked_.rows[{spec.index, first_row}] += chunk.rows;
    return {};
  }

 private:
  Checked& checked_;
};
Verification verification(Checked& checked) {
  return {.make_checker = [&checked]() -> Result<std::unique_ptr<format::ValueChecker>> {
            const std::lock_guard lock(checked.mutex);
            ++checked.checkers;
            return std::unique_ptr<format::ValueChecker>(std::make_unique<FakeChecker>(checked));
          },
          .spec = [](std::uint64_t file) -> Result<dataset::FileSpec> {
            if (file == 99) return make_error(Code::kConfig, "file 99: not known");
            return dataset::FileSpec{.index = file};
          }};
}

TEST(DataLoader, VerifiesEachChunkInAStageOfItsOwn) {
  const SteadyClock clock;
  for (const unsigned threads : {0U, 3U}) {
    FakeDataset data;
    Checked checked;
    const dataset::EpochPlan plan(request(4, 10, 5));
    LoaderOptions options;
    options.threads = threads;
    options.verification = verification(checked);
    FakeFiles files(data);
    DataLoader loader(files, clock, options);
    metrics::WaitTimes waits;
    for (std::uint64_t epoch = 1; epoch <= 2; ++epoch) {
      ASSERT_OK(loader.begin_epoch(plan, epoch, {}));
      for (std::uint64_t step = 0; step < plan.steps(); ++step) {
        const auto batch = loader.next();
        ASSERT_OK(batch);
        EXPECT_EQ(batch->wait.causes.total(), batch->wait.total);
        waits += batch->wait.causes;
      }
      const EpochTotals totals = loader.end_epoch();
      EXPECT_EQ(totals.loader.bytes_verified, 4U * 10 * 8);
      EXPECT_GE(totals.loader.busy.verify, Nanos{4 * 3 * 2'000'000});
      // It slept, and used no CPU.
      EXPECT_LT(totals.loader.verify_cpu, totals.loader.busy.verify / 2);
      EXPECT_GT(totals.loader.verify_cpu, Nanos{0});
      EXPECT_LT(totals.loader.busy.decode, totals.loader.busy.verify);
      EXPECT_LT(totals.loader.busy.preprocess, totals.loader.busy.verify);
    }
    EXPECT_LE(checked.checkers, static_cast<int>(std::max(threads, 1U))) << "one per thread, kept over epochs";
    EXPECT_EQ(checked.rows.size(), 4U * 3);
    for (const auto& [where, rows] : checked.rows) EXPECT_EQ(rows, where.second == 8 ? 4U : 8U) << "twice each";
    // What was waited for is verifying, not the storage.
    EXPECT_GT(waits.verify, waits.storage);
    EXPECT_GT(waits.verify, Nanos{4'000'000});
  }
}

TEST(DataLoader, AWrongValueEndsTheEpoch) {
  const SteadyClock clock;
  for (const unsigned threads : {0U, 3U}) {
    for (const bool collate : {false, true}) {
      FakeDataset data;
      Checked checked;
      checked.fault = 2;
      const dataset::EpochPlan plan(request(4, 10, 5));
      LoaderOptions options;
      options.threads = threads;
      options.collate = collate;
      options.verification = verification(checked);
      FakeFiles files(data);
      DataLoader loader(files, clock, options);
      ASSERT_OK(loader.begin_epoch(plan, 1, {}));
      std::uint64_t steps = 0;
      Status failed;
      for (; failed && steps < plan.steps(); ++steps) {
        if (auto batch = loader.next(); !batch) failed = batch.error();
      }
      EXPECT_ERROR(failed, Code::kCorrupt, "file 2: another value");
      EXPECT_LE(loader.end_epoch().rows_read, 30U) << "what is wrong is not handed out";
    }
  }
}

TEST(DataLoader, AFileThatNobodyWroteCannotBeVerified) {
  const SteadyClock clock;
  FakeDataset data;
  Checked checked;
  const dataset::EpochPlan plan(request(100, 10, 5));
  LoaderOptions options;
  options.threads = 0;
  options.verification = verification(checked);
  FakeFiles files(data);
  DataLoader loader(files, clock, options);
  ASSERT_OK(loader.begin_epoch(plan, 1, {}));
  Status failed;
  std::uint64_t steps = 0;
  for (; failed && steps < plan.steps(); ++steps) {
    if (auto batch = loader.next(); !batch) failed = batch.error();
  }
  EXPECT_ERROR(failed, Code::kConfig, "file 99: not known");
  EXPECT_EQ(steps, 99U * 2 + 1);
}

TEST(DataLoader, PreprocessTimeIsSpentPerSample) {
  const SteadyClock clock;
  FakeDataset data;
  const dataset::EpochPlan plan(request(2, 10, 10));
  LoaderOptions options;
  options.preprocess = {config::Duration::Kind::kConstant, 0.001, 0};
  FakeFiles files(data);
  DataLoader loader(files, clock, options);
  ASSERT_OK(loader.begin_epoch(plan, 1, {}));
  for (std::uint64_t step = 0; step < plan.steps(); ++step) ASSERT_OK(loader.next());
  const EpochTotals totals = loader.end_epoch();
  // Being called late out of its sleep is waiting for a core.
  EXPECT_GE(totals.loader.busy.preprocess + totals.loader.busy.core, Nanos{20'000'000});
}

}  // namespace
}  // namespace stoker::pipeline
