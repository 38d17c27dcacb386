// Checks of one training run. Each says nothing when all is well, but for the two that a submitter wants to see met:
// the size of the data set and the accelerator utilisation.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <limits>

#include "base/units.h"
#include "config/node.h"
#include "config/workload.h"
#include "mlperf/plan/catalogue.h"
#include "mlperf/rules/checks_internal.h"
#include "mlperf/rules/planned_run.h"
#include "mlperf/rules/workload_change_internal.h"

namespace stoker::rules::internal {
namespace {

using enum Category;

constexpr std::string_view kBenchmark = "training";

const mlperf::TrainingModel* model_of(const Run& run) {
  const auto models = mlperf::training_models();
  const auto it = std::ranges::find(models, run.id.model, &mlperf::TrainingModel::name);
  return it == models.end() ? nullptr : &*it;
}

void check_model(const CheckContext& c, Findings& findings) {
  if (model_of(c.run) != nullptr) return;
  std::vector<std::string_view> names;
  for (const auto& model : mlperf::training_models()) names.push_back(model.name);
  findings.push_back({.rule = "training.model",
                      .message = "the benchmark has no such model",
                      .parameter = "model",
                      .expected = fmt::format("one of {}", fmt::join(names, ", ")),
                      .actual = c.run.id.model.empty() ? "none" : c.run.id.model,
                      .remedy = "run one of the benchmark's models"});
}

// flux with a100 and h100 is the form of an earlier draft: it can be run, but there is nothing to submit it to.
bool left_over(std::string_view model, std::string_view accelerator) {
  return model == "flux" && (accelerator == "a100" || accelerator == "h100");
}

void check_accelerator(const CheckContext& c, Findings& findings) {
  const mlperf::TrainingModel* model = model_of(c.run);
  if (model == nullptr) return;
  std::vector<std::string_view> submittable;
  for (const std::string_view name : model->accelerators) {
    if (!left_over(model->name, name)) submittable.push_back(name);
  }
  if (std::ranges::find(submittable, c.run.accelerator) != submittable.end()) return;
  findings.push_back({.rule = "training.accelerator",
                      .message = left_over(model->name, c.run.accelerator)
                                     ? "this pair of model and accelerator is left over from a draft and cannot be "
                                       "submitted"
                                     : "the benchmark has no workload for this pair of model and accelerator",
                      .parameter = "accelerator",
                      .expected = fmt::format("one of {} for {}", fmt::join(submittable, ", "), model->name),
                      .actual = c.run.accelerator.empty() ? "none" : c.run.accelerator,
                      .remedy = "choose another --accelerator-type"});
}

void check_workload(const CheckContext& c, Findings& findings) {
  check_workload_file(c, findings, kBenchmark);
  if (c.parameters.flag("workflow.train") == false) {
    findings.push_back({.rule = "training.workload",
                        .message = "a training run must train",
                        .parameter = "workflow.train",
                        .expected = "true",
                        .actual = "false",
                        .remedy = "leave workflow.train out"});
  }
}

std::string needed_for(const mlperf::TrainingSize& size, const Run& run, std::uint64_t memory,
                       const mlperf::DatasetShape& shape) {
  if (size.memory_decides) {
    const std::int64_t hosts = host_count(run);
    return fmt::format("{:.0f} x {} of memory in {} host{}", mlperf::kMemoryMultiple,
                       format_bytes(static_cast<double>(memory)), hosts, hosts == 1 ? "" : "s");
  }
  return fmt::format("{} steps per epoch of {} accelerator{} with batches of {}", mlperf::kStepsPerEpoch, run.processes,
                     run.processes == 1 ? "" : "s", shape.batch_size);
}

void check_files(const CheckContext& c, Findings& findings) {
  const auto files = c.parameters.integer("dataset.num_files_train");
  if (!files || *files < 0) {
    const std::string found = c.parameters.text("dataset.num_files_train");
    findings.push_back({.rule = "training.parameters",
                        .message = "the run does not say how many training files it has",
                        .parameter = "dataset.num_files_train",
                        .expected = "a number of files",
                        .actual = found.empty() ? "nothing" : found,
                        .remedy = "the metadata of the run must hold its parameters"});
    return;
  }
  const auto memory = total_memory_bytes(c.run);
  if (!memory) {
    findings.push_back({.rule = "training.files",
                        .message = "the memory of the hosts is unknown, so the size of the data set cannot be judged",
                        .parameter = "dataset.num_files_train",
                        .expected = "the memory of every host",
                        .actual = "none",
                        .remedy = "give --client-host-memory-in-gb, or run where the hosts can be asked"});
    return;
  }
  const mlperf::DatasetShape shape = shape_of(c.parameters);
  const auto size = mlperf::size_training(shape, *memory, c.run.processes);
  if (!size) {
    findings.push_back({.rule = "training.files",
                        .message = size.error().message,
                        .parameter = "dataset.num_files_train",
                        .remedy = size.error().hint});
    return;
  }
  const bool enough = static_cast<std::uint64_t>(*files) >= size->least_accepted();
  Finding finding{.rule = "training.files",
                  .category = enough ? kClosed : kInvalid,
                  .message = fmt::format("the data set {} the minimum of {} files: {}", enough ? "meets" : "misses",
                                         size->files, needed_for(*size, c.run, *memory, shape)),
                  .parameter = "dataset.num_files_train",
                  .expected = fmt::format(">= {}", size->files),
                  .actual = std::to_string(*files)};
  if (!enough) {
    finding.remedy = "'stoker training datasize' prints the command that writes a large enough data set";
  } else if (static_cast<std::uint64_t>(*files) < size->files) {
    finding.message += ", within the tolerance of 1 %";
    finding.severity = Severity::kWarning;
    finding.remedy = "write the missing files";
  } else {
    finding.severity = Severity::kInfo;
  }
  findings.push_back(std::move(finding));
}

void check_training_overrides(const CheckContext& c, Findings& findings) {
  check_overrides(c, findings, kBenchmark);
}

// The rules' text restricts some keys further than the table of overrides does, and no tool checks it: a run that goes
// beyond is not CLOSED.
Finding limit(std::string_view name, std::string_view key, const CheckContext& c, std::string message,
              std::string expected) {
  return {.rule = fmt::format("training.limit.{}", name),
          .category = kOpen,
          .message = std::move(message),
          .parameter = std::string(key),
          .expected = std::move(expected),
          .actual = c.parameters.text(key),
          .remedy = "leave it out, or submit to the OPEN division",
          .severity = Severity::kWarning};
}

void check_prefetch_size(const CheckContext& c, Findings& findings) {
  constexpr std::string_view kKey = "reader.prefetch_size";
  if (!is_own(c, kKey)) return;
  const auto value = c.parameters.integer(kKey);
  if (value && *value >= 0 && *value <= 2) return;
  findings.push_back(limit("prefetch_size", kKey, c, "at most two batches may be read ahead", "0, 1 or 2"));
}

void check_transfer_size(const CheckContext& c, Findings& findings) {
  constexpr std::string_view kKey = "reader.transfer_size";
  if (!is_own(c, kKey) || c.parameters.text("framework") == "tensorflow") return;
  findings.push_back(limit("transfer_size", kKey, c, "the size of reads is for models of TensorFlow only",
                           "not set when framework is not tensorflow"));
}

void check_computation_threads(const CheckContext& c, Findings& findings) {
  constexpr std::string_view kKey = "reader.computation_threads";
  if (!is_own(c, kKey) || c.run.id.model == "resnet50") return;
  findings.push_back(
      limit("computation_threads", kKey, c, "computation threads are for resnet50 only", "not set for this model"));
}

void check_samples_per_file(const CheckContext& c, Findings& findings) {
  constexpr std::string_view kKey = "dataset.num_samples_per_file";
  if (!is_own(c, kKey) || c.parameters.text("dataset.format") == "tfrecord") return;
  findings.push_back(limit("num_samples_per_file", kKey, c,
                           "the rules speak of other numbers of samples per file for tfrecord only",
                           "not set for this format"));
}

// Every way of asking for direct reads counts, not only reader.odirect.
void check_odirect(const CheckContext& c, Findings& findings) {
  if (c.run.id.model == "unet3d") return;
  std::string key;
  if (c.parameters.flag("reader.odirect") == true) key = "reader.odirect";
  if (c.parameters.text("storage.storage_type") == "direct_fs") key = "storage.storage_type";
  for (const char* way : {"storage.storage_library", "storage.storage_options.uri_scheme"}) {
    if (c.parameters.text(way) == "direct") key = way;
  }
  if (key.empty()) return;
  findings.push_back({.rule = "training.limit.odirect",
                      .message = "reading past the page cache is allowed for unet3d only",
                      .parameter = key,
                      .expected = "buffered reads",
                      .actual = c.parameters.text(key),
                      .remedy = "leave it out"});
}

struct Figure {
  std::string_view key, expected;
  double value = 0;
};

// Accelerators cannot be busier than all the time, and nobody reads less than nothing. Of a list, its first such value.
std::vector<Figure> implausible(const TrainingOutcome& outcome) {
  constexpr double kMostPercent = 100.01;  // rounded
  std::vector<Figure> figures;
  const auto check = [&figures](std::string_view key, const auto& values, double most, std::string_view expected) {
    const auto wrong = std::ranges::find_if(values, [most](double v) { return !(v >= 0 && v <= most); });
    if (wrong != values.end()) figures.push_back({key, expected, *wrong});
  };
  const auto list = [](const std::optional<double>& value) {
    return value ? std::vector<double>{*value} : std::vector<double>();
  };
  constexpr double kAny = std::numeric_limits<double>::max();
  check("train_au_mean_percentage", list(outcome.au_mean_percent), kMostPercent, "0 to 100 %");
  check("train_au_percentage", outcome.au_percent, kMostPercent, "0 to 100 %");
  check("train_throughput_mean_samples_per_second", list(outcome.mean_samples_per_second), kAny, "0 or more");
  check("train_throughput_samples_per_second", outcome.samples_per_second, kAny, "0 or more");
  check("train_io_mean_MB_per_second", list(outcome.mean_io_mib_per_second), kAny, "0 or more");
  return figures;
}

void check_au(const CheckContext& c, Findings& findings) {
  if (c.run.planned() || !c.run.finished) return;
  if (!c.run.training || !c.run.training->au_mean_percent) {
    findings.push_back({.rule = "training.au",
                        .message = "the run has no accelerator utilisation",
                        .parameter = "train_au_mean_percentage",
                        .remedy =
                            "the summary of the run must hold its metrics; of a run whose steps were all left out "
                            "(output.metric.exclude_start_steps, exclude_end_steps) nothing was measured"});
    return;
  }
  const std::vector<Figure> figures = implausible(*c.run.training);
  for (const Figure& figure : figures) {
    findings.push_back({.rule = "training.au",
                        .message = "the run says that it measured what cannot be",
                        .parameter = std::string(figure.key),
                        .expected = std::string(figure.expected),
                        .actual = fmt::format("{:.6g}", figure.value),
                        .remedy = "hand in the summary as the run has left it, or repeat the run"});
  }
  if (!figures.empty()) return;
  const double least = 100 * c.parameters.number("metric.au").value_or(config::Workload{}.metric_au);
  const double found = *c.run.training->au_mean_percent;
  const bool met = found >= least - 1e-9;  // 100 * 0.7 is not 70 in every rounding
  findings.push_back({.rule = "training.au",
                      .category = met ? kClosed : kInvalid,
                      .message = fmt::format("the accelerator utilisation {} the minimum", met ? "meets" : "misses"),
                      .parameter = "train_au_mean_percentage",
                      .expected = fmt::format(">= {:.6g} %", least),
                      .actual = fmt::format("{:.2f} %", found),
                      .remedy = met ? "" : "use fewer accelerators, or faster storage",
                      .severity = met ? Severity::kInfo : Severity::kError});
}

// A loader that does less than to read everything in every epoch. What the tables call INVALID is not named twice; of
// reader.data_loader and dataset.format, which may be changed in OPEN, one value reads nothing.
void check_reads(const CheckContext& c, Findings& findings) {
  struct Row {
    // Either the one value that is allowed when set, or one that is not; "*": any.
    std::string_view key, allowed, forbidden;
    std::string_view message;
    bool in_table;
  };
  static constexpr std::string_view kModelled = "what is measured is a model and no storage";
  static constexpr std::array kRows{
      Row{"reader.data_loader", "", "synthetic", "the synthetic loader reads nothing", false},
      Row{"dataset.format", "", "synthetic", "the synthetic format has no files to read", false},
      Row{"storage.storage_type", "", "generated", "the bytes are computed and no storage is read", false},
      Row{"reader.read_type", "", "memory", "what was read once is kept in memory", true},
      Row{"reader.drop_caches", "true", "", "epochs may be read from the clients' memory", true},
      Row{"dataset.parquet.decode", "arrays", "", "the values are not decoded, which training needs", true},
      Row{"storage.model.latency", "", "*", kModelled, true},
      Row{"storage.model.jitter", "", "*", kModelled, true},
      Row{"storage.model.bandwidth", "", "*", kModelled, true},
      Row{"storage.model.request_rate", "", "*", kModelled, true},
  };
  for (const Row& row : kRows) {
    const std::string found = config::lower(c.parameters.text(row.key));
    const bool bad = row.forbidden == "*"  ? !found.empty()
                     : row.allowed.empty() ? found == row.forbidden
                                           : !found.empty() && found != row.allowed;
    if (!bad || (row.in_table && is_own(c, row.key))) continue;
    findings.push_back({.rule = "training.reads",
                        .message = std::string(row.message),
                        .parameter = std::string(row.key),
                        .expected = row.forbidden == "*"  ? "nothing"
                                    : row.allowed.empty() ? fmt::format("not {}", row.forbidden)
                                                          : std::string(row.allowed),
                        .actual = found,
                        .remedy = "leave it out"});
  }
}

void check_even_hosts(const CheckContext& c, Findings& findings) {
  const std::vector<int> ranks = dealt_ranks(c.run);
  const auto [fewest, most] = std::ranges::minmax(ranks);
  if (fewest == most) return;
  const auto hosts = static_cast<std::int64_t>(ranks.size());
  const bool divides = c.run.processes % hosts == 0;
  findings.push_back(
      {.rule = "training.even_hosts",
       .category = kClosed,
       .message = "every host must emulate the same number of accelerators",
       .parameter = divides ? "hosts" : "num_accelerators",
       .expected = divides ? fmt::format("{} on each host", c.run.processes / hosts)
                           : fmt::format("a multiple of {} hosts", hosts),
       .actual = fmt::format("{} on {} hosts: from {} to {} on each", c.run.processes, hosts, fewest, most),
       .remedy = divides ? "give every host of --hosts the same number of slots"
                         : "use a number of accelerators that the number of hosts divides",
       .severity = Severity::kWarning});
}

}  // namespace

std::span<const Check> training_checks() {
  static constexpr std::array kChecks{
      Check{"training.model", check_model},
      Check{"training.accelerator", check_accelerator},
      Check{"training.workload", check_workload},
      Check{"training.files", check_files},
      Check{"training.reads", check_reads},
      Check{"training.even_hosts", check_even_hosts},
      Check{"training.override.invalid", check_training_overrides},
      Check{"training.limit.prefetch_size", check_prefetch_size},
      Check{"training.limit.transfer_size", check_transfer_size},
      Check{"training.limit.computation_threads", check_computation_threads},
      Check{"training.limit.num_samples_per_file", check_samples_per_file},
      Check{"training.limit.odirect", check_odirect},
      Check{"training.au", check_au},
  };
  return kChecks;
}

}  // namespace stoker::rules::internal
