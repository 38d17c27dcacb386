#include "mlperf/rules/overrides.h"

#include <fmt/format.h>

#include <array>

#include "config/fields.h"
#include "config/node.h"
#include "mlperf/rules/checks_internal.h"

namespace stoker::rules {
namespace {

using enum Category;

constexpr std::string_view kTuning = "how the client reads is the submitter's to tune";
constexpr std::string_view kPlace = "where data lie is the submitter's to choose";
constexpr std::string_view kWork = "it changes the work that the benchmark prescribes";
constexpr std::string_view kData = "it changes the data that the benchmark prescribes";
constexpr std::string_view kMeasure = "it changes how the result is measured";

// What is not in the table is INVALID; rows that say so give a better reason than that.
constexpr std::array kTraining{
    OverrideRow{"dataset.num_files_train", kClosed, "the size of the data set is the submitter's, above the minimum"},
    OverrideRow{"dataset.num_subfolders_train", kClosed, "how files are spread over folders is the submitter's"},
    OverrideRow{"dataset.data_folder", kClosed, kPlace},
    OverrideRow{"dataset.overwrite", kClosed, "what becomes of an older data set is no part of the measurement", "",
                true},
    OverrideRow{"reader.read_threads", kClosed, kTuning},
    OverrideRow{"reader.computation_threads", kClosed, kTuning},
    OverrideRow{"reader.transfer_size", kClosed, kTuning},
    OverrideRow{"reader.odirect", kClosed, kTuning},
    OverrideRow{"reader.prefetch_size", kClosed, kTuning},
    OverrideRow{"dataset.write_direct", kClosed, "it changes how files are written, and none of their bytes", "", true},
    OverrideRow{"checkpoint.checkpoint_folder", kClosed, kPlace},
    OverrideRow{"storage.storage_type", kClosed, kPlace},
    OverrideRow{"storage.storage_root", kClosed, kPlace},

    OverrideRow{"framework", kOpen, "another framework is for the OPEN division"},
    OverrideRow{"dataset.format", kOpen, "another file format is for the OPEN division"},
    OverrideRow{"dataset.num_samples_per_file", kOpen, "another number of samples per file is for the OPEN division"},
    OverrideRow{"reader.data_loader", kOpen, "another data loader is for the OPEN division"},
    // stoker's own settings of its loader, judged like another loader: all the work is still done.
    OverrideRow{"reader.chunk_bytes", kOpen, "a setting of stoker's loader that the CLOSED division does not know", "",
                true},
    OverrideRow{"reader.io_depth", kOpen, "a setting of stoker's loader that the CLOSED division does not know", "0",
                true},
    OverrideRow{"reader.collate", kOpen, "a setting of stoker's loader that the CLOSED division does not know", "false",
                true},
    // They add work and leave none out.
    OverrideRow{"reader.verify", kOpen, "the CLOSED division does not know a reader that compares values", "false",
                true},
    OverrideRow{"reader.verify_checksums", kOpen, "a setting of stoker's loader that the CLOSED division does not know",
                "true", true},
    OverrideRow{"reader.decode_images", kOpen, "the CLOSED division does not know a reader that decodes images",
                "false", true},
    OverrideRow{"dataset.parquet.page_checksums", kOpen, "the benchmark's files have no checksums in page headers",
                "false", true},

    OverrideRow{"reader.drop_caches", kInvalid,
                "without it epochs may be read from the clients' memory instead of the storage", "true", true},
    OverrideRow{"dataset.parquet.decode", kInvalid,
                "a reader that stops before the values are decoded does less than training needs", "arrays", true},
    OverrideRow{"storage.storage_options.columns", kInvalid, kWork, "", true},
    OverrideRow{"storage.model*", kInvalid, "a model stands between the run and the storage", "", true},
    OverrideRow{"dataset.compression*", kInvalid, "compressed data are not the data that the benchmark prescribes"},
    OverrideRow{"dataset.parquet*", kInvalid, "the layout of Parquet files is part of the workload"},
    OverrideRow{"dataset.record_*", kInvalid, kData},
    OverrideRow{"dataset.num_files_eval", kInvalid, kWork},
    OverrideRow{"dataset.hdf5*", kInvalid, kData},
    OverrideRow{"reader.batch_size*", kInvalid, kWork},
    OverrideRow{"reader.file_shuffle", kInvalid, kWork},
    OverrideRow{"reader.sample_shuffle", kInvalid, kWork},
    OverrideRow{"reader.shuffle_size", kInvalid, kWork},
    OverrideRow{"reader.read_type", kInvalid, kWork},
    OverrideRow{"reader.preprocess_time*", kInvalid, kWork},
    OverrideRow{"train*", kInvalid, kWork},
    OverrideRow{"evaluation*", kInvalid, kWork},
    OverrideRow{"model*", kInvalid, kWork},
    OverrideRow{"metric*", kInvalid, kMeasure},
    OverrideRow{"output*", kInvalid, kMeasure},
    OverrideRow{"profiling.profiler", kInvalid, kMeasure, "none"},
    OverrideRow{"profiling*", kInvalid, kMeasure},
};

constexpr std::array kCheckpointing{
    OverrideRow{"checkpoint.checkpoint_folder", kClosed, kPlace},
    OverrideRow{"checkpoint.mode", kClosed, "a subset of 8 processes is a CLOSED run of its own"},
    OverrideRow{"checkpoint.num_checkpoints_read", kClosed, "writing and reading may be runs of their own"},
    OverrideRow{"checkpoint.num_checkpoints_write", kClosed, "writing and reading may be runs of their own"},
    OverrideRow{"model.parallelism.data", kClosed, "it follows from the number of processes"},
    OverrideRow{"storage.storage_type", kClosed, kPlace},
    OverrideRow{"storage.storage_root", kClosed, kPlace},

    OverrideRow{"checkpoint.fsync", kInvalid, "a checkpoint counts as written when it is on the storage", "true"},
    OverrideRow{"model*", kInvalid, kWork},
    OverrideRow{"checkpoint*", kInvalid, kWork},
};

bool fits(const OverrideRow& row, std::string_view key) {
  if (!row.key.ends_with('*')) return row.key == key;
  return key.starts_with(row.key.substr(0, row.key.size() - 1));
}

std::string_view rule_suffix(Category category) {
  switch (category) {
    case kClosed: return "closed";
    case kOpen: return "open";
    case kInvalid: return "invalid";
  }
  return "invalid";
}

}  // namespace

std::span<const OverrideRow> training_overrides() {
  return kTraining;
}

std::span<const OverrideRow> checkpointing_overrides() {
  return kCheckpointing;
}

KeyVerdict judge_key(std::span<const OverrideRow> table, std::string_view key, std::string_view value) {
  for (const OverrideRow& row : table) {
    if (!fits(row, key)) continue;
    if (!row.neutral_value.empty() && config::lower(value) == row.neutral_value) {
      return {kClosed, "it is set to what holds anyway", {}};
    }
    return {row.category, row.reason, row.neutral_value};
  }
  return {kInvalid, "the rules do not allow to change it", {}};
}

Finding judge_override(std::span<const OverrideRow> table, std::string_view benchmark, const std::string& key,
                       const results::Json& value, const results::Json& stock) {
  Finding finding;
  finding.parameter = key;
  const KeyVerdict verdict = judge_key(table, key, value_text(value));
  const config::Field* field = config::find_field(key);
  finding.actual = field != nullptr && field->secret ? "(hidden)" : value_text(value);
  finding.category = verdict.category;
  finding.expected = verdict.neutral_value;
  const std::string_view reason = verdict.reason;
  finding.rule = fmt::format("{}.override.{}", benchmark, rule_suffix(finding.category));
  switch (finding.category) {
    case kClosed:
      finding.message = fmt::format("{} may be set: {}", key, reason);
      finding.severity = Severity::kInfo;
      return finding;
    case kOpen: finding.message = fmt::format("{} may be set in the OPEN division only: {}", key, reason); break;
    case kInvalid: finding.message = fmt::format("{} may not be set: {}", key, reason); break;
  }
  if (value == stock && !stock.is_null()) {
    finding.remedy = "leave it out: the workload has this value anyway";
  } else if (finding.category == kOpen) {
    finding.remedy = "use --open; or leave it out, and if the data set brings it, write one without it";
  } else {
    finding.remedy = "leave it out; if the data set brings it, write one without it";
  }
  if (finding.expected.empty() && !stock.is_null()) finding.expected = value_text(stock);
  return finding;
}

namespace internal {

void check_overrides(const CheckContext& c, Findings& findings, std::string_view benchmark) {
  if (!c.run.overrides.is_object()) return;
  const auto table = benchmark == "training" ? training_overrides() : checkpointing_overrides();
  for (const auto& [typed, value] : c.run.overrides.items()) {
    const std::string key = canonical_key(typed);
    if (benchmark == "training" && key.starts_with("workflow")) continue;
    const results::Json* stock = c.stock ? c.stock->find(key) : nullptr;
    findings.push_back(judge_override(table, benchmark, key, value, stock == nullptr ? results::Json() : *stock));
  }
}

}  // namespace internal
}  // namespace stoker::rules
