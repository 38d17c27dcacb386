#include "config/load.h"

#include <gtest/gtest.h>

#include <fstream>

#include "base/testing/temp_dir.h"
#include "config/testing/load_helpers.h"

namespace stoker::config {
namespace {

using stoker::testing::TempDir;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::loaded;
using ::testing::Not;
using testing::try_load;

void write(const std::filesystem::path& path, std::string_view text) {
  std::filesystem::create_directories(path.parent_path());
  std::ofstream(path) << text;
}

// With a typing error in the folder's name the built-in file of the same name was taken in silence.
TEST(Load, AConfigDirThatIsNotThereIsAnError) {
  EXPECT_ERROR(load({.workload = "unet3d_h100", .config_dir = "/no/such/folder", .overrides = {}}), Code::kNotFound,
               "--config-dir: /no/such/folder is not a folder");
}

TEST(Load, SearchesTheFolderBeforeTheEmbeddedFiles) {
  const TempDir dir;
  write(dir.path() / "workload" / "unet3d_h100.yaml", "train: {epochs: 77}\n");
  write(dir.path() / "unet3d_h100.yaml", "train: {epochs: 55}\n");
  write(dir.path() / "mine.yaml", "train: {epochs: 33}\n");
  const auto first = load({.workload = "unet3d_h100", .config_dir = dir.path()});
  ASSERT_OK(first);
  EXPECT_EQ(first->workload.train.epochs, 77);
  EXPECT_EQ(first->source, (dir.path() / "workload" / "unet3d_h100.yaml").string());
  const auto second = load({.workload = "mine", .config_dir = dir.path()});
  ASSERT_OK(second);
  EXPECT_EQ(second->workload.train.epochs, 33);
  const auto third = load({.workload = "unet3d_a100", .config_dir = dir.path()});
  ASSERT_OK(third);
  EXPECT_EQ(third->source, "embedded:unet3d_a100");
}

TEST(Load, DefaultNeedsNoName) {
  const auto result = load({});
  ASSERT_OK(result);
  EXPECT_EQ(result->source, "embedded:default");
  EXPECT_TRUE(result->workload.workflow.generate_data);
  EXPECT_TRUE(result->workload.workflow.train);
}

TEST(Load, AMissingWorkloadNamesTheFoldersAndTheNearestName) {
  const TempDir dir;
  const auto result = load({.workload = "unet3d_h10", .config_dir = dir.path()});
  EXPECT_ERROR(result, Code::kNotFound, "workload 'unet3d_h10' not found in " + (dir.path() / "workload").string());
  EXPECT_THAT(result.error().message, HasSubstr("did you mean 'unet3d_h100'?"));
  EXPECT_THAT(result.error().hint, HasSubstr("cosmoflow_a100, "));
}

TEST(Load, ErrorsOfAFileCarryItsPath) {
  const TempDir dir;
  write(dir.path() / "bad.yaml", "reader:\n  batch_size: 0\n");
  const auto result = load({.workload = "bad", .config_dir = dir.path()});
  EXPECT_ERROR(result, Code::kConfig, "reader.batch_size");
  EXPECT_EQ(result.error().where->file, (dir.path() / "bad.yaml").string());
  EXPECT_EQ(result.error().where->line, 2);
}

TEST(WorkloadNames, AreSortedAndWithoutRepeats) {
  const TempDir dir;
  write(dir.path() / "workload" / "aaa.yaml", "");
  write(dir.path() / "default.yaml", "");
  write(dir.path() / "notes.txt", "");
  const std::vector<std::string> names = workload_names(dir.path());
  EXPECT_EQ(names.front(), "aaa");
  EXPECT_TRUE(std::ranges::is_sorted(names));
  EXPECT_EQ(std::ranges::count(names, "default"), 1);
  EXPECT_THAT(names, Not(Contains("notes")));
  EXPECT_THAT(workload_names("/nowhere/at/all"), Contains("dlrm_b200"));
}

TEST(LoadText, KnowsWhereEachValueCameFrom) {
  const Loaded result =
      loaded("reader:\n  batch_size: 4\n  read_threads: 2\n",
             {"reader.read_threads=8", "++workload.reader.read_threads=9", "++train.computation_time.mean=1"});
  const auto origin = [&](const char* key) { return result.origins.at(key); };
  EXPECT_EQ(origin("reader.batch_size").kind, Origin::Kind::kFile);
  EXPECT_EQ(origin("reader.batch_size").text, "test.yaml:2:15");
  EXPECT_EQ(origin("reader.read_threads").kind, Origin::Kind::kOverride);
  EXPECT_EQ(origin("reader.read_threads").text, "++workload.reader.read_threads=9");
  EXPECT_EQ(origin("train.computation_time").text, "++train.computation_time.mean=1");
  EXPECT_EQ(origin("train.epochs").kind, Origin::Kind::kDefault);
  EXPECT_EQ(origin("train.epochs").text, "");
  EXPECT_EQ(result.workload.reader.read_threads, 9);
}

TEST(LoadText, ADeletedKeyHasItsDefault) {
  const Loaded result = loaded("reader: {batch_size: 4}", {"~workload.reader.batch_size"});
  EXPECT_EQ(result.workload.reader.batch_size, 1);
  EXPECT_EQ(result.origins.at("reader.batch_size").kind, Origin::Kind::kDefault);
}

TEST(LoadText, DirectStorageIsTheOriginOfODirect) {
  const Loaded result = loaded("storage:\n  storage_type: direct_fs\n");
  EXPECT_EQ(result.origins.at("reader.odirect").text, "test.yaml:2:17");
}

TEST(LoadText, RulesBetweenKeysPointAtTheKeyToo) {
  const auto in_file = try_load("dataset:\n  format: npy\n  compression: gzip\n");
  EXPECT_ERROR(in_file, Code::kConfig, "dataset.compression: found gzip, expected one of none for dataset.format npy");
  ASSERT_TRUE(in_file.error().where.has_value());
  EXPECT_EQ(in_file.error().where->line, 3);
  const auto overridden = try_load("dataset: {format: npy}", {"++dataset.compression=gzip"});
  EXPECT_EQ(overridden.error().where->file, "override '++dataset.compression=gzip'");
}

TEST(MergedYaml, IsTheFileWithTheOverridesUnderOneNode) {
  const Loaded result =
      loaded("model: {name: sample}\nreader:\n  file_shuffle: off\n  batch_size: 4\nlogging: {level: info}\n",
             {"++workload.reader.batch_size=8", "++workload.dataset.record_length_bytes=1e6",
              "++workload.reader.sample_shuffle=off"});
  EXPECT_EQ(result.merged_yaml,
            "workload:\n"
            "  model:\n"
            "    name: sample\n"
            "  reader:\n"
            "    file_shuffle: false\n"
            "    batch_size: 8\n"
            "    sample_shuffle: \"off\"\n"
            "  logging:\n"
            "    level: info\n"
            "  dataset:\n"
            "    record_length_bytes: 1000000.0\n");
}

TEST(MergedYaml, CanBeLoadedAgain) {
  const auto first =
      load({.workload = "dlrm_b200", .overrides = {"++workload.train.computation_time={mean: 1, stdev: 0.5}"}});
  ASSERT_OK(first);
  const Loaded second = loaded(first->merged_yaml);
  EXPECT_EQ(second.merged_yaml, first->merged_yaml);
  EXPECT_EQ(second.workload.dataset.parquet.columns, first->workload.dataset.parquet.columns);
  EXPECT_EQ(second.workload.train.computation_time, first->workload.train.computation_time);
}

TEST(LoadText, KeepsTheOverridesAsGiven) {
  EXPECT_THAT(loaded("", {"++workload.train.epochs=2", "++train.seed=7"}).overrides,
              ElementsAre("++workload.train.epochs=2", "++train.seed=7"));
}

TEST(LoadText, RefusesWhatOverridesCannotDo) {
  EXPECT_ERROR(try_load("", {"train.epochs=2"}), Code::kConfig, "train.epochs: not in the workload file");
  EXPECT_ERROR(try_load("", {"workload=x"}), Code::kConfig, "chooses a workload");
}

// The keys of data sets that the reference program made for comparison, in one file.
TEST(LoadText, ReadsAFileAsTheReferenceUsesIt) {
  const std::string_view yaml = R"(
model:
  name: sample
framework: pytorch
workflow:
  generate_data: true
  train: false
  checkpoint: false
  evaluation: true
dataset:
  data_folder: data
  format: hdf5
  num_files_train: 2
  num_files_eval: 2
  num_samples_per_file: 8
  keep_files: true
  record_length_bytes: 20000
  compression: gzip
  compression_level: 4
  enable_chunking: true
  chunk_size: 4096
reader:
  data_loader: pytorch
  batch_size: 2
  batch_size_eval: 1
  read_threads: 0
  file_shuffle: seed
  sample_shuffle: seed
train:
  epochs: 1
  computation_time: 0.001
evaluation:
  eval_time: 0.001
  epochs_between_evals: 1
)";
  const Loaded result = loaded(yaml);
  EXPECT_EQ(result.workload.dataset.format, FormatName::kHdf5);
  EXPECT_EQ(result.workload.dataset.compression, Compression::kGzip);
  EXPECT_EQ(result.workload.dataset.compression_level, 4);
  EXPECT_EQ(result.workload.reader.read_threads, 0);
  EXPECT_EQ(result.workload.evaluation.eval_time.a, 0.001);
  EXPECT_THAT(result.warnings, ElementsAre("accepted, without effect here: dataset.enable_chunking, dataset.chunk_size",
                                           "workflow.evaluation: no effect, because data are only generated"));
  const Loaded trained = loaded(yaml, {"++workload.workflow.train=True", "++workload.workflow.generate_data=False"});
  EXPECT_TRUE(trained.workload.workflow.evaluation);
}

TEST(LoadText, ReadsColumnsInBlockStyle) {
  const Loaded result = loaded(R"(
framework: pytorch
dataset:
  format: parquet
  num_samples_per_file: 100
  parquet:
    row_group_size: 30
    columns:
    - name: f_uint8
      dtype: uint8
    - name: b
      dtype: binary
      size: 24
    - name: lst
      dtype: list
      size: 5
reader:
  data_loader: pytorch
)");
  EXPECT_EQ(row_bytes(result.workload.dataset.parquet.columns), 45U);
  EXPECT_EQ(result.workload.dataset.parquet.row_group_size, 30);
}

TEST(Describe, ShowsValueAndOrigin) {
  const std::string text = describe(loaded("reader:\n  batch_size: 4\n", {"++train.epochs=3"}));
  const auto line_of = [&](std::string_view key) {
    const std::size_t first = text.find(key);
    return text.substr(first, text.find('\n', first) - first);
  };
  EXPECT_THAT(line_of("reader.batch_size "), HasSubstr("test.yaml:2:15"));
  EXPECT_THAT(line_of("train.epochs "), AllOf(HasSubstr(" 3 "), HasSubstr("override ++train.epochs=3")));
  EXPECT_THAT(line_of("train.seed "), AllOf(HasSubstr(" 123 "), HasSubstr("default")));
}

TEST(Describe, SumsColumnsUp) {
  const auto result = load({.workload = "dlrm_b200"});
  ASSERT_OK(result);
  EXPECT_THAT(describe(*result), HasSubstr("200 columns, 761 bytes per row; 40 read, 160 bytes"));
}

TEST(Describe, NeverShowsSecrets) {
  const Loaded result = loaded("storage: {storage_options: {secret_access_key: hush, access_key_id: whisper}}");
  EXPECT_THAT(describe(result), AllOf(Not(HasSubstr("hush")), Not(HasSubstr("whisper"))));
  EXPECT_EQ(value_of(result, "storage.storage_options.secret_access_key"), std::nullopt);
}

TEST(ValueOf, TakesKeysAliasesAndThePrefix) {
  const Loaded result = loaded("reader: {batch_size: 4}");
  EXPECT_EQ(value_of(result, "reader.batch_size"), "4");
  EXPECT_EQ(value_of(result, "workload.reader.batch_size"), "4");
  EXPECT_EQ(value_of(result, "data_reader.batch_size"), "4");
  EXPECT_EQ(value_of(result, "workflow.evaluate"), "False");
  EXPECT_EQ(value_of(result, "reader.read_threads"), std::nullopt);
  EXPECT_EQ(value_of(result, "reader"), std::nullopt);
  EXPECT_EQ(value_of(result, "no.such.key"), std::nullopt);
}

}  // namespace
}  // namespace stoker::config
