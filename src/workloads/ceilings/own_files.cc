#include "workloads/ceilings/own_files.h"

#include <algorithm>
#include <ranges>

#include "data/datagen/sizes.h"
#include "data/dataset/layout.h"
#include "data/format/side_files.h"

namespace stoker::ceilings {

Result<config::Workload> reduced(const config::Workload& workload, const format::Format& format,
                                 std::uint64_t bytes_most) {
  constexpr std::int64_t kMostFiles = 64;
  config::Workload w = workload;
  // Flat, under the names of the format.
  w.dataset.num_files_eval = w.dataset.num_subfolders_train = w.dataset.num_subfolders_eval = 0;
  w.dataset.parquet.partition_by.clear();
  w.dataset.num_files_train = 1;
  w.dataset.num_samples_per_file = std::max<std::int64_t>(w.dataset.num_samples_per_file, 1);
  STOKER_ASSIGN(const format::SizeRange size, datagen::total_bytes(w, format));
  const auto bytes = static_cast<double>(std::max<std::uint64_t>(size.most, 1));
  const double fit = static_cast<double>(bytes_most) / bytes;
  if (fit < 1) {
    w.dataset.num_samples_per_file =
        std::max<std::int64_t>(1, static_cast<std::int64_t>(static_cast<double>(w.dataset.num_samples_per_file) * fit));
    return w;
  }
  w.dataset.num_files_train =
      std::clamp<std::int64_t>(static_cast<std::int64_t>(std::min(fit, 1e6)), 1,
                               std::clamp<std::int64_t>(workload.dataset.num_files_train, 1, kMostFiles));
  return w;
}

Status OwnFiles::write(config::Workload& w, const format::Format& format, const std::stop_token& stop) {
  w.storage.storage_root = "";
  w.dataset.data_folder = folder_.string();
  const dataset::Layout layout(w);
  folders_ = {layout.split_folder(dataset::Split::kTrain)};
  for (const std::string& side : layout.side_folders()) {
    folders_.push_back(layout.root() / side);
    folders_.push_back(folders_.back() / dataset::folder_name(dataset::Split::kTrain));
  }
  for (const io::Path& folder : folders_) STOKER_TRY(storage_.make_directories(folder));
  STOKER_ASSIGN(const auto writer, format.make_writer(w));
  datagen::FileSizes sizes(w, format);
  format::SideFiles sides(w, format);
  for (std::uint64_t i = 0; i < layout.files(dataset::Split::kTrain); ++i) {
    const dataset::FileSpec spec = layout.file(dataset::Split::kTrain, i);
    STOKER_ASSIGN(const format::SizeRange size, sizes.of(spec));
    files_.push_back(spec.path);
    for (std::size_t side = 0; side < layout.side_files(); ++side) files_.push_back(layout.side_path(spec, side));
    STOKER_ASSIGN(const auto file, storage_.create(spec.path, {.direct = io::DirectWrites::kWherePossible,
                                                               .bytes_least = size.least,
                                                               .bytes_most = size.most}));
    STOKER_TRY(writer->write(spec, *file, stop));
    STOKER_TRY(file->commit());
    STOKER_TRY(sides.write(storage_, spec, stop));
    if (stop.stop_requested()) return make_error(Code::kInterrupted, "interrupted while files were written");
  }
  return storage_.flush(folder_);
}

Status OwnFiles::remove() {
  Status first;
  const auto keep = [&first](const Status& status) {
    if (first) first = status;
  };
  for (const io::Path& file : files_) keep(storage_.remove(file));
  files_.clear();
  folders_.insert(folders_.begin(), folder_);
  for (const io::Path& folder : std::views::reverse(folders_)) {
    const auto removed = storage_.remove_empty_directory(folder);
    if (!removed) {
      keep(removed.error());
    } else if (!*removed) {
      keep(make_error(Code::kFailed, "{}: is not empty and stays: somebody else's files lie there", folder.string()));
    }
  }
  folders_.clear();
  return first;
}

}  // namespace stoker::ceilings
