#include "data/dataset/layout.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/check.h"
#include "config/data_set_names.h"

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

// Of text that is digits only.
std::optional<std::uint64_t> parse_number(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::uint64_t count(std::int64_t n) {
  return n > 0 ? static_cast<std::uint64_t>(n) : 0;
}

// 0 and 1 subfolders both mean a flat folder.
std::uint64_t folder_count(std::int64_t subfolders) {
  return std::max<std::uint64_t>(count(subfolders), 1);
}

io::Path root_of(const config::Workload& workload) {
  const std::string& folder = workload.dataset.data_folder;
  // Object stores: normalising would take one of the two slashes away.
  if (config::is_uri(folder)) return folder;
  if (config::is_uri(workload.storage.storage_root)) return io::Path(workload.storage.storage_root) / folder;
  // Without "." and double slashes. ".." stays: behind a link it is another folder than the text says.
  io::Path root;
  for (const io::Path& part : io::Path(workload.storage.storage_root) / folder) {
    if (part != "." && !part.empty()) root /= part;
  }
  return root.empty() ? io::Path(".") : root;
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
      extension_(config::name_end(workload.dataset)),
      other_extensions_(config::spec_of(workload.dataset.format).other_ends),
      side_files_(config::spec_of(workload.dataset.format).side_files),
      train_files_(count(workload.dataset.num_files_train)),
      eval_files_(count(workload.dataset.num_files_eval)),
      train_named_(train_files_),
      eval_named_(eval_files_),
      samples_per_file_(count(workload.dataset.num_samples_per_file)),
      train_folders_(folder_count(workload.dataset.num_subfolders_train)),
      eval_folders_(folder_count(workload.dataset.num_subfolders_eval)) {
  const config::ParquetOptions& parquet = workload.dataset.parquet;
  if (!config::spec_of(workload.dataset.format).has_columns || parquet.partition_by.empty()) return;
  partition_column_ = parquet.partition_by;
  for (const config::ColumnSpec& column : parquet.columns) {
    if (column.name == partition_column_) partition_type_ = column.dtype;
  }
  // Partitions take the place of subfolders.
  train_folders_ = partition_count(partition_type_, train_files_);
  eval_folders_ = partition_count(partition_type_, eval_files_);
}

Layout Layout::first(std::uint64_t train_files, std::uint64_t eval_files) const {
  STOKER_CHECK(train_files <= train_named_ && eval_files <= eval_named_, "more files than there are");
  Layout some = *this;
  some.train_files_ = train_files;
  some.eval_files_ = eval_files;
  return some;
}

io::Path Layout::split_folder(Split split) const {
  return root_ / folder_name(split);
}

std::uint64_t Layout::files(Split split) const {
  return split == Split::kTrain ? train_files_ : eval_files_;
}

std::uint64_t Layout::named_files(Split split) const {
  return split == Split::kTrain ? train_named_ : eval_named_;
}

std::uint64_t Layout::folders(Split split) const {
  return split == Split::kTrain ? train_folders_ : eval_folders_;
}

std::string Layout::file_name(Split split, std::uint64_t i) const {
  const std::uint64_t of = named_files(split);
  return fmt::format("{}_{}_of_{}.{}", prefix_, zero_padded(i, of), of, extension_);
}

io::Path Layout::subfolder(Split split, std::uint64_t i) const {
  const std::uint64_t folders_of_split = folders(split);
  if (!partition_column_.empty()) {
    // Values go round over the whole work list, so that eval files continue where train files end.
    const std::uint64_t g = split == Split::kTrain ? i : train_named_ + i;
    return partition_column_ + "=" + partition_value(partition_type_, g, folders_of_split);
  }
  if (folders_of_split == 1) return {};
  return zero_padded(i % folders_of_split, folders_of_split);
}

std::vector<std::string> Layout::subfolders(Split split) const {
  std::vector<std::string> names;
  const std::uint64_t some = std::min(folders(split), files(split));
  for (std::uint64_t i = 0; i < some; ++i) names.push_back(subfolder(split, i).string());
  return names;
}

bool Layout::has_subfolder(Split split, std::string_view name) const {
  const std::uint64_t some = std::min(folders(split), files(split));
  if (!partition_column_.empty()) {
    for (std::uint64_t i = 0; i < some; ++i) {
      if (subfolder(split, i).native() == name) return true;
    }
    return false;
  }
  // Without a list of them: a manifest may claim any number.
  if (folders(split) == 1 || name.size() != digits(folders(split))) return false;
  const auto number = parse_number(name);
  return number && *number < some;
}

std::optional<std::uint64_t> Layout::number_in(Split split, std::string_view name) const {
  // The number stands at the same place in all names: "<prefix>_0042_of_...".
  const std::uint64_t of = named_files(split);
  const std::size_t begin = prefix_.size() + 1;
  const std::size_t width = digits(of);
  if (name.size() < begin + width) return std::nullopt;
  const auto number = parse_number(name.substr(begin, width));
  if (!number || *number >= of || !name.starts_with(file_name(split, *number))) return std::nullopt;
  return number;
}

std::optional<NamedFile> Layout::named(std::uint64_t number, std::string_view rest, std::string_view folder) const {
  NamedFile file{.number = number};
  constexpr std::string_view kTemporary = ".tmp";
  if (rest.ends_with(kTemporary)) {
    file.is_temporary = true;
    rest.remove_suffix(kTemporary.size());
  }
  for (std::size_t side = 0; side < side_files_.size(); ++side) {
    if (side_files_[side].end != rest || side_files_[side].folder != folder) continue;
    file.side = side;
    return file;
  }
  if (!rest.empty() || !folder.empty()) return std::nullopt;
  return file;
}

std::optional<NamedFile> Layout::find(Split split, std::string_view folder, std::string_view name) const {
  const auto number = number_in(split, name);
  if (!number || subfolder(split, *number).native() != folder) return std::nullopt;
  return named(*number, name.substr(file_name(split, *number).size()), "");
}

std::optional<NamedFile> Layout::find_apart(Split split, std::string_view side_folder, std::string_view name) const {
  const auto number = number_in(split, name);
  if (!number) return std::nullopt;
  return named(*number, name.substr(file_name(split, *number).size()), side_folder);
}

io::Path Layout::side_path(const FileSpec& spec, std::size_t side) const {
  const config::SideFile& file = side_files_[side];
  io::Path path =
      file.folder.empty() ? spec.path : root_ / file.folder / folder_name(spec.split) / spec.path.filename();
  path += file.end;
  return path;
}

std::vector<std::string> Layout::side_folders() const {
  std::vector<std::string> folders;
  for (const config::SideFile& side : side_files_) {
    if (!side.folder.empty() && std::ranges::find(folders, side.folder) == folders.end())
      folders.emplace_back(side.folder);
  }
  return folders;
}

std::vector<std::string> Layout::extensions() const {
  std::vector<std::string> all{extension_};
  all.insert(all.end(), other_extensions_.begin(), other_extensions_.end());
  return all;
}

FileSpec Layout::file(Split split, std::uint64_t i) const {
  STOKER_CHECK(i < files(split), "file number out of range");
  return FileSpec{.index = split == Split::kTrain ? i : train_named_ + i,
                  .split = split,
                  .number = i,
                  .rows = samples_per_file_,
                  .path = split_folder(split) / subfolder(split, i) / file_name(split, i)};
}

FileSpec Layout::file(std::uint64_t g) const {
  return g < train_files_ ? file(Split::kTrain, g) : file(Split::kEval, g - train_files_);
}

}  // namespace stoker::dataset
