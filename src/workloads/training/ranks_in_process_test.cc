// Ranks that are threads of one process, with what they have together: one storage, one reader of files, and one pool
// of memory for chunks. In real time and with reader threads, so that the thread sanitizer sees them meet.
#include <gtest/gtest.h>

#include <map>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "base/testing/status_matchers.h"
#include "base/testing/temp_dir.h"
#include "cluster/dist/local.h"
#include "config/testing/load_helpers.h"
#include "data/io/testing/mem_storage.h"
#include "workloads/training/session.h"

namespace stoker::training {
namespace {

// Lends from the pool of a run, and remembers which threads borrowed, and how many blocks there were at a time.
class WatchedPool final : public io::LeasePool {
 public:
  void give_back(Block& block) override {
    {
      const std::lock_guard lock(mutex_);
      EXPECT_EQ(lent_.erase(&block), 1U) << "given back twice, or never lent";
    }
    inner_->give_back(block);
  }
  [[nodiscard]] std::size_t threads() const { return threads_.size(); }
  [[nodiscard]] std::size_t lent() const { return lent_.size(); }

 private:
  Block* pop_fitting(std::uint64_t bytes) override {
    Block& block = inner_->take(bytes);
    const std::lock_guard lock(mutex_);
    EXPECT_TRUE(lent_.insert(&block).second) << "lent to two at a time";
    threads_.insert(std::this_thread::get_id());
    return &block;
  }

  const std::unique_ptr<LeasePool> inner_ = io::make_shared_lease_pool();
  std::mutex mutex_;
  std::set<const Block*> lent_;
  std::set<std::thread::id> threads_;
};

TEST(RanksInProcess, ReadEachFooterOnceAndBorrowFromOnePool) {
  constexpr int kRanks = 4;
  config::Loaded loaded = config::testing::loaded(R"(
model: {name: m}
workflow: {generate_data: True, train: True}
dataset:
  {data_folder: /data, format: parquet, num_files_train: 8, num_samples_per_file: 40,
   parquet: {row_group_size: 5, columns: [{name: a, dtype: float32, size: 1000}, {name: b, dtype: int8, size: 1}]}}
reader: {batch_size: 4, read_threads: 2, prefetch_size: 4, collate: True, drop_caches: False, file_shuffle: seed, sample_shuffle: seed}
train: {epochs: 4, computation_time: 0.0}
)");
  const stoker::testing::TempDir folder;
  io::testing::MemStorage storage;
  const SteadyClock clock;
  const host::Proc proc;
  Progress progress(clock, ProgressMode::kOff);
  Environment environment{storage, clock, progress, proc, {}, kRanks};
  auto owner = std::make_unique<WatchedPool>();
  const WatchedPool& pool = *owner;
  environment.chunk_memory = std::move(owner);
  RunRequest request;
  request.loaded = &loaded;
  request.run_dir = folder.path() / "run";
  ASSERT_OK(storage.make_directories(request.run_dir));
  request.quiet = true;
  ::testing::internal::CaptureStdout();
  static_cast<void>(dist::run_local(kRanks, [&](dist::Communicator& comm) {
    EXPECT_OK(run_rank(request, environment, comm));
    return 0;
  }));
  const std::string said = ::testing::internal::GetCapturedStdout();
  EXPECT_NE(said, "");

  EXPECT_EQ(pool.lent(), 0U);
  EXPECT_GE(pool.threads(), static_cast<std::size_t>(kRanks)) << "reader threads of all ranks: " << said;
  std::map<std::string, int> footers;
  for (const io::testing::MemCall& call : storage.calls()) {
    if (call.op != io::testing::MemCall::Op::kRead || !call.path.ends_with(".parquet")) continue;
    if (call.offset + call.length == storage.get(call.path).size()) ++footers[call.path];
  }
  EXPECT_EQ(footers.size(), 8U);
  // Counted before the epochs, then opened once for all ranks and epochs.
  for (const auto& [path, reads] : footers) EXPECT_EQ(reads, 2) << path;
}

}  // namespace
}  // namespace stoker::training
