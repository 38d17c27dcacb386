#include "workloads/training/verification.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "base/printable.h"
#include "data/format/value_checker.h"

namespace stoker::training {
namespace {

Error refuse(std::string message, std::string_view hint) {
  return {.code = Code::kConfig, .message = "reader.verify: " + std::move(message), .hint = std::string(hint)};
}

constexpr std::string_view kWriteAnew =
    "write the data set with this version and this configuration, or set reader.verify: False";

// A column as its values are generated; whether it is read is the run's choice.
std::string text_of(const config::ColumnSpec& column) {
  return fmt::format("'{}' ({}, size {})", printable_line(column.name), config::to_string(column.dtype), column.size);
}

Status compare_columns(const std::vector<config::ColumnSpec>& written, const std::vector<config::ColumnSpec>& wanted) {
  // A run without columns reads all that there are.
  if (wanted.empty()) return {};
  const std::size_t both = std::min(written.size(), wanted.size());
  for (std::size_t i = 0; i < both; ++i) {
    if (text_of(written[i]) == text_of(wanted[i])) continue;
    return refuse(fmt::format("dataset.parquet.columns: found column {} {} in the manifest, expected {}", i,
                              text_of(written[i]), text_of(wanted[i])),
                  kWriteAnew);
  }
  if (written.size() == wanted.size()) return {};
  return refuse(
      fmt::format("dataset.parquet.columns: found {} in the manifest, expected {}", written.size(), wanted.size()),
      kWriteAnew);
}

Status compare_records(const results::DatasetManifest& written, const results::DatasetManifest& wanted) {
  const auto differ = [](std::string_view key, const auto& found, const auto& expected) -> Status {
    if (found == expected) return {};
    return refuse(fmt::format("{}: found {} in the manifest, expected {}", key, found, expected), kWriteAnew);
  };
  STOKER_TRY(differ("dataset.record_length_bytes", written.record_length_bytes, wanted.record_length_bytes));
  STOKER_TRY(
      differ("dataset.record_length_bytes_stdev", written.record_length_bytes_stdev, wanted.record_length_bytes_stdev));
  STOKER_TRY(differ("dataset.record_dims", written.record_dims, wanted.record_dims));
  return differ("dataset.record_element_type", written.record_element_type, wanted.record_element_type);
}

// What compares the files of a table with what this workload writes.
Result<std::optional<pipeline::Verification>> comparing(config::Workload generating, const dataset::FileTable& files) {
  STOKER_TRY(format::make_checker(generating));

  const auto layout = std::make_shared<const dataset::Layout>(generating);
  return std::optional(pipeline::Verification{
      .make_checker = [workload = std::make_shared<const config::Workload>(
                           std::move(generating))] { return format::make_checker(*workload); },
      .spec = [&files, layout](std::uint64_t i) -> Result<dataset::FileSpec> {
        const io::Path path = files.path(i);
        const io::Path below = path.parent_path().lexically_relative(layout->split_folder(files.split()));
        const auto named = layout->find(files.split(), below == "." ? "" : below.string(), path.filename().string());
        if (named && named->is_data() && named->number < layout->files(files.split())) {
          return layout->file(files.split(), named->number);
        }
        return make_error(Code::kConfig, "reader.verify: {}: the data set's manifest knows no such file",
                          path.string());
      }});
}

}  // namespace

Result<config::Workload> generating_workload(const results::DatasetManifest& manifest, const config::Workload& workload,
                                             std::string_view version) {
  const results::DatasetManifest wanted = results::manifest_of(workload, version);
  if (!manifest.complete) {
    return refuse("the data set is incomplete", "run datagen again");
  }
  if (manifest.generator_version != version) {
    return refuse(fmt::format("the data set was written by version '{}', this is {}: their values may differ",
                              printable_line(manifest.generator_version), version),
                  kWriteAnew);
  }
  if (manifest.seed != wanted.seed) {
    return refuse(fmt::format("the data set has seed {}, expected {}", manifest.seed, wanted.seed), kWriteAnew);
  }
  if (manifest.format != wanted.format) {
    return refuse(fmt::format("dataset.format: found {} in the manifest, expected {}", printable_line(manifest.format),
                              wanted.format),
                  kWriteAnew);
  }
  STOKER_TRY(compare_columns(manifest.columns, wanted.columns));
  if (manifest.columns.empty()) STOKER_TRY(compare_records(manifest, wanted));

  config::Workload generating = workload;
  STOKER_TRY(results::apply_manifest(manifest, generating));
  // Which of them are read stands in the workload only.
  for (std::size_t i = 0; i < workload.dataset.parquet.columns.size(); ++i) {
    generating.dataset.parquet.columns[i].read = workload.dataset.parquet.columns[i].read;
  }
  return generating;
}

Result<std::optional<pipeline::Verification>> verification_of(Context& c, const dataset::FileTable& files) {
  if (!c.workload.reader.verify) return std::optional<pipeline::Verification>{};
  if (is_generated(c.workload)) return comparing(c.workload, files);
  const std::filesystem::path folder = dataset::Layout(c.workload).root();
  Result<std::optional<results::DatasetManifest>> found = std::optional<results::DatasetManifest>{};
  if (c.root()) {
    found = results::read_manifest(folder);
    if (found && !found->has_value()) {
      found = refuse(
          fmt::format("{}: there is no {}, which tells what datagen wrote", folder.string(), results::kManifestName),
          "write the data set with stoker, or set reader.verify: False");
    }
  }
  STOKER_TRY(dist::agree_on_root(c.comm, found ? Status{} : Status{found.error()}));
  STOKER_ASSIGN(const std::string text, c.comm.broadcast(c.root() ? results::manifest_text(**found) : "", 0));
  STOKER_ASSIGN(const results::DatasetManifest manifest,
                results::parse_manifest(text, (folder / results::kManifestName).string()));
  STOKER_ASSIGN(config::Workload generating, generating_workload(manifest, c.workload, STOKER_VERSION));
  return comparing(std::move(generating), files);
}

}  // namespace stoker::training
