// The rows of the table of formats that stand for JPEG and PNG: one image a file, read as bytes.
#include "data/format/format.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>
#include <memory>
#include <string>
#include <utility>

#include "config/sample_geometry.h"
#include "data/format/file_info.h"
#include "data/format/image/image_bytes.h"
#include "data/format/image/png_chunks.h"
#include "data/format/memory_promise.h"
#include "data/format/open_options.h"
#include "data/format/value_checker.h"

namespace stoker::format::image {
namespace {

// What a ColumnView's lengths can say.
constexpr std::uint64_t kMostBytes = std::numeric_limits<std::uint32_t>::max();

Kind kind_of(const config::Workload& workload) {
  return workload.dataset.format == config::FormatName::kJpeg ? Kind::kJpeg : Kind::kPng;
}

class ImageWriter final : public FileWriter {
 public:
  ImageWriter(Kind kind, const config::Dataset& dataset) : kind_(kind), dataset_(dataset) {}
  Status write(const dataset::FileSpec& spec, io::Sink& file, const std::stop_token& stop) override {
    out_.begin(file);
    STOKER_TRY(ImageBytes(kind_, dataset_, spec).put(out_, stop));
    return out_.finish();
  }

 private:
  const Kind kind_;
  const config::Dataset dataset_;
  OutputBuffer out_;
};

// All its samples are the one image.
class ImageFile final : public FileReader {
 public:
  ImageFile(std::unique_ptr<io::ReadableFile> file, std::uint64_t rows, bool verify_checksums)
      : file_(std::move(file)), verify_checksums_(verify_checksums), units_{Unit{0, rows, file_->size()}} {}
  [[nodiscard]] std::uint64_t rows() const override { return units_.front().rows; }
  [[nodiscard]] std::uint64_t version() const override { return file_->version(); }
  [[nodiscard]] std::span<const Unit> units() const override { return units_; }
  [[nodiscard]] io::ReadableFile* source() const override { return file_.get(); }
  [[nodiscard]] std::unique_ptr<Scratch> make_scratch() const override { return std::make_unique<Scratch>(); }
  Status plan(const ChunkRows& rows, ReadPlan& plan) const override {
    plan.begin(rows);
    plan.add({0, file_->size()});
    if (auto finished = plan.finish(file_->alignment()); !finished)
      return std::move(finished).error().with_context(file_->path().string());
    return {};
  }
  Status decompress(const Fetched& fetched, Scratch& /*scratch*/) const override {
    const Bytes image = fetched.range({0, file_->size()});
    if (!verify_checksums_ || !is_png(image)) return {};
    if (auto checked = check_png(image); !checked)
      return std::move(checked).error().with_context(file_->path().string());
    return {};
  }
  Status decode(const Fetched& fetched, Scratch& /*scratch*/, Chunk& chunk) const override {
    chunk.rows = fetched.plan.rows().rows;
    chunk.useful_bytes = file_->size();
    chunk.columns.resize(1);
    chunk.locator = nullptr;
    ColumnView& view = chunk.columns.front();
    view.name = "image";
    view.segments.assign(static_cast<std::size_t>(chunk.rows),
                         Segment{.values = fetched.range({0, file_->size()}), .elements = 1});
    view.lengths.assign(static_cast<std::size_t>(chunk.rows), static_cast<std::uint32_t>(file_->size()));
    return {};
  }

 private:
  const std::unique_ptr<io::ReadableFile> file_;
  const bool verify_checksums_;
  const std::array<Unit, 1> units_;
};

class ImageReader final : public FormatReader {
 public:
  ImageReader(const config::Workload& workload, io::Storage& storage)
      : storage_(storage),
        rows_(static_cast<std::uint64_t>(workload.dataset.num_samples_per_file)),
        verify_checksums_(workload.reader.verify_checksums),
        options_(open_options(workload)) {}
  Result<std::unique_ptr<FileReader>> open(const io::Path& path, io::ReadObserver* /*observer*/) override {
    STOKER_ASSIGN(auto file, storage_.open(path, options_));
    if (file->size() == 0) return make_error(Code::kCorrupt, "{}: is empty, expected an image", path.string());
    memory_.note(path.string(), file->size());
    if (file->size() > kMostBytes) {
      return make_error(Code::kUnsupported, "{}: an image of {} bytes, expected less than 4 GiB", path.string(),
                        file->size());
    }
    return std::unique_ptr<FileReader>(std::make_unique<ImageFile>(std::move(file), rows_, verify_checksums_));
  }
  [[nodiscard]] std::optional<std::uint64_t> worker_bytes() const override { return memory_.worker_bytes(); }
  // A file does not say how many samples it stands for.
  Result<Outline> outline(const io::Path& /*path*/) override { return Outline{.rows = rows_}; }

 private:
  io::Storage& storage_;
  const std::uint64_t rows_;
  const bool verify_checksums_;
  const io::OpenOptions options_;
  MemoryPromise memory_;
};

// Compares what is made with what was read, in the order of the file.
class ComparingTarget final : public ByteTarget {
 public:
  explicit ComparingTarget(Bytes found) : found_(found) {}
  Result<MutBytes> reserve(std::size_t /*bytes*/) override { return MutBytes(block_); }
  void commit(std::size_t bytes) override {
    if (!difference_) compare(Bytes(block_).first(bytes));
    at_ += bytes;
  }
  // The first byte that is another one, and what is expected there.
  [[nodiscard]] std::optional<std::pair<std::uint64_t, std::byte>> difference() const { return difference_; }

