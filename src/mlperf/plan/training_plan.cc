#include "mlperf/plan/training_plan.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "base/plural.h"
#include "cluster/launch/mpirun_command.h"
#include "config/enum_names.h"
#include "config/formats.h"
#include "config/node.h"
#include "config/overrides.h"
#include "mlperf/plan/catalogue.h"
#include "results/yaml_json.h"

namespace stoker::mlperf {
namespace {

using results::DatasetManifest;
using results::Json;
using results::ManifestSetting;

std::string join_path(const std::vector<std::string>& path) {
  return fmt::format("{}", fmt::join(path, "."));
}

// True when the user set `key` (or something above or below it) on the command line.
bool overridden(const std::vector<std::string>& overrides, std::string_view key) {
  return std::any_of(overrides.begin(), overrides.end(), [&](const std::string& text) {
    const auto parsed = config::parse_override(text, 1);
    if (!parsed) return false;
    const std::string path = join_path(parsed->path);
    return path == key || path.rfind(std::string(key) + ".", 0) == 0 || std::string(key).rfind(path + ".", 0) == 0;
  });
}

Result<std::vector<std::string>> user_overrides(const TrainingArgs& args) {
  std::vector<std::string> overrides;
  for (const std::string& param : args.params) {
    STOKER_ASSIGN(auto text, config::param_to_override(param));
    overrides.push_back(std::move(text));
  }
  if (!args.dataset_format.empty()) overrides.push_back("++workload.dataset.format=" + args.dataset_format);
  if (!args.compression.empty()) overrides.push_back("++workload.dataset.compression=" + args.compression);
  return overrides;
}

constexpr std::string_view kDataFolderOverride = "++workload.dataset.data_folder=";

Status finish(TrainingPlan& plan, const std::filesystem::path& config_dir) {
  config::LoadRequest request;
  request.workload = plan.workload;
  request.config_dir = config_dir;
  request.overrides = plan.user_overrides;
  // The user's own settings may only make sense with the data set's format (a codec that the workload's format lacks).
  request.overrides.insert(request.overrides.end(), plan.format_override.begin(), plan.format_override.end());
  // What the data set brings with it is a parameter of the run, where it lies is not.
  std::vector<std::string> where;
  for (const std::string& text : plan.derived_overrides) {
    (text.starts_with(kDataFolderOverride) ? where : request.overrides).push_back(text);
  }
  STOKER_ASSIGN(const config::Loaded without_folder, config::load(request));
  STOKER_ASSIGN(const Json nested, results::yaml_to_json(without_folder.merged_yaml, plan.workload));
  plan.parameters = nested.contains("workload") ? nested["workload"] : nested;

  request.overrides.insert(request.overrides.end(), where.begin(), where.end());
  STOKER_ASSIGN(plan.loaded, config::load(request));
  STOKER_ASSIGN(plan.override_parameters, results::override_map(request.overrides));
  return {};
}

Result<TrainingPlan> start(const TrainingArgs& args, const std::string& workload) {
  TrainingPlan plan;
  plan.workload = workload;
  STOKER_ASSIGN(plan.user_overrides, user_overrides(args));
  if (!args.data_dir.empty()) {
    plan.data_folder = data_folder(args.data_dir, args.model);
    plan.derived_overrides.push_back(std::string(kDataFolderOverride) +
                                     config::override_text(plan.data_folder.string()));
  }
  return plan;
}

// A run's wish and what there is.
struct Fit {
  const TrainingArgs& args;
  const std::vector<std::string>& user_overrides;
  const config::Workload& wanted;  // the workload file and the user's overrides
  const DatasetManifest& found;
};

constexpr std::string_view kFormatKey = "dataset.format", kCompressionKey = "dataset.compression",
                           kLevelKey = "dataset.compression_level", kFilesKey = "dataset.num_files_train",
                           kEvalFilesKey = "dataset.num_files_eval", kSamplesKey = "dataset.num_samples_per_file",
                           kColumnsKey = "dataset.parquet.columns";

// The settings of a workload as a data set of that format has them.
std::vector<ManifestSetting> settings_of(const config::Workload& wanted, const std::string& format) {
  config::Workload w = wanted;
  w.dataset.format = config::parse_enum<config::FormatName>(format).value_or(w.dataset.format);
  return results::manifest_settings(results::manifest_of(w, {}), format);
}

// The command that would write the data set this run needs: what there is, changed where the user asked for something
// else.
std::string datagen_command(const Fit& fit) {
  const auto asked = [&](std::string_view key) { return overridden(fit.user_overrides, key); };
  const config::Dataset& d = fit.wanted.dataset;
  const std::string format = asked(kFormatKey) ? std::string(config::to_string(d.format)) : fit.found.format;
  const std::string compression =
      asked(kCompressionKey) ? std::string(config::to_string(d.compression)) : fit.found.compression;

  std::vector<std::string> words{"stoker",
                                 "training",
                                 "datagen",
                                 "--model",
                                 fit.args.model,
                                 "--num-processes",
                                 std::to_string(fit.args.processes),
                                 "--data-dir",
                                 fit.args.data_dir.string()};
  words.insert(words.end(), fit.args.repeated_options.begin(), fit.args.repeated_options.end());
  if (!fit.args.results_dir.empty()) words.insert(words.end(), {"--results-dir", fit.args.results_dir});
  words.insert(words.end(), {"--dataset-format", format});
  if (compression != "none") words.insert(words.end(), {"--compression", compression});
  words.emplace_back("--params");
  const auto wanted = settings_of(fit.wanted, format);
  const auto found = results::manifest_settings(fit.found, format);
  const auto found_format = config::parse_enum<config::FormatName>(fit.found.format);
  const bool found_columns = found_format && config::spec_of(*found_format).has_columns;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const std::string_view key = wanted[i].key;
    if (key == kFormatKey || key == kCompressionKey) continue;
    // A level belongs to its codec.
    const bool own = asked(key) || (key == kLevelKey && asked(kCompressionKey));
    const std::string& value = own ? wanted[i].value : found[i].value;
    bool is_needed = own || wanted[i].value != found[i].value;
    if (key == kFilesKey || key == kSamplesKey) is_needed = true;
    if (wanted[i].of_parquet && !found_columns) is_needed = own;
    // Columns that the workload file prescribes are what its datagen file writes.
    if (key == kColumnsKey && !own && !d.parquet.columns.empty()) is_needed = false;
    if (key == kLevelKey && value == "null") is_needed = false;
    if (is_needed) words.push_back(fmt::format("{}={}", key, value));
  }
  return launch::shell_line(words);
}

// Another data set than the one that is there: datagen replaces it when it is told to.
Error unfit(std::string message, const Fit& fit) {
  return Error{Code::kConfig, std::move(message), "write it again: " + datagen_command(fit) + " --overwrite"};
}

// What the manifest says about the data wins over the workload file where the user did not say otherwise.
Status apply_manifest(TrainingPlan& plan, const TrainingArgs& args, const config::Workload& wanted,
                      const DatasetManifest& m) {
  const std::string where = (plan.data_folder / results::kManifestName).string();
  const Fit fit{args, plan.user_overrides, wanted, m};
  if (!m.complete) {
    return Error{
        Code::kConfig,
        fmt::format("{}: the data set is incomplete: its generation did not finish", plan.data_folder.string()),
        "datagen goes on where it stopped: " + datagen_command(fit)};
  }
  const auto take = [&](std::string_view key, const std::string& found, const std::string& configured) -> Status {
    if (found == configured) return {};
    if (overridden(plan.user_overrides, key)) {
      return unfit(fmt::format("{}: the data set has {} {}, but {} was asked for", where, key, found, configured), fit);
    }
    plan.derived_overrides.push_back(fmt::format("++workload.{}={}", key, found));
    plan.notices.push_back(fmt::format("{} = {} (the data set's; the workload file says {})", key, found, configured));
    return {};
  };
  const config::Dataset& d = wanted.dataset;
  const auto configured = settings_of(wanted, m.format);
  const auto found = results::manifest_settings(m, m.format);
  for (std::size_t i = 0; i < found.size(); ++i) {
    const std::string_view key = found[i].key;
    if (key == kFormatKey) {
      // That of the workload, and not the data set's, which the other settings are taken for.
      STOKER_TRY(take(key, m.format, std::string(config::to_string(d.format))));
    } else if (key == kFilesKey && overridden(plan.user_overrides, key)) {
      // Fewer files than there are may be trained on; more may not.
      if (d.num_files_train <= m.num_files_train) continue;
      return unfit(fmt::format("{}: the data set has {}, but {} were asked for", where,
                               counted(m.num_files_train, "training file"), d.num_files_train),
                   fit);
    } else if (key == kEvalFilesKey && d.num_files_eval <= m.num_files_eval && overridden(plan.user_overrides, key)) {
      continue;
    } else if (key == kColumnsKey && found[i].value != configured[i].value) {
      if (!d.parquet.columns.empty() || overridden(plan.user_overrides, key)) {
        return unfit(fmt::format("{}: the data set's columns ({}) differ from the {} of {}", where, m.columns.size(),
                                 d.parquet.columns.size(), plan.workload),
                     fit);
      }
      plan.derived_overrides.push_back(fmt::format("++workload.{}={}", key, found[i].value));
      plan.notices.push_back(fmt::format("{}: the data set's {}", key, counted(m.columns.size(), "column")));
    } else {
      STOKER_TRY(take(key, found[i].value, configured[i].value));
    }
  }
  return {};
}

// A data set that holds no whole step of this run.
Status check_holds_a_step(const TrainingPlan& plan, const TrainingArgs& args, config::Workload wanted,
                          DatasetManifest found) {
  const config::Workload& w = plan.loaded.workload;
  // In doubles: a product of settings may be larger than any count.
  const double step = static_cast<double>(w.reader.batch_size) * args.processes;
  const double per_file = static_cast<double>(std::max<std::int64_t>(1, w.dataset.num_samples_per_file));
  if (!w.workflow.train || static_cast<double>(w.dataset.num_files_train) * per_file >= step) return {};
  const double needed_files = std::ceil(step / per_file);
  std::string message = fmt::format(
      "{}: an epoch has no step: {} of the data set with {} each are fewer than the {} of one step "
      "(batch_size {} on {})",
      plan.data_folder.string(), counted(w.dataset.num_files_train, "training file"),
      counted(w.dataset.num_samples_per_file, "sample"), fmt::format("{:.0f}", step), w.reader.batch_size,
      counted(args.processes, "accelerator"));
  constexpr double kMostFiles = 1e15;
  if (needed_files > kMostFiles) return Error{Code::kConfig, std::move(message), "lower reader.batch_size"};
  const auto needed = static_cast<std::int64_t>(needed_files);
  if (found.num_files_train >= needed) {
    return Error{Code::kConfig, std::move(message),
                 fmt::format("--params {}={} takes as many as it needs of the {} that there are", kFilesKey, needed,
                             found.num_files_train)};
  }
  wanted.dataset.num_files_train = found.num_files_train = needed;
  return unfit(std::move(message), {args, plan.user_overrides, wanted, found});
}

}  // namespace

