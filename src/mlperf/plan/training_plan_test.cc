#include "mlperf/plan/training_plan.h"

#include "base/testing/status_matchers.h"
#include "mlperf/plan/catalogue.h"

namespace stoker::mlperf {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;

TrainingArgs args(const std::string& model, const std::string& accelerator = "") {
  TrainingArgs a;
  a.model = model;
  a.accelerator = accelerator;
  a.data_dir = "/mnt/d";
  a.results_dir = "/mnt/r";
  a.processes = 2;
  return a;
}

results::DatasetManifest unet3d_parquet() {
  results::DatasetManifest m;
  m.model = "unet3d";
  m.format = "parquet";
  m.compression = "zstd";
  m.num_files_train = 14;
  m.record_length_bytes = 146600628;
  m.record_length_bytes_stdev = 68341808;
  m.row_group_size = 1'000'000;
  m.complete = true;
  return m;
}

TEST(Catalogue, EveryPairHasAWorkloadFileAndNoOtherPairDoes) {
  for (const auto& model : training_models()) {
    for (const auto accelerator : accelerator_names()) {
      const auto workload = run_workload(model.name, accelerator);
      const bool known =
          std::find(model.accelerators.begin(), model.accelerators.end(), accelerator) != model.accelerators.end();
      ASSERT_EQ(workload.has_value(), known) << model.name << " " << accelerator;
      if (!known) {
        EXPECT_ERROR(workload, Code::kInvalidArgument, "has no workload for");
        EXPECT_THAT(workload.error().hint, HasSubstr("dlrm: b200, mi355"));
        continue;
      }
      config::LoadRequest request;
      request.workload = *workload;
      EXPECT_OK(config::load(request));
    }
    config::LoadRequest request;
    request.workload = *datagen_workload(model.name);
    EXPECT_OK(config::load(request));
  }
}

TEST(Catalogue, AnUnknownModelNamesTheNearest) {
  EXPECT_ERROR(run_workload("unet3", "h100"), Code::kInvalidArgument, "did you mean 'unet3d'?");
  EXPECT_ERROR(datagen_workload("bert"), Code::kInvalidArgument, "unknown model 'bert'");
}

TEST(DataFolder, AppendsTheModelUnlessItIsThereAlready) {
  EXPECT_EQ(data_folder("/mnt/d", "unet3d"), "/mnt/d/unet3d");
  EXPECT_EQ(data_folder("/mnt/d/", "unet3d"), "/mnt/d/unet3d");
  EXPECT_EQ(data_folder("/mnt/unet3d", "unet3d"), "/mnt/unet3d");
  EXPECT_EQ(data_folder("/mnt/unet3d/", "unet3d"), "/mnt/unet3d");
  EXPECT_EQ(data_folder("/mnt/my_unet3d", "unet3d"), "/mnt/my_unet3d/unet3d");
  EXPECT_EQ(data_folder("/mnt/dlrm", "unet3d"), "/mnt/dlrm/unet3d");
}

TEST(PlanDatagen, PassesParamsThenShorthandsThenTheFolder) {
  TrainingArgs a = args("unet3d");
  a.dataset_format = "parquet";
  a.compression = "zstd";
  a.params = {"dataset.num_files_train=14"};
  const auto plan = plan_datagen(a, "");
  ASSERT_OK(plan);
  EXPECT_THAT(plan->engine_overrides(),
              ElementsAre("workload=unet3d_datagen", "++workload.dataset.num_files_train=14",
                          "++workload.dataset.format=parquet", "++workload.dataset.compression=zstd",
                          "++workload.dataset.data_folder=/mnt/d/unet3d"));
  EXPECT_EQ(plan->loaded.workload.dataset.num_files_train, 14);
  EXPECT_EQ(plan->parameters["dataset"]["num_files_train"], 14);
  EXPECT_EQ(plan->parameters["dataset"]["data_folder"], "data/unet3d/") << "the derived folder is no parameter";
  EXPECT_EQ(plan->override_parameters["dataset.format"], "parquet");
  EXPECT_EQ(plan->override_parameters["dataset.data_folder"], "/mnt/d/unet3d");
}

// The datagen files of dlrm and flux hold fewer samples per file than the runs need.
TEST(PlanDatagen, TakesSizesFromTheRunsWorkload) {
  auto plan = plan_datagen(args("dlrm"), "");
  ASSERT_OK(plan);
  EXPECT_EQ(plan->loaded.workload.dataset.num_samples_per_file, 4718592);
  EXPECT_EQ(plan->loaded.workload.dataset.parquet.row_group_size, 6144);
  ASSERT_EQ(plan->notices.size(), 2U);
  EXPECT_THAT(plan->notices[0], HasSubstr("4718592, as dlrm_b200 needs"));
  plan = plan_datagen(args("flux"), "");
  ASSERT_OK(plan);
  EXPECT_EQ(plan->loaded.workload.dataset.num_samples_per_file, 288);

  TrainingArgs own = args("dlrm");
  own.params = {"dataset.num_samples_per_file=6144"};
  plan = plan_datagen(own, "");
  ASSERT_OK(plan);
  EXPECT_EQ(plan->loaded.workload.dataset.num_samples_per_file, 6144) << "the user's word counts";
}

TEST(PlanRun, TheManifestWinsOverTheWorkloadFile) {
  const auto plan = plan_run(args("unet3d", "h100"), "", unet3d_parquet());
  ASSERT_OK(plan);
  const config::Dataset& d = plan->loaded.workload.dataset;
  EXPECT_EQ(d.format, config::FormatName::kParquet);
  EXPECT_EQ(d.compression, config::Compression::kZstd);
  EXPECT_EQ(d.num_files_train, 14);
  EXPECT_EQ(plan->notices.size(), 3U);
  EXPECT_EQ(plan->override_parameters["dataset.format"], "parquet") << "it counts as an override for the rules";
  EXPECT_EQ(plan->parameters["dataset"]["format"], "parquet") << "and is what the run had";
  EXPECT_FALSE(plan->parameters["dataset"].contains("data_folder") &&
               plan->parameters["dataset"]["data_folder"] == plan->data_folder.string())
      << "where it lies is no parameter";
}

TEST(PlanRun, TheUserWinsOverTheManifestWhereTheDataAllowIt) {
  TrainingArgs a = args("unet3d", "h100");
  a.params = {"dataset.num_files_train=7", "reader.batch_size=3"};
  const auto fewer = plan_run(a, "", unet3d_parquet());
  ASSERT_OK(fewer);
  EXPECT_EQ(fewer->loaded.workload.dataset.num_files_train, 7);

  a.params = {"dataset.num_files_train=15"};
  const auto more = plan_run(a, "", unet3d_parquet());
  EXPECT_ERROR(more, Code::kConfig, "has 14 training files, but 15 were asked for");
  EXPECT_THAT(more.error().hint,
              HasSubstr("stoker training datagen --model unet3d --num-processes 2 --data-dir /mnt/d"));
  EXPECT_THAT(more.error().hint, HasSubstr("dataset.num_files_train=15"));

  a.params.clear();
  a.dataset_format = "npz";
  EXPECT_ERROR(plan_run(a, "", unet3d_parquet()), Code::kConfig, "dataset.format parquet, but npz was asked for");
}

TEST(PlanRun, ACodecOfTheDataSetsFormatNeedsNoFormatFromTheUser) {
  TrainingArgs a = args("unet3d", "h100");
  a.compression = "zstd";  // npz, the workload's format, has none
  const auto plan = plan_run(a, "", unet3d_parquet());
  ASSERT_OK(plan);
  EXPECT_EQ(plan->loaded.workload.dataset.format, config::FormatName::kParquet);
  EXPECT_EQ(plan->loaded.workload.dataset.compression, config::Compression::kZstd);
  EXPECT_THAT(plan->engine_overrides(), Contains("++workload.dataset.format=parquet"));
  EXPECT_ERROR(plan_run(a, "", std::nullopt), Code::kConfig, "zstd");
}

TEST(PlanRun, AnIncompleteDataSetIsRefusedWithTheCommandThatMendsIt) {
  auto manifest = unet3d_parquet();
  manifest.complete = false;
  TrainingArgs a = args("unet3d", "h100");
  a.dataset_format = "parquet";
  a.compression = "zstd";
  a.params = {"dataset.num_files_train=14"};
  const auto plan = plan_run(a, "", manifest);
  EXPECT_ERROR(plan, Code::kConfig, "incomplete");
  EXPECT_THAT(plan.error().hint,
              HasSubstr("--dataset-format parquet --compression zstd --params dataset.num_files_train=14"));
}

// Each key that makes a data set another one is in the command, or datagen would refuse to go on.
TEST(PlanRun, TheMendingCommandWritesTheSameDataSet) {
  auto manifest = unet3d_parquet();
  manifest.complete = false;
  manifest.compression_level = 7;
  manifest.dictionary = manifest.page_checksums = true;
  manifest.record_dims = {3, 4};
  manifest.record_element_type = "int16";
  TrainingArgs a = args("unet3d", "h100");
  a.data_dir = "d";
  const auto plan = plan_run(a, "", manifest);
  EXPECT_ERROR(plan, Code::kConfig, "incomplete");
  EXPECT_THAT(plan.error().hint, HasSubstr("dataset.compression_level=7"));
  EXPECT_THAT(plan.error().hint, HasSubstr(" 'dataset.record_dims=[3,4]' dataset.record_element_type=int16 "));
  EXPECT_THAT(plan.error().hint, HasSubstr("dataset.parquet.dictionary=True dataset.parquet.page_checksums=True"));
  EXPECT_THAT(plan.error().hint, Not(HasSubstr("--overwrite")));
  // Another one replaces it.
  manifest.complete = true;
  a.params = {"dataset.num_files_train=200"};
  const auto more = plan_run(a, "", manifest);
  EXPECT_ERROR(more, Code::kConfig, "but 200 were asked for");
  EXPECT_TRUE(more.error().hint.ends_with(" --overwrite")) << more.error().hint;
}

// Told before anything is started, with the command that writes enough.
TEST(PlanRun, ADataSetWithoutAStepIsRefused) {
  auto manifest = unet3d_parquet();
  manifest.num_files_train = 13;
  TrainingArgs a = args("unet3d", "h100");  // batches of 7
  a.processes = 2;
  a.data_dir = "d";
  const auto plan = plan_run(a, "", manifest);
  EXPECT_ERROR(
      plan, Code::kConfig,
      "d/unet3d: an epoch has no step: 13 training files of the data set with 1 sample each are fewer than the "
      "14 of one step (batch_size 7 on 2 accelerators)");
  EXPECT_THAT(plan.error().hint, HasSubstr("write it again: stoker training datagen --model unet3d"));
  EXPECT_THAT(plan.error().hint, HasSubstr(" dataset.num_files_train=14 "));
  EXPECT_THAT(plan.error().hint, EndsWith(" --overwrite"));
  manifest.num_files_train = 14;
  EXPECT_OK(plan_run(a, "", manifest));
  manifest.num_files_train = 4;
  manifest.num_samples_per_file = 4;
  EXPECT_OK(plan_run(a, "", manifest));
  manifest.num_files_train = 3;
  EXPECT_THAT(plan_run(a, "", manifest).error().hint, HasSubstr(" dataset.num_files_train=4 "));
  // The user's own number, of files that are there.
  manifest.num_files_train = 40;
  a.params = {"dataset.num_files_train=3"};
  const auto fewer = plan_run(a, "", manifest);
  EXPECT_ERROR(fewer, Code::kConfig, "an epoch has no step: 3 training files");
  EXPECT_EQ(fewer.error().hint,
            "--params dataset.num_files_train=4 takes as many as it needs of the 40 that there are");
  a.params.emplace_back("reader.batch_size=6");
  EXPECT_OK(plan_run(a, "", manifest));
  a.params.back() = "reader.batch_size=9223372036854775807";
  const auto absurd = plan_run(a, "", manifest);
  EXPECT_ERROR(absurd, Code::kConfig, "fewer than the 18446744073709551616 of one step");
  EXPECT_EQ(absurd.error().hint, "lower reader.batch_size");
}

TEST(PlanDatagen, OverwritingIsHandedOn) {
  TrainingArgs a = args("unet3d");
  EXPECT_FALSE(plan_datagen(a, "")->loaded.workload.dataset.overwrite);
  a.overwrite = true;
  const auto plan = plan_datagen(a, "");
  ASSERT_OK(plan);
  EXPECT_TRUE(plan->loaded.workload.dataset.overwrite);
  EXPECT_THAT(plan->engine_overrides(), Contains("++workload.dataset.overwrite=True"));
}

// A data set that was not written as the workload file has it is mended as what it is, not replaced by another.
TEST(PlanRun, TheMendingCommandKeepsWhatTheDataSetIs) {
  auto manifest = unet3d_parquet();
  manifest.complete = false;
  manifest.record_length_bytes = 1000;
  manifest.record_length_bytes_stdev = 0;
  manifest.num_subfolders_train = 3;
  manifest.columns = {{"a b", config::DType::kInt8, 1, true}};
  TrainingArgs a = args("unet3d", "h100");
  a.data_dir = "/mnt/my data";
  const auto plan = plan_run(a, "", manifest);
  EXPECT_ERROR(plan, Code::kConfig, "incomplete");
  EXPECT_EQ(
      plan.error().hint,
      "datagen goes on where it stopped: stoker training datagen --model unet3d --num-processes 2 --data-dir '/mnt/my "
      "data' "
      "--results-dir /mnt/r --dataset-format parquet --compression zstd --params dataset.num_files_train=14 "
      "dataset.num_samples_per_file=1 dataset.num_subfolders_train=3 dataset.record_length_bytes=1000 "
      "dataset.record_length_bytes_stdev=0 'dataset.parquet.columns=[{name: '\\''a b'\\'', dtype: int8, size: 1}]'");
  a.params = {"dataset.num_files_train=20", "dataset.record_length_bytes=2000"};
  a.compression = "none";
  const auto other = plan_run(a, "", manifest);
  EXPECT_THAT(other.error().hint, HasSubstr("--dataset-format parquet --params dataset.num_files_train=20 "));
  EXPECT_THAT(other.error().hint, HasSubstr("dataset.record_length_bytes=2000 dataset.record_length_bytes_stdev=0"));
}

TEST(PlanRun, RelativeFoldersNeedNoQuotes) {
  TrainingArgs a = args("unet3d", "h100");
  a.data_dir = "data";
  const auto plan = plan_run(a, "", std::nullopt);
  ASSERT_OK(plan);
  EXPECT_THAT(plan->engine_overrides(), Contains("++workload.dataset.data_folder=data/unet3d"));
  EXPECT_EQ(plan->loaded.workload.dataset.data_folder, "data/unet3d");
}

TEST(PlanRun, OtherColumnsAreRefused) {
  results::DatasetManifest m;
  m.format = "parquet";
  m.num_files_train = 1024;
  m.num_samples_per_file = 4718592;
  m.record_length_bytes = 761;
  m.row_group_size = 6144;
  m.columns = {{"label", config::DType::kFloat32, 1, true}};
  m.complete = true;
  EXPECT_ERROR(plan_run(args("dlrm", "b200"), "", m), Code::kConfig, "columns (1) differ from the 200 of dlrm_b200");
}

TEST(PlanRun, WithoutAManifestTheWorkloadFileDescribesTheData) {
  const auto plan = plan_run(args("flux", "b200"), "", std::nullopt);
  ASSERT_OK(plan);
  EXPECT_TRUE(plan->notices.empty());
  EXPECT_EQ(plan->loaded.workload.dataset.num_files_train, 4296);
}

TEST(PlanRun, FoldersWithOddNamesSurviveTheCommandLine) {
  TrainingArgs a = args("unet3d", "h100");
  a.data_dir = "/mnt/my data/it's [here], {1}";
  const auto plan = plan_run(a, "", std::nullopt);
  ASSERT_OK(plan);
  EXPECT_EQ(plan->loaded.workload.dataset.data_folder, "/mnt/my data/it's [here], {1}/unet3d");
}

}  // namespace
}  // namespace stoker::mlperf
