// Reads samples of files with an index, each by itself or with those around it.
#include <algorithm>
#include <memory>
#include <utility>

#include "config/sample_geometry.h"
#include "data/format/indexed/index.h"
#include "data/format/indexed/indexed_internal.h"
#include "data/format/open_options.h"
#include "data/format/row_places.h"

namespace stoker::format::indexed {
namespace {

class IndexedFile final : public FileReader {
 public:
  IndexedFile(std::unique_ptr<io::ReadableFile> file, KnownFiles<Index>::Known known)
      : file_(std::move(file)), known_(std::move(known)) {}

  [[nodiscard]] std::uint64_t rows() const override { return known_->places.rows(); }
  [[nodiscard]] std::uint64_t version() const override { return file_->version(); }
  [[nodiscard]] std::span<const Unit> units() const override { return known_->units; }
  [[nodiscard]] io::ReadableFile* source() const override { return file_.get(); }
  [[nodiscard]] std::unique_ptr<Scratch> make_scratch() const override { return std::make_unique<Scratch>(); }

  Status plan(const ChunkRows& rows, ReadPlan& plan) const override {
    plan.begin(rows);
    if (known_->places.row_bytes() != 0) {
      plan.add(run(rows));
    } else {
      for (std::uint64_t row = 0; row < rows.rows; ++row) plan.add(known_->places.row(rows.first_row + row));
    }
    return plan.finish(*file_);
  }

  Status decompress(const Fetched& /*fetched*/, Scratch& /*scratch*/) const override { return {}; }

  // The samples as they lie there.
  Status decode(const Fetched& fetched, Scratch& /*scratch*/, Chunk& chunk) const override {
    const ChunkRows& rows = fetched.plan.rows();
    chunk.rows = rows.rows;
    chunk.useful_bytes = 0;
    chunk.locator = nullptr;
    chunk.columns.resize(1);
    ColumnView& view = chunk.columns.front();
    view.name = kColumn;
    view.segments.clear();
    view.lengths.clear();
    if (known_->places.row_bytes() != 0) {
      view.width = 1;
      view.list_size = known_->places.row_bytes();
      const Bytes values = fetched.range(run(rows));
      view.segments.push_back({.values = values, .elements = values.size()});
      chunk.useful_bytes = values.size();
      return {};
    }
    view.width = 0;
    view.list_size = 0;
    for (std::uint64_t row = 0; row < rows.rows; ++row) {
      const Bytes sample = fetched.range(known_->places.row(rows.first_row + row));
      view.segments.push_back({.values = sample, .elements = 1});
      view.lengths.push_back(static_cast<std::uint32_t>(sample.size()));
      chunk.useful_bytes += sample.size();
    }
    return {};
  }

 private:
  [[nodiscard]] ByteRange run(const ChunkRows& rows) const {
    return {rows.first_row * known_->places.row_bytes(), rows.rows * known_->places.row_bytes()};
  }

  const std::unique_ptr<io::ReadableFile> file_;
  const KnownFiles<Index>::Known known_;
};

class IndexedReader final : public FormatReader {
 public:
  IndexedReader(const config::Workload& workload, io::Storage& storage)
      : storage_(storage), options_(open_options(workload)) {}

  void share(std::uint64_t ranks) override { known_.share(ranks); }
  Result<std::unique_ptr<FileReader>> open(const io::Path& path, io::ReadObserver* observer) override {
    STOKER_ASSIGN(auto file, storage_.open(path, options_));
    STOKER_ASSIGN(auto known, known_.of(*file, [&] {
      return Index::read(storage_, file->path(), file->size(), options_.direct, observer);
    }));
    return std::unique_ptr<FileReader>(std::make_unique<IndexedFile>(std::move(file), std::move(known)));
  }
  [[nodiscard]] std::optional<std::uint64_t> worker_bytes() const override { return known_.worker_bytes(); }
  Result<Outline> outline(const io::Path& path) override {
    STOKER_ASSIGN(const std::uint64_t bytes, storage_.file_size(path));
    STOKER_ASSIGN(const Index index, Index::read(storage_, path, bytes, options_.direct, nullptr));
    return Outline{.rows = index.rows()};
  }

 private:
  io::Storage& storage_;
  const io::OpenOptions options_;
  KnownFiles<Index> known_;
};

}  // namespace

Result<std::unique_ptr<FormatReader>> make_reader(const config::Workload& workload, io::Storage& storage) {
  return std::unique_ptr<FormatReader>(std::make_unique<IndexedReader>(workload, storage));
}

std::uint64_t worker_bytes(const config::Workload& workload) {
  return std::max(kUnitBytes, config::largest_sample_bytes(workload.dataset));
}

}  // namespace stoker::format::indexed
