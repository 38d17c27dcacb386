#include "workloads/training/drop_caches.h"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <cstdlib>
#include <memory>
#include <thread>

#include "base/testing/status_matchers.h"
#include "workloads/training/testing/ranks.h"

namespace stoker::training {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(DropCaches, TheTimeoutIsTakenFromTheEnvironment) {
  const auto with = [](const char* text) {
    ::setenv("DLIO_DROP_CACHES_TIMEOUT", text, 1);
    return drop_caches_timeout();
  };
  EXPECT_EQ(with("120"), seconds(120));
  EXPECT_EQ(with("0"), seconds(1)) << "the least";
  EXPECT_EQ(with("soon"), seconds(30));
  EXPECT_EQ(with("12s"), seconds(30));
  ::unsetenv("DLIO_DROP_CACHES_TIMEOUT");
  EXPECT_EQ(drop_caches_timeout(), seconds(30));
}

// What each of two ranks forgets of its files, in its order, when it reads by that plan.
std::array<std::vector<std::string>, 2> forgotten(const config::Workload& w, const dataset::FileTable& files,
                                                  const dataset::PlanRequest& plan) {
  std::array<io::testing::MemStorage, 2> storages;
  const SteadyClock clock;
  const host::Proc proc;
  testing::on_ranks(2,
                    {.storage = [&](int rank) -> io::Storage& { return storages[static_cast<std::size_t>(rank)]; },
                     .clock = clock,
                     .proc = proc,
                     .format = {}},
                    w, [&](Context& c) {
                      dataset::PlanRequest request = plan;
                      request.rank = c.comm.rank();
                      request.ranks = 2;
                      EXPECT_OK(drop_caches(c, files, dataset::EpochPlan(request)));
                      EXPECT_TRUE(c.warnings.empty());
                    });
  std::array<std::vector<std::string>, 2> paths;
  for (std::size_t rank = 0; rank < 2; ++rank) {
    for (const io::testing::MemCall& call : storages.at(rank).calls()) {
      EXPECT_EQ(call.op, io::testing::MemCall::Op::kForget);
      paths.at(rank).push_back(call.path);
    }
  }
  return paths;
}

// So that each host forgets what its ranks read.
TEST(DropCaches, EachRankForgetsTheFilesThatItReads) {
  config::Workload w;
  w.dataset.num_files_train = 5;
  w.dataset.data_folder = "/d";
  const auto files = dataset::FileTable::computed(dataset::Layout(w), dataset::Split::kTrain);
  dataset::PlanRequest plan{.batch_size = 1};
  plan.row_counts = *dataset::RowCounts::equal(5, 1);
  const auto paths = forgotten(w, files, plan);
  for (std::size_t rank = 0; rank < 2; ++rank)
    EXPECT_EQ(paths.at(rank), (std::vector{files.path(rank).string(), files.path(rank + 2).string()}));
}

// Files that are visited row by row are forgotten once, with their indexes.
TEST(DropCaches, FilesThatAreVisitedAgainAreForgottenOnce) {
  config::Workload w;
  w.dataset.format = config::FormatName::kIndexedBinary;
  w.dataset.num_files_train = 3;
  w.dataset.data_folder = "/d";
  const auto files = dataset::FileTable::computed(dataset::Layout(w), dataset::Split::kTrain);
  dataset::PlanRequest plan{.batch_size = 1, .shuffle_samples = true, .sample_seed = 1, .by_sample = true};
  plan.row_counts = *dataset::RowCounts::equal(3, 50'000);
  const auto paths = forgotten(w, files, plan);
  const auto with_indexes = [&](std::vector<std::uint64_t> numbers) {
    std::vector<std::string> expected;
    for (const std::uint64_t file : numbers) {
      for (const char* end : {"", ".off.idx", ".sz.idx"}) expected.push_back(files.path(file).string() + end);
    }
    return expected;
  };
  EXPECT_EQ(paths.at(0), with_indexes({0, 2}));
  EXPECT_EQ(paths.at(1), with_indexes({1}));
}

TEST(Within, GivesTheResultOfWorkThatIsDoneInTime) {
  const auto good = within(seconds(10), [] { return Status{}; });
  ASSERT_TRUE(good.has_value());
  EXPECT_OK(*good);
  const auto bad = within(seconds(10), [] { return Status{make_error(Code::kPermission, "no")}; });
  ASSERT_TRUE(bad.has_value());
  EXPECT_ERROR(*bad, Code::kPermission, "no");
}

TEST(Within, DoesNotWaitForWorkThatTakesLonger) {
  // Owned by the work as well: it goes on after within() has returned.
  const auto may_end = std::make_shared<std::atomic<bool>>(false);
  const auto ended = std::make_shared<std::atomic<bool>>(false);
  EXPECT_FALSE(within(milliseconds(1), [may_end, ended] {
                 while (!*may_end) std::this_thread::sleep_for(milliseconds(1));
                 *ended = true;
                 return Status{};
               }).has_value());
  EXPECT_FALSE(*ended);
  *may_end = true;
  while (!*ended) std::this_thread::sleep_for(milliseconds(1));
}

}  // namespace
}  // namespace stoker::training
