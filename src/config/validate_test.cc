#include "config/validate.h"

#include <gtest/gtest.h>

#include <functional>
#include <limits>

#include "base/testing/status_matchers.h"

namespace stoker::config {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// A workload that every rule accepts on up to 8 ranks.
Workload good() {
  Workload w;
  w.framework = Framework::kPytorch;
  w.reader.data_loader = DataLoaderName::kPytorch;
  w.dataset.format = FormatName::kNpz;
  w.dataset.num_files_train = 64;
  return w;
}

Workload table(std::vector<ColumnSpec> columns) {
  Workload w = good();
  w.dataset.format = FormatName::kParquet;
  w.dataset.parquet.columns = std::move(columns);
  return w;
}

Workload checkpointing() {
  Workload w = good();
  w.workflow = {.train = false, .checkpoint = true};
  w.checkpoint.num_checkpoints_write = 2;
  return w;
}

TEST(Validate, AcceptsWhatIsRight) {
  for (const Workload& w : {good(), table({{.name = "x"}}), checkpointing()}) {
    const Validation result = validate(w, 2);
    EXPECT_OK(result.status);
    EXPECT_THAT(result.warnings, IsEmpty());
    EXPECT_THAT(validate(w).warnings, IsEmpty());
  }
}

struct Rule {
  std::string_view name;
  std::function<Workload()> make;
  std::string_view message, hint;
};

std::ostream& operator<<(std::ostream& out, const Rule& rule) {
  return out << rule.name;
}

class Refused : public ::testing::TestWithParam<Rule> {};

TEST_P(Refused, WithMessageAndRemedy) {
  const Validation result = validate(GetParam().make());
  EXPECT_ERROR(result.status, Code::kConfig, std::string(GetParam().message));
  EXPECT_THAT(result.status.error().hint, HasSubstr(std::string(GetParam().hint)));
  // With a number of ranks the same rules hold.
  EXPECT_EQ(validate(GetParam().make(), 1).status.error().message, result.status.error().message);
}

// good() with a change.
std::function<Workload()> with(const std::function<void(Workload&)>& change, Workload base = good()) {
  return [=] {
    Workload w = base;
    change(w);
    return w;
  };
}

INSTANTIATE_TEST_SUITE_P(
    Workflow, Refused,
    ::testing::Values(
        Rule{"nothing", with([](Workload& w) { w.workflow.train = false; }),
             "nothing to do: workflow.train, workflow.generate_data and workflow.checkpoint are all False",
             "workflow.train=True"},
        Rule{"no files", with([](Workload& w) {
               w.workflow = {.generate_data = true, .train = false};
               w.dataset.num_files_train = 0;
             }),
             "nothing to generate", "num_files_train=8"},
        Rule{"evaluation", with([](Workload& w) { w.workflow.evaluation = true; }, checkpointing()),
             "workflow.evaluation: found True, expected False when workflow.train is False",
             "workflow.evaluation=False"},
        Rule{"pytorch", with([](Workload& w) { w.reader.data_loader = DataLoaderName::kTensorflow; }),
             "framework and reader.data_loader disagree: found pytorch and tensorflow", "reader.data_loader=pytorch"},
        Rule{"tensorflow", with([](Workload& w) { w.framework = Framework::kTensorflow; }),
             "framework and reader.data_loader disagree: found tensorflow and pytorch",
             "reader.data_loader=tensorflow"},
        Rule{"custom", with([](Workload& w) { w.reader.data_loader = DataLoaderName::kCustom; }),
             "reader.data_loader: found custom, but plug-ins in Python are not supported", "use one of"}));

INSTANTIATE_TEST_SUITE_P(
    Dataset, Refused,
    ::testing::Values(
        Rule{"bounds", with([](Workload& w) { w.reader.batch_size = 0; }),
             "reader.batch_size: found 0, expected at least 1", ""},
        Rule{"choice", with([](Workload& w) { w.checkpoint.mode = "all"; }),
             "checkpoint.mode: found 'all', expected one of default", ""},
        Rule{"dims", with([](Workload& w) {
               w.dataset.record_dims = {2, -1};
             }),
             "dataset.record_dims: found -1, expected at least 1", ""},
        Rule{"overflow", with([](Workload& w) {
               w.dataset.num_files_train = std::int64_t{1} << 40;
               w.dataset.num_samples_per_file = std::int64_t{1} << 40;
             }),
             "cannot be counted in 64 bits", "lower one"},
        Rule{"huge dims", with([](Workload& w) {
               w.dataset.record_dims = {1 << 30, 1 << 30, 1 << 30};
             }),
             "dataset.record_dims: a sample of more than", "lower it"},
        Rule{"huge record", with([](Workload& w) { w.dataset.record_length_bytes = 1e18; }),
             "dataset.record_length_bytes: a sample of more than", "lower it"},
        Rule{"dims and stdev", with([](Workload& w) {
               w.dataset.record_dims = {4, 5};
               w.dataset.record_length_bytes_stdev = 7;
             }),
             "dataset.record_dims and dataset.record_length_bytes_stdev exclude each other: found 2 dimensions and 7",
             "record_length_bytes_stdev=0"},
        Rule{"jpeg", with([](Workload& w) {
               w.dataset.format = FormatName::kJpeg;
               w.dataset.record_dims = {4, 5, 6};
             }),
             "dataset.format jpeg: dataset.record_dims has more than 2 dimensions: found 3", "another format"},
        Rule{"png", with([](Workload& w) {
               w.dataset.format = FormatName::kPng;
               w.dataset.record_dims = {4, 5, 6, 7};
             }),
             "dataset.format png: dataset.record_dims has more than 2 dimensions: found 4", "another format"},
        Rule{"hdf5 without dims", with([](Workload& w) {
               w.dataset.format = FormatName::kHdf5;
               w.dataset.hdf5.num_dset_per_record = 3;
             }),
             "dataset.hdf5.num_dset_per_record: found 3, but dataset.record_dims is empty", "dataset.record_dims"},
        Rule{"hdf5 not divisible", with([](Workload& w) {
               w.dataset.format = FormatName::kHdf5;
               w.dataset.record_dims = {4, 5};
               w.dataset.hdf5.num_dset_per_record = 3;
             }),
             "the first dimension, 4, is not a multiple of dataset.hdf5.num_dset_per_record, 3", "divisor"},
        Rule{"level", with([](Workload& w) {
               w.dataset.format = FormatName::kHdf5;
               w.dataset.compression = Compression::kGzip;
               w.dataset.compression_level = 12;
             }),
             "dataset.compression_level: found 12, expected 1 to 9 for gzip", "remove the key"},
        Rule{"level of zstd",
             with(
                 [](Workload& w) {
                   w.dataset.compression = Compression::kZstd;
                   w.dataset.compression_level = 0;
                 },
                 table({{.name = "x"}})),
             "dataset.compression_level: found 0, expected 1 to 22 for zstd", "remove the key"},
        Rule{"too many samples", with([](Workload& w) {
               w.dataset.num_files_train = 2;
               w.dataset.num_samples_per_file = std::numeric_limits<std::int64_t>::max() / 4;
             }),
             "2305843009213693951 samples in each of 2 files cannot be counted in 64 bits", "lower one"},
        Rule{"dims of wide elements", with([](Workload& w) {
               w.dataset.record_dims = {1'000'000'000, 125'001};
               w.dataset.record_element_type = DType::kFloat64;
             }),
             "dataset.record_dims: a sample of more than 1000000000000000 bytes", "lower it"},
        Rule{"huge spread", with([](Workload& w) { w.dataset.record_length_bytes_stdev = 2e15; }),
             "dataset.record_length_bytes: a sample of more than", "lower it"}));

INSTANTIATE_TEST_SUITE_P(
    Parquet, Refused,
    ::testing::Values(
        Rule{"none read",
             [] {
               return table({{.name = "a", .read = false}, {.name = "b", .read = false}});
             },
             "dataset.parquet.columns: all 2 columns have read: False", "read: True"},
        Rule{"the only column not read", [] { return table({{.name = "a", .read = false}}); },
             "dataset.parquet.columns: the only column has read: False", "read: True"},
        Rule{"unknown selection", with([](Workload& w) { w.storage.columns = {"lable"}; }, table({{.name = "label"}})),
             "storage.storage_options.columns: no column 'lable' in dataset.parquet.columns; did you mean 'label'?",
             "name columns"},
        Rule{"unknown partition",
             with([](Workload& w) { w.dataset.parquet.partition_by = "days"; },
                  table({{.name = "day", .dtype = DType::kInt32}, {.name = "x"}})),
             "dataset.parquet.partition_by: found 'days', expected a column of dataset.parquet.columns; did you mean "
             "'day'?",
             "add the column"},
        Rule{"float partition",
             with([](Workload& w) { w.dataset.parquet.partition_by = "x"; }, table({{.name = "day"}, {.name = "x"}})),
             "column 'x' is float32, expected a single integer, a string or a bool", "another column"},
        Rule{"list partition",
             with([](Workload& w) { w.dataset.parquet.partition_by = "x"; },
                  table({{.name = "day"}, {.name = "x", .dtype = DType::kInt32, .size = 2}})),
             "column 'x' is int32 (a list)", "another column"},
        Rule{"binary partition",
             with([](Workload& w) { w.dataset.parquet.partition_by = "x"; },
                  table({{.name = "day"}, {.name = "x", .dtype = DType::kBinary}})),
             "column 'x' is binary", "another column"},
        Rule{"partition that leaves the folder",
             with([](Workload& w) { w.dataset.parquet.partition_by = "../x"; },
                  table({{.name = "../x", .dtype = DType::kInt32}, {.name = "y"}})),
             "dataset.parquet.partition_by: '../x' has a '/', expected a part of a name", "dataset.data_folder"},
        Rule{"prefix that leaves the folder", with([](Workload& w) { w.dataset.file_prefix = "/tmp/x"; }),
             "dataset.file_prefix: '/tmp/x' has a '/', expected a part of a name", "dataset.data_folder"},
        Rule{"no data folder", with([](Workload& w) { w.dataset.data_folder = ""; }),
             "dataset.data_folder: found '', expected a text that is not empty", "a shell variable that is not set"},
        Rule{"only column",
             with([](Workload& w) { w.dataset.parquet.partition_by = "x"; },
                  table({{.name = "x", .dtype = DType::kBool}})),
             "'x' is the only column", "second column"}));

// What would be refused in the middle of the first epoch.
INSTANTIATE_TEST_SUITE_P(
    Reader, Refused,
    ::testing::Values(
        Rule{"collate of a synthetic loader", with([](Workload& w) {
               w.reader.collate = true;
               w.reader.data_loader = DataLoaderName::kSynthetic;
             }),
             "reader.collate: found True, but a synthetic loader or format makes no arrays to copy", "collate=False"},
        Rule{"collate of a synthetic format", with([](Workload& w) {
               w.reader.collate = true;
               w.dataset.format = FormatName::kSynthetic;
             }),
             "reader.collate: found True, but a synthetic loader or format makes no arrays to copy", "collate=False"},
        Rule{"collate of images", with([](Workload& w) {
               w.reader.collate = true;
               w.dataset.format = FormatName::kPng;
             }),
             "reader.collate: found True, but samples of format png have no one size", "decode_images=True"},
        Rule{"collate of images of many sizes", with([](Workload& w) {
               w.reader.collate = true;
               w.reader.decode_images = true;
               w.dataset.format = FormatName::kPng;
               w.dataset.record_length_bytes_stdev = 10;
             }),
             "samples of format png and dataset.record_length_bytes_stdev have no one size", "collate=False"},
        Rule{"decoding of what is no image", with([](Workload& w) {
               w.reader.decode_images = true;
               w.dataset.format = FormatName::kNpz;
             }),
             "reader.decode_images: found True, but files of format npz are no images; expected dataset.format jpeg or "
             "png",
             "decode_images=False"},
        Rule{"decoding by a loader that reads nothing", with([](Workload& w) {
               w.reader.decode_images = true;
               w.dataset.format = FormatName::kJpeg;
               w.reader.data_loader = DataLoaderName::kSynthetic;
             }),
             "reader.decode_images: found True, but a synthetic loader or format reads no images",
             "decode_images=False"},
        Rule{"collate of samples of many sizes", with([](Workload& w) {
               w.reader.collate = true;
               w.dataset.format = FormatName::kNpz;
               w.dataset.record_length_bytes_stdev = 10;
             }),
             "samples of format npz and dataset.record_length_bytes_stdev have no one size", "collate=False"},
        Rule{"collate without decoding",
             with(
                 [](Workload& w) {
                   w.reader.collate = true;
                   w.dataset.parquet.decode = Decode::kNone;
                 },
                 table({{.name = "x"}})),
             "reader.collate: found True, but dataset.parquet.decode: none makes no arrays to copy", "decode: arrays"},
        Rule{"collate of what is decompressed only",
             with(
                 [](Workload& w) {
                   w.reader.collate = true;
                   w.dataset.parquet.decode = Decode::kDecompress;
                 },
                 table({{.name = "x"}})),
             "dataset.parquet.decode: decompress makes no arrays to copy", "decode: arrays"},
        Rule{"collate of strings",
             with([](Workload& w) { w.reader.collate = true; },
                  table({{.name = "x"}, {.name = "s", .dtype = DType::kString}})),
             "reader.collate: column 's' is string, whose rows have different sizes", "read: false"},
        Rule{"collate of bytes",
             with([](Workload& w) { w.reader.collate = true; },
                  table({{.name = "x"}, {.name = "b", .dtype = DType::kBinary}})),
             "reader.collate: column 'b' is binary", "read: false"},
        Rule{"verify with a synthetic loader", with([](Workload& w) {
               w.reader.verify = true;
               w.reader.data_loader = DataLoaderName::kSynthetic;
             }),
             "reader.verify: found True, but a synthetic loader or format reads no values to compare", "verify=False"},
        Rule{"verify with a synthetic format", with([](Workload& w) {
               w.reader.verify = true;
               w.dataset.format = FormatName::kSynthetic;
             }),
             "reader.verify: found True, but a synthetic loader or format reads no values to compare", "verify=False"},
        Rule{"verify without decoding",
             with(
                 [](Workload& w) {
                   w.reader.verify = true;
                   w.dataset.parquet.decode = Decode::kNone;
                 },
                 table({{.name = "x"}})),
             "reader.verify: found True, but dataset.parquet.decode: none makes no values to compare", "arrow"},
        Rule{"verify of what is decompressed only",
             with(
                 [](Workload& w) {
                   w.reader.verify = true;
                   w.dataset.parquet.decode = Decode::kDecompress;
                 },
                 table({{.name = "x"}})),
             "dataset.parquet.decode: decompress makes no values to compare", "arrow"}));

TEST(ReaderRules, AcceptWhatCanBeCopiedAndCompared) {
  Workload w = table({{.name = "x"}, {.name = "s", .dtype = DType::kString, .read = false}});
  w.reader.collate = w.reader.verify = true;
  EXPECT_OK(validate(w).status);
  w.dataset.parquet.decode = Decode::kArrow;
  EXPECT_OK(validate(w).status);
  // Decoding is of Parquet alone.
  w = good();
  w.reader.collate = true;
  w.dataset.parquet.decode = Decode::kNone;
  EXPECT_OK(validate(w).status);
}

TEST(StorageRules, FoldersAreNoUris) {
  Workload w = good();
  w.dataset.data_folder = "file:///data";
  EXPECT_ERROR(validate(w).status, Code::kConfig,
               "dataset.data_folder: found 'file:///data', a URI, but storage.storage_type is local_fs");
  w = good();
  w.storage.storage_root = "s3://bucket";
  EXPECT_ERROR(validate(w).status, Code::kConfig, "storage.storage_root: found 's3://bucket', a URI");
}

// What is just allowed, one after the other.
TEST(Validate, AcceptsTheLimits) {
  const auto accepts = [](const std::function<void(Workload&)>& change, const Workload& base = good()) {
    EXPECT_OK(validate(with(change, base)()).status);
  };
  accepts([](Workload& w) {
    w.workflow = {.generate_data = true, .train = false};
    w.dataset.num_files_train = w.dataset.num_files_eval = 2;
  });
  accepts([](Workload& w) {
    w.dataset.num_files_train = 1;
    w.dataset.num_samples_per_file = std::numeric_limits<std::int64_t>::max() / 4;
  });
  accepts([](Workload& w) { w.dataset.record_length_bytes = 1e15; });
  accepts([](Workload& w) { w.dataset.record_length_bytes_stdev = 1e15; });
  accepts([](Workload& w) {
    w.dataset.record_dims = {1'000'000'000, 125'000};
    w.dataset.record_element_type = DType::kFloat64;
  });
  accepts([](Workload& w) {
    w.dataset.format = FormatName::kJpeg;
    w.dataset.record_dims = {4, 5};
  });
  accepts([](Workload& w) {
    w.dataset.format = FormatName::kHdf5;
    w.dataset.record_dims = {6, 5};
    w.dataset.hdf5.num_dset_per_record = 3;
  });
  for (const std::int64_t level : {1, 9}) {
    accepts([&](Workload& w) {
      w.dataset.format = FormatName::kHdf5;
      w.dataset.compression = Compression::kGzip;
      w.dataset.compression_level = level;
    });
  }
  accepts(
      [](Workload& w) {
        w.dataset.compression = Compression::kZstd;
        w.dataset.compression_level = 22;
      },
      table({{.name = "x"}}));
  for (const DType dtype : {DType::kUint8, DType::kInt64, DType::kString, DType::kBool}) {
    accepts([](Workload& w) { w.dataset.parquet.partition_by = "day"; },
            table({{.name = "day", .dtype = dtype}, {.name = "x"}}));
  }
  accepts(
      [](Workload& w) {
        w.model.num_layers = w.model.parallelism.pipeline = 4;
        w.model.parallelism.zero_stage = 2;
        w.checkpoint.num_checkpoints_read = 2;
      },
      checkpointing());
  accepts([](Workload& w) { w.model.parallelism.zero_stage = 3; }, checkpointing());
}

INSTANTIATE_TEST_SUITE_P(
    Checkpoint, Refused,
    ::testing::Values(
        Rule{"layers",
             with(
                 [](Workload& w) {
                   w.model.num_layers = 2;
                   w.model.parallelism.pipeline = 4;
                 },
                 checkpointing()),
             "model.num_layers: found 2, expected at least model.parallelism.pipeline, 4", "pipeline"},
        Rule{"zero 3",
             with(
                 [](Workload& w) {
                   w.model.parallelism.pipeline = 2;
                   w.model.parallelism.zero_stage = 3;
                 },
                 checkpointing()),
             "model.parallelism.zero_stage: 3 cannot be combined with model.parallelism.pipeline 2", "zero_stage 1"},
        Rule{"zero 4", with([](Workload& w) { w.model.parallelism.zero_stage = 4; }, checkpointing()),
             "model.parallelism.zero_stage: found 4, expected between 0 and 3", ""},
        Rule{"data", with([](Workload& w) { w.model.parallelism.data = 2; }, checkpointing()),
             "model.parallelism.data: found 2, but it may be set in checkpoint.mode subset only", "mode=subset"},
        Rule{"subset", with([](Workload& w) { w.checkpoint.mode = "subset"; }, checkpointing()),
             "checkpoint.mode: subset needs model.parallelism.data", "model.parallelism.data=N"},
        Rule{"reads", with([](Workload& w) { w.checkpoint.num_checkpoints_read = 3; }, checkpointing()),
             "checkpoint.num_checkpoints_read: found 3, expected at most checkpoint.num_checkpoints_write, 2",
             "no more"},
        Rule{"ksm", with([](Workload& w) { w.checkpoint.ksm = true; }, checkpointing()),
             "checkpoint.ksm: same-page merging needs checkpoint.randomize_tensor False", "randomize_tensor=False"}));

TEST(CheckpointRules, HoldOnlyWhenCheckpointing) {
  Workload w = good();
  w.model.parallelism = {.tensor = 8, .pipeline = 4, .data = 2, .zero_stage = 3};
  w.model.num_layers = 2;
  w.checkpoint.ksm = true;
  w.checkpoint.num_checkpoints_write = 1;
  w.checkpoint.num_checkpoints_read = 3;
  EXPECT_OK(validate(w, 3).status);
}

TEST(CheckpointRules, ReadsAloneNeedNoWrites) {
  Workload w = checkpointing();
  w.checkpoint.num_checkpoints_write = 0;
  w.checkpoint.num_checkpoints_read = 5;
  EXPECT_OK(validate(w, 1).status);
  w.checkpoint.num_checkpoints_read = 0;
  EXPECT_THAT(validate(w).warnings, Contains(HasSubstr("no checkpoint is written or read")));
}

TEST(CheckpointRanks, MustFillGroups) {
  Workload w = checkpointing();
  w.model.parallelism = {.tensor = 4, .pipeline = 2};
  EXPECT_OK(validate(w, 16).status);
  EXPECT_ERROR(validate(w, 12).status, Code::kConfig,
               "checkpoints of 12 ranks: expected a multiple of 8 (tensor 4 * pipeline 2)");
}

TEST(CheckpointRanks, OfASubsetFitIntoTheFullJob) {
  Workload w = checkpointing();
  w.checkpoint.mode = "subset";
  w.model.parallelism = {.tensor = 4, .pipeline = 2, .data = 2};
  EXPECT_OK(validate(w, 5).status);
  EXPECT_OK(validate(w, 16).status);
  EXPECT_ERROR(validate(w, 17).status, Code::kConfig,
               "checkpoint.mode subset: 17 ranks, but the full job has 16 (data 2 * tensor 4 * pipeline 2)");
}

TEST(StorageRules, GeneratedFilesAreNotWritten) {
  Workload w = good();
  w.storage.storage_type = StorageType::kGenerated;
  w.workflow.generate_data = false;
  EXPECT_OK(validate(w).status);
  w.workflow.generate_data = true;
  EXPECT_ERROR(validate(w).status, Code::kConfig,
               "workflow.generate_data: found True, expected False, as the files of");
}

TEST(ObjectStores, AreUnsupported) {
  Workload w = good();
  w.storage.storage_type = StorageType::kS3;
  EXPECT_ERROR(validate(w).status, Code::kUnsupported,
               "storage.storage_type: found s3, but object stores are not supported");
  w.storage.storage_type = StorageType::kAistore;
  EXPECT_ERROR(validate(w).status, Code::kUnsupported, "found aistore");
}

struct Pair {
  FormatName format;
  std::vector<Compression> codecs;
};

TEST(Compression, OnlyTheCodecsOfTheFormat) {
  using enum Compression;
  const std::vector<Pair> pairs = {{FormatName::kNpz, {kNone, kZip}},
                                   {FormatName::kNpy, {kNone}},
                                   {FormatName::kJpeg, {kNone}},
                                   {FormatName::kPng, {kNone}},
                                   {FormatName::kTfrecord, {kNone}},
                                   {FormatName::kIndexedBinary, {kNone}},
                                   {FormatName::kMmapIndexedBinary, {kNone}},
                                   {FormatName::kSynthetic, {kNone}},
                                   {FormatName::kHdf5, {kNone, kGzip, kLzf}},
                                   {FormatName::kCsv, {kNone, kGzip, kBz2, kXz, kZip}},
                                   {FormatName::kParquet, {kNone, kSnappy, kGzip, kZstd, kLz4}}};
  for (const Pair& pair : pairs) {
    for (const Compression codec : {kNone, kGzip, kLzf, kBz2, kZip, kXz, kSnappy, kLz4, kZstd}) {
      SCOPED_TRACE(fmt::format("{} {}", to_string(pair.format), to_string(codec)));
      Workload w = good();
      w.dataset.format = pair.format;
      w.dataset.compression = codec;
      const Validation result = validate(w);
      if (std::ranges::find(pair.codecs, codec) != pair.codecs.end()) {
        EXPECT_OK(result.status);
      } else {
        EXPECT_ERROR(result.status, Code::kConfig,
                     fmt::format("dataset.compression: found {}, expected one of none", to_string(codec)));
      }
    }
  }
}

TEST(Compression, ALevelWithoutACodecWarns) {
  Workload w = good();
  w.dataset.compression_level = 4;
  EXPECT_THAT(validate(w).warnings, ElementsAre("dataset.compression_level: no effect with compression none"));
}

TEST(Steps, AreFullBatchesOnly) {
  Workload w = good();
  w.dataset.num_samples_per_file = 10;
  w.reader.batch_size = 7;
  w.dataset.num_files_eval = 3;
  w.reader.batch_size_eval = 4;
  EXPECT_EQ(steps_per_epoch(w, 1), 91);
  EXPECT_EQ(steps_per_epoch(w, 4), 22);
  EXPECT_EQ(steps_per_eval(w, 2), 3);
}

TEST(Steps, NoneIsRefusedWithTheSmallestNumberOfFiles) {
  Workload w = good();
  w.dataset.num_files_train = 4;
  w.dataset.num_samples_per_file = 3;
  w.reader.batch_size = 7;
  const Validation result = validate(w, 2);
  EXPECT_ERROR(result.status, Code::kConfig,
               "an epoch has no step: 4 files with 3 samples each are fewer than the 14 samples of one step "
               "(batch_size 7 on 2 ranks)");
  EXPECT_THAT(result.status.error().hint, HasSubstr("++workload.dataset.num_files_train=5"));
  // Of files that are there it may be wrong how many samples they have.
  w.workflow.generate_data = false;
  EXPECT_THAT(validate(w, 2).status.error().hint, HasSubstr("++workload.dataset.num_samples_per_file says how many"));
  w.workflow.generate_data = true;
  EXPECT_THAT(validate(w, 2).status.error().hint, Not(HasSubstr("num_samples_per_file")));
  w.dataset.num_files_train = 5;
  EXPECT_OK(validate(w, 2).status);
}

TEST(Steps, TheCapMayNotExceedThem) {
  Workload w = good();
  w.train.total_training_steps = 33;
  EXPECT_OK(validate(w, 1).status);
  EXPECT_ERROR(validate(w, 2).status, Code::kConfig,
               "train.total_training_steps: found 33, expected at most the 32 steps of an epoch");
}

TEST(Steps, ExcludingAllOfThemWarns) {
  Workload w = good();
  w.output.exclude_start_steps = 30;
  w.output.exclude_end_steps = 2;
  EXPECT_THAT(validate(w, 1).warnings, IsEmpty());
  EXPECT_THAT(validate(w, 2).warnings, ElementsAre(HasSubstr("leave out 32 steps, but an epoch has 32")));
  w.train.total_training_steps = 5;
  EXPECT_THAT(validate(w, 1).warnings, ElementsAre(HasSubstr("an epoch has 5")));
}

TEST(Steps, AnEmptyEvaluationWarns) {
  Workload w = good();
  w.workflow.evaluation = true;
  w.dataset.num_files_eval = 2;
  EXPECT_THAT(validate(w, 2).warnings, IsEmpty());
  EXPECT_THAT(validate(w, 3).warnings, ElementsAre(HasSubstr("an evaluation has no step: 2 files")));
}

TEST(Steps, DoNotMatterWhenNothingIsTrained) {
  Workload w = good();
  w.workflow = {.generate_data = true, .train = false};
  w.reader.batch_size = 1 << 30;
  w.reader.data_loader = DataLoaderName::kTensorflow;
  EXPECT_OK(validate(w, 8).status);
}

TEST(Notices, OfLoadersThatAreReplaced) {
  Workload w = good();
  w.reader.data_loader = DataLoaderName::kNativeDali;
  EXPECT_THAT(validate(w).warnings, ElementsAre("reader.data_loader: native_dali is treated like pytorch"));
  w.reader.data_loader = DataLoaderName::kDali;
  EXPECT_THAT(validate(w).warnings, ElementsAre("reader.data_loader: dali is treated like pytorch"));
  w = good();
  w.dataset.format = FormatName::kTfrecord;
  EXPECT_THAT(validate(w).warnings, ElementsAre(HasSubstr("DLIO cannot read tfrecord with pytorch")));
  EXPECT_THAT(validate(w, 1).warnings, IsEmpty()) << "printed once, by load()";
}

}  // namespace
}  // namespace stoker::config
