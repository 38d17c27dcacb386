#include "data/datagen/obstacles.h"

#include <algorithm>
#include <string>

namespace stoker::datagen {
namespace {

using dataset::Layout;
using dataset::Split;

// Whether a file of the split has that name, or is written under it, and lies in folder `subfolder`.
bool is_of(const Layout& layout, Split split, const io::Path& subfolder, const std::string& name) {
  const auto found = layout.find(split, subfolder.native(), name);
  return found && found->number < layout.files(split);
}

Status look_into(io::Storage& storage, const Layout& layout, const Layout* ours, Split split, const io::Path& subfolder,
                 Obstacles& obstacles) {
  const io::Path folder = layout.split_folder(split) / subfolder;
  auto entries = storage.list(folder);
  if (!entries) {
    if (entries.error().code == Code::kNotFound) return {};
    return std::move(entries).error();
  }
  for (const io::DirEntry& entry : *entries) {
    if (!is_of(layout, split, subfolder, entry.name)) continue;
    if (ours != nullptr && is_of(*ours, split, subfolder, entry.name)) continue;
    ++obstacles.files;
    io::Path path = folder / entry.name;
    if (obstacles.first.empty() || path < obstacles.first) obstacles.first = std::move(path);
  }
  return {};
}

}  // namespace

Result<Obstacles> find_obstacles(io::Storage& storage, const Layout& layout, const Layout* ours) {
  Obstacles obstacles;
  for (const Split split : {Split::kTrain, Split::kEval}) {
    const std::uint64_t folders = std::min(layout.folders(split), layout.files(split));
    for (std::uint64_t i = 0; i < folders; ++i) {
      STOKER_TRY(look_into(storage, layout, ours, split, layout.subfolder(split, i), obstacles));
    }
  }
  return obstacles;
}

}  // namespace stoker::datagen
