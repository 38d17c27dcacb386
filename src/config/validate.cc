#include "config/validate.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <set>
#include <span>
#include <utility>

#include "base/did_you_mean.h"
#include "base/error_number.h"
#include "base/plural.h"
#include "config/data_set_names.h"
#include "config/field_value.h"
#include "config/fields.h"
#include "config/format_checks.h"
#include "config/formats.h"
#include "config/sample_geometry.h"
#include "config/storage_model.h"

namespace stoker::config {
namespace {

Status check_workflow(const Workload& w, std::vector<std::string>& warnings) {
  const Workflow& flow = w.workflow;
  if (!flow.train && !flow.generate_data && !flow.checkpoint) {
    return refuse("nothing to do: workflow.train, workflow.generate_data and workflow.checkpoint are all False",
                  "set one of them, as in ++workload.workflow.train=True");
  }
  if (flow.generate_data && w.dataset.num_files_train + w.dataset.num_files_eval == 0) {
    return refuse("nothing to generate: dataset.num_files_train and dataset.num_files_eval are both 0",
                  "set one of them, as in ++workload.dataset.num_files_train=8");
  }
  if (flow.evaluation && !flow.train) {
    // Generating alone is DLIO's usual first call with the same file (++workload.workflow.train=False), so only a run
    // that could have evaluated is refused.
    if (!generate_only(w)) {
      return refuse(
          "workflow.evaluation: found True, expected False when workflow.train is False: evaluations run inside epochs",
          "set ++workload.workflow.train=True or ++workload.workflow.evaluation=False");
    }
    warnings.emplace_back("workflow.evaluation: no effect, because data are only generated");
  }
  if (flow.train) {
    const bool disagree = (w.framework == Framework::kPytorch && w.reader.data_loader == DataLoaderName::kTensorflow) ||
                          (w.framework == Framework::kTensorflow && w.reader.data_loader == DataLoaderName::kPytorch);
    if (disagree) {
      return refuse(fmt::format("framework and reader.data_loader disagree: found {} and {}", to_string(w.framework),
                                to_string(w.reader.data_loader)),
                    fmt::format("set ++workload.reader.data_loader={0}", to_string(w.framework)));
    }
    if (const FormatSpec& format = spec_of(w.dataset.format);
        !format.dlio_reads_with_pytorch && w.reader.data_loader == DataLoaderName::kPytorch) {
      warnings.push_back(
          fmt::format("reader.data_loader: DLIO cannot read {} with pytorch; the native reader does", format.text));
    }
    if (w.reader.data_loader == DataLoaderName::kDali || w.reader.data_loader == DataLoaderName::kNativeDali) {
      warnings.push_back(
          fmt::format("reader.data_loader: {} is treated like pytorch", to_string(w.reader.data_loader)));
    }
  }
  if (w.reader.data_loader == DataLoaderName::kCustom) {
    return refuse("reader.data_loader: found custom, but plug-ins in Python are not supported",
                  "use one of tensorflow, pytorch, dali, native_dali, synthetic, none");
  }
  return {};
}

// The product of positive numbers, or nothing when it does not fit.
std::optional<std::int64_t> product(std::span<const std::int64_t> factors) {
  std::int64_t result = 1;
  for (const std::int64_t factor : factors) {
    if (__builtin_mul_overflow(result, factor, &result)) return std::nullopt;
  }
  return result;
}

Status check_counts(const Dataset& d) {
  const std::int64_t most_files = std::max(d.num_files_train, d.num_files_eval);
  constexpr std::int64_t kMostSamples = std::numeric_limits<std::int64_t>::max() / 4;
  const auto samples = product(std::array{most_files, d.num_samples_per_file});
  if (!samples || *samples > kMostSamples) {
    return refuse(fmt::format("dataset.num_samples_per_file: {} in each of {} cannot be counted in 64 bits",
                              counted(d.num_samples_per_file, "sample"), counted(most_files, "file")),
                  "lower one of the two");
  }
  constexpr double kLargestSample = 1e15;
  const auto elements = product(d.record_dims);
  const auto element = static_cast<double>(element_bytes(d.record_element_type));
  if (!elements || static_cast<double>(*elements) * element > kLargestSample ||
      d.record_length_bytes > kLargestSample || d.record_length_bytes_stdev > kLargestSample) {
    return refuse(
        fmt::format("{}: a sample of more than {:.0f} bytes",
                    d.record_dims.empty() ? "dataset.record_length_bytes" : "dataset.record_dims", kLargestSample),
        "lower it");
  }
  return {};
}

Status check_geometry(const Dataset& d) {
  STOKER_TRY(check_counts(d));
  if (!d.record_dims.empty() && d.record_length_bytes_stdev > 0) {
    return refuse(
        fmt::format("dataset.record_dims and dataset.record_length_bytes_stdev exclude each other: found {} and {}",
                    counted(d.record_dims.size(), "dimension"), d.record_length_bytes_stdev),
        "set ++workload.dataset.record_length_bytes_stdev=0, or remove record_dims");
  }
  return {};
}

Status check_compression(const Dataset& d, std::vector<std::string>& warnings) {
  const std::span<const Compression> known = spec_of(d.format).compressions;
  if (std::ranges::find(known, d.compression) == known.end()) {
    std::vector<std::string_view> names;
    for (const Compression codec : known) names.push_back(to_string(codec));
    return refuse(fmt::format("dataset.compression: found {}, expected one of {} for dataset.format {}",
                              to_string(d.compression), fmt::join(names, ", "), to_string(d.format)),
                  "choose a codec of the format, as in ++workload.dataset.compression=none");
  }
  if (!d.compression_level) return {};
  const bool gzip = d.compression == Compression::kGzip;
  const bool zstd = d.compression == Compression::kZstd;
  const std::int64_t highest = gzip ? 9 : 22;
  if (!gzip && !zstd) {
    warnings.push_back(
        fmt::format("dataset.compression_level: no effect with compression {}", to_string(d.compression)));
  } else if (*d.compression_level < 1 || *d.compression_level > highest) {
    return refuse(fmt::format("dataset.compression_level: found {}, expected 1 to {} for {}", *d.compression_level,
                              highest, to_string(d.compression)),
                  "remove the key for the codec's own default");
  }
  return {};
}

Status check_decode_images(const Workload& w) {
  if (!w.reader.decode_images) return {};
  if (!reads_nothing(w) && spec_of(w.dataset.format).is_image) return {};
  std::vector<std::string_view> images;
  for (const FormatSpec& spec : format_specs()) {
    if (spec.is_image) images.push_back(spec.text);
  }
  return refuse(
      fmt::format("reader.decode_images: found True, but {}; expected dataset.format {}",
                  reads_nothing(w) ? std::string("a synthetic loader or format reads no images")
                                   : fmt::format("files of format {} are no images", to_string(w.dataset.format)),
                  fmt::join(images, " or ")),
      "set ++workload.reader.decode_images=False");
}

// What the collator would refuse in the middle of the first epoch is refused before anything is written.
Status check_collate(const Workload& w) {
  if (!w.reader.collate) return {};
  if (reads_nothing(w)) {
    return refuse("reader.collate: found True, but a synthetic loader or format makes no arrays to copy",
                  "set ++workload.reader.collate=False");
  }
  const FormatSpec& spec = spec_of(w.dataset.format);
  const bool drawn = !spec.has_columns && w.dataset.record_length_bytes_stdev > 0;
  const bool encoded = spec.is_image && !w.reader.decode_images;
  if (encoded || drawn) {
    return refuse(fmt::format("reader.collate: found True, but samples of format {}{} have no one size", spec.text,
                              drawn ? " and dataset.record_length_bytes_stdev" : ""),
                  drawn ? "set ++workload.reader.collate=False"
                        : "set ++workload.reader.collate=False, or ++workload.reader.decode_images=True where all "
                          "images have as many pixels");
  }
  if (!spec.has_columns) return {};
  if (!makes_arrays(w)) {
    return refuse(fmt::format("reader.collate: found True, but dataset.parquet.decode: {} makes no arrays to copy",
                              to_string(w.dataset.parquet.decode)),
                  "use dataset.parquet.decode: arrays, or reader.collate: false");
  }
  for (const ColumnSpec& c : effective_columns(w)) {
    if (c.read && (c.dtype == DType::kString || c.dtype == DType::kBinary)) {
      return refuse(
          fmt::format("reader.collate: column '{}' is {}, whose rows have different sizes", c.name, to_string(c.dtype)),
          "leave it out with `read: false`, or use reader.collate: false");
    }
  }
  return {};
}

// The generator gives values, so values must have been read.
Status check_verify(const Workload& w) {
  if (!w.reader.verify) return {};
  if (reads_nothing(w)) {
    return refuse("reader.verify: found True, but a synthetic loader or format reads no values to compare",
                  "set ++workload.reader.verify=False");
  }
  if (!makes_arrays(w)) {
    return refuse(fmt::format("reader.verify: found True, but dataset.parquet.decode: {} makes no values to compare",
                              to_string(w.dataset.parquet.decode)),
                  "use dataset.parquet.decode: arrays or arrow, or reader.verify: false");
  }
  return {};
}

Status check_checkpoint(const Workload& w, std::vector<std::string>& warnings) {
  if (!w.workflow.checkpoint) return {};
  const Checkpoint& c = w.checkpoint;
  const Model& m = w.model;
  if (m.num_layers > 0 && m.num_layers < m.parallelism.pipeline) {
    return refuse(fmt::format("model.num_layers: found {}, expected at least model.parallelism.pipeline, {}",
                              m.num_layers, m.parallelism.pipeline),
                  "lower the pipeline parallelism");
  }
  if (m.parallelism.pipeline > 1 && m.parallelism.zero_stage == 3) {
    return refuse(fmt::format("model.parallelism.zero_stage: 3 cannot be combined with model.parallelism.pipeline {}",
                              m.parallelism.pipeline),
                  "use zero_stage 1 or pipeline 1");
  }
  if (c.mode == "default" && m.parallelism.data > 0) {
    return refuse(fmt::format("model.parallelism.data: found {}, but it may be set in checkpoint.mode subset only",
                              m.parallelism.data),
                  "set ++workload.checkpoint.mode=subset, or remove the key");
  }
  if (c.mode == "subset" && m.parallelism.data < 1) {
    return refuse("checkpoint.mode: subset needs model.parallelism.data, the data parallelism of the full job",
                  "set ++workload.model.parallelism.data=N");
  }
  if (c.num_checkpoints_write > 0 && c.num_checkpoints_read > c.num_checkpoints_write) {
    return refuse(
        fmt::format("checkpoint.num_checkpoints_read: found {}, expected at most checkpoint.num_checkpoints_write, {}",
                    c.num_checkpoints_read, c.num_checkpoints_write),
        "read no more checkpoints than are written");
  }
  if (c.ksm && c.randomize_tensor) {
    return refuse("checkpoint.ksm: same-page merging needs checkpoint.randomize_tensor False, found True",
                  "set ++workload.checkpoint.randomize_tensor=False");
  }
  if (!w.workflow.train && c.num_checkpoints_write <= 0 && c.num_checkpoints_read <= 0) {
    warnings.emplace_back(
        "checkpoint.num_checkpoints_write and num_checkpoints_read are both 0 or less: no checkpoint is "
        "written or read");
  }
  return {};
}

// A data set that is computed where it is read lies nowhere. What its format can compute is the format's to say.
Status check_generated(const Workload& w) {
  if (!w.workflow.generate_data) return {};
  return refuse(
      "workflow.generate_data: found True, expected False, as the files of storage.storage_type generated are computed "
      "when they are read",
      "set ++workload.workflow.generate_data=False, or write the data set with "
      "++workload.storage.storage_type=local_fs");
}

Status check_storage(const Workload& w) {
  const Storage& storage = w.storage;
  if (const auto model = storage_model(w); !model) return model.error();
  const bool object_store = storage.storage_type == StorageType::kS3 || storage.storage_type == StorageType::kAistore;
  if (!object_store) {
    for (const auto& [key, folder] : {std::pair("dataset.data_folder", &w.dataset.data_folder),
                                      std::pair("storage.storage_root", &storage.storage_root)}) {
      if (!is_uri(*folder)) continue;
      return refuse(fmt::format("{}: found '{}', a URI, but storage.storage_type is {}; expected a path", key, *folder,
                                to_string(storage.storage_type)),
                    "leave the scheme out (file:///data is /data); object stores are not supported");
    }
    return storage.storage_type == StorageType::kGenerated ? check_generated(w) : Status{};
  }
  return Error{
      .code = Code::kUnsupported,
      .message = fmt::format("storage.storage_type: found {}, but object stores are not supported; expected one of "
                             "local_fs, parallel_fs, direct_fs",
                             to_string(storage.storage_type)),
      .hint = "mount the store as a file system and use ++workload.storage.storage_type=local_fs"};
}

Status check_steps(const Workload& w, int ranks, std::vector<std::string>& warnings) {
  if (!w.workflow.train) return {};
  const Dataset& d = w.dataset;
  const std::int64_t steps = steps_per_epoch(w, ranks);
  if (steps == 0) {
    const std::int64_t needed = ranks * w.reader.batch_size;
    const std::int64_t files = (needed + d.num_samples_per_file - 1) / d.num_samples_per_file;
    return refuse(
        fmt::format("an epoch has no step: {} with {} each are fewer than the {} of one step (batch_size {} on {})",
                    counted(d.num_files_train, "file"), counted(d.num_samples_per_file, "sample"),
                    counted(needed, "sample"), w.reader.batch_size, counted(ranks, "rank")),
        fmt::format(
            "at least {} {} needed: ++workload.dataset.num_files_train={}{}", counted(files, "file"),
            files == 1 ? "is" : "are", files,
            w.workflow.generate_data
                ? ""
                : "; where the files have more samples, ++workload.dataset.num_samples_per_file says how many"));
  }
  if (w.train.total_training_steps > steps) {
    return refuse(fmt::format("train.total_training_steps: found {}, expected at most the {} of an epoch",
                              w.train.total_training_steps, counted(steps, "step")),
                  "lower it, or use more files or a smaller batch");
  }
  const std::int64_t run = w.train.total_training_steps > 0 ? w.train.total_training_steps : steps;
  const std::int64_t excluded = w.output.exclude_start_steps + w.output.exclude_end_steps;
  if (excluded >= run) {
    warnings.push_back(
        fmt::format("output.metric.exclude_start_steps and exclude_end_steps leave out {}, but an epoch has {}: "
                    "no step is measured",
                    counted(excluded, "step"), run));
  }
  if (w.workflow.evaluation && steps_per_eval(w, ranks) == 0) {
    warnings.push_back(fmt::format("an evaluation has no step: {} with {} each are fewer than the {} of one step",
                                   counted(d.num_files_eval, "file"), counted(d.num_samples_per_file, "sample"),
                                   counted(ranks * w.reader.batch_size_eval, "sample")));
  }
  return {};
}

Status check_checkpoint_ranks(const Workload& w, int ranks) {
  if (!w.workflow.checkpoint) return {};
  const Parallelism& p = w.model.parallelism;
  const auto group = product(std::array{p.tensor, p.pipeline});
  if (!group) return refuse("model.parallelism: tensor times pipeline does not fit in 64 bits", "lower them");
  if (w.checkpoint.mode == "subset") {
    const auto full = product(std::array{*group, p.data});
    if (full && ranks > *full) {
      return refuse(
          fmt::format("checkpoint.mode subset: {}, but the full job has {} (data {} * tensor {} * pipeline {})",
                      counted(ranks, "rank"), *full, p.data, p.tensor, p.pipeline),
          fmt::format("run at most {}", counted(*full, "rank")));
    }
  } else if (ranks % *group != 0) {
    return refuse(fmt::format("checkpoints of {}: expected a multiple of {} (tensor {} * pipeline {})",
                              counted(ranks, "rank"), *group, p.tensor, p.pipeline),
                  "change the number of ranks, or use ++workload.checkpoint.mode=subset with model.parallelism.data");
  }
  return {};
}

Status check_all(const Workload& w, std::vector<std::string>& warnings) {
  for (const Field& field : fields()) STOKER_TRY(check_bounds(field, w));
  STOKER_TRY(check_workflow(w, warnings));
  STOKER_TRY(check_geometry(w.dataset));
  STOKER_TRY(check_compression(w.dataset, warnings));
  if (const auto check = spec_of(w.dataset.format).check) STOKER_TRY(check(w));
  STOKER_TRY(check_decode_images(w));
  STOKER_TRY(check_collate(w));
  STOKER_TRY(check_verify(w));
  STOKER_TRY(check_storage(w));
  return check_checkpoint(w, warnings);
}

std::int64_t full_steps(std::int64_t files, std::int64_t samples_per_file, std::int64_t batch_size, int ranks) {
  const auto needed = product(std::array{std::int64_t{ranks}, batch_size});
  return needed ? files * samples_per_file / *needed : 0;
}

}  // namespace

std::int64_t steps_per_epoch(const Workload& w, int ranks) {
  return full_steps(w.dataset.num_files_train, w.dataset.num_samples_per_file, w.reader.batch_size, ranks);
}

std::int64_t steps_per_eval(const Workload& w, int ranks) {
  return full_steps(w.dataset.num_files_eval, w.dataset.num_samples_per_file, w.reader.batch_size_eval, ranks);
}

Validation validate(const Workload& w) {
  Validation result;
  result.status = check_all(w, result.warnings);
  return result;
}

Validation validate(const Workload& w, int ranks) {
  STOKER_CHECK(ranks >= 1);
  Validation result;
  std::vector<std::string> already_printed;
  result.status = check_all(w, already_printed);
  if (result.status) result.status = check_steps(w, ranks, result.warnings);
  if (result.status) result.status = check_checkpoint_ranks(w, ranks);
  return result;
}

}  // namespace stoker::config
