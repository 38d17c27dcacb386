// The reading half of the Parquet format: opens files.

#include <algorithm>
#include <atomic>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/log.h"
#include "base/plural.h"
#include "base/units.h"
#include "config/sample_geometry.h"
#include "data/format/memory_promise.h"
#include "data/format/open_options.h"
#include "data/format/parquet/parquet_internal.h"
#include "data/format/parquet/read/column_numbers.h"
#include "data/format/parquet/read/footer.h"
#include "data/format/parquet/read/footer_cache.h"
#include "data/format/parquet/read/footer_schema.h"
#include "data/format/parquet/read/parquet_file.h"
#include "data/format/parquet/read/selection.h"
#include "data/format/parquet/read/units.h"
#include "data/format/parquet/read/worker_memory.h"

namespace stoker::format::parquet {
namespace {

constexpr std::uint64_t kCacheBytes = 64 * kMiB;  // of a rank

class ParquetReader final : public FormatReader {
 public:
  ParquetReader(const config::Workload& workload, Selection selection, io::Storage& storage)
      : storage_(storage),
        selection_(std::move(selection)),
        depth_(workload.dataset.parquet.decode),
        file_options_{.depth = depth_, .verify_checksums = workload.reader.verify_checksums},
        chunk_bytes_(static_cast<std::uint64_t>(workload.reader.chunk_bytes)),
        options_(open_options(workload)),
        cache_(kCacheBytes, footer_cost) {}

  Result<std::unique_ptr<FileReader>> open(const io::Path& path, io::ReadObserver* observer) override {
    STOKER_ASSIGN(auto file, storage_.open(path, options_));
    STOKER_ASSIGN(auto index, cache_.find_or_make(key_of(*file), [&] { return read_index(*file, observer); }));
    return std::unique_ptr<FileReader>(std::make_unique<ParquetFile>(std::move(file), std::move(index), file_options_));
  }

  void share(std::uint64_t ranks) override { cache_.set_limit(ranks * kCacheBytes); }

  [[nodiscard]] std::optional<std::uint64_t> worker_bytes() const override { return memory_.worker_bytes(); }

  Result<Outline> outline(const io::Path& path) override {
    STOKER_ASSIGN(const auto file, storage_.open(path, options_));
    if (const auto index = cache_.find(key_of(*file))) return Outline{index->rows, index->column_number};
    STOKER_ASSIGN(const RawFooter footer, read_footer(*file, nullptr));
    const auto found = outline_footer(footer.bytes);
    if (!found) return Error(found.error()).with_context(path.string());
    const auto columns = column_numbers_.of(found->schema_footer);
    if (!columns) return Error(columns.error()).with_context(path.string());
    return Outline{found->rows, *columns};
  }

  Result<std::vector<NamedColumn>> columns(const io::Path& path) override {
    STOKER_ASSIGN(const auto file, storage_.open(path, options_));
    STOKER_ASSIGN(const RawFooter footer, read_footer(*file, nullptr));
    const auto found = outline_footer(footer.bytes);
    if (!found) return Error(found.error()).with_context(path.string());
    auto columns = named_columns(found->schema_footer);
    if (!columns) return std::move(columns).error().with_context(path.string());
    return columns;
  }

 private:
  Result<std::shared_ptr<const FileIndex>> read_index(io::ReadableFile& file, io::ReadObserver* observer) {
    const std::string path = file.path().string();
    STOKER_ASSIGN(const RawFooter footer, read_footer(file, observer));
    auto parsed = parse_footer(footer.bytes, file.size(), selection_);
    if (!parsed) return std::move(parsed).error().with_context(path);
    if (!parsed->index.type_difference.empty() && !warned_.exchange(true)) {
      spdlog::warn("{}: columns differ from those configured: {} (said once; files are read as they are)", path,
                   parsed->index.type_difference);
    }
    auto columns = column_numbers_.of(parsed->schema_footer);
    if (!columns) return std::move(columns).error().with_context(path);
    parsed->index.column_number = *columns;
    auto units = make_units(*parsed, selection_, chunk_bytes_, depth_, file, observer);
    if (!units) return std::move(units).error().with_context(path);
    if (*units > 0 && depth_ == config::Decode::kArrow && !warned_of_whole_.exchange(true)) {
      spdlog::warn(
          "{}: {} larger than reader.chunk_bytes ({}) and taken whole: decode: arrow begins inside one only by an "
          "offset "
          "index (pyarrow's write_page_index=True), and not in fields of several columns (said once)",
          path, counted_long(*units, "row group is", "row groups are"),
          format_bytes(static_cast<double>(chunk_bytes_)));
    }
    if (depth_ == config::Decode::kArrow) {
      auto metadata = read_arrow_metadata(footer.bytes);
      if (!metadata) return std::move(metadata).error().with_context(path);
      parsed->index.metadata = std::move(*metadata);
      // Arrow's own objects are several times larger than what they were parsed from.
      parsed->index.metadata_bytes = 8 * footer.bytes.size();
    }
    memory_.note(path, parquet::worker_bytes(parsed->index, depth_));
    return std::shared_ptr<const FileIndex>(std::make_shared<FileIndex>(std::move(parsed->index)));
  }

  io::Storage& storage_;
  const Selection selection_;
  const config::Decode depth_;
  const ParquetFile::Options file_options_;
  const std::uint64_t chunk_bytes_;
  const io::OpenOptions options_;
  FooterCache cache_;
  ColumnNumbers column_numbers_;
  std::atomic<bool> warned_{false}, warned_of_whole_{false};
  MemoryPromise memory_;
};

}  // namespace

Result<std::unique_ptr<FormatReader>> make_parquet_reader(const config::Workload& workload, io::Storage& storage) {
  STOKER_ASSIGN(Selection selection, make_selection(workload));
  return std::unique_ptr<FormatReader>(std::make_unique<ParquetReader>(workload, std::move(selection), storage));
}

std::uint64_t parquet_reader_worker_bytes(const config::Workload& workload) {
  const config::ParquetOptions& options = workload.dataset.parquet;
  const auto row_bytes = static_cast<std::uint64_t>(config::record_bytes(workload));
  // A unit: a row group, or about a chunk of it, but never less than a row.
  const auto group_rows = std::min(options.row_group_size, workload.dataset.num_samples_per_file);
  const std::uint64_t group_bytes = row_bytes * static_cast<std::uint64_t>(std::max<std::int64_t>(group_rows, 1));
  const auto chunk_bytes = static_cast<std::uint64_t>(workload.reader.chunk_bytes);
  const std::uint64_t unit = std::min(group_bytes, chunk_bytes + chunk_bytes / 2);
  const std::uint64_t stored = std::max(unit, row_bytes) + 2 * kMiB;
  // Bytes as fetched, as decompressed where they are compressed, and the values that are no views of either.
  const bool compressed = workload.dataset.compression != config::Compression::kNone;
  std::uint64_t copies = 1;
  if (options.decode != config::Decode::kNone) copies += compressed ? 1 : 0;
  if (options.decode == config::Decode::kArrays || options.decode == config::Decode::kArrow) ++copies;
  return copies * stored;
}

}  // namespace stoker::format::parquet
