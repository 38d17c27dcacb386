// Reads .npy files and .npz archives: of an archive the member x.npy is the samples, and the last axis of the array are
// the samples in either. A file is one unit: each sample's elements lie all over it. All its bytes are read, also those
// of other members.
#include <fmt/ranges.h>
#include <libdeflate.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "base/checksum.h"
#include "base/hash.h"
#include "config/sample_geometry.h"
#include "data/format/arena.h"
#include "data/format/memory_promise.h"
#include "data/format/numpy/numpy_internal.h"
#include "data/format/numpy/place.h"
#include "data/format/open_options.h"

namespace stoker::format::numpy {
namespace {

struct DecompressorFree {
  void operator()(libdeflate_decompressor* decompressor) const { libdeflate_free_decompressor(decompressor); }
};

// Deflated bytes as plain ones, `into` all of it.
class Inflater {
 public:
  Status inflate(const ZipMember& member, Bytes stored, MutBytes into) {
    if (decompressor_ == nullptr) decompressor_.reset(libdeflate_alloc_decompressor());
    if (decompressor_ == nullptr) return make_error(Code::kFailed, "no memory for inflate");
    std::size_t used = 0;
    const auto result = libdeflate_deflate_decompress_ex(decompressor_.get(), stored.data(), stored.size(), into.data(),
                                                         into.size(), &used, nullptr);
    if (result != LIBDEFLATE_SUCCESS || used != stored.size())
      return corrupt_member(member, fmt::format("its {} bytes are not {} bytes deflated", stored.size(), into.size()));
    return {};
  }

 private:
  std::unique_ptr<libdeflate_decompressor, DecompressorFree> decompressor_;
};

struct ArrayScratch final : Scratch {
  Arena arena;
  Inflater inflater;
  Bytes samples;   // the elements, after decompress()
  ChunkRows rows;  // after decode()
};

std::uint64_t number_of(const Place& place) {
  return mix64(static_cast<std::uint64_t>(place.array.dtype) << 32U | place.array.shape.size());
}

struct FileOptions {
  bool verify_checksums = true;
  bool arrays = false;  // of several samples each is made one piece; one alone is as it lies there
};

class ArrayFile final : public FileReader {
 public:
  ArrayFile(std::unique_ptr<io::ReadableFile> file, Place place, const FileOptions& options)
      : file_(std::move(file)), place_(std::move(place)), options_(options) {
    units_.front() = Unit{0, place_.samples(), file_->size()};
  }

  [[nodiscard]] std::uint64_t rows() const override { return place_.samples(); }
  // Of its elements and the number of its axes: sizes may differ from file to file.
  [[nodiscard]] std::uint64_t columns() const override { return number_of(place_); }
  [[nodiscard]] std::uint64_t version() const override { return file_->version(); }
  [[nodiscard]] std::span<const Unit> units() const override {
    return std::span(units_).first(rows() == 0 ? 0 : units_.size());
  }
  [[nodiscard]] io::ReadableFile* source() const override { return file_.get(); }
  [[nodiscard]] std::unique_ptr<Scratch> make_scratch() const override { return std::make_unique<ArrayScratch>(); }

  Status plan(const ChunkRows& rows, ReadPlan& plan) const override {
    plan.begin(rows);
    plan.add({0, file_->size()});
    return in_file(plan.finish(file_->alignment()));
  }

  Status decompress(const Fetched& fetched, Scratch& scratch) const override {
    auto& own = static_cast<ArrayScratch&>(scratch);
    own.arena.reset();
    const Bytes all = fetched.range({0, file_->size()});
    if (!place_.is_archive()) {
      own.samples = all;
      return check_header(own);
    }
    for (const ZipMember& member : place_.all) {
      Bytes plain;
      if (auto made = take(member, all, own, plain); !made) return in_file(std::move(made));
      if (member.offset == place_.member.offset) own.samples = plain;
    }
    return check_header(own);
  }

