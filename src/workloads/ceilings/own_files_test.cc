#include "workloads/ceilings/own_files.h"

#include <gtest/gtest.h>

#include "base/testing/status_matchers.h"
#include "data/io/testing/mem_storage.h"

namespace stoker::ceilings {
namespace {

config::Workload workload() {
  config::Workload w;
  w.dataset.format = config::FormatName::kParquet;
  w.dataset.num_files_train = 1000;
  w.dataset.num_files_eval = 10;
  w.dataset.num_subfolders_train = 7;
  w.dataset.num_samples_per_file = 1000;
  w.dataset.record_length_bytes = 1000;
  w.dataset.parquet.row_group_size = 100;
  return w;
}

const format::Format& parquet() {
  return **format::find_format(config::FormatName::kParquet);
}

TEST(Reduced, HasFewerFilesOfTheSameSizeWhereTheyFit) {
  const auto small = reduced(workload(), parquet(), 5'500'000);
  ASSERT_OK(small);
  EXPECT_EQ(small->dataset.num_files_train, 5);
  EXPECT_EQ(small->dataset.num_samples_per_file, 1000);
  EXPECT_EQ(small->dataset.num_files_eval, 0);
  EXPECT_EQ(reduced(workload(), parquet(), std::uint64_t{1} << 40)->dataset.num_files_train, 64);
}

TEST(Reduced, LeavesOutRowsOfAFileThatIsTooLarge) {
  const auto small = reduced(workload(), parquet(), 250'000);
  ASSERT_OK(small);
  EXPECT_EQ(small->dataset.num_files_train, 1);
  EXPECT_NEAR(static_cast<double>(small->dataset.num_samples_per_file), 250, 20);
  EXPECT_EQ(small->dataset.parquet.row_group_size, 100);
  EXPECT_EQ(reduced(workload(), parquet(), 1)->dataset.num_samples_per_file, 1);
}

TEST(OwnFiles, AreRemovedOneByOneAndNothingElse) {
  io::testing::MemStorage storage;
  ASSERT_OK(storage.make_directories("d/own"));
  OwnFiles own(storage, "d/own");
  config::Workload w = *reduced(workload(), parquet(), 2'500'000);
  ASSERT_OK(own.write(w, parquet(), {}));
  ASSERT_EQ(own.files().size(), 2U);
  EXPECT_GT(*storage.file_size(own.files()[0]), 900'000U);
  storage.put("d/own/theirs", "x");
  EXPECT_FALSE(own.remove());  // and says that the folder stays
  EXPECT_FALSE(*storage.exists(own.files().empty() ? io::Path("d/own/train") : own.files()[0]));
  EXPECT_TRUE(*storage.exists("d/own/theirs"));
}

TEST(OwnFiles, AreGoneWithTheObject) {
  io::testing::MemStorage storage;
  ASSERT_OK(storage.make_directories("d/own"));
  {
    OwnFiles own(storage, "d/own");
    config::Workload w = *reduced(workload(), parquet(), 2'500'000);
    ASSERT_OK(own.write(w, parquet(), {}));
  }
  EXPECT_FALSE(*storage.exists("d/own"));
  EXPECT_TRUE(*storage.exists("d"));
}

}  // namespace
}  // namespace stoker::ceilings
