#include "app/commands/run_hosts.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <set>

#include "app/cli/console.h"
#include "base/host_name.h"
#include "base/interrupt.h"
#include "base/units.h"
#include "cluster/environment/checks.h"
#include "cluster/environment/launcher_settings.h"
#include "cluster/environment/os.h"
#include "cluster/launch/mpi_params.h"
#include "results/timeseries.h"
#include "workloads/training/data_space.h"

namespace stoker::app {

namespace fs = std::filesystem;

namespace {

void warn(const std::string& text) {
  cli::log(cli::Level::kWarning, text);
}

// After a run that lost its ranks: whoever is well answers in a second.
constexpr std::chrono::seconds kSecondLook{10};

environment::HostAnswer ask(const RankStart& start, std::optional<std::chrono::milliseconds> timeout = std::nullopt) {
  environment::HostQuery query;
  if (timeout) query.timeout = query.timeout_alone = *timeout;
  query.launched = start.launched;
  query.launcher = start.launcher;
  query.launcher.mpi_params = environment::without_layout(start.launcher.mpi_params);
  query.command = {launch::current_executable().string(), "host-facts"};
  query.variables = start.variables;
  query.nodes_of_job = environment::nodes_of_job(environment::process_variable);
  if (start.launched) cli::log(cli::Level::kInfo, fmt::format("asking the hosts through {}", start.launcher.program));
  std::optional<InterruptGuard> own;
  const InterruptGuard* interrupt = InterruptGuard::current();
  if (interrupt == nullptr) interrupt = &own.emplace(InterruptGuard::kPatienceWithChildren);
  environment::HostAnswer answer = environment::ask_hosts(
      query, [] { return std::make_unique<launch::ProcessLauncher>(); }, host::Proc(), SteadyClock().wall(),
      interrupt->token());
  // The launcher that was stopped says many things; this is why.
  if (const int signal = interrupt->signal_number(); signal != 0) {
    answer.problems.clear();
    answer.problems.push_back(
        make_error(Code::kInterrupted, "interrupted by {} while the hosts were asked", signal_name(signal)));
  }
  return answer;
}

bool has_remote_host(const RankStart& start) {
  const std::string self = host_name();
  return std::any_of(start.launcher.hosts.begin(), start.launcher.hosts.end(),
                     [&](const launch::Host& h) { return !launch::is_local_host(h.name, self); });
}

void append(environment::Findings& all, environment::Findings more) {
  std::move(more.begin(), more.end(), std::back_inserter(all));
}

fs::path record_file(const results::RunDirectory& directory) {
  return directory.path / fmt::format("{}_{}_hosts.json", results::to_string(directory.id.type), directory.id.datetime);
}

}  // namespace

Result<RankStart> rank_start(const MpiOptions& o, int processes) {
  RankStart start;
  STOKER_ASSIGN(const std::vector<std::string> mpi_params, launch::split_mpi_params(o.mpi_params));
  STOKER_ASSIGN(start.launcher.hosts, launch::parse_hosts(o.hosts));
  const std::string self = host_name();
  const auto remote = std::find_if(start.launcher.hosts.begin(), start.launcher.hosts.end(),
                                   [&](const launch::Host& h) { return !launch::is_local_host(h.name, self); });
  const bool any_remote = remote != start.launcher.hosts.end();
  if (any_remote && o.exec_type != "mpi" && o.exec_type != "auto") {
    return make_error(Code::kInvalidArgument,
                      "--exec-type {}: host '{}' is another machine, which only --exec-type mpi reaches", o.exec_type,
                      remote->name);
  }
  start.launched = o.exec_type == "mpi" || any_remote;
  if (!start.launched) return start;
  environment::name_as_in_job(start.launcher.hosts, environment::process_variable);
  start.launcher.program = launcher_of(o);
  start.launcher.processes = processes;
  start.launcher.oversubscribe = o.oversubscribe;
  start.launcher.allow_run_as_root = o.allow_run_as_root;
  start.launcher.refuses_root = launch::launcher_refuses_root();
  start.launcher.mpi_params = mpi_params;
  start.variables = environment::launcher_variables(mpi_params, start.launcher.hosts, environment::process_variable);
  STOKER_TRY(launch::mpirun_command(start.launcher, {}));
  return start;
}

results::SystemInfo facts_of_options(const RankStart& start, int memory_gib) {
  results::SystemInfo system;
  system.collection_method = "args";
  system.collection_timestamp = results::format_utc(SteadyClock().wall());
  std::set<std::string> names;
  for (const launch::Host& h : start.launcher.hosts) {
    if (!names.insert(h.name).second) continue;
    system.hosts.push_back({.hostname = h.name,
                            .memory = {.total = static_cast<std::uint64_t>(memory_gib) * kGiB},
                            .collection_timestamp = system.collection_timestamp});
  }
  return system;
}

Result<results::SystemInfo> check_surroundings(const RankStart& start, const Surroundings& s,
                                               environment::Findings findings) {
  const std::string path = environment::process_variable("PATH").value_or("");
  const environment::Os os = environment::read_os(host::Proc());
  bool launcher_there = true;
  if (s.skip_validation) {
    warn("the checks of the environment are skipped (--skip-validation)");
  } else {
    append(findings, environment::check_new_folder("--results-dir", s.results_dir));
    if (s.writes) {
      append(findings, environment::check_writable("--data-dir", *s.writes));
      if (s.writes_what != nullptr) {
        const auto files = s.writes_what->dataset.num_files_train + s.writes_what->dataset.num_files_eval;
        // What cannot be written is told by the engine, with the reason.
        const auto bytes = training::planned_data_bytes(*s.writes_what);
        append(findings, environment::check_space("--data-dir", *s.writes, bytes ? bytes->least : 0,
                                                  static_cast<std::uint64_t>(files)));
      }
    }
    if (start.launched) {
      auto launcher = environment::check_launcher(start.launcher.program, path, os);
      launcher_there = launcher.empty();
      append(findings, std::move(launcher));
      if (has_remote_host(start) &&
          environment::starts_with_ssh(start.launcher.mpi_params, environment::process_variable))
        append(findings, environment::check_ssh(path, os));
    }
  }
  environment::HostAnswer answer;
  const auto interrupted = [&answer]() -> const Error* {
    const auto at = std::ranges::find(answer.problems, Code::kInterrupted, &Error::code);
    return at == answer.problems.end() ? nullptr : &*at;
  };
  if (!start.launched) {
    answer = ask(start);
    if (const Error* why = interrupted()) return *why;
  } else if (s.skip_validation && (s.what_if || !s.needs_facts)) {
    answer.system = facts_of_options(start, s.client_host_memory_in_gb);
  } else if (launcher_there) {
    answer = ask(start);
    if (const Error* why = interrupted()) return *why;
    if (s.skip_validation) {
      for (const auto& problem : answer.problems) warn(problem.message);
    } else {
      append(findings, std::move(answer.problems));
    }
  }
  if (!findings.empty()) return environment::report(findings);
  if (const std::string less = environment::shortfall(answer.system); !less.empty()) warn(less);
  for (const std::string& issue : answer.system.host_consistency_issues) warn("the hosts are not alike: " + issue);
  return std::move(answer.system);
}

HostWatch::HostWatch(const RankStart& start, const TimeseriesOptions& timeseries, results::SystemInfo before,
                     const results::RunDirectory& directory, bool own_engine)
    : start_(start),
      timeseries_(timeseries),
      before_(std::move(before)),
      directory_(directory),
      own_engine_(own_engine) {}

std::vector<std::string> HostWatch::engine_options() const {
  if (!own_engine_) return {};
  std::vector<std::string> options{"--host-record=" + record_file(directory_).string()};
  if (timeseries_.skip) return options;
  options.push_back("--timeseries-file=" + directory_.timeseries_file().string());
  options.push_back(fmt::format("--timeseries-interval={}", timeseries_.interval_seconds));
  options.push_back(fmt::format("--max-timeseries-samples={}", timeseries_.max_samples));
  return options;
}

void HostWatch::begin() {
  began_ = clock_.wall();
  if (own_engine_ || timeseries_.skip) return;
  if (start_.launched && has_remote_host(start_))
    warn("the time series is of this host only: another engine than stoker's takes none on the others");
  sampler_.emplace(proc_, clock_, from_seconds(timeseries_.interval_seconds),
                   static_cast<std::size_t>(timeseries_.max_samples));
}

void HostWatch::end(results::RunMetadata& metadata) {
  metadata.system_info = before_;
  metadata.cluster_snapshots = results::ClusterSnapshots{before_, std::nullopt, before_.collection_method};
  if (own_engine_) {
    take_record(metadata);
  } else {
    ask_again(metadata);
  }
}

// What the ranks left behind. A run that failed early has no record, one that was killed has half of one.
void HostWatch::take_record(results::RunMetadata& metadata) {
  const fs::path file = record_file(directory_);
  auto record = results::read_host_record(file);
  std::error_code ignored;
  fs::remove(file, ignored);
  if (!record) {
    if (record.error().code != Code::kNotFound) warn(record.error().message);
    warn("the run has not described its hosts: their facts are those from before it");
    return;
  }
  if (!record->snapshots.end) {
    warn("the run did not end well enough to describe its hosts a second time");
    // A launcher says that it lost somebody, and seldom whom.
    if (start_.launched && has_remote_host(start_)) {
      for (const auto& problem : ask(start_, kSecondLook).problems) warn("after the run: " + problem.message);
    }
  }
  metadata.cluster_snapshots = std::move(record->snapshots);
  metadata.timeseries = std::move(record->timeseries);
}

void HostWatch::ask_again(results::RunMetadata& metadata) {
  const results::WallTime ended = clock_.wall();
  auto answer = ask(start_);
  for (const auto& problem : answer.problems) warn(problem.message);
  metadata.cluster_snapshots->end = std::move(answer.system);
  if (!sampler_) return;
  results::TimeseriesHead head{.interval_seconds = timeseries_.interval_seconds,
                               .start = began_,
                               .end = ended,
                               .collection_method = "local",
                               .hosts_requested = {}};
  for (const auto& h : before_.hosts) head.hosts_requested.push_back(h.hostname);
  const host::Samples& samples = sampler_->stop();
  auto writer = results::TimeseriesWriter::create(directory_.timeseries_file(), head);
  Status written = writer ? Status{} : Status{writer.error()};
  if (writer) {
    writer->begin_host(host_name());
    for (std::size_t i = 0; i < samples.size(); ++i) writer->add(results::dump_line(samples.json(i)), 1);
    written = writer->finish();
  }
  if (!written) {
    warn(written.error().message);
    return;
  }
  metadata.timeseries = results::TimeseriesInfo{directory_.timeseries_file().filename().string(), writer->num_samples(),
                                                head.interval_seconds, writer->hosts_collected()};
}

}  // namespace stoker::app
