#include "data/io/place.h"

#include <fcntl.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>

#include "base/errno_error.h"
#include "base/printable.h"
#include "base/variables.h"

namespace stoker::io {
namespace {

void add_home(std::vector<Path>& homes, const char* text) {
  if (text == nullptr || *text == '\0') return;
  const auto home = canonical_path(text);
  if (home && std::find(homes.begin(), homes.end(), *home) == homes.end()) homes.push_back(*home);
}

}  // namespace

Result<Path> canonical_path(const Path& path) {
  std::error_code failed;
  Path result = std::filesystem::weakly_canonical(std::filesystem::absolute(path, failed), failed);
  if (failed) return errno_error(path, "resolve", failed.value());
  if (!result.has_filename() && result.has_relative_path()) result = result.parent_path();  // a trailing slash
  return result;
}

bool lies_in(const Path& inner, const Path& outer) {
  return std::mismatch(outer.begin(), outer.end(), inner.begin(), inner.end()).first == outer.end();
}

Status refuse_link_up(const Path& folder, const DirEntry& entry) {
  if (!entry.is_directory || !entry.is_symlink) return {};
  const auto here = canonical_path(folder);
  const auto target = canonical_path(folder / entry.name);
  if (!here || !target || !lies_in(*here, *target)) return {};
  return make_error(Code::kUnsupported, "{}: is a link that leads back up",
                    printable_line((folder / entry.name).string()));
}

Path seen_from(const Path& folder, const Path& place) {
  struct stat wanted {};
  if (lies_in(place, folder) || ::stat(folder.c_str(), &wanted) != 0) return place;
  Path below;
  for (Path above = place;; above = above.parent_path()) {
    struct stat found {};
    if (::stat(above.c_str(), &found) == 0 && found.st_dev == wanted.st_dev && found.st_ino == wanted.st_ino) {
      return below.empty() ? folder : folder / below;
    }
    if (above == above.root_path()) return place;
    below = below.empty() ? above.filename() : above.filename() / below;
  }
}

bool is_mount_root(const Path& canonical) {
#ifdef STATX_ATTR_MOUNT_ROOT
  struct statx facts {};
  if (::statx(AT_FDCWD, canonical.c_str(), AT_SYMLINK_NOFOLLOW, 0, &facts) == 0 &&
      (facts.stx_attributes_mask & STATX_ATTR_MOUNT_ROOT) != 0) {
    return (facts.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0;
  }
#endif
  // Kernels before 5.8 tell of other file systems only.
  struct stat here {};
  struct stat above {};
  if (::stat(canonical.c_str(), &here) != 0 || ::stat(canonical.parent_path().c_str(), &above) != 0) return false;
  return here.st_dev != above.st_dev || here.st_ino == above.st_ino;
}

std::vector<Path> home_folders() {
  std::vector<Path> homes;
  if (const auto home = variable("HOME")) add_home(homes, home->c_str());
  std::array<char, 16384> text{};
  passwd entry{};
  passwd* found = nullptr;
  if (::getpwuid_r(::getuid(), &entry, text.data(), text.size(), &found) == 0 && found != nullptr) {
    add_home(homes, found->pw_dir);
  }
  return homes;
}

}  // namespace stoker::io
