#include "workloads/ceilings/storage_sweep.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/testing/fake_clock.h"
#include "base/testing/status_matchers.h"
#include "data/io/model/storage.h"
#include "data/io/testing/mem_storage.h"
#include "workloads/ceilings/own_files.h"
#include "workloads/ceilings/write_rate.h"

namespace stoker::ceilings {
namespace {

using namespace std::chrono_literals;
using ::testing::Contains;
using ::testing::HasSubstr;

// Files of a workload in a model of a storage that answers each request after 10 ms, and at most 16 at a time: a rate
// of 1600 requests per second.
class BenchStorage : public ::testing::Test {
 protected:
  void make(std::size_t alignment = 4096) {
    auto memory = std::make_unique<io::testing::MemStorage>(alignment);
    memory_ = memory.get();
    storage_ = io::make_model_storage(std::move(memory), {.latency = 10ms, .requests_per_second = 1600}, 1, clock_);
    ASSERT_OK(storage_->make_directories("d/own"));
    w_.dataset.format = config::FormatName::kParquet;
    w_.dataset.num_files_train = 2;
    w_.dataset.num_samples_per_file = 4000;
    w_.dataset.record_length_bytes = 100;
    w_.dataset.parquet.row_group_size = 40;
    own_ = std::make_unique<OwnFiles>(*storage_, "d/own");
    ASSERT_OK(own_->write(w_, format(), {}));
  }
  static const format::Format& format() { return **format::find_format(config::FormatName::kParquet); }
  StorageBench bench() { return bench(*storage_); }
  StorageBench bench(io::Storage& storage) {
    return {.workload = w_,
            .format = format(),
            .storage = storage,
            .clock = clock_,
            .files = own_->files(),
            .seconds = 5,
            .cpus = 1,
            .say = [](const std::string&) {}};
  }

  stoker::testing::FakeClock clock_;
  io::testing::MemStorage* memory_ = nullptr;
  std::unique_ptr<io::Storage> storage_;
  config::Workload w_;
  std::unique_ptr<OwnFiles> own_;
};

TEST_F(BenchStorage, FindsTheKneeThatTheStorageHas) {
  make();
  results::StorageCeiling ceiling;
  ASSERT_OK(bench_reads(bench(), ceiling, {}));
  ASSERT_EQ(ceiling.reads.size(), 16U);
  for (const bool direct : {true, false}) {
    std::vector<std::uint64_t> knees;
    double one = 0, best = 0;
    for (const auto& p : ceiling.reads) {
      if (p.direct != direct) continue;
      if (p.depth == 1) one = p.bytes_per_second;
      best = std::max(best, p.bytes_per_second);
      if (p.knee) knees.push_back(p.depth);
    }
    EXPECT_EQ(knees, std::vector<std::uint64_t>{16}) << direct;
    // A pass through the page cache ends, and with it the depth.
    EXPECT_NEAR(best / one, 16, direct ? 0.1 : 1.5) << direct;
  }
  EXPECT_THAT(ceiling.notes, Contains(HasSubstr("afterwards the kernel was made to forget them: 0 B are left")));
  const auto calls = memory_->calls();
  ASSERT_FALSE(calls.empty());
  EXPECT_EQ(calls.back().op, io::testing::MemCall::Op::kForget);
  EXPECT_EQ(calls.back().path, own_->files().back());
}

TEST_F(BenchStorage, SaysWhenThePageCacheCannotBeEmptied) {
  make();
  class Keeping final : public io::ForwardingStorage {
   public:
    using ForwardingStorage::ForwardingStorage;
    Result<std::uint64_t> kept_bytes(const io::Path&) override { return 1 << 20; }
  } keeping(*storage_);
  results::StorageCeiling ceiling;
  ASSERT_OK(bench_reads(bench(keeping), ceiling, {}));
  EXPECT_THAT(ceiling.notes, Contains(HasSubstr("reads through it are not cold")));
}

TEST_F(BenchStorage, WithoutDirectReadsHasTheOthersAndSaysWhy) {
  make(0);
  results::StorageCeiling ceiling;
  ASSERT_OK(bench_reads(bench(), ceiling, {}));
  EXPECT_EQ(ceiling.reads.size(), 8U);
  EXPECT_FALSE(ceiling.reads.front().direct);
  EXPECT_THAT(ceiling.notes, Contains(HasSubstr("O_DIRECT: ")));
}

TEST_F(BenchStorage, WritesAreMeasuredAndRemoved) {
  make();
  ASSERT_OK(storage_->make_directories("d/w"));
  const auto measured = measure_writes(
      *storage_, clock_, {.folder = "d/w", .file_bytes = 5 << 20, .seconds = 60, .bytes_most = 12 << 20}, {});
  ASSERT_OK(measured);
  // The last file ends where all were to.
  EXPECT_EQ(measured->bytes, 12U << 20);
  EXPECT_EQ(measured->pieces, 3U + 3U + 1U);
  EXPECT_TRUE(storage_->list("d/w")->empty());
  EXPECT_EQ(memory_->count(io::testing::MemCall::Op::kFlush), 2U);  // and that of the files of its own
}

TEST_F(BenchStorage, WritingNeedsRoom) {
  make();
  class Full final : public io::ForwardingStorage {
   public:
    using ForwardingStorage::ForwardingStorage;
    Result<std::optional<io::SpaceInfo>> space(const io::Path&) override {
      return std::optional(io::SpaceInfo{.free_bytes = 1 << 30});
    }
  } full(*storage_);
  StorageBench b{
      .workload = w_, .format = format(), .storage = full, .clock = clock_, .files = {}, .say = [](const std::string&) {
      }};
  results::StorageCeiling ceiling;
  EXPECT_EQ(bench_writes(b, "d/own", 1000, ceiling, {}).error().code, Code::kNoSpace);
}

}  // namespace
}  // namespace stoker::ceilings
