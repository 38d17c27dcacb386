#include "mlperf/plan/datasize_plan.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <limits>

#include "base/units.h"
#include "config/overrides.h"
#include "mlperf/plan/catalogue.h"
#include "results/dataset_manifest.h"

namespace stoker::mlperf {
namespace {

constexpr std::string_view kFilesKey = "dataset.num_files_train";

// The settings of `run` that `datagen` lacks, as key=value. How many files there are to be is what sizing says.
std::vector<std::string> missing_settings(const config::Workload& run, config::Workload datagen) {
  const std::string format(config::to_string(run.dataset.format));
  std::vector<std::string> params;
  if (run.dataset.format != datagen.dataset.format) params.push_back("dataset.format=" + format);
  datagen.dataset.format = run.dataset.format;  // so that both have the settings of that format
  const auto wanted = results::manifest_settings(results::manifest_of(run, {}), format);
  const auto found = results::manifest_settings(results::manifest_of(datagen, {}), format);
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (wanted[i].key == kFilesKey || wanted[i].value == found[i].value) continue;
    params.push_back(fmt::format("{}={}", wanted[i].key, wanted[i].value));
  }
  return params;
}

std::vector<std::string> command_words(const DatasizeArgs& args, const std::vector<std::string>& params) {
  const TrainingArgs& t = args.training;
  std::vector<std::string> words{"stoker",
                                 "training",
                                 "datagen",
                                 fmt::format("--hosts={}", fmt::join(args.hosts, ",")),
                                 "--model=" + t.model,
                                 "--exec-type=" + args.exec_type};
  words.insert(words.end(), t.repeated_options.begin(), t.repeated_options.end());
  if (!t.dataset_format.empty()) words.push_back("--dataset-format=" + t.dataset_format);
  if (!t.compression.empty()) words.push_back("--compression=" + t.compression);
  for (const std::string& param : params) words.insert(words.end(), {"--params", param});
  words.push_back(fmt::format("--num-processes={}", t.processes));
  words.push_back("--results-dir=" + t.results_dir);
  words.push_back("--data-dir=" + (t.data_dir.empty() ? std::string(kDataDirPlaceholder) : t.data_dir.string()));
  return words;
}

}  // namespace

bool sets_num_files(const std::string& param) {
  return param.starts_with(std::string(kFilesKey) + "=");
}

Result<DatasizePlan> plan_datasize(const DatasizeArgs& args, const std::filesystem::path& config_dir) {
  DatasizePlan plan;
  STOKER_ASSIGN(plan.run, plan_view(args.training, config_dir));
  const config::Workload& w = plan.run.loaded.workload;
  plan.shape = shape_of(w);
  const auto gib = static_cast<std::uint64_t>(args.memory_gib);
  if (gib > std::numeric_limits<std::uint64_t>::max() / kGiB / static_cast<std::uint64_t>(args.client_hosts)) {
    return Error{Code::kInvalidArgument,
                 fmt::format("{} hosts of {} GiB have more memory than 64 bits can count", args.client_hosts, gib),
                 "check --client-host-memory-in-gb and --num-client-hosts"};
  }
  plan.memory_bytes = gib * static_cast<std::uint64_t>(args.client_hosts) * kGiB;
  STOKER_ASSIGN(plan.size, size_training(plan.shape, plan.memory_bytes, args.training.processes));

  TrainingArgs datagen = args.training;
  datagen.accelerator.clear();
  std::erase_if(datagen.params, sets_num_files);
  const std::string files = fmt::format("{}={}", kFilesKey, plan.size.files);
  const std::vector<std::string> typed = datagen.params;
  datagen.params.push_back(files);
  auto as_typed = plan_datagen(datagen, config_dir);
  // What the user set for the run may make no sense with the datagen workload alone, a codec of another format say.
  config::LoadRequest base;
  STOKER_ASSIGN(base.workload, datagen_workload(args.training.model));
  base.config_dir = config_dir;
  STOKER_ASSIGN(const config::Loaded stock, config::load(base));
  const config::Workload& found = as_typed ? as_typed->loaded.workload : stock.workload;
  std::vector<std::string> params = typed;
  for (const std::string& param : missing_settings(w, found)) params.push_back(param);
  params.push_back(files);
  datagen.params = params;
  STOKER_ASSIGN(plan.datagen, plan_datagen(datagen, config_dir));
  plan.datagen_command = command_words(args, params);
  return plan;
}

ProbeFiles probe_files(const DatasetShape& shape, unsigned threads) {
  constexpr double kLargestFile = 64.0 * static_cast<double>(kMiB);
  constexpr double kUsualTotal = 512.0 * static_cast<double>(kMiB);
  constexpr double kLargestTotal = 2.0 * static_cast<double>(kGiB);
  constexpr std::int64_t kMostFiles = 512;
  ProbeFiles probe;
  probe.samples_per_file =
      std::clamp(static_cast<std::int64_t>(kLargestFile / shape.record_bytes), std::int64_t{1}, shape.samples_per_file);
  const double file = shape.record_bytes * static_cast<double>(probe.samples_per_file);
  const auto usual = static_cast<std::int64_t>(std::min(kUsualTotal / file, 1e9));
  const auto most = static_cast<std::int64_t>(std::min(kLargestTotal / file, 1e9));
  const std::int64_t busy =
      std::min(static_cast<std::int64_t>(threads), most);  // a file for each writer, if that is not too much
  probe.files = std::clamp(std::max(usual, busy), std::int64_t{2}, kMostFiles);
  return probe;
}

std::vector<std::string> probe_overrides(const DatasizePlan& plan, const ProbeFiles& files,
                                         const std::filesystem::path& folder) {
  std::vector<std::string> words = plan.datagen.engine_overrides();
  const auto set = [&](std::string_view key, const auto& value) {
    words.push_back(fmt::format("++workload.{}={}", key, value));
  };
  set("dataset.num_files_train", files.files);
  set("dataset.num_samples_per_file", files.samples_per_file);
  set("dataset.num_files_eval", 0);
  set("dataset.num_subfolders_train", 0);
  set("dataset.data_folder", config::override_text(folder.string()));
  set("workflow.generate_data", "True");
  set("workflow.train", "False");
  return words;
}

}  // namespace stoker::mlperf