std::vector<std::string> TrainingPlan::engine_overrides() const {
  std::vector<std::string> all{"workload=" + workload};
  all.insert(all.end(), user_overrides.begin(), user_overrides.end());
  all.insert(all.end(), format_override.begin(), format_override.end());
  all.insert(all.end(), derived_overrides.begin(), derived_overrides.end());
  return all;
}

std::filesystem::path data_folder(const std::filesystem::path& data_dir, const std::string& model) {
  std::filesystem::path dir = data_dir.lexically_normal();
  if (!dir.has_filename()) dir = dir.parent_path();  // a trailing slash
  return dir.filename() == model ? dir : dir / model;
}

Result<TrainingPlan> plan_datagen(const TrainingArgs& args, const std::filesystem::path& config_dir) {
  STOKER_ASSIGN(const std::string workload, datagen_workload(args.model));
  STOKER_ASSIGN(TrainingPlan plan, start(args, workload));

  config::LoadRequest request;
  request.workload = plan.workload;
  request.config_dir = config_dir;
  request.overrides = plan.user_overrides;
  STOKER_ASSIGN(const config::Loaded datagen, config::load(request));
  STOKER_ASSIGN(request.workload, reference_run_workload(args.model));
  request.overrides.clear();
  STOKER_ASSIGN(const config::Loaded run, config::load(request));
  // The run decides how much data a file must hold.
  const auto from_run = [&](std::string_view key, std::int64_t in_run, std::int64_t in_datagen) {
    if (in_run == in_datagen || overridden(plan.user_overrides, key)) return;
    plan.derived_overrides.push_back(fmt::format("++workload.{}={}", key, in_run));
    plan.notices.push_back(
        fmt::format("{} = {}, as {} needs ({} says {})", key, in_run, request.workload, plan.workload, in_datagen));
  };
  from_run("dataset.num_samples_per_file", run.workload.dataset.num_samples_per_file,
           datagen.workload.dataset.num_samples_per_file);
  if (config::spec_of(datagen.workload.dataset.format).has_columns) {
    from_run("dataset.parquet.row_group_size", run.workload.dataset.parquet.row_group_size,
             datagen.workload.dataset.parquet.row_group_size);
  }
  if (args.overwrite) plan.derived_overrides.emplace_back("++workload.dataset.overwrite=True");
  STOKER_TRY(finish(plan, config_dir));
  return plan;
}

