#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <string>

#include "app/cli/console.h"
#include "app/commands/bench.h"
#include "app/commands/bench_options.h"
#include "app/commands/number_option.h"
#include "app/commands/print_error.h"
#include "base/clock.h"
#include "base/error_number.h"
#include "base/interrupt.h"
#include "base/plural.h"
#include "base/units.h"
#include "cluster/host/proc.h"
#include "cluster/launch/process.h"
#include "config/data_set_names.h"
#include "data/audit/data_files.h"
#include "data/dataset/layout.h"
#include "data/format/format.h"
#include "data/storages/registry.h"
#include "mlperf/plan/training_plan.h"
#include "results/dataset_manifest.h"
#include "workloads/ceilings/chunks.h"
#include "workloads/ceilings/own_files.h"
#include "workloads/ceilings/storage_sweep.h"
#include "workloads/ceilings/text.h"
#include "workloads/training/folders.h"
#include "workloads/training/run_storage.h"

namespace stoker::app {
namespace {

namespace fs = std::filesystem;

// Of files that are written because there is no data set.
constexpr std::uint64_t kOwnBytes = kGiB;

struct StorageOptions {
  BenchOptions bench;
  std::string data_dir;
  double seconds = 2;
  bool reads_only = false;
};

// What lies below --data-dir.
struct Found {
  fs::path folder;  // of the data set; empty: there is none
  std::vector<io::Path> files;
};

Result<Found> find_by_manifest(const config::Workload& w, const fs::path& folder) {
  STOKER_ASSIGN(const auto manifest, results::read_manifest(folder));
  if (!manifest) return Found{};
  const std::string name = (folder / results::kManifestName).string();
  if (!manifest->complete) {
    Error error = make_error(Code::kConfig, "{}: the data set is incomplete", name);
    error.hint = "finish or delete it, or name another --data-dir";
    return error;
  }
  if (manifest->format != config::to_string(w.dataset.format)) {
    Error error = make_error(Code::kConfig, "{}: the data set is of format {}, but dataset.format is {}", name,
                             manifest->format, config::to_string(w.dataset.format));
    error.hint = "name the workload that it was written for";
    return error;
  }
  STOKER_ASSIGN(config::Workload described, results::described_workload(w, folder));
  described.storage.storage_root = "";
  described.dataset.data_folder = folder.string();
  const dataset::Layout layout(described);
  const std::uint64_t files = layout.files(dataset::Split::kTrain);
  if (files == 0) return make_error(Code::kConfig, "{}: the data set has no files for training", name);
  STOKER_ASSIGN(const auto storage, storages::open_storage_of(folder));
  STOKER_ASSIGN(const std::uint64_t size, storage->file_size(layout.file(dataset::Split::kTrain, 0).path));
  Found found{.folder = folder, .files = {}};
  for (const std::uint64_t i : ceilings::choose_files(files, size))
    found.files.push_back(layout.file(dataset::Split::kTrain, i).path);
  return found;
}

// Of other programs: in the folder `train`, or in the folder itself and none below it, where other data sets may lie.
Result<Found> find_by_name(io::Storage& storage, const format::Format& format, const fs::path& folder) {
  std::vector<io::Path> files;
  std::error_code unknown;
  if (fs::is_directory(folder / "train", unknown)) {
    const auto there = audit::find_data_files(storage, folder / "train");
    if (!there && there.error().code != Code::kNotFound) return there.error();
    if (there) {
      for (const audit::DataFile& file : there->files) {
        if (file.format == &format) files.push_back(file.path);
      }
    }
  } else if (fs::is_directory(folder, unknown)) {
    STOKER_ASSIGN(const auto entries, storage.list(folder));
    for (const io::DirEntry& entry : entries) {
      const bool hidden = entry.name.starts_with('.') || entry.name.starts_with('_');
      if (!entry.is_directory && !hidden && audit::format_of(entry.name) == &format)
        files.push_back(folder / entry.name);
    }
    std::ranges::sort(files);
  }
  if (files.empty()) return Found{};
  STOKER_ASSIGN(const std::uint64_t size, storage.file_size(files.front()));
  Found found{.folder = folder, .files = {}};
  for (const std::uint64_t i : ceilings::choose_files(files.size(), size)) found.files.push_back(files[i]);
  return found;
}

Result<Found> find_data(io::Storage& storage, const config::Workload& w, const format::Format& format,
                        const fs::path& dir) {
  const fs::path of_model = mlperf::data_folder(dir, w.model.name);
  for (const fs::path& folder : {dir, of_model}) {
    STOKER_ASSIGN(Found found, find_by_manifest(w, folder));
    if (!found.files.empty()) return found;
  }
  for (const fs::path& folder : {of_model, dir}) {
    STOKER_ASSIGN(Found found, find_by_name(storage, format, folder));
    if (!found.files.empty()) return found;
  }
  return Found{};
}

Result<fs::path> make_folder(const fs::path& dir) {
  std::string pattern = (dir / "stoker_bench_XXXXXX").string();
  if (::mkdtemp(pattern.data()) != nullptr) return fs::path(pattern);
  Error error = make_error(errno == EACCES || errno == EPERM || errno == EROFS ? Code::kPermission : Code::kIo,
                           "--data-dir: {}: cannot create a folder: {}", pattern, std::strerror(errno));
  error.hint = "writing needs one; --reads-only measures the reading of a data set that is there";
  return error;
}

Status check_room(io::Storage& storage, const fs::path& dir, std::uint64_t bytes) {
  STOKER_ASSIGN(const std::optional<io::SpaceInfo> space, storage.space(dir));
  const std::uint64_t needed = bytes + bytes / 10;
  if (!space || space->free_bytes >= needed) return {};
  Error error = make_error(
      Code::kNoSpace, "--data-dir: {}: there is no data set, and files of it take {}, but only {} are free",
      dir.string(), format_bytes(static_cast<double>(needed)), format_bytes(static_cast<double>(space->free_bytes)));
  error.hint = "free space, or name a folder that holds a data set";
  return error;
}

class Bench {
 public:
  Bench(const StorageOptions& options, const config::Loaded& loaded, const format::Format& format, io::Storage& storage,
        std::stop_token stop)
      : o_(options), loaded_(loaded), format_(format), storage_(storage), stop_(std::move(stop)) {}

