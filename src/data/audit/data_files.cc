#include "data/audit/data_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <utility>

#include "base/plural.h"
#include "base/printable.h"
#include "config/data_set_names.h"
#include "config/formats.h"
#include "data/dataset/layout.h"
#include "data/io/place.h"
#include "results/dataset_manifest.h"

namespace stoker::audit {
namespace {

// Ends links that lead back up.
constexpr int kDepthMax = 32;

// What names of data files end in, without the dot, and the format that has it.
using Endings = std::vector<std::pair<std::string, const format::Format*>>;

Endings known_endings() {
  Endings endings;
  for (const format::Format* format : format::formats()) {
    config::Workload workload;
    workload.dataset.format = format->name;
    const config::FormatSpec& spec = config::spec_of(format->name);
    // Where names do not tell the codec, one stands for all.
    for (const config::Compression codec :
         spec.compressions.first(spec.is_named_by_codec ? spec.compressions.size() : 1)) {
      workload.dataset.compression = codec;
      for (const std::string& ending : dataset::Layout(workload).extensions()) endings.emplace_back(ending, format);
    }
  }
  return endings;
}

std::string endings_text(const Endings& endings) {
  std::string text;
  for (const auto& [ending, format] : endings) text += fmt::format("{}.{}", text.empty() ? "" : ", ", ending);
  return text;
}

bool has_ending(std::string_view name, std::string_view ending) {
  if (name.size() <= ending.size() + 1 || name[name.size() - ending.size() - 1] != '.') return false;
  return std::ranges::equal(name.substr(name.size() - ending.size()), ending,
                            [](char a, char b) { return std::tolower(static_cast<unsigned char>(a)) == b; });
}

const format::Format* find_format(const Endings& endings, std::string_view file_name) {
  const auto known = std::ranges::find_if(endings, [&](const auto& e) { return has_ending(file_name, e.first); });
  return known == endings.end() ? nullptr : known->second;
}

struct Search {
  io::Storage& storage;
  const io::Path& root;
  Endings endings = known_endings();
  std::vector<DataFile> files;
  std::uint64_t others = 0;  // files that are no data
  std::string an_other;      // the name of one of them
};

Status search_folder(Search& search, const io::Path& below, int depth) {
  const io::Path folder = below.empty() ? search.root : search.root / below;
  if (depth > kDepthMax) {
    return Error{
        .code = Code::kUnsupported,
        .message = fmt::format("{}: lies more than {} folders deep", printable_line(folder.string()), kDepthMax),
        .hint = "a link may lead back up; name the folder of the data itself"};
  }
  STOKER_ASSIGN(const std::vector<io::DirEntry> entries, search.storage.list(folder));
  for (const io::DirEntry& entry : entries) {
    const io::Path relative = below / entry.name;
    if (config::is_hidden(entry.name)) continue;
    STOKER_TRY(io::refuse_link_up(folder, entry));
    if (entry.is_directory) {
      STOKER_TRY(search_folder(search, relative, depth + 1));
    } else if (const format::Format* format = find_format(search.endings, entry.name)) {
      search.files.push_back({.path = folder / entry.name, .name = relative.string(), .format = format});
    } else {
      if (search.others++ == 0 || relative.string() < search.an_other) search.an_other = relative.string();
    }
  }
  return {};
}

Error nothing_found(const Search& search) {
  std::string there = "it is empty";
  if (search.others > 0) {
    there = fmt::format("it holds {} such as '{}'", counted_long(search.others, "other file"),
                        printable_line(search.an_other));
  }
  return Error{.code = Code::kNotFound,
               .message = fmt::format("{}: no data file is in this folder or below; {}",
                                      printable_line(search.root.string()), there),
               .hint = fmt::format("data files end in one of {}; names that begin with '.' or '_' are not looked at",
                                   endings_text(search.endings))};
}

// A file that stands for any number of rows does not say how many: the manifest does.
bool says_no_rows(const DataFile& file) {
  return config::spec_of(file.format->name).is_image;
}

void take_rows_of_manifest(const io::Path& folder, std::vector<DataFile>& files) {
  if (std::ranges::none_of(files, says_no_rows)) return;
  // One that cannot be read says nothing: then a file is one row.
  const auto found = results::read_manifest(folder);
  if (!found || !*found) return;
  const auto& manifest = *found;
  for (DataFile& file : files) {
    if (says_no_rows(file) && config::to_string(file.format->name) == manifest->format)
      file.rows = static_cast<std::uint64_t>(manifest->num_samples_per_file);
  }
}

}  // namespace

Result<format::FileInfo> inspect_file(io::Storage& storage, const DataFile& file, format::Detail detail) {
  STOKER_ASSIGN(format::FileInfo info, file.format->inspect(storage, file.path, detail));
  if (file.rows > 0 && says_no_rows(file)) {
    info.rows = file.rows;
    for (format::RowGroupInfo& group : info.row_groups) group.rows = file.rows;
  }
  return info;
}

const format::Format* format_of(std::string_view file_name) {
  return find_format(known_endings(), file_name);
}

Result<DataFiles> find_data_files(io::Storage& storage, const io::Path& path) {
  DataFiles found;
  const auto size = storage.file_size(path);
  if (size.has_value()) {
    const format::Format* format = format_of(path.filename().string());
    if (format == nullptr) {
      return Error{
          .code = Code::kUnsupported,
          .message = fmt::format("{}: by its name no data file of a known format", printable_line(path.string())),
          .hint = fmt::format("data files end in one of {}", endings_text(known_endings()))};
    }
    found.files.push_back({.path = path, .name = path.string(), .format = format});
    return found;
  }
  Search search{.storage = storage, .root = path};
  if (Status searched = search_folder(search, {}, 0); !searched) {
    // What is neither file nor folder has one error, and it is not that it cannot be listed.
    if (searched.error().code == Code::kNotFound) {
      if (size.error().code != Code::kNotFound) return size.error();  // a pipe
      return make_error(Code::kNotFound, "{}: no such file or folder", printable_line(path.string()));
    }
    return std::move(searched).error();
  }
  if (search.files.empty()) return nothing_found(search);
  std::ranges::sort(search.files, {}, &DataFile::name);
  take_rows_of_manifest(path, search.files);
  found.is_folder = true;
  found.files = std::move(search.files);
  return found;
}

}  // namespace stoker::audit
