// Reads the samples of HDF5 files: row j of every array records_i. Where values lie is known when the file is open;
// from then on they are ranges of bytes as in any other format: rows of arrays in one piece, and of chunks without
// filters, are read alone and viewed as they lie; a chunk that is compressed is read whole for any of its rows.
#include <fmt/ranges.h>

#include <algorithm>
#include <cstring>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "base/hash.h"
#include "base/printable.h"
#include "config/sample_geometry.h"
#include "data/format/arena.h"
#include "data/format/hdf5/filters.h"
#include "data/format/hdf5/hdf5_internal.h"
#include "data/format/hdf5/limits.h"
#include "data/format/hdf5/sample_arrays.h"
#include "data/format/hdf5/sample_file.h"
#include "data/format/memory_promise.h"
#include "data/format/open_options.h"

namespace stoker::format::hdf5 {
namespace {

// Rows that lie together are read in units of about this size: large enough for any storage, small enough that threads
// share a file.
constexpr std::uint64_t kUnitBytes = std::uint64_t{4} << 20;

// Calls visit(number of the chunk, its first row that is wanted, how many) for the chunks that have rows
// [first, first + rows).
template <class Visit>
Status for_each_chunk(const ChunkGrid& grid, std::uint64_t first, std::uint64_t rows, Visit&& visit) {
  const std::uint64_t end = first + rows;
  while (first < end) {
    const std::uint64_t along = first / grid.chunk_rows();
    const std::uint64_t n = std::min(end, (along + 1) * grid.chunk_rows()) - first;
    for (std::uint64_t i = 0; i < grid.chunks_per_row(); ++i)
      STOKER_TRY(visit(along * grid.chunks_per_row() + i, first, n));
    first += n;
  }
  return {};
}

// The bytes of a chunk that rows of it take.
ByteRange range_of(const Array& array, const StoredChunk& chunk, std::uint64_t first, std::uint64_t rows) {
  if (chunk.offset == kUndefined) return {};
  if (array.is_filtered(chunk.filter_mask)) return {chunk.offset, chunk.bytes};
  return {chunk.offset + first % array.grid.chunk_rows() * array.chunk_row_bytes(), rows * array.chunk_row_bytes()};
}

// Rows of a chunk, as values.
struct Piece {
  std::uint64_t chunk = 0;
  std::uint64_t first = 0, rows = 0;
  Bytes values;
};

// Where an element is stored: its byte, or that of the chunk that it is compressed in.
class Locator final : public ValueLocator {
 public:
  void set(const SampleFile& file, std::uint64_t first_row) {
    file_ = &file;
    first_row_ = first_row;
  }
  [[nodiscard]] std::optional<std::uint64_t> offset_of(std::string_view column, std::uint64_t row,
                                                       std::uint64_t element) const override {
    const auto array = std::ranges::find(file_->arrays, column, &Array::name);
    if (array == file_->arrays.end()) return std::nullopt;
    std::optional<std::uint64_t> found;
    const std::uint64_t wanted = (first_row_ + row) * array->grid.row_elements() + element;
    const auto look = [&](std::uint64_t number, std::uint64_t first, std::uint64_t rows) -> Status {
      const StoredChunk& chunk = array->chunks[static_cast<std::size_t>(number)];
      array->grid.for_each_run(
          number, first, rows, [&](std::uint64_t in_array, std::uint64_t in_chunk, std::uint64_t n) {
            if (chunk.offset == kUndefined || wanted < in_array || wanted - in_array >= n) return;
            found = chunk.offset +
                    (array->is_filtered(chunk.filter_mask) ? 0 : (in_chunk + wanted - in_array) * array->width());
          });
      return {};
    };
    static_cast<void>(for_each_chunk(array->grid, first_row_ + row, 1, look));
    return found;
  }