  Result<results::Ceilings> run(const fs::path& dir) {
    STOKER_ASSIGN(Found found, find_data(storage_, loaded_.workload, format_, dir));
    config::Workload described = loaded_.workload;
    if (!found.folder.empty()) {
      STOKER_ASSIGN(described, results::described_workload(loaded_.workload, found.folder));
    }
    results::Ceilings ceilings = begin_ceilings(loaded_, described);
    results::StorageCeiling& ceiling = ceilings.storage.emplace();
    ceiling.data_folder = found.folder.empty() ? dir.string() : found.folder.string();
    ceiling.file_system = host::Proc().file_system_type(ceiling.data_folder);
    STOKER_ASSIGN(const io::ModelLimits model, training::model_limits(loaded_.workload));
    ceiling.storage = model.any() ? fmt::format("a model ({}) over posix", io::to_text(model)) : "posix";
    std::optional<ceilings::OwnFiles> own;
    if (found.files.empty() || !o_.reads_only) {
      if (found.files.empty()) STOKER_TRY(check_room(storage_, dir, kOwnBytes));
      STOKER_ASSIGN(const fs::path folder, make_folder(dir));
      own.emplace(storage_, folder);
      say(o_.bench, fmt::format("own folder: {}, removed at the end", folder.string()));
    }
    STOKER_ASSIGN(config::Workload small, ceilings::reduced(described, format_, kOwnBytes));
    if (found.files.empty()) {
      say(o_.bench, fmt::format("there is no data set in {}: writing {} of the workload", dir.string(),
                                counted(small.dataset.num_files_train, "file")));
      STOKER_TRY(own->write(small, format_, stop_));
      described = small;
      found.files = own->files();
      ceiling.own_files = true;
    }
    STOKER_TRY(measure(described, found, own ? own->folder() : fs::path(), ceiling));
    ceiling.direct_reads = io::direct_mechanism();
    // What was measured is told, whatever is left behind.
    if (own) {
      if (const Status removed = own->remove(); !removed) ceiling.notes.push_back(removed.error().message);
    }
    return ceilings;
  }

