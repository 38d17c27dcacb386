// The rows of the table of formats that stand for indexed binaries: samples back to back, and two index files beside
// them. Read by requests, or by memory mapping.
#include "data/format/format.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <memory>
#include <string>
#include <utility>

#include "base/units.h"
#include "config/sample_geometry.h"
#include "data/format/contents.h"
#include "data/format/file_info.h"
#include "data/format/indexed/index.h"
#include "data/format/indexed/indexed_internal.h"
#include "data/format/row_places.h"
#include "data/format/sample_checker.h"
#include "data/format/samples.h"

namespace stoker::format::indexed {
namespace {

Status validate(const config::Workload& workload) {
  return check_element_type(workload);
}

class IndexedWriter final : public FileWriter {
 public:
  explicit IndexedWriter(const config::Dataset& dataset) : dataset_(dataset) {}
  Status write(const dataset::FileSpec& spec, io::Sink& file, const std::stop_token& stop) override {
    const SampleValues values(dataset_, spec);
    out_.begin(file);
    STOKER_TRY(values.put(0, values.bytes(), out_, stop));
    return out_.finish();
  }

 private:
  const config::Dataset dataset_;
  OutputBuffer out_;
};

Result<std::unique_ptr<FileWriter>> make_writer(const config::Workload& workload) {
  STOKER_TRY(validate(workload));
  return std::unique_ptr<FileWriter>(std::make_unique<IndexedWriter>(workload.dataset));
}

Result<SizeRange> file_bytes(const config::Workload& workload, const dataset::FileSpec& spec) {
  STOKER_TRY(validate(workload));
  const std::uint64_t bytes = SampleValues(workload.dataset, spec).bytes();
  return SizeRange{bytes, bytes};
}

class SampleBytes final : public FileContents {
 public:
  SampleBytes(const config::Dataset& dataset, const dataset::FileSpec& spec) : values_(dataset, spec) {}
  [[nodiscard]] std::uint64_t size() const override { return values_.bytes(); }
  void read(std::uint64_t offset, MutBytes into) const override { values_.fill(offset, into); }

 private:
  const SampleValues values_;
};

class SampleContents final : public Contents {
 public:
  explicit SampleContents(const config::Dataset& dataset) : dataset_(dataset) {}
  Result<std::unique_ptr<FileContents>> file(const dataset::FileSpec& spec) override {
    return std::unique_ptr<FileContents>(std::make_unique<SampleBytes>(dataset_, spec));
  }

 private:
  const config::Dataset dataset_;
};

Result<std::unique_ptr<Contents>> make_contents(const config::Workload& workload) {
  STOKER_TRY(validate(workload));
  return std::unique_ptr<Contents>(std::make_unique<SampleContents>(workload.dataset));
}

// Number j of an index file is first + j * step.
class IndexBytes final : public FileContents {
 public:
  IndexBytes(std::uint64_t rows, std::uint64_t first, std::uint64_t step) : rows_(rows), first_(first), step_(step) {}
  [[nodiscard]] std::uint64_t size() const override { return rows_ * sizeof(std::uint64_t); }
  void read(std::uint64_t offset, MutBytes into) const override {
    static_assert(std::endian::native == std::endian::little);
    for (std::size_t done = 0; done < into.size();) {
      const std::uint64_t number = first_ + (offset + done) / sizeof number * step_;
      const auto begin = static_cast<std::size_t>((offset + done) % sizeof number);
      const std::size_t n = std::min(sizeof number - begin, into.size() - done);
      std::memcpy(into.data() + done, reinterpret_cast<const std::byte*>(&number) + begin, n);
      done += n;
    }
  }

 private:
  const std::uint64_t rows_, first_, step_;
};

// In the order of config::FormatSpec::side_files: offsets, lengths.
Result<std::unique_ptr<FileContents>> make_side(const config::Workload& workload, const dataset::FileSpec& spec,
                                                std::size_t side) {
  const std::uint64_t bytes = SampleValues(workload.dataset, spec).sample_bytes();
  return std::unique_ptr<FileContents>(side == 0 ? std::make_unique<IndexBytes>(spec.rows, 0, bytes)
                                                 : std::make_unique<IndexBytes>(spec.rows, bytes, 0));
}

Result<std::unique_ptr<ValueChecker>> make_checker(const config::Workload& workload) {
  STOKER_TRY(validate(workload));
  return make_sample_checker(
      workload.dataset,
      {.what = "column", .is_typed = false, .place = [](const SampleValues& values, std::uint64_t number) {
         return fmt::format("byte {} of the file", number * values.element_bytes());
       }});
}

Result<FileInfo> inspect(io::Storage& storage, const io::Path& path, Detail detail) {
  STOKER_ASSIGN(const std::uint64_t bytes, storage.file_size(path));
  STOKER_ASSIGN(const Index index, Index::read(storage, path, bytes, false, nullptr));
  FileInfo info{.file_bytes = bytes, .rows = index.rows(), .num_row_groups = 1};
  const bool is_uniform = index.row_bytes() != 0;
  info.schema.push_back(
      {.name = std::string(kColumn), .physical = is_uniform ? fmt::format("{} bytes", index.row_bytes()) : "bytes"});
  info.columns.push_back(column_of_bytes(kColumn, is_uniform));
  if (detail == Detail::kSchema) return info;
  ChunkInfo chunk{.codec = "UNCOMPRESSED", .values = index.rows(), .stored_bytes = bytes, .plain_bytes = bytes};
  chunk.pages = {.data = 1, .smallest_bytes = bytes, .largest_bytes = bytes};
  info.row_groups.push_back({.rows = index.rows(), .columns = {std::move(chunk)}});
  return info;
}

constexpr Format row(config::FormatName name, std::string_view extension, bool odirect) {
  return {
      .name = name,
      .extension = extension,
      .granularity = Granularity::kSample,
      .odirect = odirect,
      .codec_library = nullptr,
      .validate = validate,
      .make_writer = make_writer,
      .equal_files = equal_sample_files,
      .file_bytes = file_bytes,
      .make_side = make_side,
      .make_contents = make_contents,
      .make_reader = make_reader,
      .worker_bytes = worker_bytes,
      .make_checker = make_checker,
      .inspect = inspect,
  };
}

}  // namespace

// Listed in data/format/registry.cc.
extern const Format kIndexedBinary, kMmapIndexedBinary;
const Format kIndexedBinary = row(config::FormatName::kIndexedBinary, "indexed_binary", true);
const Format kMmapIndexedBinary = row(config::FormatName::kMmapIndexedBinary, "mmap_indexed_binary", false);

}  // namespace stoker::format::indexed
