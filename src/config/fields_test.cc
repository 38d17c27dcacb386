// Single keys: how their values are read, under which names, and what is refused.
#include "config/fields.h"

#include <gtest/gtest.h>

#include "config/duration_sampler.h"
#include "config/field_value.h"
#include "config/testing/load_helpers.h"

namespace stoker::config {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::loaded;
using testing::try_load;

TEST(FieldTable, EveryRowIsComplete) {
  const Workload defaults;
  for (const Field& field : fields()) {
    SCOPED_TRACE(field.key);
    EXPECT_FALSE(field.help.empty());
    EXPECT_TRUE(field.help.ends_with('.'));
    if (field.effect == Effect::kFull) {
      EXPECT_FALSE(std::holds_alternative<std::monostate>(field.member));
    }
    if (field.effect == Effect::kRefused) {
      EXPECT_TRUE(std::holds_alternative<std::monostate>(field.member));
    }
    EXPECT_EQ(find_field(field.key), &field);
    for (const Alias& alias : field.aliases) EXPECT_EQ(find_field(alias.key), &field);
    EXPECT_OK(check_bounds(field, defaults));
    EXPECT_FALSE(type_text(field).empty());
  }
}

TEST(FieldTable, KnowsSections) {
  EXPECT_TRUE(is_section("dataset"));
  EXPECT_TRUE(is_section("dataset.parquet"));
  EXPECT_FALSE(is_section("dataset.format"));
  EXPECT_FALSE(is_section("logging"));
  EXPECT_EQ(canonical_section("data_reader.batch_size"), "reader.batch_size");
  EXPECT_EQ(canonical_section("data_readers.x"), "data_readers.x");
  EXPECT_THAT(names_in_section("profiling"), ElementsAre("iostat_devices", "profiler"));
  EXPECT_THAT(names_in_section(""), Contains("data_reader"));
}

// One key, one value, and what a query of the key gives.
struct ValueCase {
  std::string_view yaml, key, text;
};

class AcceptedValue : public ::testing::TestWithParam<ValueCase> {};

TEST_P(AcceptedValue, IsRead) {
  const Loaded result = loaded("workflow: {train: False, generate_data: True}\n" + std::string(GetParam().yaml));
  EXPECT_EQ(value_of(result, GetParam().key), GetParam().text) << GetParam().yaml;
}

INSTANTIATE_TEST_SUITE_P(
    Values, AcceptedValue,
    ::testing::Values(
        // integers
        ValueCase{"dataset: {num_files_train: 1e3}", "dataset.num_files_train", "1000"},
        ValueCase{"dataset: {num_files_train: 4.0}", "dataset.num_files_train", "4"},
        ValueCase{"dataset: {num_files_train: 1_000}", "dataset.num_files_train", "1000"},
        ValueCase{"dataset: {num_files_train: '12'}", "dataset.num_files_train", "12"},
        ValueCase{"dataset: {num_files_train: null}", "dataset.num_files_train", "8"},
        // numbers
        ValueCase{"dataset: {record_length_bytes: 114660.07}", "dataset.record_length_bytes", "114660.07"},
        // booleans
        ValueCase{"dataset: {keep_files: False}", "dataset.keep_files", "False"},
        ValueCase{"dataset: {keep_files: off}", "dataset.keep_files", "False"},
        ValueCase{"dataset: {skip_listing: 'yes'}", "dataset.skip_listing", "True"},
        ValueCase{"dataset: {skip_listing: 1}", "dataset.skip_listing", "True"},
        // texts
        ValueCase{"dataset: {file_prefix: 12}", "dataset.file_prefix", "12"},
        ValueCase{"dataset: {data_folder: data/x/}", "dataset.data_folder", "data/x"},
        ValueCase{"dataset: {data_folder: /}", "dataset.data_folder", "/"},
        ValueCase{"checkpoint: {checkpoint_folder: ckpt//}", "checkpoint.checkpoint_folder", "ckpt"},
        // enumerations
        ValueCase{"dataset: {format: NPZ}", "dataset.format", "npz"},
        ValueCase{"storage: {storage_type: parallel_fs}", "storage.storage_type", "local_fs"},
        ValueCase{"reader: {file_shuffle: off}", "reader.file_shuffle", "off"},
        ValueCase{"reader: {file_shuffle: false}", "reader.file_shuffle", "off"},
        ValueCase{"reader: {file_shuffle: 'off'}", "reader.file_shuffle", "off"},
        ValueCase{"reader: {sample_shuffle: off}", "reader.sample_shuffle", "off"},
        ValueCase{"reader: {sample_shuffle: random}", "reader.sample_shuffle", "random"},
        ValueCase{"reader: {read_type: on_demand}", "reader.read_type", "on_demand"},
        ValueCase{"reader: {read_type: memory}", "reader.read_type", "memory"},
        ValueCase{"dataset: {format: parquet, compression: zstd}", "dataset.compression", "zstd"},
        ValueCase{"dataset: {compression: none}", "dataset.compression", "none"},
        ValueCase{"dataset: {record_element_type: Float32}", "dataset.record_element_type", "float32"},
        ValueCase{"dataset: {format: parquet, parquet: {decode: raw}}", "dataset.parquet.decode", "none"},
        // lists
        ValueCase{"dataset: {record_dims: [3, 4]}", "dataset.record_dims", "[3, 4]"},
        ValueCase{"dataset: {record_dims: 16}", "dataset.record_dims", "[16]"},
        ValueCase{"profiling: {iostat_devices: sda}", "profiling.iostat_devices", "[sda]"},
        ValueCase{"profiling: {iostat_devices: [sda, sdb]}", "profiling.iostat_devices", "[sda, sdb]"},
        // flags with rules of their own
        ValueCase{"checkpoint: {ksm: {}}", "checkpoint.ksm", "True"},
        ValueCase{"checkpoint: {ksm: {await_time: 10}}", "checkpoint.ksm", "True"},
        ValueCase{"checkpoint: {ksm: }", "checkpoint.ksm", "True"},
        ValueCase{"checkpoint: {ksm: false}", "checkpoint.ksm", "False"},
        // emulated times
        ValueCase{"train: {computation_time: 0.323}", "train.computation_time", "0.323"},
        ValueCase{"train: {computation_time: {mean: 0.3}}", "train.computation_time", "0.3"},
        ValueCase{"train: {computation_time: {mean: 0.3, stdev: 0.1}}", "train.computation_time",
                  "{type: normal, mean: 0.3, stdev: 0.1}"},
        ValueCase{"train: {computation_time: 0.3, computation_time_stdev: 0.1}", "train.computation_time",
                  "{type: normal, mean: 0.3, stdev: 0.1}"},
        ValueCase{"train: {computation_time: 0.3, computation_time_stdev: 0.1}", "train.computation_time_stdev", "0.1"},
        ValueCase{"train: {computation_time: {mean: 0.3, stdev: 0.2}, computation_time_stdev: 0.1}",
                  "train.computation_time_stdev", "0.2"},
        ValueCase{"train: {computation_time: {type: uniform, min: 1, max: 2}}", "train.computation_time",
                  "{type: uniform, min: 1, max: 2}"},
        ValueCase{"train: {computation_time: {type: gamma, shape: 1, scale: 2}}", "train.computation_time",
                  "{type: gamma, shape: 1, scale: 2}"},
        ValueCase{"train: {computation_time: {type: exponential, scale: 2}}", "train.computation_time",
                  "{type: exponential, scale: 2}"},
        ValueCase{"train: {computation_time: {type: poisson, lam: 2}}", "train.computation_time",
                  "{type: poisson, lam: 2}"},
        ValueCase{"checkpoint: {time_between_checkpoints: -1}", "checkpoint.time_between_checkpoints", "-1"},
        ValueCase{"evaluation: {eval_time: 0.1, eval_time_stdev: 0.2}", "evaluation.eval_time",
                  "{type: normal, mean: 0.1, stdev: 0.2}"},
        ValueCase{"reader: {preprocess_time: 0.1, preprocess_time_stdev: 0.2}", "reader.preprocess_time",
                  "{type: normal, mean: 0.1, stdev: 0.2}"}));

INSTANTIATE_TEST_SUITE_P(
    Aliases, AcceptedValue,
    ::testing::Values(
        ValueCase{"model: unet3d", "model.name", "unet3d"},
        ValueCase{"model: {model_size: 499153191}", "model.model_size_bytes", "499153191"},
        ValueCase{"model: {model_size: 5, model_size_bytes: 7}", "model.model_size_bytes", "7"},
        ValueCase{"checkpoint: {model_size: 5}", "model.model_size_bytes", "5"},
        ValueCase{"checkpoint: {model_datatype: bf16}", "model.model_datatype", "bf16"},
        ValueCase{"checkpoint: {optimizer_datatype: fp64}", "model.optimizer_datatype", "fp64"},
        ValueCase{"dataset: {record_length: 2164832}", "dataset.record_length_bytes", "2164832"},
        ValueCase{"dataset: {record_length: 5, record_length_bytes: 7}", "dataset.record_length_bytes", "7"},
        ValueCase{"dataset: {record_length_stdev: 5}", "dataset.record_length_bytes_stdev", "5"},
        ValueCase{"dataset: {record_length_resize: 5}", "dataset.record_length_bytes_resize", "5"},
        ValueCase{"dataset: {num_samples: 5}", "dataset.num_samples_per_file", "5"},
        ValueCase{"dataset: {num_dset_per_record: 5}", "dataset.hdf5.num_dset_per_record", "5"},
        ValueCase{"dataset: {chunk_dims: [5, 6]}", "dataset.hdf5.chunk_dims", "[5, 6]"},
        ValueCase{"dataset: {max_shape: [5, 6]}", "dataset.hdf5.max_shape", "[5, 6]"},
        ValueCase{"storage: {storage_options: {storage_library: posix}}", "storage.storage_library", "posix"},
        ValueCase{"storage: {storage_options: {decode: raw}}", "dataset.parquet.decode", "none"},
        ValueCase{"storage: {storage_options: {decode: arrow}}", "dataset.parquet.decode", "arrow"},
        ValueCase{"storage: {storage_options: {columns: [a, b]}}", "storage.storage_options.columns", "[a, b]"},
        ValueCase{"data_reader: {batch_size: 5}", "reader.batch_size", "5"},
        ValueCase{"data_reader: {batch_size: 5}\nreader: {batch_size: 7}", "reader.batch_size", "5"},
        // The whole section reader is out when data_reader is there.
        ValueCase{"data_reader: {batch_size: 5}\nreader: {read_threads: 7, prefetch_size: 9}", "reader.prefetch_size",
                  "2"},
        ValueCase{"storage: {storage_type: direct_fs}", "reader.odirect", "True"},
        ValueCase{"storage: {storage_library: direct}", "reader.odirect", "True"},
        ValueCase{"storage: {storage_options: {storage_library: direct}}", "reader.odirect", "True"},
        ValueCase{"storage: {storage_options: {uri_scheme: direct}}", "reader.odirect", "True"},
        ValueCase{"storage: {storage_options: {uri_scheme: file}}", "reader.odirect", "False"}));

TEST(Profiling, AnyTextButAFalseOneSwitchesItOn) {
  EXPECT_TRUE(loaded("workflow: {profiling: iostat}").workload.workflow.profiling);
  EXPECT_TRUE(loaded("workflow: {profiling: True}").workload.workflow.profiling);
  EXPECT_FALSE(loaded("workflow: {profiling: ''}").workload.workflow.profiling);
  EXPECT_FALSE(loaded("workflow: {profiling: off}").workload.workflow.profiling);
  EXPECT_FALSE(loaded("", {"++workflow.profiling=none"}).workload.workflow.profiling);
}

TEST(Aliases, EvaluateIsEvaluation) {
  const Loaded result = loaded("workflow: {evaluate: True}");
  EXPECT_TRUE(result.workload.workflow.evaluation);
  EXPECT_THAT(result.warnings, IsEmpty());
}

TEST(Aliases, AnOverrideOfAnAliasWinsOverTheFile) {
  const Loaded result = loaded("model: {model_size_bytes: 7}", {"++workload.model.model_size=5"});
  EXPECT_EQ(result.workload.model.model_size_bytes, 5);
}

TEST(Aliases, AnOverrideOfReaderWinsOverDataReader) {
  const Loaded result = loaded("data_reader: {batch_size: 5}", {"++workload.reader.batch_size=7"});
  EXPECT_EQ(result.workload.reader.batch_size, 7);
}

TEST(Aliases, OldNamesGiveOneWarning) {
  const Loaded result = loaded("dataset: {record_length: 5, num_samples: 2}");
  EXPECT_THAT(result.warnings, ElementsAre("old names of keys: dataset.num_samples (now dataset.num_samples_per_file), "
                                           "dataset.record_length (now dataset.record_length_bytes)"));
}

TEST(Aliases, ReaderBesideDataReaderGivesOneWarning) {
  const Loaded result = loaded("data_reader: {batch_size: 5}\nreader: {read_threads: 7, prefetch_size: 9}");
  EXPECT_THAT(result.warnings, ElementsAre("reader: ignored, because the section data_reader is there too"));
}

TEST(Duration, OverridesOfPartsMeetTheFile) {
  const std::string_view file = "train: {computation_time: 0.323, computation_time_stdev: 0.1}";
  EXPECT_EQ(loaded(file, {"++workload.train.computation_time.mean=0.5"}).workload.train.computation_time,
            (Duration{.kind = Duration::Kind::kNormal, .a = 0.5, .b = 0.1}));
  EXPECT_EQ(loaded(file, {"++train.computation_time={mean: 0.5, stdev: 0.2}"}).workload.train.computation_time,
            (Duration{.kind = Duration::Kind::kNormal, .a = 0.5, .b = 0.2}));
  EXPECT_EQ(loaded("train: {computation_time: {mean: 1, stdev: 0.2}}", {"++train.computation_time_stdev=0.4"})
                .workload.train.computation_time,
            (Duration{.kind = Duration::Kind::kNormal, .a = 1, .b = 0.4}));
  EXPECT_EQ(loaded(file, {"++train.computation_time_stdev=0"}).workload.train.computation_time,
            (Duration{.kind = Duration::Kind::kConstant, .a = 0.323}));
}

TEST(Duration, BoundsAreInside) {
  const auto time = [](std::string_view text) {
    return loaded(fmt::format("train: {{computation_time: {}}}", text)).workload.train.computation_time;
  };
  EXPECT_EQ(time("0"), (Duration{.kind = Duration::Kind::kConstant, .a = 0}));
  EXPECT_EQ(time("2592000"), (Duration{.kind = Duration::Kind::kConstant, .a = 2592000}));
  EXPECT_EQ(time("{mean: 2592000, stdev: 2592000}"),
            (Duration{.kind = Duration::Kind::kNormal, .a = 2592000, .b = 2592000}));
  EXPECT_EQ(time("{type: uniform, min: 0, max: 0}"), (Duration{.kind = Duration::Kind::kUniform, .a = 0, .b = 0}));
  EXPECT_EQ(time("{type: poisson, lam: 0}"), (Duration{.kind = Duration::Kind::kPoisson, .a = 0}));
  EXPECT_EQ(time("{type: gamma, shape: 2000, scale: 1296}"),
            (Duration{.kind = Duration::Kind::kGamma, .a = 2000, .b = 1296}));
}

TEST(Duration, DrawsStayWithinTheClock) {
  EXPECT_EQ(DurationSampler({.kind = Duration::Kind::kConstant, .a = 2592000}, 1).next_sum(1'000'000),
            std::chrono::seconds(1'000'000'000));
  EXPECT_EQ(DurationSampler({.kind = Duration::Kind::kConstant, .a = -1}, 1).next(), Nanos{0});
  EXPECT_EQ(DurationSampler({.kind = Duration::Kind::kConstant, .a = 1.5}, 1).next_sum(2), std::chrono::seconds(3));
}

TEST(Duration, AStdevWithoutAMeanWarns) {
  EXPECT_THAT(loaded("train: {computation_time_stdev: 0.1}").warnings,
              ElementsAre("train.computation_time_stdev: no effect, because train.computation_time is None"));
}

TEST(Columns, MapsAndNames) {
  const Loaded result = loaded(
      "workflow: {generate_data: True, train: False}\n"
      "dataset: {format: parquet, parquet: {columns: [label, {name: x, dtype: float16, size: 8, read: off}, {name: b, "
      "dtype: bool}]}}");
  EXPECT_THAT(result.workload.dataset.parquet.columns,
              ElementsAre(ColumnSpec{.name = "label"},
                          ColumnSpec{.name = "x", .dtype = DType::kFloat16, .size = 8, .read = false},
                          ColumnSpec{.name = "b", .dtype = DType::kBool}));
  EXPECT_EQ(value_of(result, "dataset.parquet.columns"),
            "[{name: label, dtype: float32, size: 1, read: True}, {name: x, dtype: float16, size: 8, read: False}, "
            "{name: b, dtype: bool, size: 1, read: True}]");
}

// A text that must be refused, the message, and where it points.
struct RefusedCase {
  std::string_view yaml, message;
  int line, column;
};

class RefusedValue : public ::testing::TestWithParam<RefusedCase> {};

TEST_P(RefusedValue, SaysWhereAndWhatIsExpected) {
  const auto result = try_load(GetParam().yaml);
  EXPECT_ERROR(result, Code::kConfig, std::string(GetParam().message));
  ASSERT_TRUE(result.error().where.has_value());
  EXPECT_EQ(result.error().where->file, "test.yaml");
  EXPECT_EQ(result.error().where->line, GetParam().line);
  EXPECT_EQ(result.error().where->column, GetParam().column);
}

INSTANTIATE_TEST_SUITE_P(
    Types, RefusedValue,
    ::testing::Values(
        RefusedCase{"reader:\n  batch_size: many", "reader.batch_size: found 'many', expected an integer, at least 1",
                    2, 15},
        RefusedCase{"reader:\n  batch_size: 2.5",
                    "reader.batch_size: found 2.5, expected an integer that fits in 64 bits, without a fraction", 2,
                    15},
        RefusedCase{"reader:\n  batch_size: 99999999999999999999", "an integer that fits in 64 bits", 2, 15},
        RefusedCase{"reader:\n  batch_size: true", "reader.batch_size: found true, expected an integer", 2, 15},
        RefusedCase{"reader:\n  batch_size: 0", "reader.batch_size: found 0, expected at least 1", 2, 15},
        RefusedCase{"reader:\n  read_threads: -1", "reader.read_threads: found -1, expected between 0 and 65536", 2,
                    17},
        RefusedCase{"train:\n  epochs: 0", "train.epochs: found 0, expected at least 1", 2, 11},
        RefusedCase{"dataset:\n  record_length_bytes: 0.5", "expected at least 1", 2, 24},
        RefusedCase{"dataset:\n  record_length_bytes: big", "expected a number, at least 1", 2, 24},
        RefusedCase{"dataset:\n  record_length_bytes: .inf", "expected a number, at least 1", 2, 24},
        RefusedCase{"dataset:\n  record_dims: [3, 0]", "dataset.record_dims: found 0, expected at least 1", 2, 20},
        RefusedCase{"dataset:\n  record_dims: {a: 1}", "dataset.record_dims: found {a: 1}, expected an integer", 2, 16},
        RefusedCase{"metric:\n  au: 90", "metric.au: found 90, expected between 0 and 1", 2, 7},
        RefusedCase{"dataset:\n  keep_files: maybe", "dataset.keep_files: found 'maybe', expected True or False", 2,
                    15},
        RefusedCase{"dataset:\n  keep_files: [a]", "dataset.keep_files: found [a], expected True or False", 2, 15},
        RefusedCase{"dataset:\n  file_prefix: [a]", "dataset.file_prefix: found [a], expected a text", 2, 16},
        RefusedCase{"dataset:\n  data_folder: /d/${model.name}", "interpolations are not supported", 2, 16},
        RefusedCase{"dataset:\n  data_folder: ''", "dataset.data_folder: found '', expected a text that is not empty",
                    2, 16},
        RefusedCase{"dataset:\n  data_folder: null",
                    "dataset.data_folder: found null, expected a text that is not empty", 2, 16},
        RefusedCase{"dataset:\n  data_folder:", "dataset.data_folder: found null, expected a text that is not empty", 2,
                    1},
        RefusedCase{"dataset:\n  file_prefix: ''", "dataset.file_prefix: found '', expected a text that is not empty",
                    2, 16},
        RefusedCase{"dataset:\n  file_prefix: ../../escaped",
                    "dataset.file_prefix: '../../escaped' has a '/', expected a part of a name", 2, 16},
        RefusedCase{"dataset:\n  file_prefix: \"a\\nb\"",
                    "dataset.file_prefix: 'a\\x0ab' has a control character, expected a part of a name", 2, 16},
        RefusedCase{"dataset:\n  parquet:\n    partition_by: _day",
                    "dataset.parquet.partition_by: '_day' begins with '_', expected a part of a name", 3, 19},
        RefusedCase{"dataset: 5", "dataset: found 5, expected a section, that is a map of keys", 1, 10},
        RefusedCase{"[a]", "found a list, expected sections such as dataset and reader", 1, 1}));

INSTANTIATE_TEST_SUITE_P(
    Enumerations, RefusedValue,
    ::testing::Values(
        RefusedCase{"framework: torch", "framework: found 'torch', expected one of tensorflow, pytorch", 1, 12},
        RefusedCase{
            "dataset:\n  format: parket",
            "dataset.format: found 'parket', expected one of tfrecord, hdf5, csv, npz, npy, jpeg, png, indexed_binary, "
            "mmap_indexed_binary, synthetic, parquet; did you mean 'parquet'?",
            2, 11},
        RefusedCase{"dataset:\n  format: hdf5_opt", "dataset.format: found 'hdf5_opt', expected one of", 2, 11},
        RefusedCase{"dataset:\n  compression: lzma",
                    "dataset.compression: found 'lzma', expected one of none, gzip, lzf", 2, 16},
        RefusedCase{"dataset:\n  record_element_type: string", "expected one of uint8, uint16", 2, 24},
        RefusedCase{"reader:\n  data_loader: jax", "reader.data_loader: found 'jax', expected one of", 2, 16},
        RefusedCase{"reader:\n  file_shuffle: on", "reader.file_shuffle: found on, expected one of off, seed, random",
                    2, 17},
        RefusedCase{"reader:\n  read_type: lazy", "reader.read_type: found 'lazy', expected one of on_demand, memory",
                    2, 14},
        RefusedCase{"profiling:\n  profiler: perf", "profiling.profiler: found 'perf', expected one of none, iostat", 2,
                    13},
        RefusedCase{"storage:\n  storage_type: nfs",
                    "storage.storage_type: found 'nfs', expected one of local_fs, parallel_fs, direct_fs", 2, 17},
        RefusedCase{"checkpoint:\n  mode: partial", "checkpoint.mode: found 'partial', expected one of default, subset",
                    2, 9},
        RefusedCase{"model:\n  model_datatype: fp8",
                    "model.model_datatype: found 'fp8', expected one of int8, uint8, fp16, bf16, fp32, fp64", 2, 19},
        RefusedCase{"dataset:\n  parquet:\n    read_mode: file", "expected one of default, row_group", 3, 16}));

INSTANTIATE_TEST_SUITE_P(
    Durations, RefusedValue,
    ::testing::Values(
        RefusedCase{"train:\n  computation_time: slow",
                    "train.computation_time: found 'slow', expected seconds as a number", 2, 21},
        RefusedCase{"train:\n  computation_time: {type: cauchy}",
                    "train.computation_time.type: found 'cauchy', expected one of normal", 2, 28},
        RefusedCase{"train:\n  computation_time: {men: 1}",
                    "train.computation_time.men: unknown key; did you mean 'mean'?", 2, 22},
        RefusedCase{"train:\n  computation_time: {stdev: 1}", "expected a map with 'mean'", 2, 21},
        RefusedCase{"train:\n  computation_time: {mean: x}",
                    "train.computation_time.mean: found 'x', expected a number", 2, 28},
        RefusedCase{"train:\n  computation_time: -1",
                    "train.computation_time: found -1, expected seconds between 0 and 2592000", 2, 21},
        RefusedCase{"train:\n  computation_time: -0.001", "expected seconds between 0 and 2592000", 2, 21},
        RefusedCase{"train:\n  computation_time: 2592000.1", "expected seconds between 0 and 2592000", 2, 21},
        RefusedCase{"train:\n  computation_time: 1e18", "expected seconds between 0 and 2592000", 2, 21},
        RefusedCase{"evaluation:\n  eval_time: -1",
                    "evaluation.eval_time: found -1, expected seconds between 0 and 2592000", 2, 14},
        RefusedCase{"reader:\n  preprocess_time: 2592001",
                    "reader.preprocess_time: found 2592001, expected seconds between 0 and 2592000", 2, 20},
        RefusedCase{"checkpoint:\n  time_between_checkpoints: -1.5",
                    "checkpoint.time_between_checkpoints: found -1.5, expected seconds between -1 and 2592000", 2, 29},
        RefusedCase{"checkpoint:\n  time_between_checkpoints: {mean: -1}",
                    "checkpoint.time_between_checkpoints.mean: found -1, expected a number, between 0 and 2592000", 2,
                    36},
        RefusedCase{"storage:\n  post_generation_settle_seconds: 2592001",
                    "storage.post_generation_settle_seconds: found 2592001, expected between 0 and 2592000", 2, 35},
        RefusedCase{"train:\n  computation_time: {mean: 1e18}",
                    "train.computation_time.mean: found 1e18, expected a number, between 0 and 2592000", 2, 28},
        RefusedCase{"train:\n  computation_time: {mean: -1}",
                    "train.computation_time.mean: found -1, expected a number, between 0 and 2592000", 2, 28},
        RefusedCase{"train:\n  computation_time: {mean: 1, stdev: -1}",
                    "train.computation_time.stdev: found -1, expected a number, between 0 and 2592000", 2, 38},
        RefusedCase{"train:\n  computation_time: {mean: 1, stdev: 2592001}",
                    "train.computation_time.stdev: found 2592001, expected a number, between 0 and 2592000", 2, 38},
        RefusedCase{"train:\n  computation_time: 1\n  computation_time_stdev: 2592001",
                    "train.computation_time_stdev: found 2592001, expected a number, between 0 and 2592000", 3, 27},
        RefusedCase{"train:\n  computation_time: {type: gamma, shape: 2000, scale: 1296.1}",
                    "train.computation_time: found {type: gamma, shape: 2000, scale: 1296.1}, expected 'shape' times "
                    "'scale' at most 2592000",
                    2, 21},
        RefusedCase{"train:\n  computation_time: {type: uniform, min: -1, max: 1}",
                    "train.computation_time.min: found -1, expected a number, between 0 and 2592000", 2, 42},
        RefusedCase{"train:\n  computation_time: {type: exponential, scale: 2592001}",
                    "train.computation_time.scale: found 2592001, expected a number, between 0 and 2592000", 2, 48},
        RefusedCase{"train:\n  computation_time: {type: uniform, min: 2, max: 1}", "expected 'max' not below 'min'", 2,
                    21},
        RefusedCase{"train:\n  computation_time: {type: uniform, min: 2}", "expected a map with 'max'", 2, 21},
        RefusedCase{"train:\n  computation_time: {type: gamma, shape: 0, scale: 1}",
                    "expected 'shape' and 'scale' above 0", 2, 21},
        RefusedCase{"train:\n  computation_time: {type: exponential, scale: 0}", "expected 'scale' above 0", 2, 21},
        RefusedCase{"train:\n  computation_time: {type: poisson, lam: -1}",
                    "train.computation_time.lam: found -1, expected a number, between 0 and 2592000", 2, 42},
        RefusedCase{"train:\n  computation_time: 1\n  computation_time_stdev: -1",
                    "train.computation_time_stdev: found -1, expected a number, between 0 and 2592000", 3, 27}));

INSTANTIATE_TEST_SUITE_P(
    Columns, RefusedValue,
    ::testing::Values(RefusedCase{"dataset:\n  parquet:\n    columns: 5",
                                  "dataset.parquet.columns: found 5, expected a list of columns", 3, 14},
                      RefusedCase{"dataset:\n  parquet:\n    columns:\n    - {nme: x}",
                                  "dataset.parquet.columns[0].nme: unknown key; did you mean 'name'?", 4, 8},
                      RefusedCase{"dataset:\n  parquet:\n    columns:\n    - {name: x, dtype: float}",
                                  "dataset.parquet.columns[0].dtype: found 'float', expected one of uint8", 4, 24},
                      RefusedCase{"dataset:\n  parquet:\n    columns:\n    - {name: x, dtype: complex64}",
                                  "expected one of uint8", 4, 24},
                      RefusedCase{"dataset:\n  parquet:\n    columns:\n    - {name: x, size: 0}",
                                  "expected an integer, at least 1", 4, 23},
                      RefusedCase{"dataset:\n  parquet:\n    columns:\n    - {name: x, read: maybe}",
                                  "expected True or False", 4, 23},
                      RefusedCase{"dataset:\n  parquet:\n    columns:\n    - {name: ''}",
                                  "a column with a name that is not empty", 4, 7},
                      RefusedCase{"dataset:\n  parquet:\n    columns:\n    - x\n    - {name: x}",
                                  "dataset.parquet.columns[1]: a second column named 'x'", 5, 7},
                      RefusedCase{"dataset:\n  parquet:\n    columns:\n    - [x]",
                                  "expected a map {name, dtype, size, read} or a name", 4, 7}));

INSTANTIATE_TEST_SUITE_P(
    Keys, RefusedValue,
    ::testing::Values(RefusedCase{"reader:\n  read_thread: 4",
                                  "reader.read_thread: unknown key; did you mean 'read_threads'?", 2, 3},
                      RefusedCase{"data_reader:\n  batchsize: 4",
                                  "data_reader.batchsize: unknown key; did you mean 'batch_size'?", 2, 3},
                      RefusedCase{"datset:\n  format: npz", "datset: unknown key; did you mean 'dataset'?", 1, 1},
                      RefusedCase{"dataset:\n  parqet:\n    columns: []",
                                  "dataset.parqet: unknown key; did you mean 'parquet'?", 2, 3},
                      RefusedCase{"dataset:\n  parquet:\n    engine: x", "dataset.parquet.engine: unknown key", 3, 5},
                      RefusedCase{"dataset:\n  parquet:\n    row_group_sise: 5",
                                  "dataset.parquet.row_group_sise: unknown key; did you mean 'row_group_size'?", 3, 5},
                      RefusedCase{"reader:\n  reader_classname: a.B",
                                  "reader.reader_classname: found 'a.B', but plug-ins in Python", 2, 21},
                      RefusedCase{"reader:\n  data_loader_classname: a.B",
                                  "reader.data_loader_classname: found 'a.B', but plug-ins", 2, 26},
                      RefusedCase{"checkpoint:\n  checkpoint_mechanism_classname: a.B",
                                  "but plug-ins in Python are not supported", 2, 35}));

TEST(UnknownKeys, ThatLookLikeNoKnownOneWarnOnce) {
  const Loaded result = loaded(
      "logging:\n  level: debug\n  file: x\ndataset:\n  parquet_row_group_size: 5\n  num_files_test: 3\nworkflow: "
      "{debug: True}\n",
      {"++workload.train.mood=good"});
  EXPECT_THAT(
      result.warnings,
      ElementsAre("logging: unknown key, ignored (test.yaml:1:1)",
                  "dataset.parquet_row_group_size: unknown key, ignored (test.yaml:5:3)",
                  "dataset.num_files_test: unknown key, ignored; did you mean 'num_files_eval'? (test.yaml:6:3)",
                  "train.mood: unknown key, ignored (override '++workload.train.mood=good')",
                  "accepted, without effect here: workflow.debug"));
}

TEST(UnknownKeys, InAnOverrideShowItsText) {
  const auto result = try_load("", {"++workload.reader.read_thread=4"});
  EXPECT_ERROR(result, Code::kConfig, "reader.read_thread: unknown key; did you mean 'read_threads'?");
  EXPECT_EQ(result.error().where->file, "override '++workload.reader.read_thread=4'");
}

TEST(KeysWithoutEffect, AreNoticedOnlyWhenChanged) {
  EXPECT_THAT(loaded("reader: {pin_memory: true, file_access: multi, data_loader_sampler: null}").warnings, IsEmpty());
  EXPECT_THAT(
      loaded("reader: {pin_memory: false, dont_use_mmap: True}\nstorage: {storage_options: {region: us-east-1}}")
          .warnings,
      ElementsAre("accepted, without effect here: reader.dont_use_mmap, reader.pin_memory"));
}

TEST(Overrides, SwitchShufflesOff) {
  // On the command line `off` is a string, not a boolean.
  const Loaded result = loaded("reader: {file_shuffle: seed, sample_shuffle: seed}",
                               {"++workload.reader.file_shuffle=off", "++workload.reader.sample_shuffle=False"});
  EXPECT_EQ(result.workload.reader.file_shuffle, Shuffle::kOff);
  EXPECT_EQ(result.workload.reader.sample_shuffle, Shuffle::kOff);
}

TEST(Overrides, ValuesAreCheckedAsThoseOfFiles) {
  const auto result = try_load("", {"++workload.reader.batch_size=many"});
  EXPECT_ERROR(result, Code::kConfig, "reader.batch_size: found 'many', expected an integer, at least 1");
  EXPECT_EQ(result.error().where->file, "override '++workload.reader.batch_size=many'");
}

TEST(ImageFormats, ForceBytes) {
  const Loaded result = loaded("dataset: {format: jpeg, record_element_type: float32}");
  EXPECT_EQ(result.workload.dataset.record_element_type, DType::kUint8);
  EXPECT_THAT(result.warnings,
              Contains(HasSubstr("dataset.record_element_type: found float32, but jpeg images hold uint8")));
}

}  // namespace
}  // namespace stoker::config
