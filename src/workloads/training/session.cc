#include "workloads/training/session.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <set>

#include "base/plural.h"
#include "base/variables.h"
#include "config/validate.h"
#include "data/dataset/folder_lock.h"
#include "data/storages/registry.h"
#include "results/config_copies.h"
#include "results/timestamp.h"
#include "workloads/training/ceiling_shares.h"
#include "workloads/training/folders.h"
#include "workloads/training/generate_run.h"
#include "workloads/training/lock_owner.h"
#include "workloads/training/memory.h"
#include "workloads/training/profiler.h"
#include "workloads/training/run_storage.h"
#include "workloads/training/summarize.h"
#include "workloads/training/train.h"

namespace stoker::training {
namespace {

constexpr std::string_view kRunLockName = "stoker_run.lock";

// hydra.run.dir's default. Rank 0's clock decides for all, so that the ranks cannot end up in different folders.
Result<std::filesystem::path> agree_on_run_dir(const RunRequest& request, const Environment& environment,
                                               dist::Communicator& comm) {
  std::string text = request.run_dir.string();
  if (text.empty() && comm.rank() == 0) {
    const auto now = std::chrono::system_clock::to_time_t(environment.clock.wall());
    text = fmt::format("hydra_log/{}/{:%Y-%m-%d-%H-%M-%S}", request.loaded->workload.model.name, fmt::localtime(now));
  }
  STOKER_ASSIGN(const std::string shared, comm.broadcast(text, 0));
  return std::filesystem::path(shared);
}

// Rank 0 makes the folders, which are its own for as long as it has the lock, and the copies of the configuration.
Status prepare_output(const RunRequest& request, io::Storage& storage, const std::filesystem::path& run_dir,
                      const std::filesystem::path& output_dir, const dataset::LockOwner& owner,
                      std::optional<dataset::FolderLock>& lock) {
  std::error_code failed;
  for (const auto& folder : {run_dir, output_dir}) {
    std::filesystem::create_directories(folder, failed);
    if (failed) {
      return make_error(failed == std::errc::permission_denied ? Code::kPermission : Code::kIo,
                        "{}: cannot create the output folder: {}", folder.string(), failed.message());
    }
  }
  STOKER_ASSIGN(auto taken, dataset::FolderLock::take(storage, output_dir, kRunLockName, owner));
  lock.emplace(std::move(taken));
  results::ConfigCopies copies;
  copies.config_yaml = request.loaded->merged_yaml;
  copies.overrides = request.command_line;
  for (const std::string& text : request.command_line) {
    if (text.rfind("workload=", 0) == 0) copies.workload = text.substr(9);
  }
  copies.run_dir = std::filesystem::absolute(run_dir);
  copies.subdir = request.output_subdir;
  copies.cwd = std::filesystem::current_path();
  copies.config_sources = {request.loaded->source};
  return results::write_config_copies(copies);
}

// What this build cannot do yet is refused before anything is written, not skipped.
Status refuse_unsupported(const config::Workload& w) {
  const auto refuse = [](std::string_view what, std::string_view hint) {
    return Error{Code::kUnsupported, fmt::format("{} is not supported by this version of stoker", what),
                 std::string(hint)};
  };
  if (w.workflow.checkpoint) return refuse("workflow.checkpoint: True", "set ++workload.workflow.checkpoint=False");
  STOKER_TRY(storages::check_storage(w));
  return check_profiler(w, variable("LD_PRELOAD").value_or("").c_str());
}

// The phases of a run. What has been learnt so far is in `draft`, so that a failure can be summarised too.
Status run_phases(Context& c, const std::filesystem::path& run_dir, SummaryDraft& draft) {
  const config::Workload& w = c.workload;
  STOKER_TRY(gather_hosts(c, draft));

  if (w.workflow.generate_data) {
    STOKER_ASSIGN(draft.generation, generate(c));
    if (w.storage.post_generation_settle_seconds > 0 && w.storage.storage_type != config::StorageType::kLocalFs) {
      if (c.root()) {
        c.clock().sleep_until(c.clock().now() + from_seconds(w.storage.post_generation_settle_seconds),
                              c.environment.stop);
      }
      STOKER_TRY(c.comm.barrier());
    }
  }
  if (w.workflow.train) {
    Result<std::optional<DataSetMark>> given_up = std::optional<DataSetMark>();
    if (c.root()) given_up = mark_data_set(w);
    STOKER_TRY(dist::agree_on_root(c.comm, given_up ? Status{} : Status(given_up.error())));
    {
      const auto profiler = start_profiler(c);
      STOKER_TRY(train(c, draft.training.emplace()));
    }
    Status removed;
    if (c.root()) removed = delete_after_run(c, {run_dir, c.output_dir}, *given_up);
    STOKER_TRY(dist::agree_on_root(c.comm, removed));
  }
  return {};
}

}  // namespace

Status check_supported(const config::Workload& w) {
  STOKER_TRY(refuse_unsupported(w));
  STOKER_ASSIGN(const format::Format* format, format::find_format(w.dataset.format));
  STOKER_TRY(format->validate(w));
  if (w.reader.odirect && !format->odirect) {
    return make_error(Code::kConfig, "reader.odirect: format {} cannot be read with O_DIRECT",
                      config::to_string(w.dataset.format));
  }
  return {};
}

Status run_rank(const RunRequest& request, const Environment& environment, dist::Communicator& comm) {
  const config::Workload& w = request.loaded->workload;
  const auto start = environment.clock.wall();

  // Checks first: nothing is written before all ranks know that the configuration holds together.
  const config::Validation checked = config::validate(w, comm.size());
  const auto format = format::find_format(w.dataset.format);
  Status valid = checked.status;
  if (valid) valid = check_supported(w);
  STOKER_TRY(dist::agree(comm, valid));

  Result<std::vector<KnownCeilings>> ceilings = std::vector<KnownCeilings>();
  if (comm.rank() == 0) ceilings = read_ceilings(request.ceilings, w);
  STOKER_TRY(dist::agree_on_root(comm, ceilings ? Status{} : Status(ceilings.error())));

  STOKER_ASSIGN(const std::filesystem::path run_dir, agree_on_run_dir(request, environment, comm));
  const std::filesystem::path output_dir = w.output.folder.empty() ? run_dir : std::filesystem::path(w.output.folder);
  Reporter reporter(environment.clock, comm.rank(), comm.size(), request.quiet);
  Status opened;
  std::optional<dataset::FolderLock> run_lock;  // rank 0: two runs would replace each other's results
  STOKER_ASSIGN(const dataset::LockOwner owner, lock_owner(comm, "a run"));
  Result<std::string> deletion = std::string();
  if (comm.rank() == 0) {
    opened = check_folders(environment.storage, w, {run_dir, output_dir});
    if (opened) deletion = deletion_warning(w);
    if (opened && !deletion) opened = deletion.error();
    if (opened) opened = prepare_output(request, environment.storage, run_dir, output_dir, owner, run_lock);
    if (opened) opened = reporter.open_log(output_dir / w.output.log_file, true);
  }
  STOKER_TRY(dist::agree_on_root(comm, opened));
  if (comm.rank() != 0) opened = reporter.open_log(output_dir / w.output.log_file, false);
  STOKER_TRY(dist::agree(comm, opened));

  Context c{environment, *request.loaded, w, **format, comm, reporter, output_dir};
  if (!ceilings->empty()) c.ceilings = &*ceilings;
  c.read_threads = w.reader.read_threads ? static_cast<unsigned>(*w.reader.read_threads)
                                         : automatic_threads(c.comm.node().local_size, kMostAutomaticReaders);
  c.write_threads = w.reader.write_threads ? static_cast<unsigned>(std::max<std::int64_t>(1, *w.reader.write_threads))
                                           : automatic_threads(c.comm.node().local_size, kMostAutomaticWriters);
  // From here on configuration, ranks and folders are fixed.
  if (!has_front_end()) {  // one has told its own
    for (const auto& sentence : misunderstood_variables()) c.warn(sentence);
  }
  for (const auto& warning : request.loaded->warnings) c.warn(warning);
  for (const auto& warning : checked.warnings) c.warn(warning);
  if (comm.rank() == 0 && !deletion->empty()) c.warn(*deletion);
  STOKER_ASSIGN(const io::ModelLimits model, model_limits(w));
  if (model.any())
    c.warn(fmt::format("storage.model: what is measured is a model ({}), and no storage", io::to_text(model)));
  c.reporter.output(fmt::format("stoker {}: workload {} ({}), {} on {}, {}results in {}", STOKER_VERSION, w.model.name,
                                request.loaded->source, counted(comm.size(), "accelerator"),
                                counted(comm.node().count, "host"),
                                is_generated(w) ? "generated bytes and no storage, " : "", output_dir.string()));

  std::optional<HostRecorder> hosts;
  if (request.host_record) {
    hosts.emplace(*request.host_record, environment.proc, environment.clock, comm);
    if (!hosts->status()) c.reporter.warning(fmt::format("host facts: {}", hosts->status().error().message));
  }
  SummaryDraft draft;
  draft.start = start;
  const Status outcome = contained(comm, [&] { return run_phases(c, run_dir, draft); });
  if (hosts) hosts->stop();
  const Status written = write_results(c, draft, outcome);
  // After the results: a run that failed may not find all ranks again.
  if (hosts) {
    if (const Status recorded = hosts->finish(); !recorded)
      c.reporter.warning(fmt::format("host facts: {}", recorded.error().message));
  }
  return outcome ? written : outcome;
}

}  // namespace stoker::training
