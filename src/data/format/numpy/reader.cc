// Reads .npy files and .npz archives: of an archive the member x.npy is the samples, and the last axis of the array are
// the samples in either. A file is one unit: each sample's elements lie all over it. All its bytes are read, also those
// of other members.
#include <fmt/ranges.h>

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
#include "data/format/inflater.h"
#include "data/format/memory_promise.h"
#include "data/format/numpy/numpy_internal.h"
#include "data/format/numpy/place.h"
#include "data/format/open_options.h"

namespace stoker::format::numpy {
namespace {

struct ArrayScratch final : Scratch {
  Arena arena;
  Inflater inflater;
  Place place;     // of what was read, after decompress()
  Bytes samples;   // the elements, likewise
  ChunkRows rows;  // after decode()
};

// Of the columns: the type of the elements and the number of axes. Sizes may differ from file to file.
Outline outline_of(const Place& place) {
  return {.rows = place.samples(),
          .columns = mix64(static_cast<std::uint64_t>(place.array.dtype) << 32U | place.array.shape.size())};
}

// What a reader wants of all its files.
struct FileOptions {
  bool is_archive = false;
  bool verify_checksums = true;
  bool arrays = false;  // of several samples each is made one piece; one alone is as it lies there
  // Values are compared with the generator's as bytes, so they must have its type and shape.
  bool verify = false;
  config::DType dtype = config::DType::kUint8;
  std::vector<std::uint64_t> dims;

  [[nodiscard]] Status check(const Place& place) const {
    if (!verify) return {};
    const std::span<const std::uint64_t> axes = std::span(place.array.shape).first(place.array.shape.size() - 1);
    const bool same_axes = dims.empty() ? axes.size() == 2 : std::ranges::equal(dims, axes);
    if (place.array.dtype == dtype && same_axes) return {};
    return make_error(Code::kCorrupt, "found samples of {} {}, expected {} {}", fmt::join(axes, " x "),
                      config::to_string(place.array.dtype),
                      dims.empty() ? "two dimensions of" : fmt::format("{}", fmt::join(dims, " x ")),
                      config::to_string(dtype));
  }
  // What a worker takes that reads it: the bytes of the file, what they are inflated to, and what is sorted into
  // samples.
  [[nodiscard]] std::uint64_t worker_bytes(const Place& place, std::uint64_t file_bytes) const {
    std::uint64_t bytes = file_bytes;
    for (const ZipMember& member : place.all) bytes += member.method == kDeflated ? member.plain_bytes : 0;
    return bytes + (arrays && place.samples() > 1 ? place.array.data_bytes() : 0);
  }
};

// What it holds is known when it is opened, and looked for where its bytes are when these were read: so opening it
// needs no reads, and what was written meanwhile is seen. Its reader outlives it.
class ArrayFile final : public FileReader {
 public:
  ArrayFile(std::unique_ptr<io::ReadableFile> file, const Outline& known, const FileOptions& options,
            MemoryPromise& memory)
      : file_(std::move(file)), known_(known), options_(options), memory_(memory) {
    units_.front() = Unit{0, known_.rows, file_->size()};
  }

  [[nodiscard]] std::uint64_t rows() const override { return known_.rows; }
  [[nodiscard]] std::uint64_t columns() const override { return known_.columns; }
  [[nodiscard]] std::uint64_t version() const override { return file_->version(); }
  [[nodiscard]] std::span<const Unit> units() const override {
    return std::span(units_).first(rows() == 0 ? 0 : units_.size());
  }
  [[nodiscard]] io::ReadableFile* source() const override { return file_.get(); }
  [[nodiscard]] std::unique_ptr<Scratch> make_scratch() const override { return std::make_unique<ArrayScratch>(); }

  Status plan(const ChunkRows& rows, ReadPlan& plan) const override {
    plan.begin(rows);
    plan.add({0, file_->size()});
    return plan.finish(*file_);
  }

  Status decompress(const Fetched& fetched, Scratch& scratch) const override {
    return in_file(find_samples(fetched.range({0, file_->size()}), static_cast<ArrayScratch&>(scratch)));
  }

  Status decode(const Fetched& fetched, Scratch& scratch, Chunk& chunk) const override {
    auto& own = static_cast<ArrayScratch&>(scratch);
    own.rows = fetched.plan.rows();
    chunk.rows = own.rows.rows;
    chunk.useful_bytes = chunk.rows * sample_bytes(own.place);
    chunk.locator = nullptr;
    if (options_.arrays || rows() == 1) return make_samples(own, chunk);
    chunk.columns.clear();
    return {};
  }

  Status complete(Scratch& scratch, Chunk& chunk) const override {
    return chunk.columns.empty() ? make_samples(static_cast<ArrayScratch&>(scratch), chunk) : Status{};
  }

