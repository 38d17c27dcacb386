#include "dataset/other_files.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/plural.h"
#include "base/printable.h"
#include "base/units.h"

namespace stoker::dataset {
namespace {

constexpr std::size_t kNamesMax = 3;
// Below a split's folder; stops at links that lead back up.
constexpr int kDepthMax = 4;
// Manifest, records and journals: dataset/file_records.h.
constexpr std::string_view kOwnPrefix = "stoker_dataset.";

class Count {
 public:
  Count(io::Storage& storage, const Layout& layout) : storage_(storage), layout_(layout) {}

  Result<OtherFiles> run() {
    STOKER_TRY(add_top());
    for (const Split split : {Split::kTrain, Split::kEval}) STOKER_TRY(add_below(split, "", kDepthMax));
    return std::move(others_);
  }

 private:
  // Without entries when it is not there.
  Result<std::vector<io::DirEntry>> list(const io::Path& folder) {
    auto entries = storage_.list(folder);
    if (!entries && entries.error().code == Code::kNotFound) return std::vector<io::DirEntry>{};
    return entries;
  }

  Status add_top() {
    STOKER_ASSIGN(const auto entries, list(layout_.root()));
    for (const io::DirEntry& entry : entries) {
      if (!entry.is_directory && !entry.name.starts_with(kOwnPrefix)) STOKER_TRY(add(entry.name));
    }
    return {};
  }

  Status add_below(Split split, const std::string& below, int depth) {
    const io::Path folder = below.empty() ? io::Path(folder_name(split)) : folder_name(split) / io::Path(below);
    STOKER_ASSIGN(const auto entries, list(layout_.root() / folder));
    for (const io::DirEntry& entry : entries) {
      if (!entry.is_directory) {
        if (!layout_.find(split, below, entry.name)) STOKER_TRY(add(folder / entry.name));
      } else if (depth > 0) {
        STOKER_TRY(add_below(split, below.empty() ? entry.name : below + "/" + entry.name, depth - 1));
      }
    }
    return {};
  }

  Status add(const io::Path& path) {
    const auto bytes = storage_.file_size(layout_.root() / path);
    // A link that leads nowhere, or a file that is gone by now.
    if (!bytes && bytes.error().code != Code::kNotFound) return bytes.error();
    ++others_.count;
    others_.bytes += bytes ? *bytes : 0;
    if (others_.names.size() < kNamesMax) others_.names.push_back(path.string());
    return {};
  }

  io::Storage& storage_;
  const Layout& layout_;
  OtherFiles others_;
};

}  // namespace

Result<OtherFiles> other_files(io::Storage& storage, const Layout& layout) {
  return Count(storage, layout).run();
}

std::string to_text(const OtherFiles& others) {
  if (others.count == 0) return "";
  std::vector<std::string> names;
  for (const std::string& name : others.names) names.push_back(printable_line(name));
  return fmt::format("{}, {}: {}{}", counted_long(others.count, "other file"),
                     format_bytes(static_cast<double>(others.bytes)), fmt::join(names, ", "),
                     others.count > names.size() ? ", ..." : "");
}

}  // namespace stoker::dataset
