#include "mlperf/plan/datasize_plan.h"

#include "base/testing/status_matchers.h"
#include "mlperf/plan/catalogue.h"

namespace stoker::mlperf {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

DatasizeArgs args(std::string_view model, std::string_view accelerator) {
  DatasizeArgs a;
  a.training.model = model;
  a.training.accelerator = accelerator;
  a.training.processes = 4;
  a.training.data_dir = "/mnt/d";
  a.training.results_dir = "/mnt/r";
  a.memory_gib = 64;
  a.hosts = {"alpha", "beta"};
  return a;
}

TEST(PlanDatasize, PrintsTheCommandInOrder) {
  DatasizeArgs a = args("unet3d", "h100");
  a.training.params = {"reader.read_threads=8", "dataset.num_files_train=3"};
  a.training.dataset_format = "parquet";
  a.training.repeated_options = {"--oversubscribe"};
  const auto plan = plan_datasize(a, "");
  ASSERT_OK(plan);
  EXPECT_EQ(plan->size.files, 14000U);
  EXPECT_THAT(
      plan->datagen_command,
      ElementsAre("stoker", "training", "datagen", "--hosts=alpha,beta", "--model=unet3d", "--exec-type=auto",
                  "--oversubscribe", "--dataset-format=parquet", "--params", "reader.read_threads=8", "--params",
                  "dataset.num_files_train=14000", "--num-processes=4", "--results-dir=/mnt/r", "--data-dir=/mnt/d"))
      << "the user's own count of files gives way to the one that is needed";
}

TEST(PlanDatasize, WithoutADataDirAPlaceholderStandsThere) {
  DatasizeArgs a = args("unet3d", "h100");
  a.training.data_dir.clear();
  const auto plan = plan_datasize(a, "");
  ASSERT_OK(plan);
  EXPECT_EQ(plan->datagen_command.back(), "--data-dir=<data-dir>");
}

// Wrapped around, they sized the data set for six hosts.
TEST(PlanDatasize, MemoryThatCannotBeCountedIsRefused) {
  DatasizeArgs a = args("unet3d", "h100");
  a.memory_gib = 2147483647;
  a.client_hosts = 2147483647;
  EXPECT_ERROR(plan_datasize(a, ""), Code::kInvalidArgument,
               "2147483647 hosts of 2147483647 GiB have more memory than 64 bits can count");
  a.memory_gib = 1 << 17;
  a.client_hosts = (1 << 17) - 1;
  EXPECT_OK(plan_datasize(a, ""));
}

// The values of --params in a command.
std::vector<std::string> params_of(const std::vector<std::string>& command) {
  std::vector<std::string> params;
  for (std::size_t i = 0; i + 1 < command.size(); ++i) {
    if (command[i] == "--params") params.push_back(command[i + 1]);
  }
  return params;
}

// The command writes what the run reads, for every workload: the datagen workloads of dlrm, flux and flux's older form
// differ from the runs'.
TEST(PlanDatasize, TheCommandWritesTheDataSetThatTheRunNeeds) {
  for (const TrainingModel& model : training_models()) {
    for (const std::string_view accelerator : model.accelerators) {
      for (const char* format : {"", "parquet"}) {
        SCOPED_TRACE(std::string(model.name) + " " + std::string(accelerator) + " " + format);
        DatasizeArgs a = args(model.name, accelerator);
        a.training.dataset_format = format;
        const auto plan = plan_datasize(a, "");
        ASSERT_OK(plan);

        TrainingArgs pasted;
        pasted.model = model.name;
        pasted.dataset_format = format;
        pasted.data_dir = "/mnt/d";
        pasted.params = params_of(plan->datagen_command);
        const auto datagen = plan_datagen(pasted, "");
        ASSERT_OK(datagen);
        const config::Dataset& written = datagen->loaded.workload.dataset;
        const config::Dataset& read = plan->run.loaded.workload.dataset;
        EXPECT_EQ(written.num_files_train, static_cast<std::int64_t>(plan->size.files));
        EXPECT_EQ(written.format, read.format);
        EXPECT_EQ(written.compression, read.compression);
        EXPECT_EQ(written.num_samples_per_file, read.num_samples_per_file);
        EXPECT_EQ(written.record_length_bytes, read.record_length_bytes);
        EXPECT_EQ(written.record_length_bytes_stdev, read.record_length_bytes_stdev);
        if (read.format == config::FormatName::kParquet) {
          EXPECT_EQ(written.parquet.columns.size(), read.parquet.columns.size());
          EXPECT_EQ(written.parquet.row_group_size, read.parquet.row_group_size);
        }
        EXPECT_EQ(shape_of(datagen->loaded.workload).file_bytes(), plan->shape.file_bytes());
      }
    }
  }
}

TEST(PlanDatasize, ACodecOfTheFormatThatIsAskedForGoesThrough) {
  DatasizeArgs a = args("unet3d", "h100");
  a.training.dataset_format = "parquet";
  a.training.compression = "zstd";
  const auto plan = plan_datasize(a, "");
  ASSERT_OK(plan);
  EXPECT_THAT(plan->datagen_command, Contains("--compression=zstd"));
  EXPECT_EQ(plan->datagen.loaded.workload.dataset.compression, config::Compression::kZstd);
}

TEST(Probe, WritesAFewFilesLikeTheRealOnes) {
  for (const TrainingModel& model : training_models()) {
    SCOPED_TRACE(model.name);
    const auto plan = plan_datasize(args(model.name, model.accelerators.front()), "");
    ASSERT_OK(plan);
    for (const unsigned threads : {1U, 64U}) {
      const ProbeFiles files = probe_files(plan->shape, threads);
      const double bytes = plan->shape.record_bytes * static_cast<double>(files.files * files.samples_per_file);
      EXPECT_GE(files.files, 2);
      EXPECT_LE(files.samples_per_file, plan->shape.samples_per_file);
      EXPECT_LE(bytes, 0x1p31) << "a probe is short";
      EXPECT_GE(bytes, 1e8) << "and long enough to measure";
    }
    const auto words = probe_overrides(*plan, probe_files(plan->shape, 2), "/mnt/d/tmp dir/data");
    EXPECT_EQ(words.front(), "workload=" + plan->datagen.workload);
    config::LoadRequest request;
    request.workload = plan->datagen.workload;
    request.overrides.assign(words.begin() + 1, words.end());
    const auto loaded = config::load(request);
    ASSERT_OK(loaded);
    EXPECT_EQ(loaded->workload.dataset.data_folder, "/mnt/d/tmp dir/data");
    EXPECT_TRUE(config::generate_only(loaded->workload));
    EXPECT_EQ(loaded->workload.dataset.format, plan->datagen.loaded.workload.dataset.format);
  }
}

TEST(PlanDatasize, OverridesCountInTheSize) {
  DatasizeArgs a = args("unet3d", "h100");
  a.training.params = {"dataset.num_samples_per_file=10"};
  const auto plan = plan_datasize(a, "");
  ASSERT_OK(plan);
  EXPECT_EQ(plan->size.files, 1400U);
  EXPECT_THAT(params_of(plan->datagen_command), Contains("dataset.num_samples_per_file=10"));
  a.training.accelerator = "b200";
  EXPECT_ERROR(plan_datasize(a, ""), Code::kInvalidArgument, "has no workload for 'b200'");
}

}  // namespace
}  // namespace stoker::mlperf