 private:
  Status make_samples(ArrayScratch& own, Chunk& chunk) const {
    const std::uint64_t samples = rows(), elements = own.place.elements_per_sample();
    const auto width = static_cast<std::size_t>(config::element_bytes(own.place.array.dtype));
    Bytes values = own.samples;
    if (samples > 1) {
      // One piece of memory for each sample, whose elements lie `samples` apart.
      auto pieces_made = own.arena.allocate(chunk.rows * sample_bytes(own.place));
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

  static std::uint64_t sample_bytes(const Place& place) {
    return place.elements_per_sample() * config::element_bytes(place.array.dtype);
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
      if (auto inflated = own.inflater.inflate(stored, Inflater::Frame::kNone, into); !inflated) {
        if (inflated.error().code != Code::kCorrupt) return inflated;
        return corrupt_member(member, inflated.error().message);
      }
      plain = into;
    }
    if (!options_.verify_checksums) return {};
    const std::uint32_t crc = crc32(plain);
    if (crc == member.crc) return {};
    return corrupt_member(member, fmt::format("has the checksum {:08x}, expected {:08x}", crc, member.crc));
  }

  Status find_samples(Bytes all, ArrayScratch& own) const {
    own.arena.reset();
    STOKER_ASSIGN(own.place, find_members(all, options_.is_archive));
    own.samples = all;
    for (const ZipMember& member : own.place.all) {
      Bytes plain;
      STOKER_TRY(take(member, all, own, plain));
      if (member.offset == own.place.member.offset) own.samples = plain;
    }
    STOKER_TRY(find_array(own.samples, own.place));
    const Outline found = outline_of(own.place);
    if (found.rows != known_.rows || found.columns != known_.columns) {
      Error error =
          make_error(Code::kCorrupt,
                     "holds {} samples in an array of {} axes of {}, which is not what it was known to hold ({} "
                     "samples)",
                     found.rows, own.place.array.shape.size(), config::to_string(own.place.array.dtype), known_.rows);
      error.hint = "the files of a data set hold the same, and nobody writes them while they are read";
      return error;
    }
    STOKER_TRY(options_.check(own.place));
    memory_.note(file_->path().string(), options_.worker_bytes(own.place, all.size()));
    own.samples = own.samples.subspan(static_cast<std::size_t>(own.place.array.bytes));
    return {};
  }

  const std::unique_ptr<io::ReadableFile> file_;
  const Outline known_;
  const FileOptions& options_;  // the reader's
  MemoryPromise& memory_;       // likewise
  std::array<Unit, 1> units_;
};

class ArrayReader final : public FormatReader {
 public:
  ArrayReader(const config::Workload& workload, io::Storage& storage)
      : storage_(storage),
        file_options_{.is_archive = workload.dataset.format == config::FormatName::kNpz,
                      .verify_checksums = workload.reader.verify_checksums,
                      .arrays = workload.reader.verify || workload.reader.collate,
                      .verify = workload.reader.verify,
                      .dtype = workload.dataset.record_element_type,
                      .dims = {workload.dataset.record_dims.begin(), workload.dataset.record_dims.end()}},
        options_(open_options(workload)) {}

  Result<std::unique_ptr<FileReader>> open(const io::Path& path, io::ReadObserver* observer) override {
    STOKER_ASSIGN(auto file, storage_.open(path, options_));
    STOKER_ASSIGN(const Place place, place_of(*file, observer));
    if (Status wanted = file_options_.check(place); !wanted)
      return std::move(wanted).error().with_context(path.string());
    return make_file(std::move(file), outline_of(place));
  }
  Result<std::unique_ptr<FileReader>> open_known(const io::Path& path, const Outline& known,
                                                 io::ReadObserver* /*observer*/) override {
    STOKER_ASSIGN(auto file, storage_.open(path, options_));
    return make_file(std::move(file), known);
  }
  [[nodiscard]] std::optional<std::uint64_t> worker_bytes() const override { return memory_.worker_bytes(); }
  Result<Outline> outline(const io::Path& path) override {
    STOKER_ASSIGN(const auto file, storage_.open(path, options_));
    STOKER_ASSIGN(const Place place, place_of(*file, nullptr));
    return outline_of(place);
  }

 private:
  std::unique_ptr<FileReader> make_file(std::unique_ptr<io::ReadableFile> file, const Outline& known) {
    return std::make_unique<ArrayFile>(std::move(file), known, file_options_, memory_);
  }

  Result<Place> place_of(io::ReadableFile& file, io::ReadObserver* observer) {
    auto place = read_place(file, file_options_.is_archive, observer);
    if (!place) return std::move(place).error().with_context(file.path().string());
    memory_.note(file.path().string(), file_options_.worker_bytes(*place, file.size()));
    return place;
  }

  io::Storage& storage_;
  const FileOptions file_options_;
  const io::OpenOptions options_;
  MemoryPromise memory_;
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
