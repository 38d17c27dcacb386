// Reads files of numbers. A file is one unit, all of which is read and parsed: where its lines end shows only then. How
// many there are is taken from the workload, or from whoever counted or wrote them (open_known), and looked at when
// the file is parsed.
#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "base/units.h"
#include "config/sample_geometry.h"
#include "data/format/arena.h"
#include "data/format/csv/codec.h"
#include "data/format/csv/csv_internal.h"
#include "data/format/csv/rows.h"
#include "data/format/csv/sample_text.h"
#include "data/format/memory_promise.h"
#include "data/format/open_options.h"
#include "data/format/read_range.h"

namespace stoker::format::csv {
namespace {

constexpr std::uint64_t kBlock = 4 * kMiB;  // of a file whose lines are counted

struct TextScratch final : Scratch {
  GrowingText memory;  // of what is compressed
  Arena arena;
  Bytes text;  // after decompress()
};

std::string_view as_text(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

class CsvFile final : public FileReader {
 public:
  CsvFile(std::unique_ptr<io::ReadableFile> file, config::DType dtype, std::uint64_t rows, bool verify_checksums)
      : file_(std::move(file)),
        dtype_(dtype),
        verify_checksums_(verify_checksums),
        units_{Unit{0, rows, file_->size()}} {}

  [[nodiscard]] std::uint64_t rows() const override { return units_.front().rows; }
  [[nodiscard]] std::uint64_t version() const override { return file_->version(); }
  [[nodiscard]] std::span<const Unit> units() const override {
    return std::span(units_).first(rows() == 0 ? 0 : units_.size());
  }
  [[nodiscard]] io::ReadableFile* source() const override { return file_.get(); }
  [[nodiscard]] std::unique_ptr<Scratch> make_scratch() const override { return std::make_unique<TextScratch>(); }

  Status plan(const ChunkRows& rows, ReadPlan& plan) const override {
    plan.begin(rows);
    plan.add({0, file_->size()});
    return plan.finish(*file_);
  }

  Status decompress(const Fetched& fetched, Scratch& scratch) const override {
    auto& own = static_cast<TextScratch&>(scratch);
    own.arena.reset();
    auto text = text_of(fetched.range({0, file_->size()}), verify_checksums_, own.memory);
    if (!text) return in_file(std::move(text).error());
    own.text = *text;
    return {};
  }

  Status decode(const Fetched& fetched, Scratch& scratch, Chunk& chunk) const override {
    auto& own = static_cast<TextScratch&>(scratch);
    const ChunkRows& rows = fetched.plan.rows();
    const auto parsed = parse_rows(
        as_text(own.text),
        {.dtype = dtype_, .first = rows.first_row, .count = rows.rows, .in_file = units_.front().rows}, own.arena);
    if (!parsed) return in_file(parsed.error());
    chunk.rows = rows.rows;
    chunk.useful_bytes = parsed->values.size();
    chunk.locator = nullptr;
    chunk.columns.resize(1);
    ColumnView& view = chunk.columns.front();
    view.name = "values";
    view.width = static_cast<std::uint32_t>(config::element_bytes(dtype_));
    view.list_size = parsed->fields;
    view.segments.assign(1, Segment{.values = parsed->values, .elements = rows.rows * parsed->fields});
    return {};
  }

 private:
  [[nodiscard]] Status in_file(Status status) const {
    if (status) return status;
    return std::move(status).error().with_context(file_->path().string());
  }

  const std::unique_ptr<io::ReadableFile> file_;
  const config::DType dtype_;
  const bool verify_checksums_;
  const std::array<Unit, 1> units_;
};

class CsvReader final : public FormatReader {
 public:
  CsvReader(const config::Workload& workload, io::Storage& storage)
      : storage_(storage),
        dtype_(workload.dataset.record_element_type),
        rows_(static_cast<std::uint64_t>(workload.dataset.num_samples_per_file)),
        verify_checksums_(workload.reader.verify_checksums),
        text_ratio_(workload.dataset.compression == config::Compression::kNone ? 0 : kTextRatio),
        options_(open_options(workload)) {}

  Result<std::unique_ptr<FileReader>> open(const io::Path& path, io::ReadObserver* observer) override {
    return open_known(path, {.rows = rows_}, observer);
  }
  Result<std::unique_ptr<FileReader>> open_known(const io::Path& path, const Outline& known,
                                                 io::ReadObserver* /*observer*/) override {
    STOKER_ASSIGN(auto file, storage_.open(path, options_));
    memory_.note(path.string(), memory_bytes(file->size(), std::max<std::uint64_t>(text_ratio_, 1) * file->size()));
    return std::unique_ptr<FileReader>(
        std::make_unique<CsvFile>(std::move(file), dtype_, known.rows, verify_checksums_));
  }
  [[nodiscard]] std::optional<std::uint64_t> worker_bytes() const override { return memory_.worker_bytes(); }

  Result<Outline> outline(const io::Path& path) override {
    STOKER_ASSIGN(const auto file, storage_.open(path, options_));
    auto rows = count(*file);
    if (!rows) return std::move(rows).error().with_context(path.string());
    return Outline{.rows = *rows};
  }

 private:
  // Of compressed files, the text is so many times as long: digits hold a little more than three bits each. What it
  // really is shows when it is read.
  static constexpr std::uint64_t kTextRatio = 3;

  // What was read, what it is inflated to, and the values.
  [[nodiscard]] std::uint64_t memory_bytes(std::uint64_t file, std::uint64_t text) const {
    const auto values = static_cast<std::uint64_t>(static_cast<double>(text) / mean_text(dtype_));
    return file + (text_ratio_ > 0 ? text : 0) + values * config::element_bytes(dtype_);
  }

  // The lines of a file, which is held only if it is compressed.
  [[nodiscard]] Result<std::uint64_t> count(io::ReadableFile& file) const {
    RowCounter counter;
    AlignedBuffer memory;
    for (std::uint64_t at = 0; at < file.size(); at += kBlock) {
      const std::uint64_t bytes = std::min(file.size() - at, kBlock);
      STOKER_ASSIGN(const MutBytes block, read_range(file, {at, bytes}, memory, nullptr));
      if (at == 0 && codec_of(block) != nullptr) return count_compressed(file);
      counter.add(as_text(block));
    }
    return counter.rows();
  }
  [[nodiscard]] Result<std::uint64_t> count_compressed(io::ReadableFile& file) const {
    WholeText whole;
    STOKER_ASSIGN(const Bytes text, whole.read(file, verify_checksums_));
    RowCounter counter;
    counter.add(as_text(text));
    return counter.rows();
  }

  io::Storage& storage_;
  const config::DType dtype_;
  const std::uint64_t rows_;
  const bool verify_checksums_;
  const std::uint64_t text_ratio_;  // 0: the file is the text
  const io::OpenOptions options_;
  MemoryPromise memory_;
};

}  // namespace

Result<std::unique_ptr<FormatReader>> make_reader(const config::Workload& workload, io::Storage& storage) {
  STOKER_TRY(validate(workload));
  return std::unique_ptr<FormatReader>(std::make_unique<CsvReader>(workload, storage));
}

std::uint64_t worker_bytes(const config::Workload& workload) {
  const config::Dataset& dataset = workload.dataset;
  const std::uint64_t values = static_cast<std::uint64_t>(std::max<std::int64_t>(dataset.num_samples_per_file, 1)) *
                               config::largest_sample_bytes(dataset);
  const auto elements = static_cast<double>(values / config::element_bytes(dataset.record_element_type));
  const auto text = static_cast<std::uint64_t>(elements * mean_text(dataset.record_element_type));
  // Compressed files, nearly half as large, beside their text.
  return values + text + (dataset.compression == config::Compression::kNone ? 0 : text / 2);
}

}  // namespace stoker::format::csv