  Status decode(const Fetched& fetched, Scratch& scratch, Chunk& chunk) const override {
    auto& own = static_cast<ArrayScratch&>(scratch);
    own.rows = fetched.plan.rows();
    chunk.rows = own.rows.rows;
    chunk.useful_bytes = chunk.rows * sample_bytes();
    chunk.locator = nullptr;
    if (options_.arrays || place_.samples() == 1) return make_samples(own, chunk);
    chunk.columns.clear();
    return {};
  }

  Status complete(Scratch& scratch, Chunk& chunk) const override {
    return chunk.columns.empty() ? make_samples(static_cast<ArrayScratch&>(scratch), chunk) : Status{};
  }

 private:
  Status make_samples(ArrayScratch& own, Chunk& chunk) const {
    const std::uint64_t samples = place_.samples(), elements = place_.elements_per_sample();
    const auto width = static_cast<std::size_t>(config::element_bytes(place_.array.dtype));
    Bytes values = own.samples;
    if (samples > 1) {
      // One piece of memory for each sample, whose elements lie `samples` apart.
      auto pieces_made = own.arena.allocate(chunk.rows * sample_bytes());
      if (!pieces_made) return in_file(std::move(pieces_made).error());
      const MutBytes pieces = *pieces_made;
      for (std::uint64_t element = 0; element < elements; ++element) {
        const std::byte* const from = own.samples.data() + (element * samples + own.rows.first_row) * width;
        for (std::uint64_t row = 0; row < chunk.rows; ++row)
          std::memcpy(pieces.data() + (row * elements + element) * width, from + row * width, width);
      }
      values = pieces;
    }
    chunk.columns.resize(1);
    ColumnView& view = chunk.columns.front();
    view.name = "x";
    view.width = static_cast<std::uint32_t>(width);
    view.list_size = elements;
    view.segments.assign(1, {.values = values, .elements = chunk.rows * elements});
    return {};
  }

  [[nodiscard]] std::uint64_t sample_bytes() const {
    return place_.elements_per_sample() * config::element_bytes(place_.array.dtype);
  }

  [[nodiscard]] Status in_file(Status status) const {
    if (status) return status;
    return std::move(status).error().with_context(file_->path().string());
  }

  // The plain bytes of a member, checked.
  Status take(const ZipMember& member, Bytes all, ArrayScratch& own, Bytes& plain) const {
    const Bytes local = all.subspan(static_cast<std::size_t>(member.offset));
    STOKER_ASSIGN(const std::uint64_t header,
                  local_header_bytes(local.first(std::min(local.size(), kLocalHeader)), member));
    if (header > local.size() || member.stored_bytes > local.size() - header)
      return corrupt_member(member, "ends behind the end of the file");
    const Bytes stored = local.subspan(static_cast<std::size_t>(header), static_cast<std::size_t>(member.stored_bytes));
    plain = stored;
    if (member.method == kDeflated) {
      STOKER_ASSIGN(const MutBytes into, own.arena.allocate(member.plain_bytes));
      STOKER_TRY(own.inflater.inflate(member, stored, into));
      plain = into;
    }
    if (!options_.verify_checksums) return {};
    const std::uint32_t crc = crc32(plain);
    if (crc == member.crc) return {};
    return corrupt_member(member, fmt::format("has the checksum {:08x}, expected {:08x}", crc, member.crc));
  }

  // What was read is what the file was opened for.
  Status check_header(ArrayScratch& own) const {
    auto header = parse_npy_header(own.samples);
    if (!header) return in_file(std::move(header).error());
    if (header->shape != place_.array.shape || header->dtype != place_.array.dtype ||
        own.samples.size() != header->bytes + header->data_bytes()) {
      return make_error(Code::kCorrupt, "{}: the array has another shape than when the file was opened",
                        file_->path().string());
    }
    own.samples = own.samples.subspan(static_cast<std::size_t>(header->bytes));
    return {};
  }

