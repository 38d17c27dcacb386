#include "data/datagen/obstacles.h"

#include <algorithm>
#include <functional>
#include <optional>
#include <string>

namespace stoker::datagen {
namespace {

using dataset::Layout;
using dataset::Split;

// Which file of a layout a name in the folder is.
using Finder = std::function<std::optional<dataset::NamedFile>(const Layout&, const std::string& name)>;

Status look_into(io::Storage& storage, const io::Path& folder, Split split, const Layout& layout, const Layout* ours,
                 const Finder& find, Obstacles& obstacles) {
  auto entries = storage.list(folder);
  if (!entries) {
    if (entries.error().code == Code::kNotFound) return {};
    return std::move(entries).error();
  }
  const auto is_of = [&](const Layout& one, const std::string& name) {
    const auto found = find(one, name);
    return found && found->number < one.files(split);
  };
  for (const io::DirEntry& entry : *entries) {
    if (!is_of(layout, entry.name)) continue;
    if (ours != nullptr && is_of(*ours, entry.name)) continue;
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
      const io::Path below = layout.subfolder(split, i);
      STOKER_TRY(look_into(
          storage, layout.split_folder(split) / below, split, layout, ours,
          [&](const Layout& one, const std::string& name) { return one.find(split, below.native(), name); },
          obstacles));
    }
    for (const std::string& side : layout.side_folders()) {
      STOKER_TRY(look_into(
          storage, layout.root() / side / dataset::folder_name(split), split, layout, ours,
          [&](const Layout& one, const std::string& name) { return one.find_apart(split, side, name); }, obstacles));
    }
  }
  return obstacles;
}

}  // namespace stoker::datagen
