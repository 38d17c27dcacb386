#include "workloads/training/generate_run.h"

#include <fmt/format.h>

#include <array>
#include <initializer_list>
#include <optional>
#include <vector>

#include "base/plural.h"
#include "base/units.h"
#include "data/datagen/generate.h"
#include "data/datagen/kept_files.h"
#include "data/datagen/sizes.h"
#include "data/dataset/file_records.h"
#include "data/dataset/folder_lock.h"
#include "data/dataset/layout.h"
#include "data/dataset/other_files.h"
#include "data/format/codec_library.h"
#include "results/dataset_manifest.h"
#include "workloads/training/data_folder.h"
#include "workloads/training/data_space.h"
#include "workloads/training/lock_owner.h"

namespace stoker::training {
namespace {

std::string bytes_text(std::uint64_t bytes) {
  return format_bytes(static_cast<double>(bytes));
}

// Runs take the files of this data set only, so what lies beside them takes space and is read by nobody.
void tell_others(Context& c, const dataset::Layout& layout) {
  const std::string others = dataset::to_text(dataset::other_files(c.environment.storage, layout));
  if (others.empty()) return;
  c.reporter.warning(
      fmt::format("{}: beside the data set: {}; not read, and left there", layout.root().string(), others));
}

results::DatasetManifest manifest_to_write(const Context& c) {
  results::DatasetManifest manifest = results::manifest_of(c.workload, STOKER_VERSION);
  manifest.codec_library = format::codec_library(c.workload);
  return manifest;
}

// A generation from start to end, on one rank. Every member function is collective and has the same answer on every
// rank.
class Generation {
 public:
  explicit Generation(Context& context)
      : c_(context),
        layout_(c_.workload),
        request_{c_.workload,    c_.format,      layout_,         c_.environment.storage,
                 c_.comm.rank(), c_.comm.size(), c_.write_threads},
        manifest_(manifest_to_write(c_)),
        key_{results::manifest_identity(manifest_), layout_.total_files()} {}

  Result<metrics::GenerationMetrics> run();

 private:
  // By rank 0. One process at a time writes here: what a second one did would be neither one's data set.
  Result<dataset::FolderLock> take_lock();
  Status lock_early();
  Status lock_late();
  Status look_at_folder();
  Status find_kept();
  Status begin_writing();
  Result<metrics::GenerationMetrics> write();
  Status finish();

  [[nodiscard]] bool all_kept() const { return kept_files_ == layout_.total_files(); }
  // Each becomes its sum over the ranks.
  Status sum(std::initializer_list<std::uint64_t*> counts);

