#include "data/dataset/deletion.h"

#include <algorithm>

#include "config/data_set_names.h"
#include "data/dataset/file_records.h"

namespace stoker::dataset {
namespace {

using Entries = std::vector<io::DirEntry>;

// Without entries when it is not there.
Result<Entries> list(io::Storage& storage, const io::Path& folder) {
  auto entries = storage.list(folder);
  if (!entries && entries.error().code == Code::kNotFound) return Entries{};
  return entries;
}

// A folder of a file's name is no file; a link to one is a link.
bool is_file(const io::DirEntry& entry) {
  return !entry.is_directory || entry.is_symlink;
}

// "stoker_dataset.files.tmp" of "stoker_dataset.files".
bool is_temporary_of(std::string_view name, std::string_view of) {
  return name.starts_with(of) && name.substr(of.size()).starts_with('.') && name.ends_with(".tmp");
}

// Table and journals of the files' records, and what a crash left of them or of the manifest.
bool is_record(std::string_view name) {
  return name == kRecordsName || is_temporary_of(name, kRecordsName) || is_temporary_of(name, config::kManifestName) ||
         is_journal(name);
}

class Deletion {
 public:
  Deletion(io::Storage& storage, const Layout& layout) : storage_(storage), layout_(layout) {}

  Result<Deleted> run(const std::function<Status()>& begin) {
    STOKER_ASSIGN(const Entries top, list(storage_, layout_.root()));
    std::vector<Split> splits;  // that have a folder
    for (const Split split : {Split::kTrain, Split::kEval}) {
      const auto folder = std::find_if(top.begin(), top.end(), [&](const io::DirEntry& e) {
        return e.is_directory && e.name == folder_name(split);
      });
      if (folder == top.end()) continue;
      STOKER_TRY(find_links(split, *folder));
      splits.push_back(split);
    }
    if (!deleted_.is_whole()) return std::move(deleted_);
    if (begin) STOKER_TRY(begin());
    for (const Split split : splits) STOKER_TRY(remove_split(split));
    // The front end makes a third folder, which no run reads.
    STOKER_ASSIGN(const bool test_gone, storage_.remove_empty_directory(layout_.root() / "test"));
    if (!test_gone) ++deleted_.folders_kept;
    for (const io::DirEntry& entry : top) {
      if (is_file(entry) && is_record(entry.name)) STOKER_TRY(storage_.remove(layout_.root() / entry.name));
    }
    // The manifest goes last: as long as a file is left, it says whose files these are.
    STOKER_TRY(storage_.remove(layout_.root() / config::kManifestName));
    STOKER_TRY(remove_folder(layout_.root()));
    return std::move(deleted_);
  }

 private:
  Status find_links(Split split, const io::DirEntry& folder) {
    if (folder.is_symlink) {
      deleted_.links.push_back(folder.name);
      return {};
    }
    STOKER_ASSIGN(const Entries entries, list(storage_, layout_.split_folder(split)));
    for (const io::DirEntry& entry : entries) {
      if (entry.is_directory && entry.is_symlink && layout_.has_subfolder(split, entry.name)) {
        deleted_.links.push_back((io::Path(folder.name) / entry.name).string());
      }
    }
    return {};
  }

  Status remove_split(Split split) {
    const io::Path folder = layout_.split_folder(split);
    STOKER_ASSIGN(const Entries entries, list(storage_, folder));
    STOKER_TRY(remove_files(split, "", entries));
    for (const io::DirEntry& entry : entries) {
      // One that became a link since they were looked for is not entered either.
      if (!entry.is_directory || entry.is_symlink || !layout_.has_subfolder(split, entry.name)) continue;
      STOKER_ASSIGN(const Entries files, list(storage_, folder / entry.name));
      STOKER_TRY(remove_files(split, entry.name, files));
      STOKER_TRY(remove_folder(folder / entry.name));
    }
    return remove_folder(folder);
  }

  Status remove_files(Split split, const std::string& below, const Entries& entries) {
    const io::Path folder = below.empty() ? layout_.split_folder(split) : layout_.split_folder(split) / below;
    for (const io::DirEntry& entry : entries) {
      if (!is_file(entry) || !layout_.find(split, below, entry.name)) continue;
      STOKER_TRY(storage_.remove(folder / entry.name));
      ++deleted_.files;
    }
    return {};
  }

  Status remove_folder(const io::Path& folder) {
    STOKER_ASSIGN(const bool gone, storage_.remove_empty_directory(folder));
    if (!gone) ++deleted_.folders_kept;
    return {};
  }

  io::Storage& storage_;
  const Layout& layout_;
  Deleted deleted_;
};

}  // namespace

Result<Deleted> delete_data_set(io::Storage& storage, const Layout& layout, const std::function<Status()>& begin) {
  return Deletion(storage, layout).run(begin);
}

}  // namespace stoker::dataset
