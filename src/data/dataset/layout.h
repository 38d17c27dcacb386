// Which files a data set has, and where: pure functions of the configuration. Names, partitions and seeds are computed
// from an index, never kept in a table, so that a data set of 10^8 files costs nothing to describe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/formats.h"
#include "config/workload.h"
#include "data/io/storage.h"

namespace stoker::dataset {

enum class Split { kTrain, kEval };

// "train" or "valid".
[[nodiscard]] std::string_view folder_name(Split);

// One file to write or read.
struct FileSpec {
  std::uint64_t index = 0;  // g: 0-based over all train files, then all eval files; the seed of its content
  Split split = Split::kTrain;
  std::uint64_t number = 0;  // i: 0-based within its split
  std::uint64_t rows = 0;    // as configured
  io::Path path;
};

// Whose name a name is.
struct NamedFile {
  std::uint64_t number = 0;  // within its split
  bool is_temporary = false;
  std::optional<std::size_t> side{};  // which of the file's side files it is
  // Of a whole file with samples.
  [[nodiscard]] bool is_data() const { return !is_temporary && !side; }
  friend bool operator==(const NamedFile&, const NamedFile&) = default;
};

class Layout {
 public:
  explicit Layout(const config::Workload&);
  // The first files of each split, under the names and with the indexes that they have among all. At most all of them.
  [[nodiscard]] Layout first(std::uint64_t train_files, std::uint64_t eval_files) const;

  [[nodiscard]] const io::Path& root() const { return root_; }  // storage_root joined with data_folder
  [[nodiscard]] io::Path split_folder(Split) const;
  [[nodiscard]] std::uint64_t files(Split) const;
  [[nodiscard]] std::uint64_t total_files() const { return files(Split::kTrain) + files(Split::kEval); }
  [[nodiscard]] std::uint64_t samples_per_file() const { return samples_per_file_; }
  // File i of a split; i < files(split).
  [[nodiscard]] FileSpec file(Split, std::uint64_t i) const;
  // File g of the whole work list; g < total_files(). Not for a layout of first files, which has no list of its own.
  [[nodiscard]] FileSpec file(std::uint64_t g) const;
  // "img_007_of_168.parquet", without folder.
  [[nodiscard]] std::string file_name(Split, std::uint64_t i) const;
  // The file whose name this is, or that of a side file beside it or of a temporary file ("<name>.tmp") of either, in a
  // folder below the split's ("" when flat). Also one beyond first files. nullopt: not a name of this data set.
  [[nodiscard]] std::optional<NamedFile> find(Split, std::string_view folder, std::string_view name) const;

  // How many side files each file has.
  [[nodiscard]] std::size_t side_files() const { return side_files_.size(); }
  [[nodiscard]] io::Path side_path(const FileSpec&, std::size_t side) const;
  // Folders in the root that side files have for themselves, with one for each split in them.
  [[nodiscard]] std::vector<std::string> side_folders() const;
  // As find(), in such a folder of the split.
  [[nodiscard]] std::optional<NamedFile> find_apart(Split, std::string_view side_folder, std::string_view name) const;
  // "parquet", "csv.gz": what file names end in, without the dot.
  [[nodiscard]] const std::string& extension() const { return extension_; }
  // What names of other programs' files may end in for the format, that of ours first: "parquet", "parq", "pq".
  [[nodiscard]] std::vector<std::string> extensions() const;
  // Number of folders below the split's folder into which files are dealt (subfolders or partitions); 1: flat.
  [[nodiscard]] std::uint64_t folders(Split) const;
  // Path of file i's folder relative to the split's folder, "" when flat.
  [[nodiscard]] io::Path subfolder(Split, std::uint64_t i) const;
  // All of those folders in which the layout's files lie, each once; {""} when flat.
  [[nodiscard]] std::vector<std::string> subfolders(Split) const;
  // Whether one of them has this name; never when flat.
  [[nodiscard]] bool has_subfolder(Split, std::string_view name) const;

 private:
  [[nodiscard]] std::uint64_t named_files(Split) const;
  // The file with whose name this begins.
  [[nodiscard]] std::optional<std::uint64_t> number_in(Split, std::string_view name) const;
  // What the rest of a name behind that of file `number` makes of it. `folder` as SideFile::folder.
  [[nodiscard]] std::optional<NamedFile> named(std::uint64_t number, std::string_view rest,
                                               std::string_view folder) const;
  io::Path root_;
  std::string prefix_, extension_;
  std::span<const std::string_view> other_extensions_;
  std::span<const config::SideFile> side_files_;
  std::uint64_t train_files_, eval_files_;  // of this layout
  std::uint64_t train_named_, eval_named_;  // of the data set: the number in the names
  std::uint64_t samples_per_file_;
  std::uint64_t train_folders_, eval_folders_;
  std::string partition_column_;  // empty: none
  config::DType partition_type_ = config::DType::kInt64;
};

// Partition values of dataset.parquet.partition_by: P = min(files, 16), 2 for bool; file g has value g mod P.
[[nodiscard]] std::uint64_t partition_count(config::DType, std::uint64_t files);
[[nodiscard]] std::string partition_value(config::DType, std::uint64_t g, std::uint64_t partitions);

}  // namespace stoker::dataset
