#include "config/embedded.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include "config/sample_geometry.h"
#include "config/testing/load_helpers.h"
#include "config/validate.h"

namespace stoker::config {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

Workload workload(const std::string& name) {
  const auto result = load({.workload = name});
  EXPECT_OK(result);
  return result ? result->workload : Workload{};
}

TEST(Embedded, AreTheFilesOfTheSourceTree) {
  std::set<std::string> in_tree;
  for (const auto& file : std::filesystem::directory_iterator(STOKER_SOURCE_DIR "/configs/workload")) {
    in_tree.insert(file.path().stem().string());
    std::ifstream in(file.path());
    const std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
    const auto embedded = std::ranges::find(embedded_files(), file.path().stem().string(), &EmbeddedFile::name);
    ASSERT_NE(embedded, embedded_files().end()) << file.path();
    EXPECT_EQ(embedded->text, text) << file.path();
  }
  EXPECT_EQ(in_tree.size(), embedded_files().size());
  EXPECT_TRUE(std::ranges::is_sorted(embedded_files(), {}, &EmbeddedFile::name));
}

TEST(Embedded, AllLoadWithoutUnknownKeys) {
  for (const EmbeddedFile& file : embedded_files()) {
    SCOPED_TRACE(file.name);
    const auto result = load({.workload = std::string(file.name)});
    ASSERT_OK(result);
    EXPECT_EQ(result->source, fmt::format("embedded:{}", file.name));
    for (const std::string& warning : result->warnings) {
      EXPECT_THAT(warning, Not(HasSubstr("unknown key")));
      EXPECT_THAT(warning, Not(HasSubstr("old names"))) << "the user cannot change the file";
    }
    EXPECT_TRUE(file.text.starts_with("# ")) << "says what it is for";
  }
}

TEST(Embedded, OldNamesInOverridesAreToldAllTheSame) {
  const auto result = load({.workload = "flux_b200", .overrides = {"++workload.dataset.record_length=5"}});
  ASSERT_OK(result);
  EXPECT_THAT(result->warnings, Contains(HasSubstr("dataset.record_length (now dataset.record_length_bytes)")));
}

TEST(Embedded, AllButTheLargestCheckpointsRunOnEightRanks) {
  for (const EmbeddedFile& file : embedded_files()) {
    if (file.name == "llama3_405b" || file.name == "llama3_1t") continue;
    EXPECT_OK(validate(workload(std::string(file.name)), 8).status) << file.name;
  }
  EXPECT_OK(validate(workload("llama3_405b"), 512).status);
  EXPECT_OK(validate(workload("llama3_1t"), 1024).status);
}

TEST(Embedded, DlrmHasTheColumnsOfTheRules) {
  // By index, of the columns that training reads.
  const std::vector<int> int8_read = {116, 169, 180, 186};
  const std::vector<int> float16_read = {58, 68, 92, 97};
  const std::vector<int> float32_read = {11, 17, 18, 25, 31,  41,  43,  49,  53,  59,  67,  71,  74, 88,
                                         90, 91, 93, 96, 137, 141, 147, 155, 158, 160, 162, 189, 195};
  const std::vector<int> float64_read = {20, 75, 94, 117, 154};
  for (const char* name : {"dlrm_b200", "dlrm_mi355", "dlrm_datagen"}) {
    SCOPED_TRACE(name);
    const Workload w = workload(name);
    const std::vector<ColumnSpec>& columns = w.dataset.parquet.columns;
    ASSERT_EQ(columns.size(), 200U);
    EXPECT_EQ(row_bytes(columns), 761U);
    EXPECT_EQ(read_row_bytes(columns), 160U);
    EXPECT_DOUBLE_EQ(record_bytes(w), 160);
    std::map<DType, std::vector<int>> read;
    std::map<DType, int> count;
    for (int i = 0; i < 200; ++i) {
      const ColumnSpec& column = columns[static_cast<std::size_t>(i)];
      EXPECT_EQ(column.name, fmt::format("feature_{:03}", i));
      EXPECT_EQ(column.size, 1);
      ++count[column.dtype];
      if (column.read) read[column.dtype].push_back(i);
    }
    EXPECT_EQ(count, (std::map<DType, int>{
                         {DType::kInt8, 45}, {DType::kFloat16, 50}, {DType::kFloat32, 56}, {DType::kFloat64, 49}}));
    EXPECT_EQ(read[DType::kInt8], int8_read);
    EXPECT_EQ(read[DType::kFloat16], float16_read);
    EXPECT_EQ(read[DType::kFloat32], float32_read);
    EXPECT_EQ(read[DType::kFloat64], float64_read);
  }
}

TEST(Embedded, FluxRowsAddUpToTheirRecordLength) {
  for (const char* name : {"flux_b200", "flux_mi355", "flux_datagen"}) {
    const Workload w = workload(name);
    EXPECT_EQ(row_bytes(w.dataset.parquet.columns), 2164832U);
    EXPECT_DOUBLE_EQ(w.dataset.record_length_bytes, 2164832);
  }
}

TEST(Embedded, UnetWritesItsWholeModel) {
  EXPECT_EQ(workload("unet3d_h100").model.model_size_bytes, 499153191);
  EXPECT_THAT(sample_shape(workload("retinanet_b200").dataset, 0), ElementsAre(568, 568));
}

struct Expected {
  const char* name;
  FormatName format;
  std::int64_t files, samples_per_file, batch_size;
  double computation_time, au;
};

TEST(Embedded, TrainingFilesHaveTheNumbersOfTheRules) {
  for (const Expected& e : {
           Expected{"cosmoflow_a100", FormatName::kTfrecord, 524288, 1, 1, 0.00551, 0.7},
           Expected{"cosmoflow_h100", FormatName::kTfrecord, 524288, 1, 1, 0.0035, 0.7},
           Expected{"resnet50_a100", FormatName::kTfrecord, 1024, 1251, 400, 0.435, 0.9},
           Expected{"resnet50_h100", FormatName::kTfrecord, 1024, 1251, 400, 0.224, 0.9},
           Expected{"unet3d_a100", FormatName::kNpz, 168, 1, 7, 0.636, 0.9},
           Expected{"unet3d_h100", FormatName::kNpz, 168, 1, 7, 0.323, 0.9},
           Expected{"retinanet_b200", FormatName::kJpeg, 1170301, 1, 24, 0.04755, 0.85},
           Expected{"retinanet_mi355", FormatName::kJpeg, 1170301, 1, 36, 0.071325, 0.85},
           Expected{"flux_b200", FormatName::kParquet, 4296, 288, 48, 1.35, 0.9},
           Expected{"flux_mi355", FormatName::kParquet, 4296, 288, 72, 2.025, 0.9},
           Expected{"flux_a100", FormatName::kJpeg, 1099776, 1, 8, 1.1, 0.8},
           Expected{"flux_h100", FormatName::kJpeg, 1099776, 1, 8, 0.85, 0.8},
           Expected{"dlrm_b200", FormatName::kParquet, 1024, 4718592, 12288, 0.000375, 0.7},
           Expected{"dlrm_mi355", FormatName::kParquet, 1024, 4718592, 18432, 0.0005625, 0.7},
           Expected{"dlrm_parquet_h100", FormatName::kParquet, 65536, 1, 8192, 0.005, 0.7},
           Expected{"dlrm_parquet_a100", FormatName::kParquet, 65536, 1, 4096, 0.007, 0.7},
       }) {
    SCOPED_TRACE(e.name);
    const Workload w = workload(e.name);
    EXPECT_EQ(w.dataset.format, e.format);
    EXPECT_EQ(w.dataset.num_files_train, e.files);
    EXPECT_EQ(w.dataset.num_samples_per_file, e.samples_per_file);
    EXPECT_EQ(w.reader.batch_size, e.batch_size);
    EXPECT_DOUBLE_EQ(w.train.computation_time.a, e.computation_time);
    EXPECT_DOUBLE_EQ(w.metric_au, e.au);
  }
}

TEST(Embedded, CheckpointFilesOnlyCheckpoint) {
  for (const char* name : {"llama3_8b", "llama3_70b", "llama3_405b", "llama3_1t"}) {
    const Workload w = workload(name);
    EXPECT_FALSE(w.workflow.train);
    EXPECT_TRUE(w.workflow.checkpoint);
    EXPECT_TRUE(w.checkpoint.fsync);
    EXPECT_EQ(w.checkpoint.num_checkpoints_write, 10);
    EXPECT_EQ(w.model.transformer.vocab_size, 128256);
    EXPECT_DOUBLE_EQ(w.checkpoint.time_between_checkpoints.a, 5);
  }
}

}  // namespace
}  // namespace stoker::config
