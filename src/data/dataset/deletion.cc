#include "data/dataset/deletion.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "config/data_set_names.h"
#include "data/dataset/file_records.h"
#include "data/io/folder.h"

namespace stoker::dataset {
namespace {

using Entries = std::vector<io::DirEntry>;

// Without entries when it is not there.
Result<Entries> list(io::Folder& folder) {
  auto entries = folder.list();
  if (!entries && entries.error().code == Code::kNotFound) return Entries{};
  return entries;
}

// Null when it is not there, or is no folder any more.
Result<std::unique_ptr<io::Folder>> if_found(Result<std::unique_ptr<io::Folder>> opened) {
  if (!opened && opened.error().code == Code::kNotFound) return std::unique_ptr<io::Folder>();
  return opened;
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

// Everything goes through folders that stay open from the look for links until they are empty: one that somebody swaps
// for a link meanwhile leads nowhere.
class Deletion {
 public:
  Deletion(io::Storage& storage, const Layout& layout) : storage_(storage), layout_(layout) {}

  Result<Deleted> run(const std::function<Status()>& begin) {
    STOKER_ASSIGN(const auto root, if_found(storage_.open_folder(layout_.root())));
    if (root == nullptr) return std::move(deleted_);
    STOKER_ASSIGN(const Entries top, list(*root));
    std::vector<SplitFolder> splits;
    for (const Split split : {Split::kTrain, Split::kEval}) {
      const auto folder = std::find_if(top.begin(), top.end(), [&](const io::DirEntry& e) {
        return e.is_directory && e.name == folder_name(split);
      });
      if (folder == top.end()) continue;
      if (folder->is_symlink) {
        deleted_.links.push_back(folder->name);
        continue;
      }
      STOKER_ASSIGN(auto open, if_found(root->open(folder->name)));
      if (open == nullptr) continue;
      STOKER_TRY(find_links(split, *open));
      splits.push_back({.split = split, .open = std::move(open)});
    }
    if (!deleted_.is_whole()) return std::move(deleted_);
    if (begin) STOKER_TRY(begin());
    for (const SplitFolder& folder : splits) {
      STOKER_TRY(remove_split(folder));
      STOKER_TRY(remove_folder(*root, std::string(folder_name(folder.split))));
    }
    // The front end makes a third folder, which no run reads.
    STOKER_TRY(remove_folder(*root, "test"));
    for (const io::DirEntry& entry : top) {
      if (is_file(entry) && is_record(entry.name)) STOKER_TRY(root->remove(entry.name));
    }
    // The manifest goes last: as long as a file is left, it says whose files these are.
    STOKER_TRY(root->remove(std::string(config::kManifestName)));
    STOKER_TRY(count_kept(storage_.remove_empty_directory(layout_.root())));
    return std::move(deleted_);
  }

 private:
  struct SplitFolder {
    Split split;
    std::unique_ptr<io::Folder> open;
  };

  Status find_links(Split split, io::Folder& folder) {
    STOKER_ASSIGN(const Entries entries, list(folder));
    for (const io::DirEntry& entry : entries) {
      if (entry.is_directory && entry.is_symlink && layout_.has_subfolder(split, entry.name)) {
        deleted_.links.push_back((io::Path(folder_name(split)) / entry.name).string());
      }
    }
    return {};
  }

  Status remove_split(const SplitFolder& folder) {
    STOKER_ASSIGN(const Entries entries, list(*folder.open));
    STOKER_TRY(remove_files(folder.split, "", *folder.open, entries));
    for (const io::DirEntry& entry : entries) {
      // One that became a link since they were looked for is not entered either.
      if (!entry.is_directory || entry.is_symlink || !layout_.has_subfolder(folder.split, entry.name)) continue;
      STOKER_ASSIGN(const auto below, if_found(folder.open->open(entry.name)));
      if (below == nullptr) continue;
      STOKER_ASSIGN(const Entries files, list(*below));
      STOKER_TRY(remove_files(folder.split, entry.name, *below, files));
      STOKER_TRY(remove_folder(*folder.open, entry.name));
    }
    return {};
  }

  Status remove_files(Split split, const std::string& below, io::Folder& folder, const Entries& entries) {
    for (const io::DirEntry& entry : entries) {
      if (!is_file(entry) || !layout_.find(split, below, entry.name)) continue;
      STOKER_TRY(folder.remove(entry.name));
      ++deleted_.files;
    }
    return {};
  }

  Status remove_folder(io::Folder& in, const std::string& name) { return count_kept(in.remove_empty_directory(name)); }

  Status count_kept(const Result<bool>& gone) {
    if (!gone) return gone.error();
    if (!*gone) ++deleted_.folders_kept;
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
