#include "mlperf/rules/overrides.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "config/fields.h"
#include "mlperf/rules/effective.h"
#include "mlperf/rules/judge.h"
#include "mlperf/rules/testing/finding_matchers.h"
#include "mlperf/rules/testing/sample_runs.h"

namespace stoker::rules {
namespace {

using results::Json;
using ::testing::HasSubstr;

Category training(const std::string& key, const Json& value = 3) {
  return judge_override(training_overrides(), "training", canonical_key(key), value, Json()).category;
}
Category checkpointing(const std::string& key, const Json& value = 3) {
  return judge_override(checkpointing_overrides(), "checkpointing", canonical_key(key), value, Json()).category;
}

TEST(JudgeOverride, TheTrainingTable) {
  for (const char* key :
       {"dataset.num_files_train", "dataset.num_subfolders_train", "dataset.data_folder", "reader.read_threads",
        "reader.computation_threads", "reader.transfer_size", "reader.odirect", "reader.prefetch_size",
        "checkpoint.checkpoint_folder", "storage.storage_type", "storage.storage_root"}) {
    EXPECT_EQ(training(key), Category::kClosed) << key;
    EXPECT_NE(training(std::string(key) + "_x"), Category::kClosed) << "only whole names count: " << key;
  }
  for (const char* key : {"framework", "dataset.format", "dataset.num_samples_per_file", "reader.data_loader"}) {
    EXPECT_EQ(training(key), Category::kOpen) << key;
    EXPECT_NE(training(std::string(key) + "_x"), Category::kOpen) << key;
  }
  for (const char* key : {"reader.batch_size",
                          "train.epochs",
                          "train.computation_time",
                          "train.seed",
                          "dataset.record_length_bytes",
                          "dataset.record_length_bytes_stdev",
                          "dataset.compression",
                          "dataset.compression_level",
                          "dataset.parquet.row_group_size",
                          "dataset.parquet.columns",
                          "dataset.parquet.read_mode",
                          "dataset.parquet.dictionary",
                          "dataset.parquet.partition_by",
                          "dataset.num_files_eval",
                          "metric.au",
                          "output.metric.exclude_start_steps",
                          "reader.file_shuffle",
                          "reader.sample_shuffle",
                          "reader.read_type",
                          "reader.preprocess_time",
                          "model.model_size_bytes",
                          "dataset.hdf5.chunk_dims",
                          "dataset.num_dset_per_record",
                          "reader.shuffle_size",
                          "evaluation.eval_time",
                          "evaluation.epochs_between_evals",
                          "profiling.profiler",
                          "profiling.iostat_devices",
                          "storage.storage_options.columns",
                          "storage.storage_library",
                          "no.such.key",
                          "dataset"}) {
    EXPECT_EQ(training(key), Category::kInvalid) << key;
  }
}

// The keys that a row speaks of; for one that ends in '*', those of the field table that no row before it names.
std::vector<std::string> keys_of(std::span<const OverrideRow> table, std::size_t row) {
  const std::string_view pattern = table[row].key;
  if (!pattern.ends_with('*')) return {std::string(pattern)};
  const auto fits = [](std::string_view key, std::string_view rule) {
    return rule.ends_with('*') ? key.starts_with(rule.substr(0, rule.size() - 1)) : key == rule;
  };
  std::vector<std::string> keys;
  for (const config::Field& field : config::fields()) {
    const auto first =
        std::ranges::find_if(table, [&](const OverrideRow& other) { return fits(field.key, other.key); });
    if (first - table.begin() == static_cast<std::ptrdiff_t>(row)) keys.emplace_back(field.key);
  }
  return keys;
}

TEST(JudgeOverride, EveryRowOfBothTables) {
  const auto category_in = [](rules::Run run, const std::string& key, const Json& value) {
    run.overrides = {{key, value}};
    std::vector<Finding> findings;
    for (const Finding& f : judge(run).findings) {
      if (f.rule.find(".override.") != std::string::npos) findings.push_back(f);
    }
    EXPECT_EQ(findings.size(), 1U) << key;
    return findings.empty() ? Category::kClosed : findings[0].category;
  };
  const struct {
    std::span<const OverrideRow> table;
    rules::Run run;
  } benchmarks[] = {{training_overrides(), testing::training_run()},
                    {checkpointing_overrides(), testing::checkpointing_run()}};
  for (const auto& [table, run] : benchmarks) {
    for (std::size_t row = 0; row < table.size(); ++row) {
      const auto keys = keys_of(table, row);
      EXPECT_FALSE(keys.empty()) << table[row].key << ": a row that speaks of nothing";
      for (const std::string& key : keys) {
        EXPECT_EQ(category_in(run, key, "sample"), table[row].category) << key;
        if (table[row].neutral_value.empty()) continue;
        EXPECT_EQ(category_in(run, key, std::string(table[row].neutral_value)), Category::kClosed) << key;
      }
    }
  }
}

TEST(JudgeOverride, SettingsThatChangeNothingAreClosed) {
  EXPECT_EQ(training("profiling.profiler", "none"), Category::kClosed);
  EXPECT_EQ(training("profiling.profiler", "iostat"), Category::kInvalid);
}

TEST(JudgeOverride, StokersOwnKeysAreJudgedByTheirValues) {
  EXPECT_EQ(training("reader.drop_caches", true), Category::kClosed);
  EXPECT_EQ(training("reader.drop_caches", false), Category::kInvalid);
  EXPECT_EQ(training("reader.drop_caches", "True"), Category::kClosed) << "as text";
  EXPECT_EQ(training("dataset.parquet.decode", "arrays"), Category::kClosed);
  for (const char* depth : {"arrow", "decompress", "none"}) {
    EXPECT_EQ(training("dataset.parquet.decode", depth), Category::kInvalid) << depth;
    EXPECT_EQ(training("storage.storage_options.decode", depth), Category::kInvalid) << "its other name";
  }
  EXPECT_EQ(training("reader.chunk_bytes"), Category::kOpen);
  EXPECT_EQ(training("reader.io_depth"), Category::kOpen);
  EXPECT_EQ(training("reader.collate", true), Category::kOpen);
  EXPECT_EQ(training("reader.collate", false), Category::kClosed);
  EXPECT_EQ(training("reader.verify", true), Category::kOpen);
  EXPECT_EQ(training("reader.verify", false), Category::kClosed);
  EXPECT_EQ(training("reader.verify_checksums", false), Category::kOpen);
  EXPECT_EQ(training("reader.verify_checksums", true), Category::kClosed);
  EXPECT_EQ(training("dataset.write_direct", "never"), Category::kClosed);
  EXPECT_EQ(training("storage.model.latency", "5ms"), Category::kInvalid);
  EXPECT_EQ(training("dataset.parquet.page_checksums", true), Category::kOpen);
  EXPECT_EQ(training("dataset.parquet.page_checksums", false), Category::kClosed);
}

TEST(JudgeOverride, OtherNamesOfAKeyAreTheKey) {
  EXPECT_EQ(training("data_reader.read_threads"), Category::kClosed);
  EXPECT_EQ(training("workload.reader.read_threads"), Category::kClosed);
  EXPECT_EQ(training("dataset.num_samples"), Category::kOpen);
}

TEST(JudgeOverride, TheCheckpointingTable) {
  for (const char* key :
       {"checkpoint.checkpoint_folder", "checkpoint.mode", "checkpoint.num_checkpoints_read",
        "checkpoint.num_checkpoints_write", "model.parallelism.data", "storage.storage_type", "storage.storage_root"}) {
    EXPECT_EQ(checkpointing(key), Category::kClosed) << key;
    EXPECT_EQ(checkpointing(std::string(key) + "_x"), Category::kInvalid) << key;
  }
  for (const char* key : {"model.num_layers", "model.parallelism.tensor", "checkpoint.time_between_checkpoints",
                          "checkpoint.randomize_tensor", "framework", "dataset.format"}) {
    EXPECT_EQ(checkpointing(key), Category::kInvalid) << key;
  }
  EXPECT_EQ(checkpointing("checkpoint.fsync", true), Category::kClosed);
  EXPECT_EQ(checkpointing("checkpoint.fsync", false), Category::kInvalid);
}

TEST(JudgeOverride, SaysWhatWasFoundAndWhatToDo) {
  const Finding finding = judge_override(training_overrides(), "training", "reader.batch_size", 8, 7);
  EXPECT_EQ(finding.rule, "training.override.invalid");
  EXPECT_EQ(
      to_string(finding),
      "[INVALID] reader.batch_size may not be set: it changes the work that the benchmark prescribes (expected 7, "
      "found 8)");
  EXPECT_THAT(finding.remedy, HasSubstr("leave it out"));
  // The submission checker judges keys, so we do; but one that repeats the workload's value is easily mended.
  const Finding repeated = judge_override(training_overrides(), "training", "reader.batch_size", 7, 7);
  EXPECT_EQ(repeated.category, Category::kInvalid);
  EXPECT_THAT(repeated.remedy, HasSubstr("has this value anyway"));
  EXPECT_EQ(judge_override(training_overrides(), "training", "framework", "pytorch", Json()).rule,
            "training.override.open");
  EXPECT_EQ(judge_override(training_overrides(), "training", "reader.odirect", true, Json()).rule,
            "training.override.closed");
}

TEST(JudgeOverride, KeysOfTheWorkflowAreNotJudged) {
  const Judgement judgement = judge(testing::training_run({"workflow.profiling=true"}));
  EXPECT_EQ(judgement.category(), Category::kClosed) << testing::text(judgement);
}

}  // namespace
}  // namespace stoker::rules
