// Reads .npy files and .npz archives: of an archive the member x.npy is the samples, and the last axis of the array are
// the samples in either. A file is one unit: each sample's elements lie all over it. All its bytes are read, also those
// of other members.
#include <libdeflate.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "base/checksum.h"
#include "config/sample_geometry.h"
#include "data/format/arena.h"
#include "data/format/numpy/numpy_internal.h"
#include "data/format/numpy/place.h"

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
    chunk.columns.clear();
    chunk.locator = nullptr;
    return options_.arrays || place_.samples() == 1 ? complete(scratch, chunk) : Status{};
  }

  Status complete(Scratch& scratch, Chunk& chunk) const override {
    if (!chunk.columns.empty()) return {};
    auto& own = static_cast<ArrayScratch&>(scratch);
    const std::uint64_t samples = place_.samples(), elements = place_.elements_per_sample();
    const auto width = static_cast<std::size_t>(config::element_bytes(place_.array.dtype));
    Bytes values = own.samples;
    if (samples > 1) {
      // One piece of memory for each sample, whose elements lie `samples` apart.
      STOKER_ASSIGN(const MutBytes pieces, own.arena.allocate(chunk.rows * sample_bytes()));
      for (std::uint64_t element = 0; element < elements; ++element) {
        const std::byte* const from = own.samples.data() + (element * samples + own.rows.first_row) * width;
        for (std::uint64_t row = 0; row < chunk.rows; ++row)
          std::memcpy(pieces.data() + (row * elements + element) * width, from + row * width, width);
      }
      values = pieces;
    }
    ColumnView view{.name = "x", .width = static_cast<std::uint32_t>(width), .list_size = elements};
    view.segments.push_back({.values = values, .elements = chunk.rows * elements});
    chunk.columns.push_back(std::move(view));
    return {};
  }

 private:
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
    if (header->shape != place_.array.shape || header->dtype != place_.array.dtype) {
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
        options_{.direct = workload.reader.odirect || workload.storage.storage_type == config::StorageType::kDirectFs,
                 .transfer_bytes = static_cast<std::uint64_t>(workload.reader.transfer_size.value_or(0))} {}

  Result<std::unique_ptr<FileReader>> open(const io::Path& path, io::ReadObserver* observer) override {
    STOKER_ASSIGN(auto file, storage_.open(path, options_));
    STOKER_ASSIGN(Place place, place_of(*file, observer));
    return std::unique_ptr<FileReader>(std::make_unique<ArrayFile>(std::move(file), std::move(place), file_options_));
  }
  Result<Outline> outline(const io::Path& path) override {
    STOKER_ASSIGN(const auto file, storage_.open(path, options_));
    STOKER_ASSIGN(const Place place, place_of(*file, nullptr));
    return Outline{.rows = place.samples()};
  }

 private:
  Result<Place> place_of(io::ReadableFile& file, io::ReadObserver* observer) const {
    auto place = read_place(file, is_archive_, observer);
    if (!place) return std::move(place).error().with_context(file.path().string());
    return place;
  }

  io::Storage& storage_;
  const bool is_archive_;
  const FileOptions file_options_;
  const io::OpenOptions options_;
};

}  // namespace

Result<std::unique_ptr<FormatReader>> make_reader(const config::Workload& workload, io::Storage& storage) {
  return std::unique_ptr<FormatReader>(std::make_unique<ArrayReader>(workload, storage));
}

std::uint64_t worker_bytes(const config::Workload& workload) {
  const std::uint64_t file =
      static_cast<std::uint64_t>(std::max<std::int64_t>(workload.dataset.num_samples_per_file, 1)) *
      config::sample_bytes(workload.dataset, 0);
  // What was read, and what it is inflated to and sorted into.
  const bool inflated = workload.dataset.compression == config::Compression::kZip;
  const bool sorted = workload.dataset.num_samples_per_file > 1 && (workload.reader.verify || workload.reader.collate);
  return file * (1 + (inflated ? 1U : 0U) + (sorted ? 1U : 0U));
}

}  // namespace stoker::format::numpy