 private:
  void compare(Bytes expected) {
    const Bytes there = found_.subspan(static_cast<std::size_t>(at_), expected.size());
    if (std::memcmp(there.data(), expected.data(), expected.size()) == 0) return;
    const auto wrong = std::ranges::mismatch(expected, there).in1;
    difference_ = {at_ + static_cast<std::uint64_t>(wrong - expected.begin()), *wrong};
  }

  const Bytes found_;
  std::array<std::byte, kMaxReserve> block_{};
  std::uint64_t at_ = 0;
  std::optional<std::pair<std::uint64_t, std::byte>> difference_;
};

class ImageChecker final : public ValueChecker {
 public:
  ImageChecker(Kind kind, const config::Dataset& dataset) : kind_(kind), dataset_(dataset) {}
  Status check(const dataset::FileSpec& spec, std::uint64_t first_row, const Chunk& chunk) override {
    const std::string path = spec.path.string();
    if (first_row > spec.rows || chunk.rows > spec.rows - first_row)
      return wrong_value(
          fmt::format("{}: found rows up to {}, expected {} rows", path, first_row + chunk.rows, spec.rows));
    if (chunk.rows == 0) return {};
    const Bytes found = chunk.columns.front().segments.front().values;
    const ImageBytes image(kind_, dataset_, spec);
    if (found.size() != image.size())
      return wrong_value(fmt::format("{}: found {} bytes, expected {}", path, found.size(), image.size()));
    ComparingTarget target(found);
    STOKER_TRY(image.put(target, {}));
    const auto difference = target.difference();
    if (!difference) return {};
    return wrong_value(fmt::format("{}: byte {}: found 0x{:02x}, expected 0x{:02x}", path, difference->first,
                                   static_cast<unsigned>(found[static_cast<std::size_t>(difference->first)]),
                                   static_cast<unsigned>(difference->second)));
  }

 private:
  const Kind kind_;
  const config::Dataset dataset_;
};

Status validate(const config::Workload& workload) {
  const std::uint64_t bytes = config::largest_sample_bytes(workload.dataset);
  if (bytes <= kMostBytes) return {};
  return Error{
      .code = Code::kConfig,
      .message = fmt::format("dataset.record_length_bytes: an image of {} bytes, expected less than 4 GiB", bytes),
      .hint = "lower it"};
}

Result<std::unique_ptr<FileWriter>> make_writer(const config::Workload& workload) {
  STOKER_TRY(validate(workload));
  return std::unique_ptr<FileWriter>(std::make_unique<ImageWriter>(kind_of(workload), workload.dataset));
}

std::uint64_t equal_files(const config::Workload& workload, std::uint64_t /*first*/) {
  return config::files_of_one_size(workload.dataset);
}

Result<SizeRange> file_bytes(const config::Workload& workload, const dataset::FileSpec& spec) {
  const std::uint64_t bytes = ImageBytes(kind_of(workload), workload.dataset, spec).size();
  return SizeRange{bytes, bytes};
}

Result<std::unique_ptr<FormatReader>> make_reader(const config::Workload& workload, io::Storage& storage) {
  return std::unique_ptr<FormatReader>(std::make_unique<ImageReader>(workload, storage));
}

std::uint64_t worker_bytes(const config::Workload& workload) {
  return config::largest_sample_bytes(workload.dataset);
}

Result<std::unique_ptr<ValueChecker>> make_checker(const config::Workload& workload) {
  return std::unique_ptr<ValueChecker>(std::make_unique<ImageChecker>(kind_of(workload), workload.dataset));
}

Result<FileInfo> inspect(io::Storage& storage, const io::Path& path, Detail detail) {
  STOKER_ASSIGN(const std::uint64_t bytes, storage.file_size(path));
  FileInfo info{.file_bytes = bytes, .rows = 1, .num_row_groups = 1};
  info.schema.push_back({.name = "image", .physical = "bytes"});
  info.columns.push_back({.name = "image", .type = "binary", .values = ValueType::kBinary, .levels = {{}}});
  if (detail == Detail::kSchema) return info;
  info.row_groups.push_back(
      {.rows = 1, .columns = {{.codec = "UNCOMPRESSED", .values = 1, .stored_bytes = bytes, .plain_bytes = bytes}}});
  return info;
}

constexpr Format row(config::FormatName name, std::string_view extension) {
  return {
      .name = name,
      .extension = extension,
      .granularity = Granularity::kFile,
      .odirect = true,
      .codec_library = nullptr,
      .validate = validate,
      .make_writer = make_writer,
      .equal_files = equal_files,
      .file_bytes = file_bytes,
      .make_contents = nullptr,
      .make_reader = make_reader,
      .worker_bytes = worker_bytes,
      .make_checker = make_checker,
      .inspect = inspect,
  };
}

}  // namespace

// Listed in data/format/registry.cc.
extern const Format kJpeg, kPng;
const Format kJpeg = row(config::FormatName::kJpeg, "jpeg");
const Format kPng = row(config::FormatName::kPng, "png");

}  // namespace stoker::format::image
