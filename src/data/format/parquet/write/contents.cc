// Files of which any range can be computed: uncompressed, so that a byte's place says which value it belongs to.
#include "data/format/contents.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <mutex>
#include <utility>

#include "base/thread_annotations.h"
#include "data/format/parquet/parquet_internal.h"
#include "data/format/parquet/write/chunk_sizer.h"
#include "data/format/parquet/write/file_map.h"

namespace stoker::format::parquet {
namespace {

class ParquetContentsOfFile final : public FileContents {
 public:
  ParquetContentsOfFile(std::shared_ptr<const FileMap> map, std::uint64_t index) : map_(std::move(map)) {
    for (const Column& column : map_->columns()) keys_.push_back(column_key(index, column.stream));
  }
  [[nodiscard]] std::uint64_t size() const override { return map_->size(); }
  void read(std::uint64_t offset, MutBytes into) const override { map_->read(keys_, offset, into); }

 private:
  std::shared_ptr<const FileMap> map_;
  std::vector<std::uint64_t> keys_;
};

class ParquetContents final : public Contents {
 public:
  explicit ParquetContents(const config::Workload& workload)
      : workload_(workload), alike_(parquet_equal_files(workload, 0) > 1) {}

  Result<std::unique_ptr<FileContents>> file(const dataset::FileSpec& spec) override {
    STOKER_ASSIGN(auto map, map_of(spec));
    return std::unique_ptr<FileContents>(std::make_unique<ParquetContentsOfFile>(std::move(map), spec.index));
  }

 private:
  struct Known {
    std::uint64_t index = 0, rows = 0;
    std::shared_ptr<const FileMap> map;
  };

  // The maps of the last few shapes are kept. Threads that want the same new one at the same time each make it.
  Result<std::shared_ptr<const FileMap>> map_of(const dataset::FileSpec& spec) {
    const std::uint64_t index = alike_ ? 0 : spec.index;
    {
      const std::lock_guard lock(mutex_);
      for (const Known& known : known_) {
        if (known.map != nullptr && known.index == index && known.rows == spec.rows) return known.map;
      }
    }
    STOKER_ASSIGN(auto map, FileMap::make(workload_, spec));
    const std::lock_guard lock(mutex_);
    known_[next_] = {index, spec.rows, map};
    next_ = (next_ + 1) % known_.size();
    return map;
  }

  const config::Workload workload_;
  const bool alike_;  // files with the same number of rows
  std::mutex mutex_;
  std::array<Known, 16> known_ GUARDED_BY(mutex_);
  std::size_t next_ GUARDED_BY(mutex_) = 0;
};

}  // namespace

Result<std::unique_ptr<Contents>> make_parquet_contents(const config::Workload& workload) {
  STOKER_TRY(validate_parquet(workload));
  const config::Dataset& dataset = workload.dataset;
  STOKER_ASSIGN(const Compressor compressor, Compressor::make(dataset.compression, dataset.compression_level));
  STOKER_ASSIGN(const std::vector<Column> columns, file_columns(dataset, 0));
  std::vector<std::string> found, remedies;
  const auto object = [&](std::string what, std::string remedy) {
    found.push_back(std::move(what));
    remedies.push_back(std::move(remedy));
  };
  if (compressor.active()) {
    object(fmt::format("dataset.compression is {}", config::to_string(dataset.compression)),
           "++workload.dataset.compression=none");
  }
  if (dataset.parquet.page_checksums) {
    object("dataset.parquet.page_checksums is True", "++workload.dataset.parquet.page_checksums=False");
  }
  if (std::ranges::any_of(columns, [](const Column& c) { return c.dictionary == Dictionary::kAdaptive; })) {
    object("dataset.parquet.dictionary is True", "++workload.dataset.parquet.dictionary=False");
  }
  const auto text =
      std::ranges::find_if(columns, [](const Column& column) { return column.layout == Layout::kStrings; });
  if (text != columns.end()) {
    object(fmt::format("column '{}' has strings, which differ in length", text->name),
           "a dtype of fixed width, or binary, for the columns of strings");
  }
  if (found.empty()) return std::unique_ptr<Contents>(std::make_unique<ParquetContents>(workload));
  return Error{
      .code = Code::kConfig,
      .message = fmt::format("bytes of these files depend on their values, so that none can be computed in its "
                             "place: {}; expected uncompressed pages of values of fixed width",
                             fmt::join(found, ", ")),
      .hint = fmt::format("use {}, or read a data set that is there", fmt::join(remedies, " "))};
}

}  // namespace stoker::format::parquet
