#include "results/dataset_manifest.h"

#include <gtest/gtest.h>

#include "base/checksum.h"
#include "base/testing/status_matchers.h"
#include "base/testing/temp_dir.h"
#include "config/load.h"
#include "results/testing/manifest_file.h"

namespace stoker::results {
namespace {

using stoker::testing::TempDir;

DatasetManifest some_manifest() {
  return {.generator_version = "0.1.0",
          .model = "dlrm",
          .format = "parquet",
          .compression = "zstd",
          .compression_level = 3,
          .codec_library = "zstd 1.5.4",
          .num_files_train = 16,
          .num_files_eval = 2,
          .num_samples_per_file = 4096,
          .num_subfolders_train = 4,
          .num_subfolders_eval = 2,
          .file_prefix = "pic",
          .record_length_bytes = 761,
          .record_length_bytes_stdev = 1.5,
          .record_dims = {761},
          .record_element_type = "int16",
          .columns = {{.name = "label", .dtype = config::DType::kInt8},
                      {.name = "dense", .dtype = config::DType::kFloat16, .size = 13},
                      {.name = "text", .dtype = config::DType::kString}},
          .row_group_size = 1024,
          .partition_by = "label",
          .dictionary = true,
          .page_checksums = true,
          .seed = 10,
          .complete = true};
}

TEST(Manifest, FilesGoThereAndBack) {
  const TempDir dir;
  for (const DatasetManifest& m : {some_manifest(), DatasetManifest{.format = "npz"}}) {
    ASSERT_OK(testing::write_manifest(dir.path(), m));
    const Result<std::optional<DatasetManifest>> back = read_manifest(dir.path());
    ASSERT_OK(back);
    ASSERT_TRUE(back->has_value());
    EXPECT_EQ(**back, m);
  }
  EXPECT_TRUE(std::filesystem::exists(dir.path() / "stoker_dataset.json"));
}

TEST(Manifest, AbsentIsNoError) {
  const TempDir dir;
  const Result<std::optional<DatasetManifest>> none = read_manifest(dir.path());
  ASSERT_OK(none);
  EXPECT_FALSE(none->has_value());
}

TEST(Manifest, KeysOfANewerVersionAreLeftAlone) {
  Json json = *parse_json(manifest_text(some_manifest()), "m");
  json["from_the_future"] = {1, 2};
  const Result<DatasetManifest> m = parse_manifest(dump(json), "m");
  ASSERT_OK(m);
  EXPECT_EQ(*m, some_manifest());
}

struct Broken {
  const char* key;
  Json value;  // discarded: the key is removed
  const char* message;
};

TEST(Manifest, EveryMistakeIsNamed) {
  const Json removed(Json::value_t::discarded);
  const std::vector<Broken> table{
      {"kind", removed, "d/stoker_dataset.json: key 'kind' is missing"},
      {"kind", "shopping list", "key 'kind': found 'shopping list', expected 'stoker dataset'"},
      {"manifest_version", 3, "key 'manifest_version': found 3, expected at most 2, or a newer version of stoker"},
      {"complete", "yes", "key 'complete': found \"yes\", expected true or false"},
      {"format", removed, "key 'format' is missing"},
      {"num_files_train", -1, "key 'num_files_train': found -1, expected at least 0"},
      {"num_samples_per_file", 0, "key 'num_samples_per_file': found 0, expected at least 1"},
      {"num_files_train", 1'000'000'000'000'000'000,
       "key 'num_files_train': found 1000000000000000000, expected at most 10000000000"},
      {"num_files_eval", 10'000'000'001, "key 'num_files_eval': found 10000000001, expected at most 10000000000"},
      {"num_samples_per_file", (std::int64_t{1} << 56) + 1,
       "key 'num_samples_per_file': found 72057594037927937, expected at most 72057594037927936"},
      {"num_samples_per_file", 1.5, "found 1.5, expected a whole number"},
      {"record_length_bytes", "big", "key 'record_length_bytes': found \"big\", expected a number"},
      {"record_dims", 7, "key 'record_dims': found 7, expected a list"},
      {"columns", "none", "key 'columns': found \"none\", expected a list"},
      {"columns", Json::parse(R"([{"dtype": "int8"}])"), "key 'columns.name' is missing"},
      {"columns", Json::parse(R"([{"name": "a", "dtype": "int9"}])"), "key 'columns.dtype': found 'int9', expected"},
      {"row_group_size", -3, "key 'row_group_size': found -3"},
      {"file_prefix", "../x", "key 'file_prefix': found '../x', which has a '/', expected a part of a name"},
      {"file_prefix", "", "key 'file_prefix': found '', which is empty, expected a part of a name"},
      {"file_prefix", "a\nb", "key 'file_prefix': found 'a\\x0ab', which has a control character"},
      {"partition_by", "..", "key 'partition_by': found '..', which begins with '.', expected a part of a name"},
  };
  for (const Broken& broken : table) {
    SCOPED_TRACE(broken.message);
    Json json = *parse_json(manifest_text(some_manifest()), "m");
    if (broken.value.is_discarded()) {
      json.erase(broken.key);
    } else {
      json[broken.key] = broken.value;
    }
    const Result<DatasetManifest> m = parse_manifest(dump(json), "d/stoker_dataset.json");
    EXPECT_ERROR(m, Code::kCorrupt, broken.message);
    EXPECT_FALSE(m.error().hint.empty());
  }
}

TEST(Manifest, HalfAFileIsAnErrorWithItsPath) {
  const TempDir dir;
  const std::string text = manifest_text(some_manifest());
  ASSERT_OK(write_file_atomic(dir.path() / kManifestName, text.substr(0, text.size() / 2)));
  EXPECT_ERROR(read_manifest(dir.path()), Code::kCorrupt, (dir.path() / kManifestName).string() + ": parse error");
}

TEST(DatasetManifest, SaysWhatAWorkloadSaysOfItsDataAndBack) {
  config::Workload w;
  w.model.name = "m";
  w.dataset.format = config::FormatName::kParquet;
  w.dataset.compression = config::Compression::kZstd;
  w.dataset.compression_level = 3;
  w.dataset.num_files_train = 5;
  w.dataset.num_subfolders_train = 2;
  w.dataset.record_dims = {3, 4};
  w.dataset.file_prefix = "p";
  w.dataset.parquet.columns = {{.name = "a", .dtype = config::DType::kInt8, .size = 2}};
  w.dataset.parquet.row_group_size = 7;
  w.dataset.parquet.dictionary = true;
  w.dataset.parquet.page_checksums = true;
  const DatasetManifest m = manifest_of(w, "1.2");
  EXPECT_EQ(m.generator_version, "1.2");
  config::Workload other;
  ASSERT_OK(apply_manifest(m, other));
  EXPECT_EQ(manifest_of(other, "1.2"), m);
}

TEST(DatasetManifest, NamesThatThisVersionDoesNotKnowAreTold) {
  config::Workload w;
  EXPECT_ERROR(apply_manifest({.format = "orc"}, w), Code::kCorrupt, "format: 'orc'");
  EXPECT_ERROR(apply_manifest({.format = "npz", .compression = "x"}, w), Code::kCorrupt, "compression: 'x'");
  EXPECT_ERROR(apply_manifest({.format = "npz", .record_element_type = "y"}, w), Code::kCorrupt, "record_element_type");
}

TEST(DatasetManifest, DifferencesNameTheKeysThatAUserSets) {
  const DatasetManifest there = some_manifest();
  EXPECT_TRUE(manifest_differences(there, there).empty());
  DatasetManifest asked = there;
  asked.complete = false;
  asked.model = "another";
  EXPECT_TRUE(manifest_differences(there, asked).empty());
  asked.generator_version = "0.2.0";
  asked.compression_level.reset();
  asked.codec_library = "zstd 1.5.7";
  asked.num_files_train = 17;
  asked.record_dims = {1, 2};
  asked.columns.pop_back();
  asked.columns.pop_back();
  asked.dictionary = false;
  std::string text;
  for (const auto& d : manifest_differences(there, asked)) text += d.key + ": " + d.found + " | " + d.asked + "\n";
  EXPECT_EQ(text,
            "generator_version: 0.1.0 | 0.2.0\n"
            "dataset.compression_level: 3 | not set\n"
            "codec_library: zstd 1.5.4 | zstd 1.5.7\n"
            "dataset.num_files_train: 16 | 17\n"
            "dataset.record_dims: [761] | [1,2]\n"
            "dataset.parquet.columns: "
            R"([{"name":"label","dtype":"int8","size":1},{"name":"dense","dtype":"float16","size":13},)"
            R"({"name":"text","dtype":"string","size":1}] | [{"name":"label","dtype":"int8","size":1}])"
            "\ndataset.parquet.dictionary: true | false\n");
}

// All that makes the files what they are, in words that an override takes back.
TEST(DatasetManifest, SettingsGiveTheSameDataSet) {
  DatasetManifest m = some_manifest();
  m.record_length_bytes_stdev = 0;  // which dimensions exclude
  const auto settings = manifest_settings(m, m.format);
  std::string text;
  for (const ManifestSetting& s : settings) text += fmt::format("{}={}{}\n", s.key, s.value, s.of_parquet ? " *" : "");
  EXPECT_EQ(text,
            "dataset.format=parquet\ndataset.compression=zstd\ndataset.compression_level=3\n"
            "dataset.num_files_train=16\ndataset.num_files_eval=2\ndataset.num_samples_per_file=4096\n"
            "dataset.num_subfolders_train=4\ndataset.num_subfolders_eval=2\ndataset.file_prefix='pic'\n"
            "dataset.record_length_bytes=761\ndataset.record_length_bytes_stdev=0\ndataset.record_dims=[761]\n"
            "dataset.record_element_type=int16\n"
            "dataset.parquet.columns=[{name: 'label', dtype: int8, size: 1},{name: 'dense', dtype: float16, size: 13},"
            "{name: 'text', dtype: string, size: 1}] *\n"
            "dataset.parquet.row_group_size=1024 *\ndataset.parquet.partition_by='label' *\n"
            "dataset.parquet.dictionary=True *\ndataset.parquet.page_checksums=True *\n");
  config::LoadRequest request;
  for (const ManifestSetting& s : settings)
    request.overrides.push_back(fmt::format("++workload.{}={}", s.key, s.value));
  const auto loaded = config::load(request);
  ASSERT_OK(loaded);
  DatasetManifest again = manifest_of(loaded->workload, m.generator_version);
  again.codec_library = m.codec_library;
  EXPECT_TRUE(manifest_differences(m, again).empty());
  // Another format has no settings of Parquet, and Parquet has its own whatever the manifest's format is.
  EXPECT_EQ(manifest_settings(m, "npz").size() + 5, settings.size());
  EXPECT_EQ(manifest_settings({.format = "npz"}, "parquet").size(), settings.size());
  // Whoever wrote the manifest, a value is a value.
  EXPECT_EQ(manifest_settings({.format = "a,b"}, "npz")[0].value, "'a,b'");
  EXPECT_EQ(manifest_settings({.format = "npz", .file_prefix = "it's"}, "npz")[8].value, R"('it\'s')");
}

// Every key has its place in a workload, in the comparison and in the file: one that was forgotten in one of them would
// mix two data sets.
TEST(DatasetManifest, EveryKeyCountsEverywhere) {
  const DatasetManifest m = some_manifest();
  config::Workload w;
  ASSERT_OK(apply_manifest(m, w));
  DatasetManifest back = manifest_of(w, m.generator_version);
  EXPECT_EQ(back.codec_library, std::nullopt) << "for the format to say";
  back.codec_library = m.codec_library;
  back.complete = true;
  EXPECT_EQ(back, m);
  const DatasetManifest empty{.format = "npz", .compression = "none"};
  EXPECT_EQ(manifest_differences(empty, m).size(), 21U);
  EXPECT_NE(manifest_identity(empty), manifest_identity(m));
}

TEST(DatasetManifest, HowHdf5IsCutCountsInItsDataSetsOnly) {
  config::Workload w;
  w.dataset.hdf5 = {.num_dset_per_record = 3, .chunk_dims = {1, 2}, .max_shape = {5}};
  w.dataset.format = config::FormatName::kNpz;
  EXPECT_EQ(manifest_of(w, "1").num_dset_per_record, 1);
  EXPECT_EQ(manifest_text(manifest_of(w, "1")).find("num_dset_per_record"), std::string::npos);
  w.dataset.format = config::FormatName::kHdf5;
  const DatasetManifest m = manifest_of(w, "1");
  EXPECT_NE(manifest_text(m).find("\"num_dset_per_record\": 3"), std::string::npos);
  config::Workload other;
  ASSERT_OK(apply_manifest(m, other));
  EXPECT_EQ(other.dataset.hdf5.num_dset_per_record, 3);
  EXPECT_EQ(other.dataset.hdf5.chunk_dims, w.dataset.hdf5.chunk_dims);
  EXPECT_EQ(other.dataset.hdf5.max_shape, w.dataset.hdf5.max_shape);
  EXPECT_EQ(manifest_of(other, "1"), m);
  DatasetManifest changed = m;
  changed.chunk_dims = {1, 1};
  EXPECT_NE(manifest_identity(changed), manifest_identity(m));
  ASSERT_EQ(manifest_differences(m, changed).size(), 1U);
  EXPECT_EQ(manifest_differences(m, changed)[0].key, "dataset.hdf5.chunk_dims");
  EXPECT_EQ(manifest_settings(m, "hdf5").size(), manifest_settings(m, "npz").size() + 3);
  const auto back = parse_manifest(manifest_text(m), "m");
  ASSERT_OK(back);
  EXPECT_EQ(*back, m);
}

TEST(DatasetManifest, WhatOnlyParquetHasIsNotOfOtherFormats) {
  config::Workload w;
  w.dataset.format = config::FormatName::kSynthetic;
  w.dataset.parquet.columns = {{.name = "a"}};
  w.dataset.parquet.dictionary = true;
  w.dataset.parquet.partition_by = "a";
  const DatasetManifest m = manifest_of(w, "1");
  EXPECT_TRUE(m.columns.empty());
  EXPECT_EQ(m.row_group_size, 0);
  EXPECT_EQ(m.partition_by, "");
  EXPECT_FALSE(m.dictionary);
  ASSERT_OK(apply_manifest(m, w));
  EXPECT_EQ(w.dataset.parquet.columns.size(), 1U);
  EXPECT_TRUE(w.dataset.parquet.dictionary);
}

// A key that is added later, and has its default in older data sets, must not make them unknown.
TEST(DatasetManifest, AnIdentityIsOfTheKeysThatAreNotAtTheirDefault) {
  EXPECT_EQ(manifest_identity({.generator_version = "1", .format = "npz", .num_files_train = 3}),
            checksum(std::as_bytes(
                std::span(std::string_view(R"({"generator_version":"1","format":"npz","num_files_train":3})")))));
}

TEST(DatasetManifest, AFailedApplicationChangesNothing) {
  config::Workload w;
  w.dataset.num_files_train = 3;
  EXPECT_ERROR(apply_manifest({.format = "npz", .num_files_train = 9, .record_element_type = "y"}, w), Code::kCorrupt,
               "record_element_type: 'y' is not known to this version");
  EXPECT_EQ(w.dataset.num_files_train, 3);
}

TEST(DatasetManifest, TheIdentityIsThatOfTheBytes) {
  DatasetManifest m = some_manifest();
  const std::uint64_t identity = manifest_identity(m);
  m.complete = !m.complete;
  m.model = "another";
  EXPECT_EQ(manifest_identity(m), identity);
  for (const auto& change : std::initializer_list<void (*)(DatasetManifest&)>{
           [](DatasetManifest& x) { ++x.num_files_train; }, [](DatasetManifest& x) { x.generator_version += "a"; },
           [](DatasetManifest& x) { x.dictionary = !x.dictionary; },
           [](DatasetManifest& x) { x.page_checksums = !x.page_checksums; }, [](DatasetManifest& x) { ++x.seed; },
           [](DatasetManifest& x) { x.record_dims.push_back(1); }}) {
    DatasetManifest changed = m;
    change(changed);
    EXPECT_NE(manifest_identity(changed), identity);
  }
}

}  // namespace
}  // namespace stoker::results
