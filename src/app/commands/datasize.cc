#include "app/commands/datasize.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

#include "app/cli/console.h"
#include "app/commands/common_options.h"
#include "app/commands/manifest.h"
#include "app/commands/number_option.h"
#include "app/commands/print_error.h"
#include "app/commands/probe.h"
#include "app/commands/run_hosts.h"
#include "app/commands/verification.h"
#include "base/clock.h"
#include "base/error_number.h"
#include "base/host_name.h"
#include "base/plural.h"
#include "base/units.h"
#include "cluster/environment/checks.h"
#include "cluster/environment/finding.h"
#include "data/dataset/layout.h"
#include "data/format/format.h"
#include "mlperf/plan/catalogue.h"
#include "mlperf/plan/datasize_plan.h"
#include "results/metadata.h"
#include "results/run_directory.h"
#include "workloads/training/data_space.h"
#include "workloads/training/folders.h"
#include "workloads/training/memory.h"

namespace stoker::app {
namespace {

struct DatasizeOptions {
  CommonOptions common;
  MpiOptions mpi;
  mlperf::TrainingArgs args;  // `processes`: --max-accelerators
  int client_host_memory_in_gb = 0;
  int num_client_hosts = 0;
  bool probe = false;
  std::string dlio_bin_path;
};

double gib(double bytes) {
  return bytes / static_cast<double>(kGiB);
}

Result<mlperf::DatasizePlan> make_plan(const DatasizeOptions& o, std::int64_t hosts) {
  mlperf::DatasizeArgs args;
  args.training = o.args;
  args.memory_gib = o.client_host_memory_in_gb;
  args.client_hosts = hosts;
  args.hosts = o.mpi.hosts;
  args.exec_type = o.mpi.exec_type;
  args.training.repeated_options = repeated_options(o.common, o.mpi);
  return mlperf::plan_datasize(args, o.common.config_dir);
}

// What datagen will write: files and what lies beside them. Nothing where this build has no such format.
std::optional<format::SizeRange> bytes_to_write(const mlperf::DatasizePlan& plan) {
  config::Workload w = plan.run.loaded.workload;
  w.dataset.num_files_train = static_cast<std::int64_t>(plan.size.files);
  const auto bytes = training::planned_data_bytes(w);
  return bytes ? std::optional(*bytes) : std::nullopt;
}

std::string bytes_text(const format::SizeRange& bytes) {
  if (bytes.exact()) return fmt::format("{} bytes, {:.2f} GB (GiB)", bytes.most, gib(static_cast<double>(bytes.most)));
  if (bytes.most == UINT64_MAX) return fmt::format("more than {:.2f} GB (GiB)", gib(static_cast<double>(bytes.least)));
  return fmt::format("{:.2f} to {:.2f} GB (GiB)", gib(static_cast<double>(bytes.least)),
                     gib(static_cast<double>(bytes.most)));
}

void print_size(const mlperf::DatasizePlan& plan, const std::optional<format::SizeRange>& bytes,
                const DatasizeOptions& o, std::int64_t hosts) {
  const mlperf::TrainingSize& size = plan.size;
  const std::string memory =
      fmt::format("{:.0f} x {} GiB of memory {} ({} files)", mlperf::kMemoryMultiple, o.client_host_memory_in_gb,
                  hosts == 1 ? "of one host" : fmt::format("of each of {} hosts", hosts), size.files_for_memory);
  const std::string steps =
      fmt::format("{} steps per epoch of {} accelerator{} with batches of {} ({} files)", mlperf::kStepsPerEpoch,
                  o.args.processes, o.args.processes == 1 ? "" : "s", plan.shape.batch_size, size.files_for_steps);
  cli::print("decided by: {}, which is {} than {}\n", size.memory_decides ? memory : steps,
             size.files_for_memory == size.files_for_steps ? "no less" : "more", size.memory_decides ? steps : memory);
  cli::print("number of training files: {}\n", size.files);
  cli::print("number of training subfolders: {}\n", plan.run.loaded.workload.dataset.num_subfolders_train);
  cli::print("disk space: {:.2f} GB (GiB), {:.2f} MiB in each file\n", gib(size.disk_bytes),
             size.file_bytes / static_cast<double>(kMiB));
  // The rules count samples by their nominal length; samples are squares, and files have headers and indexes.
  if (bytes) cli::print("datagen writes: {}\n", bytes_text(*bytes));
}

void print_subfolder_advice(const mlperf::DatasizePlan& plan) {
  if (plan.size.subfolders_advised == 0 || plan.run.loaded.workload.dataset.num_subfolders_train > 0) return;
  cli::print("warning: {} files may be too many for one folder; consider --params dataset.num_subfolders_train={}\n",
             plan.size.files, plan.size.subfolders_advised);
}

// What the file system has left, and what the data set takes of it.
void print_space(const mlperf::DatasizePlan& plan) {
  const auto folders = static_cast<std::uint64_t>(plan.run.loaded.workload.dataset.num_subfolders_train);
  // Of the model's folder, train, valid and test; and of a folder for indexes, with both splits.
  const dataset::Layout layout(plan.run.loaded.workload);
  const std::uint64_t inodes =
      plan.size.files * (1 + layout.side_files()) + folders + 4 + 3 * layout.side_folders().size();
  if (plan.run.data_folder.empty()) {
    cli::print("inodes needed: {}\n", inodes);
    return;
  }
  const auto space = environment::free_space(plan.run.data_folder);
  if (!space) {
    cli::print("warning: the free space of {} is unknown: {}\n", plan.run.data_folder.string(), space.error().message);
    return;
  }
  const auto free = static_cast<double>(space->free_bytes);
  cli::print("free at {}: {:.2f} GB (GiB)", plan.run.data_folder.string(), gib(free));
  if (space->free_files) cli::print(", {} inodes; needed: {}", *space->free_files, inodes);
  cli::print("\n");
  if (plan.size.disk_bytes > free) {
    cli::print("warning: the data set does not fit: {:.2f} GB (GiB) are missing\n", gib(plan.size.disk_bytes - free));
  }
  if (space->free_files && inodes > *space->free_files) {
    cli::print("warning: the data set does not fit: {} inodes are missing\n", inodes - *space->free_files);
  }
}

void print_memory(const mlperf::DatasizePlan& plan, const DatasizeOptions& o, std::int64_t hosts) {
  const auto ranks = static_cast<int>((o.args.processes + hosts - 1) / hosts);
  const auto memory = training::planned_reading_memory(plan.run.loaded.workload, ranks);
  if (!memory) {
    cli::print("warning: {}; {}\n", memory.error().message, memory.error().hint);
    cli::print(
        "warning: neither the command below nor the run will work with this build; another format, as in "
        "--dataset-format parquet, makes the run OPEN\n");
    return;
  }
  const double host_bytes = static_cast<double>(memory->rank_bytes) * ranks;
  cli::print("memory of the run per host: {} ({} accelerator{} x {} for {} reader thread{})\n",
             format_bytes(host_bytes), ranks, ranks == 1 ? "" : "s",
             format_bytes(static_cast<double>(memory->rank_bytes)), memory->workers, memory->workers == 1 ? "" : "s");
  if (gib(host_bytes) > 0.9 * o.client_host_memory_in_gb) {
    cli::print("warning: that is more than a host with {} GiB can give; use more hosts or fewer reader threads\n",
               o.client_host_memory_in_gb);
  }
}

void print_probe(const ProbeResult& found, const mlperf::DatasizePlan& plan, std::int64_t hosts) {
  const double rate = static_cast<double>(found.bytes) / static_cast<double>(kMiB) / found.seconds();
  cli::print(
      "probe: {} files, {} written in {:.2f} s and flushed in {:.2f} s by {} process{} on this host: {:.1f} MiB/s\n",
      found.files, format_bytes(static_cast<double>(found.bytes)), found.write_seconds, found.flush_seconds,
      found.ranks, found.ranks == 1 ? "" : "es", rate);
  const double samples = static_cast<double>(plan.size.files) * static_cast<double>(plan.shape.samples_per_file);
  const double seconds = samples / found.samples_per_second();
  cli::print("expected time of datagen at this rate: {} from one host", format_duration(seconds));
  if (hosts > 1) {
    cli::print("; {} if each of {} hosts writes as fast", format_duration(seconds / static_cast<double>(hosts)), hosts);
  }
  cli::print("\n");
  const double plain = static_cast<double>(found.samples) * plan.shape.record_bytes;
  if (plan.datagen.loaded.workload.dataset.compression != config::Compression::kNone && plain > 0) {
    const double share = static_cast<double>(found.bytes) / plain;
    cli::print("compressed to {:.1f} %: about {:.2f} GB (GiB) on disk\n", 100 * share,
               gib(plan.size.disk_bytes * share));
  }
}

// The command below must start when pasted, so what it would refuse of the hosts is refused here. Whether root may is a
// matter of who pastes it, and where.
Status check_ranks_start(const DatasizeOptions& o) {
  const auto start = rank_start(o.mpi, o.args.processes);
  if (start) return {};
  MpiOptions permitted = o.mpi;
  permitted.allow_run_as_root = true;
  STOKER_TRY(rank_start(permitted, o.args.processes));
  cli::log(cli::Level::kWarning,
           fmt::format("{}: so will the command below; {}", start.error().message, start.error().hint));
  return {};
}

// The memory that was stated decides how many files, and a run is judged by the memory that its hosts report.
void compare_memory(const rules::PlannedHosts& hosts, int stated_gib) {
  if (hosts.num_hosts != 1 || hosts.hosts.empty()) return;  // the run will be elsewhere
  const auto found = static_cast<double>(hosts.hosts.front().memory_bytes);
  constexpr double kNoticeable = 0.02;  // what a kernel keeps for itself makes 64 GiB a little less
  const double difference = gib(found) - stated_gib;
  if (difference < kNoticeable * gib(found)) return;
  cli::log(cli::Level::kWarning,
           fmt::format("this host has {:.1f} GiB of memory, more than --client-host-memory-in-gb={}: a run here is "
                       "judged by what the host has, and needs more files",
                       gib(found), stated_gib));
}

void print_command(const mlperf::DatasizePlan& plan, const DatasizeOptions& o, std::int64_t hosts) {
  cli::print("to write the data set:\n  {}\n", launch::shell_line(plan.datagen_command));
  if (o.args.data_dir.empty()) {
    cli::print("warning: put the folder of the data set in the place of {}\n", mlperf::kDataDirPlaceholder);
  }
  const auto named = named_hosts(o.mpi.hosts);
  if (named && named->size() < static_cast<std::size_t>(hosts)) {
    cli::print("warning: it writes from {}; name all {} with --hosts to write from each of them\n",
               counted(named->size(), "host"), hosts);
  }
  cli::print("warning: --num-processes in it is --max-accelerators; another number of writers makes the same files\n");
}

results::Json args_json(const DatasizeOptions& o, std::int64_t hosts) {
  results::Json json = results::Json::object();
  json["program"] = "training";
  json["command"] = "datasize";
  json["model"] = o.args.model;
  json["accelerator_type"] = o.args.accelerator;
  json["max_accelerators"] = o.args.processes;
  json["num_processes"] = o.args.processes;
  json["client_host_memory_in_gb"] = o.client_host_memory_in_gb;
  json["num_client_hosts"] = hosts;
  json["data_dir"] = o.args.data_dir.string();
  json["dataset_format"] = o.args.dataset_format;
  json["compression"] = o.args.compression;
  json["params"] = o.args.params;
  put_args(json, o.common);
  put_args(json, o.mpi);
  json["probe"] = o.probe;
  json["dlio_bin_path"] = o.dlio_bin_path;
  return json;
}

results::Json answer_json(const mlperf::DatasizePlan& plan, const std::optional<format::SizeRange>& bytes,
                          const std::optional<ProbeResult>& probed) {
  results::Json json = results::Json::object();
  json["num_files_train"] = plan.size.files;
  json["num_subfolders_train"] = plan.run.loaded.workload.dataset.num_subfolders_train;
  json["num_subfolders_train_advised"] = plan.size.subfolders_advised;
  json["disk_bytes"] = plan.size.disk_bytes;
  if (bytes) json["bytes_to_write"] = {bytes->least, bytes->most};
  json["files_for_memory"] = plan.size.files_for_memory;
  json["files_for_steps"] = plan.size.files_for_steps;
  json["decided_by"] = plan.size.memory_decides ? "memory" : "steps";
  json["datagen_command"] = launch::shell_line(plan.datagen_command);
  if (probed) {
    json["probe_bytes"] = probed->bytes;
    json["probe_seconds"] = probed->seconds();
    json["probe_samples_per_second"] = probed->samples_per_second();
  }
  return json;
}

// Of this host, when it is the only one that is named; the others may not be there yet, and are not asked.
std::optional<results::SystemInfo> local_facts(const DatasizeOptions& o) {
  const auto start = rank_start(o.mpi, o.args.processes);
  const auto named = named_hosts(o.mpi.hosts);
  if (!start || !named || named->size() != 1 || !named->contains(host_name())) return std::nullopt;
  results::SystemInfo system;
  const results::WallTime now = SteadyClock().wall();
  system.hosts = {host::Proc().host_info(now, host::Detail::kFull)};
  system.collection_method = "local";
  system.collection_timestamp = results::format_utc(now);
  return system;
}

int run_once(const DatasizeOptions& o, const mlperf::DatasizePlan& plan, std::int64_t hosts) {
  const SteadyClock clock;
  const auto directory = results::create_run_directory(o.common.results_dir, results::BenchmarkType::kTraining,
                                                       o.args.model, "datasize", clock.wall());
  if (!directory) return print_error(directory.error());
  cli::log(cli::Level::kInfo, fmt::format("results: {}", directory->path.string()));
  const std::optional<format::SizeRange> bytes = bytes_to_write(plan);
  print_size(plan, bytes, o, hosts);
  print_subfolder_advice(plan);
  print_space(plan);
  print_memory(plan, o, hosts);

  int code = 0;
  std::optional<ProbeResult> probed;
  if (o.probe && o.common.what_if) {
    const auto command = probe_command(plan, o.common.config_dir, probe_ranks(o.args.processes),
                                       o.args.data_dir / "stoker_probe_XXXXXX");
    cli::log(cli::Level::kInfo, fmt::format("--probe would run: {}", launch::shell_line(command)));
  } else if (o.probe) {
    auto found = probe(plan, o.args.data_dir, o.common.config_dir, o.args.processes);
    if (found) {
      probed = *found;
      print_probe(*probed, plan, hosts);
    } else {
      code = print_error(found.error());
    }
  }
  if (code == 0) print_command(plan, o, hosts);

  results::RunMetadata metadata;
  metadata.id = directory->id;
  metadata.num_processes = o.args.processes;
  metadata.accelerator = o.args.accelerator;
  metadata.result_dir = directory->path.string();
  metadata.parameters = plan.run.parameters;
  metadata.override_parameters = plan.run.override_parameters;
  metadata.args = args_json(o, hosts);
  if (cli::shows(cli::Level::kDebug))
    cli::log(cli::Level::kDebug, fmt::format("options: {}", results::dump_line(metadata.args)));
  metadata.system_info = local_facts(o);
  metadata.extra["datasize"] = answer_json(plan, bytes, probed);
  if (probed) metadata.runtime_seconds = probed->seconds();
  if (const Status written = results::write_metadata(*directory, metadata); !written) {
    const int write_code = print_error(written.error());
    if (code == 0) code = write_code;
  }
  if (o.common.verbose) fmt::print("{}\n", results::dump(results::to_json(metadata)));
  return code;
}

int execute(DatasizeOptions& o) {
  complete(o.common);
  if (Status same = verify_lockfile(o.common.verify_lockfile, launcher_of(o.mpi)); !same)
    return print_error(same.error());
  note_unjudged(o.common, "datasize");
  note_without_effect("datasize", {{o.common.quiet, "--quiet"}, {!o.dlio_bin_path.empty(), "--dlio-bin-path"}},
                      "it runs no engine but stoker's own, for --probe");
  if (std::ranges::any_of(o.args.params, mlperf::sets_num_files))
    cli::log(cli::Level::kInfo,
             "dataset.num_files_train of --params is left aside: how many files it takes is the answer");
  if (!o.common.skip_validation) {
    if (auto wrong = environment::check_new_folder("--results-dir", o.common.results_dir); !wrong.empty())
      return print_error(environment::report(wrong));
  }
  o.args.results_dir = o.common.results_dir;
  if (!o.args.data_dir.empty()) {
    if (const Status apart =
            training::check_apart(mlperf::data_folder(o.args.data_dir, o.args.model), o.common.results_dir);
        !apart) {
      return print_error(apart.error());
    }
  }
  if (o.probe && o.args.data_dir.empty()) {
    return print_error(Error{.code = Code::kInvalidArgument,
                             .message = "--probe needs --data-dir: the storage to be measured",
                             .hint = "see 'stoker training datasize --help'",
                             .number = ErrorNumber::kMissing});
  }
  const auto hosts = client_hosts(o.mpi.hosts, 0, o.num_client_hosts);
  if (!hosts) return print_error(hosts.error());
  if (Status starts = check_ranks_start(o); !starts) return print_error(starts.error());
  const auto plan = make_plan(o, hosts->num_hosts);
  if (!plan) return print_error(plan.error());
  compare_memory(*hosts, o.client_host_memory_in_gb);
  for (const auto& warning : plan->run.loaded.warnings) cli::log(cli::Level::kWarning, warning);
  for (const auto& notice : plan->run.notices) cli::log(cli::Level::kInfo, notice);
  int code = 0;
  for (int loop = 0; loop < o.common.loops && code == 0; ++loop) code = run_once(o, *plan, hosts->num_hosts);
  return code;
}

}  // namespace

void add_training_datasize(CLI::App& training, int& exit_code) {
  const auto o = std::make_shared<DatasizeOptions>();
  CLI::App* sub = training.add_subcommand("datasize", "how large the data set must be, and the command that writes it");
  sub->footer(
      "example:\n  stoker training datasize --model unet3d --accelerator-type h100 --max-accelerators 8 \\\n"
      "      --client-host-memory-in-gb 512 --num-client-hosts 2 --data-dir /mnt/data --probe");
  std::vector<std::string> models;
  for (const auto& model : mlperf::training_models()) models.emplace_back(model.name);
  sub->add_option("-m,--model", o->args.model, fmt::format("one of {}", fmt::join(models, ", ")))->required();
  sub->add_option("-g,--accelerator-type", o->args.accelerator,
                  fmt::format("one of {}", fmt::join(mlperf::accelerator_names(), ", ")))
      ->required();
  sub->add_option("--max-accelerators,--ma", o->args.processes, "emulated accelerators of the largest run to come")
      ->required()
      ->transform(whole_number(1));
  sub->add_option("--client-host-memory-in-gb,--cm", o->client_host_memory_in_gb, "memory of one client host in GiB")
      ->required()
      ->transform(whole_number(1));
  sub->add_option("--num-client-hosts,--nc", o->num_client_hosts, "client hosts (default: the number of --hosts)")
      ->transform(whole_number(1, results::kMostHosts));
  sub->add_option("--data-dir,--dd", o->args.data_dir,
                  "folder of the data set; <model> is appended unless it ends in it");
  sub->add_flag("--probe", o->probe,
                "write a few files into a temporary folder of --data-dir and say how long datagen will take");
  sub->add_option("--dlio-bin-path,--dp", o->dlio_bin_path, "accepted for scripts; no other engine is run here");
  sub->add_option("--dataset-format", o->args.dataset_format, "shorthand for --params dataset.format=...");
  sub->add_option("--compression", o->args.compression, "shorthand for --params dataset.compression=...");
  sub->add_option("-p,--params,--param", o->args.params, "workload overrides key=value, as the run will have them")
      ->expected(1, -1)
      ->take_all();
  add_mpi_options(*sub, o->mpi);
  add_common_options(*sub, o->common);
  sub->callback([o, &exit_code] { exit_code = execute(*o); });
}

void note_what_it_serves(const mlperf::TrainingPlan& datagen, const std::string& model, const std::string& config_dir) {
  const config::Dataset& d = datagen.loaded.workload.dataset;
  if (d.num_files_train < 1) return;
  std::vector<std::string> counts;
  double memory = 0;
  for (const auto& known : mlperf::training_models()) {
    if (known.name != model) continue;
    for (const std::string_view accelerator : known.accelerators) {
      config::LoadRequest request;
      request.workload = fmt::format("{}_{}", model, accelerator);
      request.config_dir = config_dir;
      const auto run = config::load(request);
      if (!run) continue;
      mlperf::DatasetShape shape = mlperf::shape_of(datagen.loaded.workload);
      shape.batch_size = run->workload.reader.batch_size;
      const auto enough = mlperf::serves(shape, static_cast<std::uint64_t>(d.num_files_train));
      if (enough.processes > 0) counts.push_back(fmt::format("{} {}", enough.processes, accelerator));
      memory = static_cast<double>(enough.memory_bytes);
    }
  }
  const std::string files = counted(d.num_files_train, "file");
  if (counts.empty()) {
    cli::log(cli::Level::kInfo,
             fmt::format(
                 "by the rules too few for any run: {} of this size; 'stoker training datasize' says how many it takes",
                 files));
    return;
  }
  cli::log(
      cli::Level::kInfo,
      fmt::format("by the rules enough for runs with up to {1} accelerators, on clients with {2} of memory in all: {0}",
                  files, fmt::join(counts, " or "), format_bytes(memory)));
}

}  // namespace stoker::app
