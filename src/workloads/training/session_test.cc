#include "workloads/training/session.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <memory>

#include "base/testing/fake_clock.h"
#include "base/testing/status_matchers.h"
#include "base/testing/temp_dir.h"
#include "cluster/dist/local.h"
#include "config/testing/load_helpers.h"
#include "data/io/storage.h"

namespace stoker::training {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// A host that is suspended for `pause` while the n-th sleep of the run lasts.
class SuspendedClock final : public stoker::testing::FakeClock {
 public:
  SuspendedClock(std::size_t during, Nanos pause) : during_(during), pause_(pause) {}
  [[nodiscard]] Nanos suspended() const override { return sleeps().size() >= during_ ? kBefore + pause_ : kBefore; }

 private:
  static constexpr Nanos kBefore{3'600'000'000'000};  // what it was suspended for before the run is not the run's
  std::size_t during_;
  Nanos pause_;
};

// One run of two epochs of ten steps without data, over a file system for its results.
class SessionTest : public ::testing::Test {
 protected:
  std::string summary_of(const Clock& clock) {
    const config::Loaded loaded = config::testing::loaded(R"(
model: {name: m}
workflow: {generate_data: False, train: True}
dataset: {data_folder: /nowhere, format: synthetic, num_files_train: 10, num_samples_per_file: 1, record_length_bytes: 8}
reader: {batch_size: 1, data_loader: synthetic, read_threads: 1}
train: {epochs: 2, computation_time: 0.01}
)");
    const host::Proc proc;
    Progress progress(clock, ProgressMode::kOff);
    const Environment environment{*storage_, clock, progress, proc, {}, 1};
    RunRequest request;
    request.loaded = &loaded;
    request.run_dir = folder_.path() / "run";
    request.quiet = true;
    static_cast<void>(dist::run_local(1, [&](dist::Communicator& comm) {
      EXPECT_OK(run_rank(request, environment, comm));
      return 0;
    }));
    std::ifstream file(request.run_dir / "summary.json");
    return {std::istreambuf_iterator<char>(file), {}};
  }

  const stoker::testing::TempDir folder_;
  const std::unique_ptr<io::Storage> storage_ = io::make_posix_storage();
};

TEST_F(SessionTest, ASuspendedHostIsTold) {
  EXPECT_THAT(summary_of(SuspendedClock(15, from_seconds(7.5))),
              HasSubstr("epoch 2: a host was suspended for 7.5 s: the time is in no duration"));
}

TEST_F(SessionTest, WhatTwoClocksDifferByIsNoSuspension) {
  EXPECT_THAT(summary_of(SuspendedClock(15, from_seconds(0.05))), Not(HasSubstr("suspended")));
}

}  // namespace
}  // namespace stoker::training