 private:
  const SampleFile* file_ = nullptr;
  std::uint64_t first_row_ = 0;
};

struct Hdf5Scratch final : Scratch {
  Arena arena;
  FilterReader filters;
  std::vector<std::vector<Piece>> pieces;  // of each array, after decompress()
  Locator locator;
};

std::uint64_t number_of(const SampleFile& file) {
  std::uint64_t number = 0;
  for (const Array& array : file.arrays)
    number = mix64(number ^ (static_cast<std::uint64_t>(array.dtype) << 32U | array.grid.shape().size()));
  return number;
}

// The least that both divide; `most` where that is more.
std::uint64_t multiple_of(std::uint64_t one, std::uint64_t other, std::uint64_t most) {
  const std::uint64_t part = one / std::gcd(one, other);
  return other > most / part ? std::max<std::uint64_t>(most, 1) : part * other;
}

// A unit begins where chunks of all arrays begin, so that no chunk is read for two.
std::uint64_t unit_rows(const SampleFile& file, std::uint64_t unit_bytes) {
  std::uint64_t rows =
      std::clamp<std::uint64_t>(unit_bytes / file.row_bytes(), 1, std::max<std::uint64_t>(file.rows(), 1));
  std::uint64_t chunk_rows = 1;
  for (const Array& array : file.arrays)
    if (array.layout == kChunked) chunk_rows = multiple_of(chunk_rows, array.grid.chunk_rows(), file.rows());
  rows = (rows + chunk_rows - 1) / chunk_rows * chunk_rows;
  return std::min(rows, std::max<std::uint64_t>(file.rows(), 1));
}

// At most what a worker holds of so many rows: what is fetched, and, where chunks are compressed or cut through rows,
// what is made of it.
std::uint64_t bytes_of_unit(const SampleFile& file, std::uint64_t rows) {
  std::uint64_t bytes = 0;
  for (const Array& array : file.arrays) {
    const ChunkGrid& grid = array.grid;
    if (array.layout != kChunked) {
      bytes += rows * array.row_bytes();
      continue;
    }
    const std::uint64_t chunks = ((rows - 1) / grid.chunk_rows() + 1) * grid.chunks_per_row();
    const std::uint64_t plain = chunks * array.chunk_bytes();
    bytes += plain;
    if (!array.filters.empty()) bytes += plain + (array.filters.size() > 1 ? 2 : 0) * array.chunk_bytes();
    if (!grid.keeps_rows()) bytes += rows * array.row_bytes();
  }
  return bytes;
}

class Hdf5File final : public FileReader {
 public:
  Hdf5File(std::unique_ptr<io::ReadableFile> file, SampleFile samples, std::uint64_t rows_of_unit,
           bool verify_checksums)
      : file_(std::move(file)), samples_(std::move(samples)), verify_checksums_(verify_checksums) {
    std::uint64_t stored = 0;
    for (const Array& array : samples_.arrays)
      for (const StoredChunk& chunk : array.chunks) stored += chunk.bytes;
    const double of_row = static_cast<double>(stored) / static_cast<double>(std::max<std::uint64_t>(rows(), 1));
    for (std::uint64_t first = 0; first < rows(); first += rows_of_unit) {
      const std::uint64_t n = std::min(rows_of_unit, rows() - first);
      units_.push_back({first, n, static_cast<std::uint64_t>(of_row * static_cast<double>(n))});
    }
  }

  [[nodiscard]] std::uint64_t rows() const override { return samples_.rows(); }
  [[nodiscard]] std::uint64_t columns() const override { return number_of(samples_); }
  [[nodiscard]] std::uint64_t version() const override { return file_->version(); }
  [[nodiscard]] std::span<const Unit> units() const override { return units_; }
  [[nodiscard]] io::ReadableFile* source() const override { return file_.get(); }
  [[nodiscard]] std::unique_ptr<Scratch> make_scratch() const override { return std::make_unique<Hdf5Scratch>(); }

  Status plan(const ChunkRows& rows, ReadPlan& plan) const override {
    plan.begin(rows);
    for (const Array& array : samples_.arrays) {
      STOKER_TRY(for_each_chunk(array.grid, rows.first_row, rows.rows,
                                [&](std::uint64_t number, std::uint64_t first, std::uint64_t n) -> Status {
                                  plan.add(range_of(array, array.chunks[static_cast<std::size_t>(number)], first, n));
                                  return {};
                                }));
    }
    return plan.finish(*file_);
  }

  Status decompress(const Fetched& fetched, Scratch& scratch) const override {
    auto& own = static_cast<Hdf5Scratch&>(scratch);
    own.arena.reset();
    own.pieces.resize(samples_.arrays.size());
    for (std::size_t i = 0; i < samples_.arrays.size(); ++i) {
      const Array& array = samples_.arrays[i];
      own.pieces[i].clear();
      STOKER_TRY(for_each_chunk(array.grid, fetched.plan.rows().first_row, fetched.plan.rows().rows,
                                [&](std::uint64_t number, std::uint64_t first, std::uint64_t n) -> Status {
                                  auto values = values_of(array, number, first, n, fetched, own);
                                  if (!values) return in_chunk(array, number, std::move(values).error());
                                  own.pieces[i].push_back({number, first, n, *values});
                                  return {};
                                }));
    }
    return {};
  }

