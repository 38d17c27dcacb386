#include "app/commands/probe.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "base/interrupt.h"
#include "cluster/environment/checks.h"
#include "cluster/host/proc.h"
#include "cluster/launch/process.h"
#include "config/overrides.h"
#include "data/storages/registry.h"
#include "results/dataset_manifest.h"
#include "results/json.h"
#include "results/summary.h"
#include "workloads/training/data_folder.h"

namespace stoker::app {
namespace {

namespace fs = std::filesystem;

// The folder of one probe; gone with this object, unless something lies there that the probe did not write.
class ProbeFolder {
 public:
  explicit ProbeFolder(fs::path path) : path_(std::move(path)) {}
  ~ProbeFolder() {
    const auto storage = storages::open_storage_of(data());
    if (!storage) return;
    if (const auto manifest = results::read_manifest(data()); manifest && *manifest) {
      static_cast<void>(training::delete_stored_data_set(**storage, data(), **manifest));
    }
    // Folders that were made before there was a manifest: empty ones only.
    std::error_code ignored;
    for (const char* name : {"train", "valid", "test", ""}) fs::remove(data() / name, ignored);
    // The run's results, and the engine's output.
    for (const fs::path& folder : {run() / ".hydra", run(), path_}) remove_files(folder);
  }
  ProbeFolder(const ProbeFolder&) = delete;
  ProbeFolder& operator=(const ProbeFolder&) = delete;
  [[nodiscard]] const fs::path& path() const { return path_; }
  [[nodiscard]] fs::path data() const { return path_ / "data"; }
  [[nodiscard]] fs::path run() const { return path_ / "run"; }

 private:
  static void remove_files(const fs::path& folder) {
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator(folder, ignored)) {
      if (!entry.is_directory(ignored)) fs::remove(entry.path(), ignored);
    }
    fs::remove(folder, ignored);
  }

  fs::path path_;
};

// What the engine said last, for the error that it failed.
std::string last_error_line(const fs::path& log) {
  const auto text = results::read_file(log);
  if (!text) return "";
  const auto at = text->find("error: ");
  if (at == std::string::npos) return "";
  return text->substr(at, text->find('\n', at) - at);
}

}  // namespace

int probe_ranks(int processes) {
  return static_cast<int>(std::clamp<std::int64_t>(processes, 1, std::max<std::int64_t>(1, host::usable_cpu_count())));
}

std::vector<std::string> probe_command(const mlperf::DatasizePlan& plan, const std::string& config_dir, int ranks,
                                       const fs::path& folder) {
  const auto files =
      mlperf::probe_files(plan.shape, static_cast<unsigned>(std::max<std::int64_t>(1, host::usable_cpu_count())));
  std::vector<std::string> command{launch::current_executable().string(), "dlio"};
  for (auto& word : mlperf::probe_overrides(plan, files, folder / "data")) command.push_back(std::move(word));
  command.push_back("++hydra.run.dir=" + config::override_text((folder / "run").string()));
  if (!config_dir.empty()) command.push_back("--config-dir=" + config_dir);
  command.push_back(fmt::format("--ranks={}", ranks));
  command.emplace_back("--quiet");
  return command;
}

Result<ProbeResult> probe(const mlperf::DatasizePlan& plan, const fs::path& data_dir, const std::string& config_dir,
                          int processes) {
  const InterruptGuard interrupt(InterruptGuard::kPatienceWithChildren);
  std::string pattern = (environment::nearest_existing(data_dir) / "stoker_probe_XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) {
    return make_error(errno == EACCES || errno == EPERM || errno == EROFS ? Code::kPermission : Code::kIo,
                      "--probe: {}: cannot create a folder: {}", pattern, std::strerror(errno));
  }
  const ProbeFolder folder(pattern);
  ProbeResult result;
  result.ranks = probe_ranks(processes);

  launch::ProcessSpec spec;
  spec.command = probe_command(plan, config_dir, result.ranks, folder.path());
  spec.stdout_log = folder.path() / "stdout.log";
  spec.stderr_log = folder.path() / "stderr.log";
  spec.terminal_out = -1;
  spec.terminal_err = -1;
  STOKER_ASSIGN(const int code, launch::ProcessLauncher().run(spec, interrupt.token()));
  if (interrupt.signal_number() != 0) return make_error(Code::kInterrupted, "--probe was interrupted");
  if (code != 0) {
    return Error{Code::kFailed, fmt::format("--probe: the engine failed with exit code {}", code),
                 last_error_line(spec.stderr_log)};
  }
  STOKER_ASSIGN(const results::Summary summary, results::read_summary(folder.run()));
  if (!summary.generation || summary.generation->files == 0) {
    return make_error(Code::kFailed, "--probe: the engine wrote no files");
  }
  result.files = summary.generation->files;
  result.bytes = summary.generation->bytes;
  // The engine's clock stops when all is on the storage.
  result.flush_seconds = summary.generation->sync_seconds;
  result.write_seconds = std::max(summary.generation->seconds - result.flush_seconds, 1e-6);
  result.samples = static_cast<std::int64_t>(result.files) * summary.num_samples_per_file;
  return result;
}

}  // namespace stoker::app
