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
    STOKER_ASSIGN(const std::vector<SplitFolder> splits, open_splits(*root, top, ""));
    for (const SplitFolder& folder : splits) STOKER_TRY(find_links(folder.split, *folder.open));
    std::vector<SideFolder> sides;
    for (const std::string& name : layout_.side_folders()) {
      STOKER_ASSIGN(auto open, open_unless_link(*root, top, name, name));
      if (open == nullptr) continue;
      STOKER_ASSIGN(const Entries entries, list(*open));
      STOKER_ASSIGN(auto below, open_splits(*open, entries, name));
      sides.push_back({.name = name, .open = std::move(open), .splits = std::move(below)});
    }
    std::ranges::sort(deleted_.links);
    if (!deleted_.is_whole()) return std::move(deleted_);
    if (begin) STOKER_TRY(begin());
    for (const SplitFolder& folder : splits) {
      STOKER_TRY(remove_split(folder));
      STOKER_TRY(remove_folder(*root, std::string(folder_name(folder.split))));
    }
    for (const SideFolder& side : sides) {
      STOKER_TRY(remove_sides(side));
      STOKER_TRY(remove_folder(*root, side.name));
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
  struct SideFolder {
    std::string name;
    std::unique_ptr<io::Folder> open;
    std::vector<SplitFolder> splits;
  };

  // Null when it is not among the entries, or a link: that is noted, as `path`.
  Result<std::unique_ptr<io::Folder>> open_unless_link(io::Folder& in, const Entries& entries, std::string_view name,
                                                       std::string path) {
    const auto folder =
        std::ranges::find_if(entries, [&](const io::DirEntry& e) { return e.is_directory && e.name == name; });
    if (folder == entries.end()) return std::unique_ptr<io::Folder>();
    if (folder->is_symlink) {
      deleted_.links.push_back(std::move(path));
      return std::unique_ptr<io::Folder>();
    }
    return if_found(in.open(folder->name));
  }

  // The folders of the splits that are there, in a folder of that path below the root.
  Result<std::vector<SplitFolder>> open_splits(io::Folder& in, const Entries& entries, const io::Path& below) {
    std::vector<SplitFolder> splits;
    for (const Split split : {Split::kTrain, Split::kEval}) {
      const std::string_view name = folder_name(split);
      STOKER_ASSIGN(auto open, open_unless_link(in, entries, name, (below / name).string()));
      if (open != nullptr) splits.push_back({.split = split, .open = std::move(open)});
    }
    return splits;
  }

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

  Status remove_sides(const SideFolder& side) {
    for (const SplitFolder& folder : side.splits) {
      STOKER_ASSIGN(const Entries entries, list(*folder.open));
      for (const io::DirEntry& entry : entries) {
        if (!is_file(entry) || !layout_.find_apart(folder.split, side.name, entry.name)) continue;
        STOKER_TRY(folder.open->remove(entry.name));
        ++deleted_.files;
      }
      STOKER_TRY(remove_folder(*side.open, std::string(folder_name(folder.split))));
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
