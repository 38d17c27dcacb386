#include "workloads/training/verification.h"

#include <gtest/gtest.h>

#include "base/testing/status_matchers.h"

namespace stoker::training {
namespace {

using ::testing::HasSubstr;

config::Workload parquet() {
  config::Workload w;
  w.dataset.format = config::FormatName::kParquet;
  w.dataset.num_files_train = 4;
  w.dataset.num_samples_per_file = 10;
  w.dataset.parquet.columns = {{.name = "a", .dtype = config::DType::kInt8},
                               {.name = "b", .dtype = config::DType::kFloat32, .size = 12}};
  return w;
}

results::DatasetManifest written(const config::Workload& w) {
  results::DatasetManifest manifest = results::manifest_of(w, "1.2");
  manifest.complete = true;
  return manifest;
}

std::string refusal(const results::DatasetManifest& manifest, const config::Workload& w) {
  const auto generating = generating_workload(manifest, w, "1.2");
  if (generating) return "none";
  EXPECT_EQ(generating.error().code, Code::kConfig);
  EXPECT_FALSE(generating.error().hint.empty());
  return generating.error().message;
}

TEST(Verification, TakesTheDataFromTheManifestAndTheReadingFromTheRun) {
  config::Workload run = parquet();
  config::Workload writer = run;
  writer.dataset.num_files_train = 7;
  writer.dataset.num_samples_per_file = 20;
  writer.dataset.compression = config::Compression::kZstd;
  run.dataset.parquet.columns[0].read = false;
  run.reader.read_threads = 3;
  const auto generating = generating_workload(written(writer), run, "1.2");
  ASSERT_OK(generating);
  EXPECT_EQ(generating->dataset.num_files_train, 7);
  EXPECT_EQ(generating->dataset.num_samples_per_file, 20);
  EXPECT_EQ(generating->dataset.compression, config::Compression::kZstd);
  EXPECT_EQ(generating->reader.read_threads, 3);
  ASSERT_EQ(generating->dataset.parquet.columns.size(), 2U);
  EXPECT_FALSE(generating->dataset.parquet.columns[0].read);
  EXPECT_TRUE(generating->dataset.parquet.columns[1].read);
}

TEST(Verification, ARunWithoutColumnsReadsThoseOfTheDataSet) {
  config::Workload run = parquet();
  const results::DatasetManifest manifest = written(run);
  run.dataset.parquet.columns.clear();
  const auto generating = generating_workload(manifest, run, "1.2");
  ASSERT_OK(generating);
  EXPECT_EQ(generating->dataset.parquet.columns, parquet().dataset.parquet.columns);
}

TEST(Verification, RefusesWhatCannotBeGeneratedAgain) {
  const config::Workload run = parquet();
  results::DatasetManifest manifest = written(run);
  manifest.complete = false;
  EXPECT_EQ(refusal(manifest, run), "reader.verify: the data set is incomplete");
  manifest = written(run);
  manifest.generator_version = "1.1";
  EXPECT_EQ(refusal(manifest, run),
            "reader.verify: the data set was written by version '1.1', this is 1.2: their values may differ");
  manifest = written(run);
  manifest.seed = 11;
  EXPECT_EQ(refusal(manifest, run), "reader.verify: the data set has seed 11, expected 10");
  manifest = written(run);
  manifest.format = "hdf5";
  EXPECT_EQ(refusal(manifest, run), "reader.verify: dataset.format: found hdf5 in the manifest, expected parquet");
}

TEST(Verification, RefusesOtherColumns) {
  config::Workload run = parquet();
  const results::DatasetManifest manifest = written(run);
  run.dataset.parquet.columns[1].size = 13;
  EXPECT_EQ(
      refusal(manifest, run),
      "reader.verify: dataset.parquet.columns: found column 1 'b' (float32, size 12) in the manifest, expected 'b' "
      "(float32, size 13)");
  run.dataset.parquet.columns.pop_back();
  EXPECT_EQ(refusal(manifest, run), "reader.verify: dataset.parquet.columns: found 2 in the manifest, expected 1");
  run = parquet();
  run.dataset.parquet.columns[0].name = "c";
  EXPECT_THAT(refusal(manifest, run), HasSubstr("found column 0 'a' (int8, size 1) in the manifest, expected 'c'"));
}

// Without columns a record is bytes.
TEST(Verification, RefusesOtherRecords) {
  config::Workload run = parquet();
  run.dataset.parquet.columns.clear();
  run.dataset.record_length_bytes = 1000;
  const results::DatasetManifest manifest = written(run);
  EXPECT_EQ(refusal(manifest, run), "none");
  config::Workload other = run;
  other.dataset.record_length_bytes = 1001;
  EXPECT_EQ(refusal(manifest, other),
            "reader.verify: dataset.record_length_bytes: found 1000 in the manifest, expected 1001");
  other = run;
  other.dataset.record_length_bytes_stdev = 3;
  EXPECT_EQ(refusal(manifest, other),
            "reader.verify: dataset.record_length_bytes_stdev: found 0 in the manifest, expected 3");
  other = run;
  other.dataset.record_dims = {3, 4};
  EXPECT_EQ(refusal(manifest, other), "reader.verify: dataset.record_dims: found [] in the manifest, expected [3, 4]");
  other = run;
  other.dataset.record_element_type = config::DType::kInt8;
  EXPECT_EQ(refusal(manifest, other),
            "reader.verify: dataset.record_element_type: found uint8 in the manifest, expected int8");
}

}  // namespace
}  // namespace stoker::training
