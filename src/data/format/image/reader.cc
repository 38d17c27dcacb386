// One image a file, as bytes or decoded.
#include <algorithm>
#include <array>
#include <atomic>
#include <memory>
#include <string>
#include <utility>

#include "config/sample_geometry.h"
#include "data/format/image/decoder.h"
#include "data/format/image/image_internal.h"
#include "data/format/image/png_chunks.h"
#include "data/format/memory_promise.h"
#include "data/format/open_options.h"
#include "data/format/read_range.h"

namespace stoker::format::image {
namespace {

// In which the head of an image is looked for: profiles and previews may stand before it.
constexpr std::uint64_t kHeadBytes = std::uint64_t{256} << 10;

struct FileOptions {
  Kind kind = Kind::kJpeg;
  std::uint64_t rows = 1;  // that a file counts as: it does not say
  bool verify_checksums = true, decode = false;
};

struct ImageScratch final : Scratch {
  std::unique_ptr<Decoder> decoder;
  Arena memory;  // the pixels of one image, and what its library needs
};

Error cannot_decode(const io::Path& path, Kind kind, const Error& why) {
  return {.code = why.code,
          .message = fmt::format("{}: cannot be decoded as {}: {}", path.string(), kind == Kind::kJpeg ? "JPEG" : "PNG",
                                 why.message),
          .hint = "write the file anew, or set ++workload.reader.decode_images=False, which reads bytes of any kind"};
}

// All its samples are the one image.
class ImageFile final : public FileReader {
 public:
  // The memory that reading takes is noted in `memory`, which outlives the file.
  ImageFile(std::unique_ptr<io::ReadableFile> file, const FileOptions& options, MemoryPromise& memory)
      : file_(std::move(file)), options_(options), memory_(memory), units_{Unit{0, options.rows, file_->size()}} {}
  [[nodiscard]] std::uint64_t rows() const override { return units_.front().rows; }
  [[nodiscard]] std::uint64_t version() const override { return file_->version(); }
  [[nodiscard]] std::span<const Unit> units() const override { return units_; }
  [[nodiscard]] io::ReadableFile* source() const override { return file_.get(); }
  [[nodiscard]] std::unique_ptr<Scratch> make_scratch() const override {
    auto scratch = std::make_unique<ImageScratch>();
    if (options_.decode) scratch->decoder = make_decoder(options_.kind);
    return scratch;
  }
  Status plan(const ChunkRows& rows, ReadPlan& plan) const override {
    plan.begin(rows);
    plan.add({0, file_->size()});
    return plan.finish(*file_);
  }
  Status decompress(const Fetched& fetched, Scratch& /*scratch*/) const override {
    const Bytes image = fetched.range({0, file_->size()});
    if (!options_.verify_checksums || !is_png(image)) return {};
    if (auto checked = check_png(image); !checked)
      return std::move(checked).error().with_context(file_->path().string());
    return {};
  }
  Status decode(const Fetched& fetched, Scratch& scratch, Chunk& chunk) const override {
    const Bytes file = fetched.range({0, file_->size()});
    chunk.rows = fetched.plan.rows().rows;
    chunk.columns.resize(1);
    chunk.locator = nullptr;
    chunk.stored = file;
    ColumnView& view = chunk.columns.front();
    view.name = "image";
    view.one_value = true;
    if (options_.decode) {
      auto& own = static_cast<ImageScratch&>(scratch);
      const auto picture = own.decoder->decode(file, own.memory);
      if (!picture) return cannot_decode(file_->path(), options_.kind, picture.error());
      memory_.note(file_->path().string(), file_->size() + picture->frame.memory_bytes());
      chunk.useful_bytes = picture->pixels.size();
      view.width = 1;
      view.list_size = picture->pixels.size();
      view.segments.assign(1, Segment{.values = picture->pixels, .elements = picture->pixels.size()});
    } else {
      chunk.useful_bytes = file.size();
      view.segments.assign(1, Segment{.values = file, .elements = 1});
      view.lengths.assign(1, static_cast<std::uint32_t>(file.size()));
    }
    return {};
  }

 private:
  const std::unique_ptr<io::ReadableFile> file_;
  const FileOptions options_;
  MemoryPromise& memory_;
  const std::array<Unit, 1> units_;
};

class ImageReader final : public FormatReader {
 public:
  ImageReader(const config::Workload& workload, io::Storage& storage)
      : storage_(storage),
        file_options_{.kind = kind_of(workload),
                      .rows = static_cast<std::uint64_t>(workload.dataset.num_samples_per_file),
                      .verify_checksums = workload.reader.verify_checksums,
                      .decode = workload.reader.decode_images},
        options_(open_options(workload)) {}
  Result<std::unique_ptr<FileReader>> open(const io::Path& path, io::ReadObserver* observer) override {
    STOKER_ASSIGN(auto file, storage_.open(path, options_));
    if (file->size() == 0) return make_error(Code::kCorrupt, "{}: is empty, expected an image", path.string());
    if (file->size() > kMostBytes) {
      return make_error(Code::kUnsupported, "{}: an image of {} bytes, expected less than 4 GiB", path.string(),
                        file->size());
    }
    std::uint64_t bytes = file->size();
    if (file_options_.decode && !looked_.exchange(true)) bytes += decoded_bytes(*file, observer);
    memory_.note(path.string(), bytes);
    return std::unique_ptr<FileReader>(std::make_unique<ImageFile>(std::move(file), file_options_, memory_));
  }
  [[nodiscard]] std::optional<std::uint64_t> worker_bytes() const override { return memory_.worker_bytes(); }
  // A file does not say how many samples it stands for.
  Result<Outline> outline(const io::Path& /*path*/) override { return Outline{.rows = file_options_.rows}; }

 private:
  // What the head of the first file promises for all: later ones are only looked at when they are decoded. A head that
  // says nothing is told of then, too.
  [[nodiscard]] std::uint64_t decoded_bytes(io::ReadableFile& file, io::ReadObserver* observer) const {
    AlignedBuffer memory;
    const auto head = read_range(file, {0, std::min(file.size(), kHeadBytes)}, memory, observer);
    if (!head) return 0;
    Arena arena;
    const auto frame = make_decoder(file_options_.kind)->look(*head, file.size(), arena);
    return frame ? frame->memory_bytes() : 0;
  }

  io::Storage& storage_;
  const FileOptions file_options_;
  const io::OpenOptions options_;
  std::atomic<bool> looked_{false};
  MemoryPromise memory_;
};

}  // namespace

Result<std::unique_ptr<FormatReader>> make_reader(const config::Workload& workload, io::Storage& storage) {
  return std::unique_ptr<FormatReader>(std::make_unique<ImageReader>(workload, storage));
}

std::uint64_t worker_bytes(const config::Workload& workload) {
  // A generated image has no more pixels than bytes.
  return config::largest_sample_bytes(workload.dataset) * (workload.reader.decode_images ? 2 : 1);
}

}  // namespace stoker::format::image