  Context& c_;
  const dataset::Layout layout_;
  const datagen::Request request_;
  results::DatasetManifest manifest_;
  const dataset::RecordsKey key_;
  bool known_ = false, complete_ = false;          // DataFolder's
  dataset::LockOwner owner_;                       // rank 0
  std::optional<dataset::FolderLock> lock_;        // rank 0
  datagen::KeptFiles kept_;                        // of this rank
  std::uint64_t kept_files_ = 0, kept_bytes_ = 0;  // of all ranks
};

Result<metrics::GenerationMetrics> Generation::run() {
  STOKER_TRY(look_at_folder());
  if (known_) STOKER_TRY(find_kept());
  if (complete_ && all_kept()) {
    c_.reporter.output(fmt::format("{}: the data set is there, {}, {}: nothing to write", layout_.root().string(),
                                   counted_long(kept_files_, "file"), bytes_text(kept_bytes_)));
    return metrics::GenerationMetrics{.kept_files = kept_files_, .kept_bytes = kept_bytes_};
  }
  STOKER_TRY(begin_writing());
  STOKER_ASSIGN(metrics::GenerationMetrics metrics, write());
  STOKER_TRY(finish());
  metrics.kept_files = kept_files_;
  metrics.kept_bytes = kept_bytes_;
  c_.reporter.output(fmt::format(
      "generated {}, {}, in {} ({:.1f} MiB/s){}", counted_long(metrics.files, "file"), bytes_text(metrics.bytes),
      format_duration(metrics.seconds), metrics.mib_per_second,
      kept_files_ == 0 ? std::string()
                       : fmt::format("; kept {}, {}", counted_long(kept_files_, "file"), bytes_text(kept_bytes_))));
  return metrics;
}

Status Generation::sum(std::initializer_list<std::uint64_t*> counts) {
  std::vector<double> sums;
  for (const std::uint64_t* count : counts) sums.push_back(static_cast<double>(*count));
  STOKER_TRY(c_.comm.all_reduce(sums, dist::Op::kSum));
  auto next = sums.begin();
  for (std::uint64_t* count : counts) *count = static_cast<std::uint64_t>(*next++);
  return {};
}

Result<dataset::FolderLock> Generation::take_lock() {
  return dataset::FolderLock::take(request_.storage, layout_.root(), dataset::kDataLockName, owner_);
}

Status Generation::lock_early() {
  STOKER_ASSIGN(const bool is_there, request_.storage.exists(layout_.root()));
  if (!is_there) return {};
  // A complete data set is only looked at, and its folder not touched; unless its records have to be put in order.
  if (!c_.workload.dataset.overwrite) {
    const auto manifest = read_manifest(request_.storage, layout_);
    if (manifest && *manifest && (*manifest)->complete) {
      STOKER_ASSIGN(const auto entries, request_.storage.list(layout_.root()));
      if (!dataset::has_journals(entries) && dataset::FileRecords::open(request_.storage, layout_.root(), key_)) {
        // What a process left that was killed when all was done goes, where it can: there is nothing else to do.
        if (!dataset::has_lock(entries, dataset::kDataLockName)) return {};
        if (auto lock = take_lock(); lock) lock_.emplace(*std::move(lock));
        return {};
      }
    }
  }
  auto lock = take_lock();
  if (lock) {
    lock_.emplace(*std::move(lock));
    return {};
  }
  // There is none, and no room for one: what is deleted makes some, and what is written needs more.
  if (lock.error().code == Code::kNoSpace) return {};
  return lock.error();
}

Status Generation::lock_late() {
  if (lock_) return {};
  STOKER_TRY(request_.storage.make_directories(layout_.root()));
  STOKER_ASSIGN(auto lock, take_lock());
  lock_.emplace(std::move(lock));
  // Whoever held it since the folder was looked at has left a data set.
  STOKER_ASSIGN(const bool appeared, request_.storage.exists(layout_.root() / dataset::kManifestName));
  if (appeared == known_) return {};
  return make_error(Code::kFailed, "{}: another process has begun a data set there meanwhile; run it once more",
                    layout_.root().string());
}

Status Generation::look_at_folder() {
  STOKER_ASSIGN(owner_, lock_owner(c_.comm, "generation of a data set"));
  STOKER_ASSIGN(const auto libraries, c_.comm.gather(manifest_.codec_library.value_or(""), 0));
  Status ready = same_codec_libraries(libraries);
  std::uint64_t known = 0, complete = 0;
  if (c_.root() && ready) ready = lock_early();
  if (c_.root() && ready) {
    const auto has_room = [&](const Part& freed) { return check_space(request_, manifest_, {}, freed); };
    auto folder = prepare_data_folder(request_.storage, c_.workload, layout_, manifest_, {c_.output_dir}, has_room);
    if (folder) {
      for (const std::string& note : folder->notes) c_.reporter.output(note);
      known = folder->known ? 1 : 0;
      complete = folder->complete ? 1 : 0;
      // What the ranks of the earlier run noted becomes one table, which all ranks then read.
      tell_others(c_, layout_);
      if (folder->known && (lock_ || !folder->complete)) {
        if (auto merged = dataset::merge_records(request_.storage, layout_.root(), key_); !merged)
          ready = std::move(merged).error();
      }
    } else {
      ready = std::move(folder).error();
    }
  }
  STOKER_TRY(dist::agree_on_root(c_.comm, ready));
  STOKER_TRY(sum({&known, &complete}));
  known_ = known > 0;
  complete_ = complete > 0;
  return {};
}

Status Generation::find_kept() {
  const auto look = [&]() -> Status {
    STOKER_ASSIGN(const auto records, dataset::FileRecords::open(request_.storage, layout_.root(), key_));
    STOKER_ASSIGN(kept_, datagen::find_kept_files(request_, *records, !complete_, c_.environment.stop));
    return {};
  };
  STOKER_TRY(dist::agree(c_.comm, look()));
  kept_files_ = kept_.files;
  kept_bytes_ = kept_.bytes;
  return sum({&kept_files_, &kept_bytes_});
}

Status Generation::begin_writing() {
  format::SizeRange size;
  const auto prepare = [&]() -> Status {
    STOKER_TRY(check_space(request_, manifest_, {.files = kept_files_, .bytes = kept_bytes_}));
    STOKER_ASSIGN(size, datagen::total_bytes(request_));
    STOKER_TRY(lock_late());
    STOKER_TRY(datagen::make_folders(request_));
    // Tables and journals without a manifest are remains of what somebody deleted by hand.
    if (!known_) STOKER_TRY(dataset::remove_records(request_.storage, layout_.root()));
    return replace_manifest(request_.storage, layout_, manifest_);
  };
  STOKER_TRY(dist::agree_on_root(c_.comm, c_.root() ? prepare() : Status{}));
  c_.reporter.output(fmt::format(
      "generating {} ({} train, {} eval) of {} in {}: {}, compression {}, {}",
      counted_long(layout_.total_files(), "file"), format_count(layout_.files(dataset::Split::kTrain)),
      format_count(layout_.files(dataset::Split::kEval)), counted_long(layout_.samples_per_file(), "sample"),
      layout_.root().string(), config::to_string(c_.workload.dataset.format),
      config::to_string(c_.workload.dataset.compression), size_text(size)));
  if (known_) {
    c_.reporter.output(fmt::format("an earlier generation finished {}, {}, which stay; to be written: {}",
                                   counted_long(kept_files_, "file"), bytes_text(kept_bytes_),
                                   counted_long(layout_.total_files() - kept_files_, "file")));
  }
  return {};
}

Result<metrics::GenerationMetrics> Generation::write() {
  // The live line counts what the ranks of this process write.
  Progress& progress = c_.environment.progress;
  if (c_.root()) {
    progress.begin("generating", "files",
                   (layout_.total_files() - kept_files_) * static_cast<std::uint64_t>(c_.environment.ranks_in_process) /
                       static_cast<std::uint64_t>(c_.comm.size()));
  }
  STOKER_TRY(c_.comm.barrier());
  const Instant begin = c_.clock().now();
  format::WriteStats stats;
  Nanos synced{0};
  const auto write_mine = [&]() -> Status {
    STOKER_ASSIGN(const auto journal,
                  dataset::FileJournal::create(request_.storage, layout_.root(), c_.comm.rank(), key_));
    STOKER_ASSIGN(
        stats, datagen::write_share(
                   request_, kept_, *journal,
                   [&](std::uint64_t files, std::uint64_t bytes) { progress.add(files, bytes); }, c_.environment.stop));
    return journal->close();
  };
  // A rate of writing counts what is on the storage, and not in a machine's memory. Once per process, when all of its
  // ranks have written.
  const auto flush = [&]() -> Status {
    if (!c_.comm.node().process_leader) return {};
    const Instant written = c_.clock().now();
    STOKER_TRY(request_.storage.flush(layout_.root()));
    synced = c_.clock().now() - written;
    return {};
  };
  Status all = dist::agree(c_.comm, write_mine());
  if (all) all = dist::agree(c_.comm, flush());
  const Nanos took = c_.clock().now() - begin;
  if (c_.root()) progress.end();
  STOKER_TRY(all);
  STOKER_TRY(sum({&stats.files, &stats.bytes, &stats.direct_bytes}));
  std::array<double, 1> slowest{to_seconds(synced)};
  STOKER_TRY(c_.comm.all_reduce(slowest, dist::Op::kMax));
  metrics::GenerationMetrics metrics = metrics::generation_metrics(stats.files, stats.bytes, took);
  metrics.direct_bytes = stats.direct_bytes;
  metrics.sync_seconds = slowest[0];
  return metrics;
}

// All ranks are done: only now the data set may call itself complete.
Status Generation::finish() {
  const auto complete = [&]() -> Status {
    STOKER_ASSIGN(const auto merged, dataset::merge_records(request_.storage, layout_.root(), key_));
    if (merged.files != layout_.total_files()) {
      Error error =
          make_error(Code::kFailed, "{}: {} of {} have a record, although all were written", layout_.root().string(),
                     format_count(merged.files), counted_long(layout_.total_files(), "file"));
      error.hint = "was a second datagen at work in the folder? run it once more, alone";
      return error;
    }
    manifest_.complete = true;
    return replace_manifest(request_.storage, layout_, manifest_);
  };
  return dist::agree_on_root(c_.comm, c_.root() ? complete() : Status{});
}

}  // namespace

Result<metrics::GenerationMetrics> generate(Context& c) {
  return Generation(c).run();
}

}  // namespace stoker::training