  const std::unique_ptr<io::ReadableFile> file_;
  const Place place_;
  const FileOptions options_;
  std::array<Unit, 1> units_;
};

class ArrayReader final : public FormatReader {
 public:
  ArrayReader(const config::Workload& workload, io::Storage& storage)
      : storage_(storage),
        is_archive_(workload.dataset.format == config::FormatName::kNpz),
        file_options_{.verify_checksums = workload.reader.verify_checksums,
                      .arrays = workload.reader.verify || workload.reader.collate},
        verify_(workload.reader.verify),
        dtype_(workload.dataset.record_element_type),
        dims_(workload.dataset.record_dims.begin(), workload.dataset.record_dims.end()),
        options_(open_options(workload)) {}

  Result<std::unique_ptr<FileReader>> open(const io::Path& path, io::ReadObserver* observer) override {
    STOKER_ASSIGN(auto file, storage_.open(path, options_));
    STOKER_ASSIGN(Place place, place_of(*file, observer));
    STOKER_TRY(check_wanted(path, place));
    return std::unique_ptr<FileReader>(std::make_unique<ArrayFile>(std::move(file), std::move(place), file_options_));
  }
  [[nodiscard]] std::optional<std::uint64_t> worker_bytes() const override { return memory_.worker_bytes(); }
  Result<Outline> outline(const io::Path& path) override {
    STOKER_ASSIGN(const auto file, storage_.open(path, options_));
    STOKER_ASSIGN(const Place place, place_of(*file, nullptr));
    return Outline{.rows = place.samples(), .columns = number_of(place)};
  }

 private:
  Result<Place> place_of(io::ReadableFile& file, io::ReadObserver* observer) const {
    auto place = read_place(file, is_archive_, observer);
    if (!place) return std::move(place).error().with_context(file.path().string());
    // What was read, what it is inflated to, and what is sorted into samples.
    std::uint64_t bytes = file.size();
    for (const ZipMember& member : place->all) bytes += member.method == kDeflated ? member.plain_bytes : 0;
    if (file_options_.arrays && place->samples() > 1) bytes += place->array.data_bytes();
    memory_.note(file.path().string(), bytes);
    return place;
  }

  // Values are compared with the generator's as bytes: of another type or shape they would be others all the same.
  [[nodiscard]] Status check_wanted(const io::Path& path, const Place& place) const {
    if (!verify_) return {};
    const std::span<const std::uint64_t> axes = std::span(place.array.shape).first(place.array.shape.size() - 1);
    const bool same_axes = dims_.empty() ? axes.size() == 2 : std::ranges::equal(dims_, axes);
    if (place.array.dtype == dtype_ && same_axes) return {};
    return make_error(Code::kCorrupt, "{}: found samples of {} {}, expected {} {}", path.string(),
                      fmt::join(axes, " x "), config::to_string(place.array.dtype),
                      dims_.empty() ? "two dimensions of" : fmt::format("{}", fmt::join(dims_, " x ")),
                      config::to_string(dtype_));
  }

  io::Storage& storage_;
  const bool is_archive_;
  const FileOptions file_options_;
  const bool verify_;
  const config::DType dtype_;
  const std::vector<std::uint64_t> dims_;
  const io::OpenOptions options_;
  mutable MemoryPromise memory_;
};

}  // namespace

Result<std::unique_ptr<FormatReader>> make_reader(const config::Workload& workload, io::Storage& storage) {
  return std::unique_ptr<FormatReader>(std::make_unique<ArrayReader>(workload, storage));
}

std::uint64_t worker_bytes(const config::Workload& workload) {
  const std::uint64_t file =
      static_cast<std::uint64_t>(std::max<std::int64_t>(workload.dataset.num_samples_per_file, 1)) *
      config::largest_sample_bytes(workload.dataset);
  // What was read, and what it is inflated to and sorted into.
  const bool inflated = workload.dataset.compression == config::Compression::kZip;
  const bool sorted = workload.dataset.num_samples_per_file > 1 && (workload.reader.verify || workload.reader.collate);
  return file * (1 + (inflated ? 1U : 0U) + (sorted ? 1U : 0U));
}

}  // namespace stoker::format::numpy