  Status decode(const Fetched& fetched, Scratch& scratch, Chunk& chunk) const override {
    auto& own = static_cast<Hdf5Scratch&>(scratch);
    const ChunkRows& rows = fetched.plan.rows();
    chunk.rows = rows.rows;
    chunk.useful_bytes = rows.rows * samples_.row_bytes();
    chunk.columns.resize(samples_.arrays.size());
    own.locator.set(samples_, rows.first_row);
    chunk.locator = &own.locator;
    for (std::size_t i = 0; i < samples_.arrays.size(); ++i) {
      const Array& array = samples_.arrays[i];
      ColumnView& view = chunk.columns[i];
      view.name = array.name;
      view.width = static_cast<std::uint32_t>(array.width());
      view.list_size = array.grid.row_elements();
      view.segments.clear();
      if (array.grid.keeps_rows()) {
        for (const Piece& piece : own.pieces[i])
          view.segments.push_back({.values = piece.values, .elements = piece.rows * array.grid.row_elements()});
        continue;
      }
      STOKER_ASSIGN(const Bytes values, put_together(array, rows, own.pieces[i], own));
      view.segments.push_back({.values = values, .elements = rows.rows * array.grid.row_elements()});
    }
    return {};
  }

 private:
  [[nodiscard]] Error in_array(const Array& array, Error error) const {
    return std::move(error)
        .with_context(fmt::format("array '{}'", printable_line(array.name)))
        .with_context(file_->path().string());
  }
  [[nodiscard]] Error in_chunk(const Array& array, std::uint64_t number, Error error) const {
    const StoredChunk& chunk = array.chunks[static_cast<std::size_t>(number)];
    return in_array(
        array, std::move(error).with_context(
                   chunk.offset == kUndefined ? fmt::format("chunk {}, which was never written", number)
                                              : fmt::format("chunk {} at byte {} of the file", number, chunk.offset)));
  }

  Result<Bytes> values_of(const Array& array, std::uint64_t number, std::uint64_t first, std::uint64_t rows,
                          const Fetched& fetched, Hdf5Scratch& own) const {
    const StoredChunk& chunk = array.chunks[static_cast<std::size_t>(number)];
    const ByteRange range = range_of(array, chunk, first, rows);
    if (chunk.offset != kUndefined && !array.is_filtered(chunk.filter_mask)) return fetched.range(range);
    if (chunk.offset == kUndefined) {
      STOKER_ASSIGN(const MutBytes values, own.arena.allocate(rows * array.chunk_row_bytes()));
      for (std::size_t at = 0; at < values.size(); at += array.fill.size())
        std::memcpy(values.data() + at, array.fill.data(), array.fill.size());
      return Bytes(values);
    }
    STOKER_ASSIGN(const MutBytes plain, own.arena.allocate(array.chunk_bytes()));
    STOKER_TRY(own.filters.undo(array, chunk, fetched.range(range), plain, verify_checksums_));
    return Bytes(plain).subspan(static_cast<std::size_t>(first % array.grid.chunk_rows() * array.chunk_row_bytes()),
                                static_cast<std::size_t>(rows * array.chunk_row_bytes()));
  }

  // Rows that chunks cut, whole.
  Result<Bytes> put_together(const Array& array, const ChunkRows& rows, const std::vector<Piece>& pieces,
                             Hdf5Scratch& own) const {
    auto made = own.arena.allocate(rows.rows * array.row_bytes());
    if (!made) return in_array(array, std::move(made).error());
    const std::uint64_t width = array.width();
    for (const Piece& piece : pieces) {
      const std::uint64_t skipped = piece.first % array.grid.chunk_rows() * array.grid.chunk_row_elements();
      array.grid.for_each_run(
          piece.chunk, piece.first, piece.rows, [&](std::uint64_t in_array, std::uint64_t in_chunk, std::uint64_t n) {
            std::memcpy(made->data() + (in_array - rows.first_row * array.grid.row_elements()) * width,
                        piece.values.data() + (in_chunk - skipped) * width, static_cast<std::size_t>(n * width));
          });
    }
    return Bytes(*made);
  }

  const std::unique_ptr<io::ReadableFile> file_;
  const SampleFile samples_;
  const bool verify_checksums_;
  std::vector<Unit> units_;
};

class Hdf5Reader final : public FormatReader {
 public:
  Hdf5Reader(const config::Workload& workload, io::Storage& storage)
      : storage_(storage),
        dataset_(workload.dataset),
        verify_(workload.reader.verify),
        verify_checksums_(workload.reader.verify_checksums),
        unit_bytes_(std::min(kUnitBytes, static_cast<std::uint64_t>(workload.reader.chunk_bytes))),
        options_(open_options(workload)) {}

