#include "data/dataset/listing.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

#include "base/plural.h"
#include "data/dataset/search_internal.h"

namespace stoker::dataset {
namespace {

constexpr std::uint64_t kProbesMax = 1000;
constexpr std::size_t kNamesInMessage = 3;

std::string_view count_key(Split split) {
  return split == Split::kTrain ? "num_files_train" : "num_files_eval";
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

// As operator/, but without a slash after nothing: paths appear in messages.
io::Path join(const io::Path& folder, const io::Path& below) {
  return below.empty() ? folder : folder / below;
}

// ---- listing, with a manifest ----

// Which of the split's files lie where they belong: a bit for each.
Result<std::vector<bool>> present(io::Storage& storage, const Layout& layout, Split split) {
  std::vector<bool> there(layout.files(split));
  for (const std::string& folder : layout.subfolders(split)) {
    const auto entries = storage.list(join(layout.split_folder(split), folder));
    if (!entries) {
      // A folder that is not there has no files; anything else is the storage's own failure.
      if (entries.error().code == Code::kNotFound) continue;
      return entries.error();
    }
    for (const io::DirEntry& entry : *entries) {
      if (entry.is_directory) continue;
      const auto file = layout.find(split, folder, entry.name);
      if (file && file->is_data() && file->number < there.size()) there[file->number] = true;
    }
  }
  return there;
}

Result<FileTable> list_named(io::Storage& storage, const Layout& layout, Split split) {
  STOKER_ASSIGN(const std::vector<bool> there, present(storage, layout, split));
  const auto missing = static_cast<std::uint64_t>(std::count(there.begin(), there.end(), false));
  if (missing == 0) return FileTable::computed(layout, split);
  std::vector<std::string> names;
  for (std::uint64_t i = 0; i < there.size() && names.size() < kNamesInMessage; ++i) {
    if (!there[i]) names.push_back((layout.subfolder(split, i) / layout.file_name(split, i)).string());
  }
  Error error = make_error(Code::kNotFound, "{}: {} of the {} that the data set's manifest names are missing: {}{}",
                           layout.split_folder(split).string(), missing, counted(there.size(), "file"),
                           fmt::join(names, ", "), missing > names.size() ? ", ..." : "");
  error.hint = "write them again with ++workload.workflow.generate_data=True";
  return error;
}

// ---- listing, without one ----

Error too_few(const Layout& layout, Split split, const Search& search) {
  const std::uint64_t expected = layout.files(split);
  Error error = make_error(Code::kNotFound, "{}: found {} ending in {}, expected {} (dataset.{})",
                           layout.split_folder(split).string(), counted(search.files.size(), "file"),
                           endings_text(layout), expected, count_key(split));
  error.hint = "generate the data set with ++workload.workflow.generate_data=True";
  if (!search.files.empty()) {
    error.hint += fmt::format(", or lower dataset.{}", count_key(split));
  } else {
    if (const std::string others = others_text(search.others); !others.empty()) {
      error.message += fmt::format("; found instead: {}", others);
    }
    error.hint += fmt::format(
        "; data of other programs are taken from {0}/, or {1}-00000-of-00001.{2} and so on from {3} or its folder "
        "data{4}; "
        "names that begin with . or _ are hidden",
        folder_name(split), split == Split::kTrain ? "train" : "validation", layout.extension(), layout.root().string(),
        split == Split::kTrain ? ", or without a folder train all that lie in it" : "");
  }
  if (search.folders_not_searched > 0) {
    error.hint += fmt::format("; {} not searched, see dataset.num_subfolders_{}",
                              counted(search.folders_not_searched, "subfolder was", "subfolders were"),
                              split == Split::kTrain ? "train" : "eval");
  }
  return error;
}

Result<FileTable> list(io::Storage& storage, const Layout& layout, Split split) {
  const std::uint64_t expected = layout.files(split);
  STOKER_ASSIGN(Search search, dataset::search(storage, layout, split));
  if (search.files.size() < expected) return too_few(layout, split, search);

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
           search.folders[file.folder] == join(folder_name(split), layout.subfolder(split, number));
  };
  FileTable table = FileTable::computed(layout, split);
  if (!std::all_of(search.files.begin(), search.files.end(), is_computed_name)) {
    std::vector<std::string> paths;
    paths.reserve(search.files.size());
    std::transform(search.files.begin(), search.files.end(), std::back_inserter(paths), relative_path);
    table = FileTable::listed(layout, split, paths);
  }
  std::string warning = search.note.empty() ? "" : fmt::format("{}: {}", layout.root().string(), search.note);
  if (found > expected) {
    if (!warning.empty()) warning += "; ";
    const io::Path place = search.in_split_folder ? layout.split_folder(split) : layout.root();
    warning += fmt::format("{}: found {}, using the first {} by name (dataset.{})", place.string(),
                           counted(found, "file"), expected, count_key(split));
  }
  table.set_warning(std::move(warning));
  return table;
}

Result<FileTable> probe_some(io::Storage& storage, const Layout& layout, Split split, const config::Dataset& dataset) {
  const auto interval = static_cast<std::uint64_t>(std::max<std::int64_t>(dataset.listing_validation_interval, 0));
  return probe(storage, layout, split, interval);
}

}  // namespace

Result<FileTable> find_named_files(io::Storage& storage, const Layout& layout, Split split,
                                   const config::Dataset& dataset) {
  if (layout.files(split) == 0) return FileTable::computed(layout, split);
  return dataset.skip_listing ? probe_some(storage, layout, split, dataset) : list_named(storage, layout, split);
}

Result<FileTable> find_files(io::Storage& storage, const Layout& layout, Split split, const config::Dataset& dataset) {
  if (layout.files(split) == 0) return FileTable::computed(layout, split);
  return dataset.skip_listing ? probe_some(storage, layout, split, dataset) : list(storage, layout, split);
}

}  // namespace stoker::dataset
