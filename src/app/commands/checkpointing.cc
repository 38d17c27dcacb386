#include "app/commands/checkpointing.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/cli/console.h"
#include "app/commands/common_options.h"
#include "app/commands/manifest.h"
#include "app/commands/number_option.h"
#include "app/commands/print_error.h"
#include "app/commands/run_hosts.h"
#include "app/commands/timeseries_options.h"
#include "app/commands/verification.h"
#include "base/clock.h"
#include "base/error_number.h"
#include "base/plural.h"
#include "base/units.h"
#include "cluster/environment/checks.h"
#include "cluster/host/proc.h"
#include "cluster/launch/mpirun_command.h"
#include "cluster/launch/process.h"
#include "config/overrides.h"
#include "mlperf/plan/checkpoint_plan.h"
#include "results/metadata.h"
#include "results/run_directory.h"

namespace stoker::app {
namespace {

namespace fs = std::filesystem;

enum class Command { kDatasize, kRun };

struct CheckpointingOptions {
  CommonOptions common;
  MpiOptions mpi;
  mlperf::CheckpointArgs args;
  int client_host_memory_in_gb = 0;
  std::string dlio_bin_path;
  TimeseriesOptions timeseries;  // of a run
};

std::string_view command_name(Command command) {
  return command == Command::kDatasize ? "datasize" : "run";
}

double gib(double bytes) {
  return bytes / static_cast<double>(kGiB);
}

rules::Run planned_run(const mlperf::CheckpointPlan& plan, const CheckpointingOptions& o, Command command,
                       const rules::PlannedHosts& hosts) {
  rules::Run run;
  run.id.type = results::BenchmarkType::kCheckpointing;
  run.id.model = o.args.model;
  // Sizing is judged as the run that it sizes.
  run.id.command = command == Command::kRun ? "run" : "";
  run.processes = o.args.processes;
  run.parameters = plan.parameters;
  run.overrides = plan.override_parameters;
  run.hosts = hosts.hosts;
  run.hosts_from = hosts.from;
  run.num_hosts = hosts.num_hosts;
  deal_ranks(run, o.mpi.hosts);
  return run;
}

void print_ranks(const mlperf::CheckpointPlan& plan) {
  for (std::size_t rank = 0; rank < plan.by_rank.size(); ++rank) {
    cli::print("rank {}: {:.2f} GB (GiB)\n", rank, gib(plan.by_rank[rank]));
  }
  const auto processes = static_cast<std::int64_t>(plan.by_rank.size());
  if (plan.is_subset()) {
    cli::print("one checkpoint: {:.2f} GB (GiB), of the first {} of {} ranks; the rules speak of {}\n",
               gib(plan.checkpoint_bytes()), processes, plan.job.ranks,
               processes == mlperf::kSubsetProcesses ? plan.model.nominal_subset : "no such subset");
    return;
  }
  cli::print("one checkpoint: {:.2f} GB (GiB), model {:.2f} and optimizer {:.2f}; the rules speak of {}\n",
             gib(plan.checkpoint_bytes()), gib(plan.job.model_bytes), gib(plan.job.optimizer_bytes),
             plan.model.nominal);
}

void print_space(const mlperf::CheckpointPlan& plan) {
  const double needed = plan.checkpoint_bytes() * static_cast<double>(plan.writes);
  cli::print("disk space for {}: {:.2f} GB (GiB)\n", counted(plan.writes, "checkpoint"), gib(needed));
  const auto space = environment::free_space(plan.folder);
  if (!space) {
    cli::print("warning: the free space of {} is unknown: {}\n", plan.folder.string(), space.error().message);
    return;
  }
  const auto free = static_cast<double>(space->free_bytes);
  cli::print("free at {}: {:.2f} GB (GiB)\n", plan.folder.string(), gib(free));
  if (needed > free)
    cli::print("warning: the checkpoints do not fit: {:.2f} GB (GiB) are missing\n", gib(needed - free));
}

// Whether caches must be cleared between writing and reading, on hosts of the memory that the user gives.
void print_hosts(const mlperf::CheckpointPlan& plan, const CheckpointingOptions& o,
                 const std::vector<int>& ranks_by_host) {
  const std::size_t hosts = ranks_by_host.size();
  const auto shares = mlperf::bytes_by_host(plan.by_rank, ranks_by_host);
  const double largest = *std::ranges::max_element(shares);
  const double smallest = *std::ranges::min_element(shares);
  cli::print("share of a host: {:.2f} GB (GiB) at most, with {} host{} of {} GiB\n", gib(largest), hosts,
             hosts == 1 ? "" : "s", o.client_host_memory_in_gb);
  const double memory = static_cast<double>(o.client_host_memory_in_gb) * static_cast<double>(kGiB);
  if (mlperf::must_clear_caches(memory, smallest)) {
    cli::print(
        "caches must be cleared between writing and reading: {} GiB of memory are more than 3 x {:.2f}; make two runs, "
        "one "
        "with --num-checkpoints-read 0 and one with --num-checkpoints-write 0\n",
        o.client_host_memory_in_gb, gib(smallest));
  } else {
    cli::print("caches need not be cleared between writing and reading\n");
  }
}

Result<std::vector<std::string>> engine_command(const CheckpointingOptions& o, const mlperf::CheckpointPlan& plan,
                                                const RankStart& start, const fs::path& directory) {
  std::vector<std::string> command{launch::current_executable().string(), "dlio", "workload=" + plan.workload,
                                   "++hydra.run.dir=" + config::override_text(directory.string()),
                                   "++hydra.output_subdir=dlio_config"};
  command.insert(command.end(), plan.overrides.begin(), plan.overrides.end());
  if (!o.common.config_dir.empty()) command.push_back("--config-dir=" + o.common.config_dir);
  if (o.common.quiet) command.emplace_back("--quiet");
  if (start.launched) return launch::mpirun_command(start.launcher, command);
  command.push_back(fmt::format("--ranks={}", o.args.processes));
  return command;
}

results::Json args_json(const CheckpointingOptions& o, const mlperf::CheckpointPlan& plan, Command command) {
  results::Json json = results::Json::object();
  json["program"] = "checkpointing";
  json["command"] = command_name(command);
  json["model"] = o.args.model;
  json["num_processes"] = o.args.processes;
  json["client_host_memory_in_gb"] = o.client_host_memory_in_gb;
  json["num_client_hosts"] = named_hosts(o.mpi.hosts).value().size();
  json["num_checkpoints_read"] = plan.reads;
  json["num_checkpoints_write"] = plan.writes;
  json["checkpoint_folder"] = o.args.folder.string();
  json["params"] = o.args.params;
  put_args(json, o.common);
  put_args(json, o.mpi);
  if (command == Command::kRun) put_args(json, o.timeseries);
  return json;
}

struct Prepared {
  const mlperf::CheckpointPlan& plan;
  RankStart start;  // of a run
  rules::Run run;   // as it is judged
  rules::Category verdict;
  std::optional<results::SystemInfo> system;  // of a run
};

int run_once(const CheckpointingOptions& o, Command command, const Prepared& p) {
  const SteadyClock clock;
  const auto directory = results::create_run_directory(o.common.results_dir, results::BenchmarkType::kCheckpointing,
                                                       o.args.model, std::string(command_name(command)), clock.wall());
  if (!directory) return print_error(directory.error());
  cli::log(cli::Level::kInfo, fmt::format("results: {}", directory->path.string()));
  results::RunMetadata metadata;
  metadata.id = directory->id;
  metadata.num_processes = o.args.processes;
  metadata.result_dir = directory->path.string();
  metadata.parameters = p.plan.parameters;
  metadata.override_parameters = p.plan.override_parameters;
  metadata.verification = to_string(p.verdict);
  metadata.system_info = p.system;
  metadata.args = args_json(o, p.plan, command);
  if (cli::shows(cli::Level::kDebug)) {
    cli::log(cli::Level::kDebug, fmt::format("options: {}", results::dump_line(metadata.args)));
  }
  int code = 0;
  if (command == Command::kDatasize) {
    print_ranks(p.plan);
    print_space(p.plan);
    print_hosts(p.plan, o, rules::dealt_ranks(p.run));
    results::Json answer = results::Json::object();
    answer["checkpoint_bytes"] = p.plan.checkpoint_bytes();
    answer["bytes_by_rank"] = p.plan.by_rank;
    metadata.extra["datasize"] = answer;
  } else {
    const auto engine = engine_command(o, p.plan, p.start, directory->path);
    if (engine) {
      metadata.executed_command = launch::shell_line(*engine);
      cli::log(cli::Level::kInfo, fmt::format("command: {}", *metadata.executed_command));
      cli::log(cli::Level::kInfo, "a plan only: this version of stoker does not write or read checkpoints");
    } else {
      code = print_error(engine.error());
    }
  }
  if (const Status written = results::write_metadata(*directory, metadata); !written) {
    const int write_code = print_error(written.error());
    if (code == 0) code = write_code;
  }
  if (o.common.verbose) fmt::print("{}\n", results::dump(results::to_json(metadata)));
  return code;
}

int execute(CheckpointingOptions& o, Command command) {
  complete(o.common);
  if (Status same = verify_lockfile(o.common.verify_lockfile, launcher_of(o.mpi)); !same)
    return print_error(same.error());
  const bool sizes = command == Command::kDatasize;
  const std::string name = fmt::format("checkpointing {}", command_name(command));
  note_without_effect(name,
                      {{sizes && o.common.quiet, "--quiet"},
                       {sizes && o.common.skip_validation, "--skip-validation"},
                       {sizes && o.common.what_if, "--what-if"}},
                      "no engine is run, so no surroundings are checked");
  if (sizes) note_without_effect(name, launcher_options(o.mpi), "nothing is launched");
  const TimeseriesOptions usual;
  note_without_effect(name,
                      {{!o.dlio_bin_path.empty(), "--dlio-bin-path"},
                       {o.timeseries.interval_seconds != usual.interval_seconds, "--timeseries-interval"},
                       {o.timeseries.skip, "--skip-timeseries"},
                       {o.timeseries.max_samples != usual.max_samples, "--max-timeseries-samples"}},
                      "this version of stoker does not write or read checkpoints");
  const auto plan = mlperf::plan_checkpointing(o.args, o.common.config_dir);
  if (!plan) return print_error(plan.error());
  if (!sizes && plan->writes == 0 && plan->reads == 0) {
    return print_error(
        Error{.code = Code::kInvalidArgument,
              .message = "--num-checkpoints-write and --num-checkpoints-read are both 0: there is nothing to do",
              .hint = "leave one of them out, or give it the number of checkpoints",
              .number = ErrorNumber::kIncompatible});
  }
  for (const auto& warning : plan->loaded.warnings) cli::log(cli::Level::kWarning, warning);
  if (command == Command::kRun && !o.common.what_if) {
    return print_error(Error{Code::kUnsupported,
                             "'checkpointing run': writing and reading checkpoints is not available in this version of "
                             "stoker",
                             "--what-if shows the plan and the verdict; 'checkpointing datasize' shows the sizes"});
  }
  Prepared prepared{*plan, {}, {}, {}, std::nullopt};
  rules::PlannedHosts client;
  if (command == Command::kDatasize) {
    // Sizes are asked for hosts that may not be there yet: the memory that was typed counts. A run has its own hosts.
    const auto hosts = client_hosts(o.mpi.hosts, o.client_host_memory_in_gb, 0);
    if (!hosts) return print_error(hosts.error());
    client = rules::planned_hosts(std::nullopt, hosts->num_hosts, o.client_host_memory_in_gb);
  } else {
    auto start = rank_start(o.mpi, static_cast<int>(o.args.processes));
    if (!start) return print_error(start.error());
    prepared.start = std::move(*start);
    Surroundings surroundings{.results_dir = o.common.results_dir,
                              .needs_facts = true,
                              .what_if = o.common.what_if,
                              .skip_validation = o.common.skip_validation,
                              .client_host_memory_in_gb = o.client_host_memory_in_gb};
    environment::Findings known;
    if (!o.common.skip_validation) known = environment::check_new_folder("--checkpoint-folder", o.args.folder);
    auto system = check_surroundings(prepared.start, surroundings, std::move(known));
    if (!system) return print_error(system.error());
    client = client_hosts(*system, 0);
    prepared.system = std::move(*system);
  }
  prepared.run = planned_run(*plan, o, command, client);
  const Verdict verdict = verify(prepared.run, o.common, !sizes);
  if (verdict.refused) return *verdict.refused;
  prepared.verdict = verdict.category;
  int code = 0;
  for (int loop = 0; loop < o.common.loops && code == 0; ++loop) code = run_once(o, command, prepared);
  return code;
}

void add_command(CLI::App& checkpointing, Command command, int& exit_code, const std::string& description,
                 const std::string& example) {
  const auto o = std::make_shared<CheckpointingOptions>();
  CLI::App* sub = checkpointing.add_subcommand(std::string(command_name(command)), description);
  sub->footer("example:\n  " + example);
  std::vector<std::string_view> models;
  for (const auto& model : mlperf::checkpoint_models()) models.push_back(model.name);
  sub->add_option("-m,--model", o->args.model, fmt::format("one of {}", fmt::join(models, ", ")))->required();
  sub->add_option("-n,--num-processes,--np", o->args.processes, "ranks; 8 of a larger model are its subset")
      ->required()
      ->transform(whole_number(1));
  sub->add_option("--client-host-memory-in-gb,--cm", o->client_host_memory_in_gb, "memory of one client host in GiB")
      ->required()
      ->transform(whole_number(1));
  sub->add_option("--checkpoint-folder,--cf", o->args.folder,
                  "folder of the checkpoints; <model> is appended unless it ends in it")
      ->required();
  sub->add_option("--num-checkpoints-read,--ncr", o->args.reads, "checkpoints to read; 0: none")
      ->default_str("10")
      ->transform(whole_number(0));
  sub->add_option("--num-checkpoints-write,--ncw", o->args.writes, "checkpoints to write; 0: none")
      ->default_str("10")
      ->transform(whole_number(0));
  sub->add_option("-p,--params,--param", o->args.params, "workload overrides key=value")->expected(1, -1)->take_all();
  sub->add_option("--dlio-bin-path,--dp", o->dlio_bin_path, "accepted, without effect until checkpoints are written");
  add_mpi_options(*sub, o->mpi);
  add_common_options(*sub, o->common);
  if (command == Command::kRun) add_timeseries_options(*sub, o->timeseries);
  sub->callback([o, command, &exit_code] { exit_code = execute(*o, command); });
}

}  // namespace

void add_checkpointing(CLI::App& app, int& exit_code) {
  CLI::App* checkpointing = app.add_subcommand("checkpointing", "checkpoints of large models: sizes, plans");
  checkpointing->require_subcommand(1);
  checkpointing->footer(
      "example:\n  stoker checkpointing datasize --model llama3-8b --num-processes 8 \\\n"
      "      --client-host-memory-in-gb 512 --checkpoint-folder /mnt/checkpoints");
  add_command(*checkpointing, Command::kDatasize, exit_code, "how large checkpoints are, by rank and in all",
              "stoker checkpointing datasize --model llama3-70b --num-processes 64 \\\n"
              "      --client-host-memory-in-gb 512 --checkpoint-folder /mnt/checkpoints");
  add_command(*checkpointing, Command::kRun, exit_code,
              "plan and judge a run; running it is not available in this version",
              "stoker checkpointing run --model llama3-8b --num-processes 8 --client-host-memory-in-gb 512 \\\n"
              "      --checkpoint-folder /mnt/checkpoints --what-if");
}

}  // namespace stoker::app