  Result<std::unique_ptr<FileReader>> open(const io::Path& path, io::ReadObserver* observer) override {
    STOKER_ASSIGN(auto file, storage_.open(path, options_));
    STOKER_ASSIGN(SampleFile samples, samples_of(*file, observer));
    if (auto wanted = check_wanted(samples); !wanted) return std::move(wanted).error().with_context(path.string());
    const std::uint64_t rows = unit_rows(samples, unit_bytes_);
    return std::unique_ptr<FileReader>(
        std::make_unique<Hdf5File>(std::move(file), std::move(samples), rows, verify_checksums_));
  }
  [[nodiscard]] std::optional<std::uint64_t> worker_bytes() const override { return memory_.worker_bytes(); }
  Result<Outline> outline(const io::Path& path) override {
    STOKER_ASSIGN(const auto file, storage_.open(path, options_));
    STOKER_ASSIGN(const SampleFile samples, samples_of(*file, nullptr));
    return Outline{.rows = samples.rows(), .columns = number_of(samples)};
  }
  Result<std::vector<NamedColumn>> columns(const io::Path& path) override {
    STOKER_ASSIGN(const auto file, storage_.open(path, options_));
    STOKER_ASSIGN(const SampleFile samples, samples_of(*file, nullptr));
    std::vector<NamedColumn> columns;
    for (const Array& array : samples.arrays) {
      columns.push_back(
          {array.name, fmt::format("{} of {} axes", config::to_string(array.dtype), array.grid.shape().size())});
    }
    return columns;
  }

 private:
  Result<SampleFile> samples_of(io::ReadableFile& file, io::ReadObserver* observer) const {
    auto samples = read_sample_file(file, verify_checksums_, observer);
    if (!samples) return std::move(samples).error().with_context(file.path().string());
    const std::uint64_t rows = unit_rows(*samples, unit_bytes_);
    // Arrays that were never written take no room in the file, however many samples they claim.
    if (samples->rows() / rows > kMostChunks) {
      return make_error(Code::kUnsupported, "{}: {} samples of {} bytes are more than are read from one file",
                        file.path().string(), samples->rows(), samples->row_bytes());
    }
    memory_.note(file.path().string(), bytes_of_unit(*samples, rows));
    return samples;
  }

  // Values are compared with the generator's as bytes: of another type or shape they would be others all the same.
  [[nodiscard]] Status check_wanted(const SampleFile& samples) const {
    if (!verify_) return {};
    const std::vector<std::uint64_t> wanted = part_shape(dataset_, 0);
    // Files whose sizes are drawn differ in them.
    const bool is_drawn = config::files_of_one_size(dataset_) == 1;
    for (const Array& array : samples.arrays) {
      const auto axes = std::span(array.grid.shape()).subspan(1);
      const bool same_axes = is_drawn ? axes.size() == wanted.size() : std::ranges::equal(axes, wanted);
      if (same_axes && array.dtype == dataset_.record_element_type) continue;
      return make_error(Code::kCorrupt, "array '{}': found samples of {} {}, expected {} {}",
                        printable_line(array.name), fmt::join(axes, " x "), config::to_string(array.dtype),
                        is_drawn ? "two dimensions of" : fmt::format("{}", fmt::join(wanted, " x ")),
                        config::to_string(dataset_.record_element_type));
    }
    return {};
  }

  io::Storage& storage_;
  const config::Dataset dataset_;
  const bool verify_, verify_checksums_;
  const std::uint64_t unit_bytes_;
  const io::OpenOptions options_;
  mutable MemoryPromise memory_;
};

}  // namespace

Result<std::unique_ptr<FormatReader>> make_reader(const config::Workload& workload, io::Storage& storage) {
  return std::unique_ptr<FormatReader>(std::make_unique<Hdf5Reader>(workload, storage));
}

std::uint64_t worker_bytes(const config::Workload& workload) {
  const config::Dataset& d = workload.dataset;
  const std::uint64_t sample = config::largest_sample_bytes(d);
  const auto samples = static_cast<std::uint64_t>(std::max<std::int64_t>(d.num_samples_per_file, 1));
  const std::uint64_t unit =
      std::max(sample, std::min(kUnitBytes, static_cast<std::uint64_t>(workload.reader.chunk_bytes)) / sample * sample);
  if (is_contiguous(d)) return std::min(unit, samples * sample);
  SampleFile planned;
  const dataset::FileSpec spec{.index = 0, .rows = samples};
  for (const SampleValues& values : sample_arrays(d, spec)) {
    Array array{.dtype = values.dtype(), .grid = grid_of(d, values), .layout = kChunked};
    if (d.compression != config::Compression::kNone) array.filters.push_back({});
    planned.arrays.push_back(std::move(array));
  }
  return bytes_of_unit(planned, unit_rows(planned, unit));
}

}  // namespace stoker::format::hdf5
