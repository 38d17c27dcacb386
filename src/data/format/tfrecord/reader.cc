// Reads records in runs, and takes the samples out of them.
#include <algorithm>
#include <memory>
#include <utility>

#include "config/sample_geometry.h"
#include "data/format/open_options.h"
#include "data/format/row_places.h"
#include "data/format/tfrecord/places.h"
#include "data/format/tfrecord/record.h"
#include "data/format/tfrecord/tfrecord_internal.h"

namespace stoker::format::tfrecord {
namespace {

// reader.transfer_size, where it is not given.
constexpr std::uint64_t kTransferBytes = std::uint64_t{256} << 10;

// The samples of a chunk, after decompress().
struct RecordScratch final : Scratch {
  std::vector<Bytes> samples;
};

class RecordFile final : public FileReader {
 public:
  RecordFile(std::unique_ptr<io::ReadableFile> file, KnownFiles<Places>::Known known, bool verify_checksums)
      : file_(std::move(file)), known_(std::move(known)), verify_checksums_(verify_checksums) {}

  [[nodiscard]] std::uint64_t rows() const override { return known_->places.rows(); }
  [[nodiscard]] std::uint64_t version() const override { return file_->version(); }
  [[nodiscard]] std::span<const Unit> units() const override { return known_->units; }
  [[nodiscard]] io::ReadableFile* source() const override { return file_.get(); }
  [[nodiscard]] std::unique_ptr<Scratch> make_scratch() const override { return std::make_unique<RecordScratch>(); }

  Status plan(const ChunkRows& rows, ReadPlan& plan) const override {
    plan.begin(rows);
    plan.add(run(rows));
    return plan.finish(*file_);
  }

  Status decompress(const Fetched& fetched, Scratch& scratch) const override {
    auto& samples = static_cast<RecordScratch&>(scratch).samples;
    samples.clear();
    const ChunkRows& rows = fetched.plan.rows();
    const ByteRange all = run(rows);
    const Bytes bytes = fetched.range(all);
    for (std::uint64_t i = 0; i < rows.rows; ++i) {
      const ByteRange place = known_->places.row(rows.first_row + i);
      const Bytes record =
          bytes.subspan(static_cast<std::size_t>(place.offset - all.offset), static_cast<std::size_t>(place.bytes));
      auto sample = sample_of(record);
      if (!sample) {
        return std::move(sample).error().with_context(
            fmt::format("{}: record {} at byte {}", file_->path().string(), rows.first_row + i, place.offset));
      }
      samples.push_back(*sample);
    }
    return {};
  }

  // Views of the samples where they lie.
  Status decode(const Fetched& fetched, Scratch& scratch, Chunk& chunk) const override {
    const auto& samples = static_cast<RecordScratch&>(scratch).samples;
    chunk.rows = fetched.plan.rows().rows;
    chunk.useful_bytes = 0;
    chunk.locator = nullptr;
    chunk.columns.resize(1);
    ColumnView& view = chunk.columns.front();
    view.name = kFeature;
    view.segments.clear();
    view.lengths.clear();
    // Of records of one length the samples have one, too, or the file is refused; of others that is said of none,
    // whichever happen to lie in this chunk.
    const bool is_uniform = known_->places.row_bytes() != 0;
    view.width = is_uniform ? 1 : 0;
    view.list_size = is_uniform ? samples.front().size() : 0;
    for (const Bytes sample : samples) {
      if (is_uniform && (sample.size() != view.list_size || sample.empty())) {
        return make_error(Code::kUnsupported, "{}: samples of {} and {} bytes in records of one length, expected one",
                          file_->path().string(), view.list_size, sample.size());
      }
      view.segments.push_back({.values = sample, .elements = is_uniform ? view.list_size : 1});
      if (!is_uniform) view.lengths.push_back(static_cast<std::uint32_t>(sample.size()));
      chunk.useful_bytes += sample.size();
    }
    return {};
  }

 private:
  [[nodiscard]] ByteRange run(const ChunkRows& rows) const {
    const ByteRange first = known_->places.row(rows.first_row),
                    last = known_->places.row(rows.first_row + rows.rows - 1);
    return {first.offset, last.offset + last.bytes - first.offset};
  }

