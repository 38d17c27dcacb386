#include "data/audit/inspect.h"

#include <fmt/format.h>

#include <algorithm>
#include <mutex>
#include <utility>

#include "data/audit/first_rows.h"
#include "data/audit/inspect_text.h"
#include "data/audit/parallel.h"

namespace stoker::audit {
namespace {

// What is kept of a file until all of them are there.
struct Summary {
  std::uint64_t bytes = 0, rows = 0, row_groups = 0;
  std::size_t schema = 0;  // of Schemas
};

// The schemas that were met, whichever file came first.
class Schemas {
 public:
  std::size_t number_of(std::vector<format::SchemaNode> schema) {
    const std::lock_guard lock(mutex_);
    const auto known = std::ranges::find(schemas_, schema);
    if (known != schemas_.end()) return static_cast<std::size_t>(known - schemas_.begin());
    schemas_.push_back(std::move(schema));
    return schemas_.size() - 1;
  }
  [[nodiscard]] const std::vector<format::SchemaNode>& operator[](std::size_t number) const { return schemas_[number]; }
  [[nodiscard]] std::size_t size() const { return schemas_.size(); }

 private:
  std::mutex mutex_;
  std::vector<std::vector<format::SchemaNode>> schemas_;
};

std::string difference(const std::vector<format::SchemaNode>& first, const std::vector<format::SchemaNode>& other) {
  for (std::size_t i = 0; i < std::max(first.size(), other.size()); ++i) {
    const auto field = [i](const std::vector<format::SchemaNode>& schema) {
      return i < schema.size() ? field_text(schema[i]) : std::string("nothing");
    };
    if (i < first.size() && i < other.size() && first[i] == other[i]) continue;
    return fmt::format("has {}, not {}", field(other), field(first));
  }
  return {};
}

std::vector<SchemaGroup> groups_of(const std::vector<DataFile>& files, const std::vector<Summary>& summaries,
                                   const Schemas& schemas) {
  std::vector<SchemaGroup> groups;
  std::vector<std::size_t> group_of(schemas.size(), files.size());
  for (std::size_t i = 0; i < files.size(); ++i) {
    std::size_t& group = group_of[summaries[i].schema];
    if (group == files.size()) {
      group = groups.size();
      groups.push_back({.first_file = files[i].name, .files = 0, .schema = schemas[summaries[i].schema]});
      groups.back().difference = difference(groups.front().schema, groups.back().schema);
    }
    ++groups[group].files;
  }
  return groups;
}

}  // namespace

Result<FileView> view_file(io::Storage& storage, const DataFile& file, std::uint64_t rows,
                           const std::stop_token& stop) {
  FileView view{.file = file};
  STOKER_ASSIGN(view.info, inspect_file(storage, file, format::Detail::kStorage));
  if (rows > 0) {
    STOKER_ASSIGN(view.rows, first_rows(storage, file, view.info, rows, stop));
  }
  return view;
}

Result<FolderView> view_folder(const FolderRequest& request, const std::stop_token& stop) {
  const std::vector<DataFile>& files = request.files.files;
  FolderView view{.files = files.size()};
  STOKER_ASSIGN(view.manifest, results::read_manifest(request.folder));
  Schemas schemas;
  std::vector<Summary> summaries(files.size());
  STOKER_TRY(for_each(files.size(), request.ranks, stop, [&](std::uint64_t i, const std::stop_token&) -> Status {
    STOKER_ASSIGN(format::FileInfo info, inspect_file(request.storage, files[i], format::Detail::kSchema));
    summaries[i] = {.bytes = info.file_bytes,
                    .rows = info.rows,
                    .row_groups = info.num_row_groups,
                    .schema = schemas.number_of(std::move(info.schema))};
    if (request.progress) request.progress(0);
    return {};
  }));
  view.least_rows = view.most_rows = summaries.front().rows;
  for (const Summary& file : summaries) {
    view.bytes += file.bytes;
    view.rows += file.rows;
    view.row_groups += file.row_groups;
    view.least_rows = std::min(view.least_rows, file.rows);
    view.most_rows = std::max(view.most_rows, file.rows);
  }
  view.schemas = groups_of(files, summaries, schemas);
  STOKER_ASSIGN(view.first, view_file(request.storage, files.front(), request.rows, stop));
  return view;
}

}  // namespace stoker::audit
