#include "dataset/listing.h"

#include <algorithm>
#include <cctype>
#include <utility>

#include "base/plural.h"

namespace stoker::dataset {
namespace {

constexpr std::uint64_t kProbesMax = 1000;
constexpr std::size_t kNamesInMessage = 3;
// Folders below the split's folder that are searched; stops at links that lead back up.
constexpr int kDepthMax = 4;

std::string_view count_key(Split split) {
  return split == Split::kTrain ? "num_files_train" : "num_files_eval";
}

std::string upper(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return text;
}

// ---- skip_listing: probes ----

Result<FileTable> probe(io::Storage& storage, const Layout& layout, Split split, std::uint64_t interval) {
  const std::uint64_t files = layout.files(split);
  FileTable table = FileTable::computed(layout, split);
  if (interval == 0) return table;
  // The last file is one probe more than the stride gives.
  const std::uint64_t stride = std::max(interval, (files + kProbesMax - 2) / (kProbesMax - 1));
  std::uint64_t probes = 0;
  std::uint64_t missing = 0;
  std::vector<std::string> first_missing;
  const auto look_at = [&](std::uint64_t i) -> Status {
    const io::Path path = table.path(i);
    STOKER_ASSIGN(const bool there, storage.exists(path));
    ++probes;
    if (there) return {};
    ++missing;
    if (first_missing.size() < kNamesInMessage) {
      first_missing.push_back(path.lexically_relative(layout.split_folder(split)).string());
    }
    return {};
  };
  for (std::uint64_t i = 0; i < files; i += stride) STOKER_TRY(look_at(i));
  if ((files - 1) % stride != 0) STOKER_TRY(look_at(files - 1));
  if (missing == 0) return table;
  Error error =
      make_error(Code::kNotFound, "{}: {} of {} probed files are missing: {}{}", layout.split_folder(split).string(),
                 missing, probes, fmt::join(first_missing, ", "), missing > first_missing.size() ? ", ..." : "");
  error.hint = fmt::format(
      "generate the data set with ++workload.workflow.generate_data=True; if it was generated with another dataset.{}, "
      "its files have other names: set dataset.skip_listing to False",
      count_key(split));
  return error;
}

// ---- listing ----

struct Found {
  std::string name;
  std::size_t folder = 0;  // of Search::folders
};

struct Search {
  std::vector<std::string> folders;  // relative to the split's folder; the first is ""
  std::vector<Found> files;
  std::uint64_t folders_not_searched = 0;
};

// As operator/, but without a trailing slash after nothing: paths appear in messages.
io::Path join(const io::Path& folder, const std::string& below) {
  return below.empty() ? folder : folder / below;
}

// Lists folder `folder` of the search, adds what it finds, and goes down while depth allows.
Status search_folder(io::Storage& storage, const io::Path& top, std::span<const std::string> endings,
                     std::size_t folder, int depth, Search& search) {
  STOKER_ASSIGN(const std::vector<io::DirEntry> entries, storage.list(join(top, search.folders[folder])));
  for (const io::DirEntry& entry : entries) {
    if (entry.is_directory) {
      if (depth == 0) {
        ++search.folders_not_searched;
        continue;
      }
      search.folders.push_back((io::Path(search.folders[folder]) / entry.name).string());
      STOKER_TRY(search_folder(storage, top, endings, search.folders.size() - 1, depth - 1, search));
    } else if (std::any_of(endings.begin(), endings.end(), [&](const auto& e) { return entry.name.ends_with(e); })) {
      // Unfinished files of our generator end in ".tmp" and so do not count.
      search.files.push_back({.name = entry.name, .folder = folder});
    }
  }
  return {};
}

Error too_few(const Layout& layout, Split split, const std::string& extension, const Search& search) {
  const std::uint64_t expected = layout.files(split);
  Error error = make_error(Code::kNotFound, "{}: found {} ending in '.{}', expected {} (dataset.{})",
                           layout.split_folder(split).string(), counted(search.files.size(), "file"), extension,
                           expected, count_key(split));
  error.hint = "generate the data set with ++workload.workflow.generate_data=True";
  if (!search.files.empty()) error.hint += fmt::format(", or lower dataset.{}", count_key(split));
  if (search.folders_not_searched > 0) {
    error.hint +=
        fmt::format("; {} not searched, see dataset.num_subfolders_{}",
                    search.folders_not_searched == 1 ? "1 subfolder was"
                                                     : fmt::format("{} subfolders were", search.folders_not_searched),
                    split == Split::kTrain ? "train" : "eval");
  }
  return error;
}

Result<FileTable> list(io::Storage& storage, const Layout& layout, Split split) {
  const std::uint64_t expected = layout.files(split);
  const std::string& extension = layout.extension();
  const std::string endings[] = {"." + extension, "." + upper(extension)};
  const bool has_folders = !layout.subfolder(split, 0).empty();
  Search search;
  search.folders.emplace_back();
  if (Status status =
          search_folder(storage, layout.split_folder(split), endings, 0, has_folders ? kDepthMax : 0, search);
      !status) {
    // A folder that is not there has no files; anything else is the storage's own failure.
    if (status.error().code != Code::kNotFound) return std::move(status).error();
  }
  if (search.files.size() < expected) return too_few(layout, split, extension, search);

  // By file name over all folders, as the names number the files; the folder decides between equal names.
  std::sort(search.files.begin(), search.files.end(), [&](const Found& a, const Found& b) {
    const int order = a.name.compare(b.name);
    return order != 0 ? order < 0 : search.folders[a.folder] < search.folders[b.folder];
  });
  const std::uint64_t found = search.files.size();
  search.files.resize(expected);
  const auto relative_path = [&](const Found& file) {
    return (io::Path(search.folders[file.folder]) / file.name).string();
  };
  const auto is_computed_name = [&, i = std::uint64_t{0}](const Found& file) mutable {
    const std::uint64_t number = i++;
    return file.name == layout.file_name(split, number) &&
           search.folders[file.folder] == layout.subfolder(split, number).string();
  };
  FileTable table = FileTable::computed(layout, split);
  if (!std::all_of(search.files.begin(), search.files.end(), is_computed_name)) {
    std::vector<std::string> paths;
    paths.reserve(search.files.size());
    std::transform(search.files.begin(), search.files.end(), std::back_inserter(paths), relative_path);
    table = FileTable::listed(layout, split, paths);
  }
  if (found > expected) {
    table.set_warning(fmt::format("{}: found {}, using the first {} by name (dataset.{})",
                                  layout.split_folder(split).string(), counted(found, "file"), expected,
                                  count_key(split)));
  }
  return table;
}

}  // namespace

Result<FileTable> find_files(io::Storage& storage, const Layout& layout, Split split, const config::Dataset& dataset) {
  if (layout.files(split) == 0) return FileTable::computed(layout, split);
  if (!dataset.skip_listing) return list(storage, layout, split);
  const auto interval = static_cast<std::uint64_t>(std::max<std::int64_t>(dataset.listing_validation_interval, 0));
  return probe(storage, layout, split, interval);
}

}  // namespace stoker::dataset
