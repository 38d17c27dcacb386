#include "workloads/training/data_set.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/testing/status_matchers.h"

namespace stoker::training {
namespace {

using dataset::Split;
using ::testing::HasSubstr;

// What a run asks for: 3 training files, 1 for evaluation, which it does.
config::Workload wanted() {
  config::Workload w;
  w.dataset.format = config::FormatName::kParquet;
  w.dataset.data_folder = "/d";
  w.dataset.num_files_train = 3;
  w.dataset.num_files_eval = 1;
  w.workflow.evaluation = true;
  return w;
}

results::DatasetManifest manifest() {
  config::Workload w = wanted();
  w.dataset.num_files_train = 7;
  w.dataset.num_files_eval = 2;
  w.dataset.file_prefix = "part";
  w.dataset.num_subfolders_train = 2;
  w.dataset.data_folder = "/written/elsewhere";
  results::DatasetManifest m = results::manifest_of(w, "1");
  m.complete = true;
  return m;
}

TEST(LayoutToRead, IsTheManifestsWithAsManyFilesAsAreAskedFor) {
  const auto layout = layout_to_read(wanted(), manifest());
  ASSERT_OK(layout);
  EXPECT_EQ(layout->root(), "/d");
  EXPECT_EQ(layout->files(Split::kTrain), 3U);
  EXPECT_EQ(layout->files(Split::kEval), 1U);
  EXPECT_EQ(layout->file(Split::kTrain, 2).path, "/d/train/0/part_2_of_7.parquet");
  EXPECT_EQ(layout->file(Split::kEval, 0).path, "/d/valid/part_0_of_2.parquet");
  EXPECT_EQ(layout->file(Split::kEval, 0).index, 7U);
}

TEST(WorkloadOfFiles, HasAsManySamplesInAFileAsTheManifestSays) {
  config::Workload w = wanted();
  w.dataset.num_samples_per_file = 5;
  DataSet data{.layout = dataset::Layout(w)};
  EXPECT_EQ(workload_of_files(w, data).dataset.num_samples_per_file, 5);
  data.rows_per_file = 12;
  const config::Workload described = workload_of_files(w, data);
  EXPECT_EQ(described.dataset.num_samples_per_file, 12);
  EXPECT_EQ(described.dataset.num_files_train, 3) << "and else what is asked for";
}

TEST(LayoutToRead, AllOfThemMayBeAskedFor) {
  config::Workload w = wanted();
  w.dataset.num_files_train = 7;
  w.dataset.num_files_eval = 2;
  const auto layout = layout_to_read(w, manifest());
  ASSERT_OK(layout);
  EXPECT_EQ(layout->files(Split::kTrain), 7U);
  EXPECT_EQ(layout->files(Split::kEval), 2U);
}

TEST(LayoutToRead, MoreThanThereAreAreRefused) {
  config::Workload w = wanted();
  w.dataset.num_files_train = 8;
  auto layout = layout_to_read(w, manifest());
  EXPECT_ERROR(layout, Code::kNotFound, "/d/train: the data set has 7 files, expected 8 (dataset.num_files_train)");
  EXPECT_THAT(layout.error().hint, HasSubstr("lower dataset.num_files_train"));
  w = wanted();
  w.dataset.num_files_eval = 3;
  layout = layout_to_read(w, manifest());
  EXPECT_ERROR(layout, Code::kNotFound, "/d/valid: the data set has 2 files, expected 3 (dataset.num_files_eval)");
  EXPECT_THAT(layout.error().hint, HasSubstr("lower dataset.num_files_eval"));
  // Which nobody reads who does not evaluate.
  w.workflow.evaluation = false;
  layout = layout_to_read(w, manifest());
  ASSERT_OK(layout);
  EXPECT_EQ(layout->files(Split::kEval), 2U);
}

TEST(LayoutToRead, IncompleteDataSetsAreRefused) {
  results::DatasetManifest m = manifest();
  m.complete = false;
  const auto layout = layout_to_read(wanted(), m);
  EXPECT_ERROR(layout, Code::kConfig,
               "/d: the data set is incomplete: its generation did not finish, or it was being deleted");
  EXPECT_THAT(layout.error().hint, HasSubstr("++workload.workflow.generate_data=True"));
}

TEST(LayoutToRead, AnotherFormatIsRefused) {
  config::Workload w = wanted();
  w.dataset.format = config::FormatName::kNpz;
  const auto layout = layout_to_read(w, manifest());
  EXPECT_ERROR(layout, Code::kConfig,
               "/d/stoker_dataset.json: the data set is of format parquet, but dataset.format is npz");
  EXPECT_THAT(layout.error().hint, HasSubstr("set ++workload.dataset.format=parquet"));
}

TEST(LayoutToRead, ManifestOfANewerVersionIsRefusedWithItsPath) {
  results::DatasetManifest m = manifest();
  m.compression = "brotli";
  EXPECT_ERROR(layout_to_read(wanted(), m), Code::kCorrupt,
               "/d/stoker_dataset.json: the data set's manifest: compression: 'brotli' is not known to this version");
}

}  // namespace
}  // namespace stoker::training