Result<TrainingPlan> plan_run(const TrainingArgs& args, const std::filesystem::path& config_dir,
                              const std::optional<results::DatasetManifest>& manifest) {
  STOKER_ASSIGN(const std::string workload, run_workload(args.model, args.accelerator));
  STOKER_ASSIGN(TrainingPlan plan, start(args, workload));
  if (!manifest) {
    STOKER_TRY(finish(plan, config_dir));
    return plan;
  }
  config::LoadRequest request;
  request.workload = plan.workload;
  request.config_dir = config_dir;
  request.overrides = plan.user_overrides;
  auto loaded = config::load(request);
  if (!loaded && !overridden(plan.user_overrides, "dataset.format")) {
    // Perhaps it makes sense for the format that the data set has.
    plan.format_override.push_back("++workload.dataset.format=" + manifest->format);
    plan.notices.push_back(fmt::format("dataset.format = {} (the data set's)", manifest->format));
    request.overrides.push_back(plan.format_override.front());
    loaded = config::load(request);
  }
  STOKER_ASSIGN(const config::Loaded wanted, std::move(loaded));
  STOKER_TRY(apply_manifest(plan, args, wanted.workload, *manifest));
  STOKER_TRY(finish(plan, config_dir));
  STOKER_TRY(check_holds_a_step(plan, args, wanted.workload, *manifest));
  return plan;
}

Result<TrainingPlan> plan_view(const TrainingArgs& args, const std::filesystem::path& config_dir) {
  std::string workload;
  if (args.accelerator.empty()) {
    STOKER_ASSIGN(workload, datagen_workload(args.model));
  } else {
    STOKER_ASSIGN(workload, run_workload(args.model, args.accelerator));
  }
  STOKER_ASSIGN(TrainingPlan plan, start(args, workload));
  STOKER_TRY(finish(plan, config_dir));
  return plan;
}

}  // namespace stoker::mlperf
