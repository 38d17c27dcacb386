#include "workloads/training/folders.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/error_number.h"
#include "base/plural.h"
#include "data/dataset/deletion_guard.h"
#include "data/dataset/folder_lock.h"
#include "data/dataset/layout.h"
#include "data/io/place.h"
#include "workloads/training/data_folder.h"

namespace stoker::training {
namespace {

// A run gives up what it wrote or read, and nothing that merely lies there.
bool gives_up_data(const config::Workload& w) {
  return w.workflow.train && !w.dataset.keep_files && (w.workflow.generate_data || has_files(w));
}

Status may_delete(io::Storage& storage, const io::Path& folder, const std::vector<io::Path>& results) {
  STOKER_ASSIGN(const dataset::DeletionFacts facts, dataset::deletion_facts(storage, folder, results));
  return dataset::may_delete(facts);
}

std::string without_manifest(const io::Path& folder) {
  return fmt::format(
      "dataset.keep_files is False, but {} has no {}: only files that a manifest names are deleted, so "
      "all of them stay",
      folder.string(), results::kManifestName);
}

}  // namespace

Status check_apart(const std::filesystem::path& data_folder, const std::filesystem::path& results) {
  STOKER_ASSIGN(const io::Path data, io::canonical_path(data_folder));
  STOKER_ASSIGN(const io::Path written, io::canonical_path(results));
  const bool inside = io::lies_in(io::seen_from(data, written), data);
  if (!inside && !io::lies_in(io::seen_from(written, data), written)) return {};
  Error error;
  error.code = Code::kConfig;
  error.number = ErrorNumber::kIncompatible;
  error.message =
      written == data ? fmt::format("results and data set have the same folder, {}", data.string())
      : inside
          ? fmt::format("the folder of results, {}, lies inside the data folder, {}", written.string(), data.string())
          : fmt::format("the data folder, {}, lies inside the folder of results, {}", data.string(), written.string());
  error.hint =
      "give each a folder of its own, side by side: hydra.run.dir, output.folder or --results-dir for results, "
      "dataset.data_folder or --data-dir for data";
  return error;
}

Status check_folders(io::Storage& storage, const config::Workload& w, const std::vector<io::Path>& results) {
  const bool reads = w.workflow.train && !reads_nothing(w);
  if (!w.workflow.generate_data && !reads && !gives_up_data(w)) return {};
  const io::Path folder = dataset::Layout(w).root();
  for (const io::Path& path : results) STOKER_TRY(check_apart(folder, path));
  if (!gives_up_data(w)) return {};
  Status allowed = may_delete(storage, folder, results);
  if (!allowed) return std::move(allowed).error().with_context("dataset.keep_files is False");
  return {};
}

Result<std::string> deletion_warning(const config::Workload& w) {
  if (!w.workflow.train || w.dataset.keep_files || w.workflow.generate_data) return std::string();
  const io::Path folder = dataset::Layout(w).root();
  if (!gives_up_data(w)) {
    return fmt::format("dataset.keep_files is False, but this run reads nothing of {}: what lies there stays",
                       folder.string());
  }
  STOKER_ASSIGN(const auto manifest, results::read_manifest(folder));
  return manifest ? std::string() : without_manifest(folder);
}

Result<std::optional<DataSetMark>> mark_data_set(const config::Workload& w) {
  if (!gives_up_data(w)) return std::optional<DataSetMark>();
  const io::Path folder = dataset::Layout(w).root();
  STOKER_ASSIGN(const auto manifest, results::read_manifest(folder));
  if (!manifest) return std::optional<DataSetMark>();
  STOKER_ASSIGN(const io::Path place, io::canonical_path(folder));
  return std::optional(DataSetMark{.place = place, .identity = results::manifest_identity(*manifest)});
}

Status delete_after_run(Context& c, const std::vector<io::Path>& results, const std::optional<DataSetMark>& mark) {
  if (!gives_up_data(c.workload)) return {};
  const io::Path folder = dataset::Layout(c.workload).root();
  STOKER_ASSIGN(const auto manifest, results::read_manifest(folder));
  if (!manifest) {
    c.reporter.output(without_manifest(folder));
    return {};
  }
  // Much may have happened since the run began.
  STOKER_TRY(may_delete(c.environment.storage, folder, results));
  STOKER_ASSIGN(const io::Path place, io::canonical_path(folder));
  if (!mark || place != mark->place || results::manifest_identity(*manifest) != mark->identity) {
    c.warn(
        fmt::format("dataset.keep_files is False, but the data set in {} is no longer the one that was read: it stays",
                    folder.string()));
    return {};
  }
  if (!manifest->complete) {
    c.warn(
        fmt::format("dataset.keep_files is False, but another program writes or deletes the data set in {}: it stays",
                    folder.string()));
    return {};
  }
  // Looked at and given back at once: the folder is to be empty in the end.
  if (const auto lock = dataset::FolderLock::take(c.environment.storage, folder, dataset::kDataLockName,
                                                  dataset::this_process("deletion of the data set"));
      !lock && lock.error().code == Code::kFailed) {
    c.warn(fmt::format("dataset.keep_files is False, but the data set stays: {}", lock.error().message));
    return {};
  }
  STOKER_ASSIGN(const dataset::Deleted deleted, delete_stored_data_set(c.environment.storage, folder, *manifest));
  c.reporter.output(fmt::format("dataset.keep_files is False: deleted {} of {}", counted_long(deleted.files, "file"),
                                folder.string()));
  if (deleted.folders_kept > 0) {
    c.reporter.output(fmt::format("{}: what else lies in {} was kept",
                                  counted_long(deleted.folders_kept, "folder stays", "folders stay"),
                                  deleted.folders_kept == 1 ? "it" : "them"));
  }
  if (!deleted.is_whole()) {
    c.warn(fmt::format("{}: {} linked to other places, where nothing is deleted: all of the data set was kept",
                       folder.string(),
                       fmt::format("{} {}", fmt::join(deleted.links, ", "), deleted.links.size() == 1 ? "is" : "are")));
  }
  return {};
}

}  // namespace stoker::training
