#include "workloads/training/data_folder.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/plural.h"
#include "base/printable.h"
#include "data/datagen/obstacles.h"
#include "data/dataset/deletion_guard.h"
#include "data/dataset/file_records.h"
#include "data/io/whole_file.h"

namespace stoker::training {
namespace {

using results::DatasetManifest;

// Lists of columns may be long; the key says enough.
std::string shown(const std::string& value) {
  constexpr std::size_t kMost = 48;
  const std::string text = printable_line(value);
  return text.size() <= kMost ? text : text.substr(0, kMost - 3) + "...";
}

Error another_data_set(const dataset::Layout& layout, const DatasetManifest& found,
                       const std::vector<results::ManifestDifference>& differences) {
  std::size_t key_width = std::string_view("key").size(), value_width = std::string_view("there").size();
  for (const auto& difference : differences) {
    key_width = std::max(key_width, difference.key.size());
    value_width = std::max(value_width, shown(difference.found).size());
  }
  std::vector<std::string> table;
  const auto line = [&](std::string_view key, std::string_view there, std::string_view asked) {
    table.push_back(fmt::format("  {:{}}  {:{}}  {}", key, key_width, there, value_width, asked));
  };
  line("key", "there", "asked for");
  for (const auto& difference : differences) line(difference.key, shown(difference.found), shown(difference.asked));
  Error error = make_error(Code::kConfig, "{}: another data set is there{}; it differs in {}:", layout.root().string(),
                           found.complete ? "" : ", an incomplete one", counted(differences.size(), "key"));
  error.list = std::move(table);
  error.hint =
      "choose another dataset.data_folder, or replace exactly that data set's files: --overwrite of training datagen, "
      "++dataset.overwrite=True of dlio";
  return error;
}

Status refuse_obstacles(io::Storage& storage, const dataset::Layout& layout, const dataset::Layout* ours) {
  STOKER_ASSIGN(const datagen::Obstacles obstacles, datagen::find_obstacles(storage, layout, ours));
  if (obstacles.files == 0) return {};
  Error error = make_error(Code::kConfig,
                           "{}: the data set would replace {} that no manifest ({}) calls a data set of stoker's, such "
                           "as {}",
                           layout.root().string(), counted_long(obstacles.files, "file"), dataset::kManifestName,
                           printable_line(obstacles.first.string()));
  error.hint = "choose another dataset.data_folder or dataset.file_prefix, or move those files away";
  return error;
}

// Deletes the files of the data set that is there. Whatever could be a reason against it is looked at first.
Status remove_old(io::Storage& storage, const config::Workload& workload, const dataset::Layout& layout,
                  const DatasetManifest& old, const std::vector<io::Path>& results, const RoomFunction& has_room,
                  DataFolder& folder) {
  config::Workload old_workload = workload;
  STOKER_TRY(results::apply_manifest(old, old_workload));
  const dataset::Layout old_layout(old_workload);
  STOKER_TRY(refuse_obstacles(storage, layout, &old_layout));
  STOKER_ASSIGN(const auto facts, dataset::deletion_facts(storage, layout.root(), results));
  STOKER_TRY(dataset::may_delete(facts));
  STOKER_ASSIGN(const std::optional<io::SpaceInfo> space, storage.space(old_layout.root()));
  // Of a format that this build cannot write nobody knows: then the files themselves will tell.
  const auto old_bytes = planned_data_bytes(old_workload, space ? space->block_bytes : 1);
  STOKER_TRY(has_room({.files = old_layout.total_files() * (1 + old_layout.side_files()),
                       .bytes = old_bytes ? old_bytes->most : UINT64_MAX}));
  STOKER_ASSIGN(const dataset::Deleted deleted, delete_stored_data_set(storage, old_layout.root(), old));
  if (!deleted.is_whole()) {
    return make_error(Code::kConfig, "{}: the old data set cannot be deleted: {} is a link, which is not followed",
                      old_layout.root().string(), printable_line(deleted.links.front()));
  }
  folder.notes.push_back(
      fmt::format("dataset.overwrite: deleted {} of the data set that was there", counted_long(deleted.files, "file")));
  return {};
}

}  // namespace

Result<dataset::Deleted> delete_stored_data_set(io::Storage& storage, const io::Path& folder,
                                                const DatasetManifest& manifest) {
  config::Workload described;
  STOKER_TRY(results::apply_manifest(manifest, described));
  described.storage.storage_root.clear();
  described.dataset.data_folder = folder.string();
  const dataset::Layout layout(described);
  return dataset::delete_data_set(storage, layout, [&] { return mark_incomplete(storage, layout, manifest); });
}

Result<std::optional<DatasetManifest>> read_manifest(io::Storage& storage, const dataset::Layout& layout) {
  const io::Path path = layout.root() / dataset::kManifestName;
  const auto text = io::read_whole(storage, path);
  if (!text) {
    if (text.error().code == Code::kNotFound) return std::optional<DatasetManifest>();
    return text.error();
  }
  STOKER_ASSIGN(auto manifest, results::parse_manifest(*text, path.string()));
  return std::optional(std::move(manifest));
}

Status mark_incomplete(io::Storage& storage, const dataset::Layout& layout, DatasetManifest manifest) {
  if (!manifest.complete) return {};
  manifest.complete = false;
  Status marked = replace_manifest(storage, layout, manifest);
  if (marked || marked.error().code != Code::kNoSpace) return marked;
  STOKER_TRY(dataset::remove_records(storage, layout.root()));
  return replace_manifest(storage, layout, manifest);
}

Status replace_manifest(io::Storage& storage, const dataset::Layout& layout, const DatasetManifest& manifest) {
  return io::replace_whole(storage, layout.root() / dataset::kManifestName, results::manifest_text(manifest));
}

Result<DataFolder> prepare_data_folder(io::Storage& storage, const config::Workload& workload,
                                       const dataset::Layout& layout, const DatasetManifest& asked,
                                       const std::vector<io::Path>& results, const RoomFunction& has_room) {
  DataFolder folder;
  auto found = read_manifest(storage, layout);
  if (!found) {
    found.error().hint =
        "without it nobody knows which files are the data set's: move them away, or choose another "
        "dataset.data_folder";
    return std::move(found).error();
  }
  if (!*found) {
    STOKER_TRY(refuse_obstacles(storage, layout, nullptr));
    return folder;
  }
  if (workload.dataset.overwrite) {
    STOKER_TRY(remove_old(storage, workload, layout, **found, results, has_room, folder));
    return folder;
  }
  const auto differences = results::manifest_differences(**found, asked);
  if (!differences.empty()) return another_data_set(layout, **found, differences);
  folder.known = true;
  folder.complete = (*found)->complete;
  return folder;
}

Status same_codec_libraries(const std::vector<std::string>& of_ranks) {
  const auto other = std::ranges::find_if(of_ranks, [&](const std::string& text) { return text != of_ranks.front(); });
  if (other == of_ranks.end()) return {};
  return Error{.code = Code::kUnsupported,
               .message = fmt::format("dataset.compression: rank 0 has {}, rank {} has {}, which writes other bytes",
                                      of_ranks.front(), other - of_ranks.begin(), *other),
               .hint = "install the same version on all hosts, or use dataset.compression: none"};
}

}  // namespace stoker::training
