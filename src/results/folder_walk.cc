#include "results/folder_walk.h"

#include <sys/stat.h>

#include <algorithm>

#include "base/errno_error.h"

namespace stoker::results {

namespace {

namespace fs = std::filesystem;

// Whether `path` is `folder` or lies below it, and no folder on the way is hidden. Both are canonical.
bool lies_openly_in(const fs::path& path, const fs::path& folder) {
  const auto [rest, end] = std::mismatch(path.begin(), path.end(), folder.begin(), folder.end());
  if (end != folder.end()) return false;
  return std::none_of(rest, path.end(), [](const fs::path& part) { return part.string().front() == '.'; });
}

}  // namespace

FolderWalk::FolderWalk(const fs::path& root) {
  std::error_code unknown;
  root_ = fs::canonical(root, unknown);
  (void)met_elsewhere(root);
}

bool FolderWalk::leads_into_walk(const fs::path& link) const {
  std::error_code error;
  const fs::path target = fs::canonical(link, error);
  if (error || root_.empty()) return false;
  const auto [rest, end] = std::mismatch(root_.begin(), root_.end(), target.begin(), target.end());
  return end == target.end() || lies_openly_in(target, root_);
}

bool FolderWalk::met_elsewhere(const fs::path& folder) {
  struct stat status {};
  if (::stat(folder.c_str(), &status) != 0) return false;
  const auto [at, is_new] = met_.try_emplace({status.st_dev, status.st_ino}, folder);
  return !is_new && at->second != folder;
}

FolderWalk::Listing FolderWalk::list(const fs::path& folder) {
  Listing listing;
  std::vector<fs::path> links;
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    const fs::path& path = it->path();
    if (path.filename().string().front() == '.') continue;
    std::error_code ignored;
    if (it->is_symlink(ignored)) {
      if (fs::is_directory(path, ignored)) {
        links.push_back(path);
      } else if (!fs::exists(path, ignored)) {
        listing.dangling.push_back(path);
      }
    } else if (it->is_directory(ignored)) {
      // Folders come before the links among them, so that a folder goes by its own name.
      (met_elsewhere(path) ? listing.repeated : listing.folders).push_back(path);
    }
  }
  if (error) {
    listing.error = errno_error(folder, "cannot be listed", error.value());
    listing.error->hint = "make the folder readable for the user who runs this command";
  }
  std::sort(links.begin(), links.end());
  for (const fs::path& link : links)
    (leads_into_walk(link) || met_elsewhere(link) ? listing.repeated : listing.folders).push_back(link);
  for (auto* const list : {&listing.folders, &listing.repeated, &listing.dangling})
    std::sort(list->begin(), list->end());
  return listing;
}

}  // namespace stoker::results