  Result<Bytes> sample_of(Bytes record) const {
    STOKER_ASSIGN(const std::uint64_t bytes, payload_bytes(record.first(kHeaderBytes)));
    if (bytes != record.size() - kFramingBytes) {
      return make_error(Code::kCorrupt, "a payload of {} bytes, expected {}, as {}", bytes,
                        record.size() - kFramingBytes,
                        known_->places.row_bytes() != 0 ? "the first and the last have" : "when it was looked for");
    }
    const Bytes payload = record.subspan(kHeaderBytes, static_cast<std::size_t>(bytes));
    if (verify_checksums_) STOKER_TRY(check_payload(payload, record.last(sizeof(std::uint32_t))));
    return image_of(payload);
  }

  const std::unique_ptr<io::ReadableFile> file_;
  const KnownFiles<Places>::Known known_;
  const bool verify_checksums_;
};

io::OpenOptions options_of(const config::Workload& workload) {
  io::OpenOptions options = open_options(workload);
  if (options.transfer_bytes == 0) options.transfer_bytes = kTransferBytes;
  return options;
}

Result<Places> read_places(io::ReadableFile& file, io::ReadObserver* observer) {
  auto places = Places::read(file, observer);
  if (!places) return std::move(places).error().with_context(file.path().string());
  return places;
}

class RecordReader final : public FormatReader {
 public:
  RecordReader(const config::Workload& workload, io::Storage& storage)
      : storage_(storage), options_(options_of(workload)), verify_checksums_(workload.reader.verify_checksums) {}

  void share(std::uint64_t ranks) override { known_.share(ranks); }
  Result<std::unique_ptr<FileReader>> open(const io::Path& path, io::ReadObserver* observer) override {
    STOKER_ASSIGN(auto file, storage_.open(path, options_));
    STOKER_ASSIGN(auto known, known_.of(*file, [&] { return read_places(*file, observer); }));
    return std::unique_ptr<FileReader>(
        std::make_unique<RecordFile>(std::move(file), std::move(known), verify_checksums_));
  }
  [[nodiscard]] std::optional<std::uint64_t> worker_bytes() const override { return known_.worker_bytes(); }
  Result<Outline> outline(const io::Path& path) override {
    STOKER_ASSIGN(const auto file, storage_.open(path, options_));
    STOKER_ASSIGN(const Places places, read_places(*file, nullptr));
    return Outline{.rows = places.rows()};
  }

 private:
  io::Storage& storage_;
  const io::OpenOptions options_;
  const bool verify_checksums_;
  KnownFiles<Places> known_;
};

}  // namespace

Result<std::unique_ptr<FormatReader>> make_reader(const config::Workload& workload, io::Storage& storage) {
  return std::unique_ptr<FormatReader>(std::make_unique<RecordReader>(workload, storage));
}

std::uint64_t worker_bytes(const config::Workload& workload) {
  return std::max(kUnitBytes, config::largest_sample_bytes(workload.dataset));
}

Result<FileInfo> inspect(io::Storage& storage, const io::Path& path, Detail detail) {
  STOKER_ASSIGN(const auto file, storage.open(path, {}));
  STOKER_ASSIGN(const Places places, read_places(*file, nullptr));
  FileInfo info{.file_bytes = file->size(), .rows = places.rows(), .num_row_groups = 1};
  info.schema.push_back(
      {.name = std::string(kFeature),
       .physical = places.row_bytes() != 0 ? fmt::format("records of {} bytes", places.row_bytes()) : "records",
       .logical = "Example"});
  info.columns.push_back(column_of_bytes(kFeature, places.row_bytes() != 0));
  if (detail == Detail::kSchema) return info;
  ChunkInfo chunk{.codec = "UNCOMPRESSED",
                  .values = places.rows(),
                  .stored_bytes = info.file_bytes,
                  .plain_bytes = info.file_bytes};
  chunk.pages = {.data = places.rows(), .with_checksum = places.rows()};
  for (std::uint64_t i = 0; i < places.rows(); ++i) {
    const std::uint64_t bytes = places.row(i).bytes;
    chunk.pages.smallest_bytes = i == 0 ? bytes : std::min(chunk.pages.smallest_bytes, bytes);
    chunk.pages.largest_bytes = std::max(chunk.pages.largest_bytes, bytes);
  }
  info.row_groups.push_back({.rows = places.rows(), .columns = {std::move(chunk)}});
  return info;
}

}  // namespace stoker::format::tfrecord