 private:
  Status measure(const config::Workload& w, const Found& found, const fs::path& own_folder,
                 results::StorageCeiling& ceiling) {
    const SteadyClock clock;
    launch::ProcessLauncher launcher;
    ceilings::Fio fio(launcher, stop_);
    const auto version = fio.version();
    if (!version) ceiling.notes.push_back(fmt::format("no figures of fio: {}", version.error().message));
    const ceilings::StorageBench bench{.workload = w,
                                       .format = format_,
                                       .storage = storage_,
                                       .clock = clock,
                                       .files = found.files,
                                       .seconds = o_.seconds,
                                       .cpus = static_cast<unsigned>(host::usable_cpu_count()),
                                       .fio = version ? &fio : nullptr,
                                       .say = [this](const std::string& text) { say(o_.bench, text); }};
    if (version) ceiling.notes.push_back(*version + " reads blocks of the requests' mean size in random order");
    STOKER_TRY(ceilings::bench_reads(bench, ceiling, stop_));
    if (o_.reads_only) return {};
    return ceilings::bench_writes(bench, own_folder, ceiling.file_bytes / std::max<std::uint64_t>(ceiling.files, 1),
                                  ceiling, stop_);
  }

  const StorageOptions& o_;
  const config::Loaded& loaded_;
  const format::Format& format_;
  io::Storage& storage_;
  const std::stop_token stop_;
};

Status measure(const StorageOptions& o, const std::stop_token& stop) {
  STOKER_ASSIGN(const config::Loaded loaded, load_workload(o.bench));
  STOKER_ASSIGN(const format::Format* format, format::find_format(loaded.workload.dataset.format));
  if (loaded.workload.storage.storage_type == config::StorageType::kGenerated) {
    Error error = make_error(Code::kConfig, "storage.storage_type: found generated, expected a storage to measure");
    error.hint = "what the client can do without one is told by 'stoker bench client'";
    return error;
  }
  std::error_code failed;
  const fs::path dir = fs::weakly_canonical(o.data_dir, failed);
  if (failed || !fs::is_directory(dir, failed))
    return make_error(Code::kNotFound, "--data-dir: {}: is no folder", o.data_dir);
  STOKER_TRY(training::check_apart(dir, results_folder(o.bench)));
  const SteadyClock clock;
  STOKER_ASSIGN(const auto storage, training::open_storage(loaded.workload, 1, clock));
  STOKER_ASSIGN(const results::Ceilings ceilings, Bench(o, loaded, *format, *storage, stop).run(dir));
  cli::print("{}", ceilings::storage_text(*ceilings.storage));
  return save(o.bench, results::CeilingKind::kStorage, ceilings);
}

int execute(const StorageOptions& o) {
  if (const Status fine = check_standard(o.bench.standard, "bench storage"); !fine) return print_error(fine.error());
  if (o.data_dir.empty()) {
    return print_error(Error{.code = Code::kInvalidArgument,
                             .message = "--data-dir is required: the folder that the storage is to be measured in",
                             .hint = "see 'stoker bench storage --help'",
                             .number = ErrorNumber::kMissing});
  }
  const InterruptGuard interrupt(InterruptGuard::kPatienceWithChildren);
  const Status done = measure(o, interrupt.token());
  return done ? 0 : print_error(done.error());
}

}  // namespace

void add_bench_storage(CLI::App& bench, int& exit_code) {
  constexpr double kLeastSeconds = 0.05, kMostSeconds = 600;
  const auto o = std::make_shared<StorageOptions>();
  CLI::App* sub = bench.add_subcommand("storage", "what a storage gives a minimal reader and writer, by depth");
  sub->footer(
      "Reads the data set in DIR or DIR/<model>, or files of its own; writes below DIR, and removes what it wrote.\n"
      "example:\n  stoker bench storage --data-dir /mnt/data workload=dlrm_b200");
  sub->add_option("--data-dir,--dd", o->data_dir, "folder with the data set, or where one shall lie");
  sub->add_option("--seconds", o->seconds, "of each measurement, of which there are about 25")
      ->transform(real_number(kLeastSeconds, kMostSeconds))
      ->capture_default_str();
  sub->add_flag("--reads-only", o->reads_only, "leave writing out: of a data set that is there nothing is written");
  add_bench_options(*sub, o->bench);
  sub->callback([o, &exit_code] { exit_code = execute(*o); });
}

}  // namespace stoker::app
