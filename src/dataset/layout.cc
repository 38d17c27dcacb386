#include "dataset/layout.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/check.h"

namespace stoker::dataset {
namespace {

// A data set with more distinct values than this would have mostly empty folders in the usual case of few files.
constexpr std::uint64_t kPartitionsMax = 16;

std::size_t digits(std::uint64_t n) {
  return fmt::formatted_size("{}", n);
}

std::string zero_padded(std::uint64_t i, std::uint64_t of) {
  return fmt::format("{:0{}}", i, digits(of));
}

std::uint64_t count(std::int64_t n) {
  return n > 0 ? static_cast<std::uint64_t>(n) : 0;
}

// 0 and 1 subfolders both mean a flat folder.
std::uint64_t folder_count(std::int64_t subfolders) {
  return std::max<std::uint64_t>(count(subfolders), 1);
}

std::string_view csv_suffix(config::Compression compression) {
  switch (compression) {
    case config::Compression::kGzip: return ".gz";
    case config::Compression::kBz2: return ".bz2";
    case config::Compression::kXz: return ".xz";
    case config::Compression::kZip: return ".zip";
    default: return "";
  }
}

// Without the leading dot.
std::string extension_of(const config::Dataset& dataset) {
  std::string extension(config::to_string(dataset.format));
  if (dataset.format == config::FormatName::kCsv) extension += csv_suffix(dataset.compression);
  return extension;
}

io::Path root_of(const config::Workload& workload) {
  const std::string& folder = workload.dataset.data_folder;
  const auto is_uri = [](std::string_view text) { return text.find("://") != std::string_view::npos; };
  // Object stores: normalising would take one of the two slashes away.
  if (is_uri(folder)) return folder;
  if (is_uri(workload.storage.storage_root)) return io::Path(workload.storage.storage_root) / folder;
  io::Path root = (io::Path(workload.storage.storage_root) / folder).lexically_normal();
  if (!root.has_filename() && root.has_relative_path()) root = root.parent_path();  // a trailing slash
  return root;
}

}  // namespace

std::string_view folder_name(Split split) {
  return split == Split::kTrain ? "train" : "valid";
}

std::uint64_t partition_count(config::DType type, std::uint64_t files) {
  if (type == config::DType::kBool) return 2;
  return std::clamp<std::uint64_t>(files, 1, kPartitionsMax);
}

std::string partition_value(config::DType type, std::uint64_t g, std::uint64_t partitions) {
  const std::uint64_t value = g % partitions;
  if (type == config::DType::kBool) return value == 0 ? "false" : "true";
  return fmt::format("{}", value);
}

Layout::Layout(const config::Workload& workload)
    : root_(root_of(workload)),
      prefix_(workload.dataset.file_prefix),
      extension_(extension_of(workload.dataset)),
      train_files_(count(workload.dataset.num_files_train)),
      eval_files_(count(workload.dataset.num_files_eval)),
      samples_per_file_(count(workload.dataset.num_samples_per_file)),
      train_folders_(folder_count(workload.dataset.num_subfolders_train)),
      eval_folders_(folder_count(workload.dataset.num_subfolders_eval)) {
  const config::ParquetOptions& parquet = workload.dataset.parquet;
  if (workload.dataset.format != config::FormatName::kParquet || parquet.partition_by.empty()) return;
  partition_column_ = parquet.partition_by;
  for (const config::ColumnSpec& column : parquet.columns) {
    if (column.name == partition_column_) partition_type_ = column.dtype;
  }
  // Partitions take the place of subfolders.
  train_folders_ = partition_count(partition_type_, train_files_);
  eval_folders_ = partition_count(partition_type_, eval_files_);
}

io::Path Layout::split_folder(Split split) const {
  return root_ / folder_name(split);
}

std::uint64_t Layout::files(Split split) const {
  return split == Split::kTrain ? train_files_ : eval_files_;
}

std::uint64_t Layout::folders(Split split) const {
  return split == Split::kTrain ? train_folders_ : eval_folders_;
}

std::string Layout::file_name(Split split, std::uint64_t i) const {
  const std::uint64_t of = files(split);
  return fmt::format("{}_{}_of_{}.{}", prefix_, zero_padded(i, of), of, extension_);
}

io::Path Layout::subfolder(Split split, std::uint64_t i) const {
  const std::uint64_t folders_of_split = folders(split);
  if (!partition_column_.empty()) {
    // Values go round over the whole work list, so that eval files continue where train files end.
    const std::uint64_t g = split == Split::kTrain ? i : train_files_ + i;
    return partition_column_ + "=" + partition_value(partition_type_, g, folders_of_split);
  }
  if (folders_of_split == 1) return {};
  return zero_padded(i % folders_of_split, folders_of_split);
}

FileSpec Layout::file(Split split, std::uint64_t i) const {
  STOKER_CHECK(i < files(split), "file number out of range");
  return FileSpec{.index = split == Split::kTrain ? i : train_files_ + i,
                  .split = split,
                  .number = i,
                  .rows = samples_per_file_,
                  .path = split_folder(split) / subfolder(split, i) / file_name(split, i)};
}

FileSpec Layout::file(std::uint64_t g) const {
  return g < train_files_ ? file(Split::kTrain, g) : file(Split::kEval, g - train_files_);
}

}  // namespace stoker::dataset
