#include "data/dataset/deletion_guard.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/printable.h"
#include "data/dataset/layout.h"
#include "data/io/place.h"

namespace stoker::dataset {
namespace {

// What runs leave at the top of a folder, those of other programs included.
bool is_result(std::string_view name) {
  constexpr std::array<std::string_view, 6> kNames{
      ".hydra", "dlio.log", "dlio_config", "hydra_log", "per_epoch_stats.json", "summary.json"};
  constexpr std::array<std::string_view, 3> kEndings{"_metadata.json", "_output.json", "_per_epoch_stats.json"};
  return std::find(kNames.begin(), kNames.end(), name) != kNames.end() ||
         std::any_of(kEndings.begin(), kEndings.end(), [&](auto ending) { return name.ends_with(ending); });
}

// Folders of results are looked for that deep below the data folder, and in that many entries.
constexpr int kSearchDepth = 6;
constexpr std::size_t kSearchEntries = 10'000;

class ResultSearch {
 public:
  ResultSearch(io::Storage& storage, const io::Path& folder) : storage_(storage), folder_(folder) {}

  // The first result in `below` or deeper, as a path below the folder; "" when none was found.
  std::string below(const io::Path& below, int depth) {
    // What cannot be listed tells nothing.
    const auto entries = storage_.list(folder_ / below);
    if (!entries) return {};
    for (const io::DirEntry& entry : *entries) {
      if (++seen_ > kSearchEntries) return {};
      if (is_result(entry.name)) return (below / entry.name).string();
      if (!entry.is_directory || entry.is_symlink || depth == 0) continue;
      if (std::string found = this->below(below / entry.name, depth - 1); !found.empty()) return found;
    }
    return {};
  }

 private:
  io::Storage& storage_;
  const io::Path& folder_;
  std::size_t seen_ = 0;
};

// Why a folder that must stay keeps this one: "it is the home folder"; "" when it does not.
std::string held_by(std::string_view what, const io::Path& folder, const io::Path& place) {
  if (place.empty() || !io::lies_in(place, folder)) return "";
  return place == folder ? fmt::format("it is {}", what) : fmt::format("{}, {}, lies in it", what, place.string());
}

std::string reason_to_keep(const DeletionFacts& f) {
  if (f.folder.empty()) return "its name is empty";
  if (f.canonical == f.canonical.root_path()) return "it is the root of all folders";
  if (f.is_mount_root) return "it is the root of a mounted file system";
  for (const io::Path& home : f.homes) {
    if (std::string held = held_by("the home folder", f.canonical, home); !held.empty()) return held;
  }
  if (std::string held = held_by("the working folder", f.canonical, f.working_folder); !held.empty()) return held;
  for (const io::Path& results : f.results) {
    if (std::string held = held_by("the folder of this run's results", f.canonical, results); !held.empty())
      return held;
  }
  const auto result = std::find_if(f.files.begin(), f.files.end(), is_result);
  const std::string found = result != f.files.end() ? *result : f.run_below;
  if (!found.empty()) return fmt::format("it holds results of a run ({})", printable_line(found));
  for (const Split split : {Split::kTrain, Split::kEval}) {
    if (std::find(f.links.begin(), f.links.end(), folder_name(split)) != f.links.end()) {
      return fmt::format("its folder {} is a link, and what is behind a link is not deleted", folder_name(split));
    }
  }
  return "";
}

}  // namespace

Result<DeletionFacts> deletion_facts(io::Storage& storage, const io::Path& folder, std::span<const io::Path> results) {
  DeletionFacts facts;
  facts.folder = folder;
  if (folder.empty()) return facts;
  STOKER_ASSIGN(facts.canonical, io::canonical_path(folder));
  facts.is_mount_root = io::is_mount_root(facts.canonical);
  // Under another name, too: what is protected may be reached through a bind mount.
  const auto seen = [&](const io::Path& place) { return io::seen_from(facts.canonical, place); };
  for (const io::Path& home : io::home_folders()) facts.homes.push_back(seen(home));
  STOKER_ASSIGN(const io::Path working_folder, io::canonical_path("."));
  facts.working_folder = seen(working_folder);
  for (const io::Path& path : results) {
    STOKER_ASSIGN(const io::Path canonical, io::canonical_path(path));
    facts.results.push_back(seen(canonical));
  }
  auto entries = storage.list(folder);
  if (!entries) {
    if (entries.error().code == Code::kNotFound) return facts;
    return std::move(entries).error();
  }
  ResultSearch search(storage, folder);
  for (io::DirEntry& entry : *entries) {
    if (entry.is_directory && entry.is_symlink) facts.links.push_back(entry.name);
    // The data set's own folders may be huge, and hold no runs.
    const bool own = entry.name == folder_name(Split::kTrain) || entry.name == folder_name(Split::kEval);
    if (entry.is_directory && !entry.is_symlink && !own && facts.run_below.empty()) {
      facts.run_below = search.below(entry.name, kSearchDepth);
    }
    facts.files.push_back(std::move(entry.name));
  }
  return facts;
}

Status may_delete(const DeletionFacts& facts) {
  const std::string reason = reason_to_keep(facts);
  if (reason.empty()) return {};
  Error error = make_error(Code::kConfig, "{}: the data set in this folder may not be deleted: {}",
                           facts.folder.empty() ? "''" : printable_line(facts.folder.string()), reason);
  error.hint = "give the data set a folder of its own with dataset.data_folder, or keep it";
  return error;
}

}  // namespace stoker::dataset
