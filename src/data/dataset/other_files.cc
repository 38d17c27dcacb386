#include "data/dataset/other_files.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/plural.h"
#include "base/printable.h"
#include "base/units.h"

namespace stoker::dataset {
namespace {

constexpr std::size_t kNamesMax = 3;
// Below a split's folder.
constexpr int kDepthMax = 4;
// Manifest, records and journals: data/dataset/file_records.h.
constexpr std::string_view kOwnPrefix = "stoker_dataset.";

class Count {
 public:
  Count(io::Storage& storage, const Layout& layout) : storage_(storage), layout_(layout) {}

  OtherFiles run() {
    add_top();
    for (const Split split : {Split::kTrain, Split::kEval}) add_below(split, "", kDepthMax);
    for (const std::string& folder : layout_.side_folders()) {
      for (const io::DirEntry& entry : list(layout_.root() / folder))
        if (!is_folder(entry)) add(io::Path(folder) / entry.name, entry);
      for (const Split split : {Split::kTrain, Split::kEval}) add_apart(split, folder);
    }
    return std::move(others_);
  }

 private:
  // Nobody depends on what is somebody else's: what does not let itself be looked at is counted.
  std::vector<io::DirEntry> list(const io::Path& folder) {
    auto entries = storage_.list(folder, io::Sizes::kYes);
    if (entries) return std::move(*entries);
    if (entries.error().code != Code::kNotFound) ++others_.unknown;
    return {};
  }

  void add_top() {
    for (const io::DirEntry& entry : list(layout_.root())) {
      if (!is_folder(entry) && !entry.name.starts_with(kOwnPrefix)) add(entry.name, entry);
    }
  }

  void add_below(Split split, const std::string& below, int depth) {
    const io::Path folder = below.empty() ? io::Path(folder_name(split)) : folder_name(split) / io::Path(below);
    for (const io::DirEntry& entry : list(layout_.root() / folder)) {
      if (!is_folder(entry)) {
        const auto file = layout_.find(split, below, entry.name);
        if (!file) add(folder / entry.name, entry);
        if (file && file->is_data()) ++others_.own;
      } else if (depth > 0) {
        add_below(split, below.empty() ? entry.name : below + "/" + entry.name, depth - 1);
      }
    }
  }

  void add_apart(Split split, const std::string& side_folder) {
    const io::Path folder = io::Path(side_folder) / folder_name(split);
    for (const io::DirEntry& entry : list(layout_.root() / folder)) {
      if (!is_folder(entry) && !layout_.find_apart(split, side_folder, entry.name)) add(folder / entry.name, entry);
    }
  }

  // Links lead anywhere.
  static bool is_folder(const io::DirEntry& entry) { return entry.is_directory && !entry.is_symlink; }

  // A link that leads nowhere or to a folder, a pipe, or a file that is gone by now, has no size.
  void add(const io::Path& path, const io::DirEntry& entry) {
    const auto bytes = entry.bytes ? Result<std::uint64_t>(*entry.bytes) : storage_.file_size(layout_.root() / path);
    if (!bytes && bytes.error().code != Code::kNotFound && bytes.error().code != Code::kCorrupt) ++others_.unknown;
    ++others_.count;
    others_.bytes += bytes ? *bytes : 0;
    if (others_.names.size() < kNamesMax) others_.names.push_back(path.string());
  }

  io::Storage& storage_;
  const Layout& layout_;
  OtherFiles others_;
};

}  // namespace

OtherFiles other_files(io::Storage& storage, const Layout& layout) {
  return Count(storage, layout).run();
}

std::string to_text(const OtherFiles& others) {
  std::string text;
  if (others.count > 0) {
    std::vector<std::string> names;
    for (const std::string& name : others.names) names.push_back(printable_line(name));
    text = fmt::format("{}, {}: {}{}", counted_long(others.count, "other file"),
                       format_bytes(static_cast<double>(others.bytes)), fmt::join(names, ", "),
                       others.count > names.size() ? ", ..." : "");
  }
  if (others.unknown > 0) {
    text += fmt::format("{}{} cannot be looked at", text.empty() ? "" : "; ",
                        counted_long(others.unknown, "file or folder", "files or folders"));
  }
  return text;
}

}  // namespace stoker::dataset
