#include "workloads/training/data_set.h"

#include <fmt/format.h>

#include <optional>
#include <string>

#include "base/plural.h"

namespace stoker::training {
namespace {

using dataset::Layout;
using dataset::Split;

std::string_view count_key(Split split) {
  return split == Split::kTrain ? "num_files_train" : "num_files_eval";
}

std::string manifest_path(const Layout& layout) {
  return (layout.root() / results::kManifestName).string();
}

// Whether the run reads files of the split at all.
bool reads(const config::Workload& w, Split split) {
  return split == Split::kTrain || w.workflow.evaluation;
}

Status check_fit(const config::Workload& w, const results::DatasetManifest& manifest, const Layout& wanted) {
  if (!manifest.complete) {
    Error error = make_error(Code::kConfig,
                             "{}: the data set is incomplete: its generation did not finish, or it was "
                             "being deleted",
                             wanted.root().string());
    error.hint = "generate the data set with ++workload.workflow.generate_data=True";
    return error;
  }
  const std::string_view format = config::to_string(w.dataset.format);
  if (manifest.format == format) return {};
  Error error = make_error(Code::kConfig, "{}: the data set is of format {}, but dataset.format is {}",
                           manifest_path(wanted), manifest.format, format);
  error.hint = fmt::format("set ++workload.dataset.format={}, or generate the data set anew", manifest.format);
  return error;
}

}  // namespace

Result<Layout> layout_to_read(const config::Workload& w, const results::DatasetManifest& manifest) {
  const Layout wanted(w);
  STOKER_TRY(check_fit(w, manifest, wanted));
  config::Workload described = w;
  if (Status known = results::apply_manifest(manifest, described); !known) {
    return std::move(known).error().with_context(manifest_path(wanted));
  }
  const Layout all(described);
  for (const Split split : {Split::kTrain, Split::kEval}) {
    if (!reads(w, split) || wanted.files(split) <= all.files(split)) continue;
    Error error = make_error(Code::kNotFound, "{}: the data set has {}, expected {} (dataset.{})",
                             wanted.split_folder(split).string(), counted(all.files(split), "file"),
                             wanted.files(split), count_key(split));
    error.hint = fmt::format("generate the data set with ++workload.workflow.generate_data=True, or lower dataset.{}",
                             count_key(split));
    return error;
  }
  return all.first(wanted.files(Split::kTrain), std::min(wanted.files(Split::kEval), all.files(Split::kEval)));
}

config::Workload workload_of_files(const config::Workload& workload, const DataSet& data) {
  config::Workload described = workload;
  if (data.rows_per_file) described.dataset.num_samples_per_file = static_cast<std::int64_t>(*data.rows_per_file);
  return described;
}

Result<DataSet> open_data_set(Context& c) {
  DataSet data{.layout = Layout(c.workload)};
  if (!has_files(c.workload)) return data;
  std::optional<results::DatasetManifest> manifest;
  Status read;
  if (c.root()) {
    auto found = results::read_manifest(data.layout.root());
    if (found) {
      manifest = std::move(*found);
    } else {
      read = found.error();
    }
  }
  STOKER_TRY(dist::agree_on_root(c.comm, read));
  STOKER_ASSIGN(const std::string text, c.comm.broadcast(manifest ? results::manifest_text(*manifest) : "", 0));
  if (text.empty()) return data;
  STOKER_ASSIGN(manifest, results::parse_manifest(text, manifest_path(data.layout)));
  STOKER_ASSIGN(data.layout, layout_to_read(c.workload, *manifest));
  data.has_manifest = true;
  data.identity = results::manifest_identity(*manifest);
  data.rows_per_file = static_cast<std::uint64_t>(manifest->num_samples_per_file);
  for (const auto& [split, there] :
       {std::pair{Split::kTrain, manifest->num_files_train}, std::pair{Split::kEval, manifest->num_files_eval}}) {
    const std::uint64_t taken = data.layout.files(split);
    if (!reads(c.workload, split) || taken == 0 || taken == static_cast<std::uint64_t>(there)) continue;
    c.warn(fmt::format("{}: the data set has {}, using the first {} (dataset.{})",
                       data.layout.split_folder(split).string(), counted(there, "file"), taken, count_key(split)));
  }
  return data;
}

Status check_unchanged(Context& c, const DataSet& data) {
  if (!has_files(c.workload)) return {};
  Status unchanged;
  if (c.root()) {
    const auto now = results::read_manifest(data.layout.root());
    const bool same =
        now && (*now ? (*now)->complete && results::manifest_identity(**now) == data.identity : !data.has_manifest);
    if (!now) {
      unchanged = now.error();
    } else if (!same) {
      Error error =
          make_error(Code::kCorrupt, "{}: the data set changed while it was read", data.layout.root().string());
      error.hint = "the figures are of no data set: see who writes there, and run again";
      unchanged = std::move(error);
    }
  }
  return dist::agree_on_root(c.comm, unchanged);
}

Result<dataset::FileTable> find_files(Context& c, const DataSet& data, Split split) {
  Result<dataset::FileTable> found = dataset::FileTable::computed(data.layout, split);
  if (!has_files(c.workload)) return found;
  if (c.root()) {
    const auto find = data.has_manifest ? dataset::find_named_files : dataset::find_files;
    found = find(c.environment.storage, data.layout, split, c.workload.dataset);
    if (found && !found->warning().empty()) c.warn(found->warning());
  }
  STOKER_TRY(dist::agree_on_root(c.comm, found ? Status{} : Status{found.error()}));
  STOKER_ASSIGN(const std::string text, c.comm.broadcast(c.root() ? found->serialize() : "", 0));
  return dataset::FileTable::parse(data.layout, text);
}

}  // namespace stoker::training
