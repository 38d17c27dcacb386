// Files that exist only as numbers: file f has `rows` rows cut into units of `unit_rows`; row r's one int64 column `id`
// holds f * 1'000'000 + r. Records which rows were decoded, can fail, and can take (real) time.
#pragma once

#include <atomic>
#include <chrono>
#include <cstring>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/hash.h"
#include "data/format/format.h"
#include "data/pipeline/dataset.h"

namespace stoker::pipeline::testing {

struct FakeDataset {
  std::uint64_t rows_per_file = 10;
  std::vector<std::uint64_t> rows;  // of each file, when they differ
  std::uint64_t unit_rows = 4;
  std::optional<std::uint64_t> fail_open;    // file number
  std::optional<std::uint64_t> fail_read;    // file number
  std::optional<std::uint64_t> fail_decode;  // file number
  std::chrono::microseconds jitter{0};       // each read takes a pseudo-random time up to this

  // (file, row) -> times decoded. Filled by the readers.
  std::mutex mutex;
  std::map<std::pair<std::uint64_t, std::uint64_t>, int> decoded;
  std::atomic<std::uint64_t> fetches{0};
  std::atomic<std::uint64_t> version{0};  // of each file
  std::atomic<std::uint64_t> opens{0}, open_now{0}, open_most{0};
};

// The ids of a file, 8 bytes each.
class FakeSource final : public io::ReadableFile {
 public:
  FakeSource(FakeDataset& data, std::uint64_t file, std::uint64_t rows)
      : data_(data), file_(file), size_(8 * rows), path_(fmt::format("file {}", file)) {}
  [[nodiscard]] std::uint64_t size() const override { return size_; }
  [[nodiscard]] std::size_t alignment() const override { return 1; }
  [[nodiscard]] const io::Path& path() const override { return path_; }
  Status read_many(std::span<const io::ReadOp> ops, io::ReadObserver* observer) override {
    for (const io::ReadOp& op : ops) {
      const std::uint64_t n = data_.fetches.fetch_add(1);
      const std::int64_t begin = observer != nullptr ? observer->now_ns() : 0;
      if (data_.jitter.count() > 0) {
        std::this_thread::sleep_for(data_.jitter * static_cast<double>(mix64(n) % 1000) / 1000.0);
      }
      if (data_.fail_read == file_) return make_error(Code::kIo, "file {}: reading fails on purpose", file_);
      for (std::size_t i = 0; i < op.into.size() / 8; ++i) {
        const auto id = static_cast<std::int64_t>(file_ * 1'000'000 + op.offset / 8 + i);
        std::memcpy(op.into.data() + 8 * i, &id, 8);
      }
      if (observer != nullptr) observer->completed(begin, observer->now_ns(), op.into.size(), false);
    }
    return {};
  }

 private:
  FakeDataset& data_;
  const std::uint64_t file_, size_;
  const io::Path path_;
};

class FakeFile final : public format::FileReader {
 public:
  FakeFile(FakeDataset& data, std::uint64_t file) : data_(data), file_(file), source_(data, file, rows()) {
    for (std::uint64_t row = 0; row < rows(); row += data.unit_rows) {
      const std::uint64_t unit_rows = std::min(data.unit_rows, rows() - row);
      units_.push_back({row, unit_rows, unit_rows * 8});
    }
    ++data.opens;
    const std::uint64_t now = ++data.open_now;
    std::uint64_t most = data.open_most;
    while (now > most && !data.open_most.compare_exchange_weak(most, now)) {
    }
  }
  ~FakeFile() override { --data_.open_now; }
  FakeFile(const FakeFile&) = delete;
  FakeFile& operator=(const FakeFile&) = delete;
  [[nodiscard]] std::uint64_t version() const override { return data_.version; }
  [[nodiscard]] std::uint64_t version_now() const override { return data_.version; }
  [[nodiscard]] std::uint64_t rows() const override {
    return data_.rows.empty() ? data_.rows_per_file : data_.rows.at(static_cast<std::size_t>(file_));
  }
  [[nodiscard]] std::span<const format::Unit> units() const override { return units_; }
  [[nodiscard]] io::ReadableFile* source() const override { return &source_; }
  [[nodiscard]] std::unique_ptr<format::Scratch> make_scratch() const override {
    return std::make_unique<format::Scratch>();
  }
  Status plan(const format::ChunkRows& rows, format::ReadPlan& plan) const override {
    const format::Unit& u = units_.at(rows.unit);
    STOKER_CHECK(rows.first_row >= u.first_row && rows.first_row + rows.rows <= u.first_row + u.rows,
                 "rows outside the unit");
    plan.begin(rows);
    plan.add({.offset = 8 * rows.first_row, .bytes = 8 * rows.rows});
    return plan.finish(1);
  }
  Status decompress(const format::Fetched&, format::Scratch&) const override { return {}; }
  Status decode(const format::Fetched& fetched, format::Scratch&, format::Chunk& chunk) const override {
    if (data_.fail_decode == file_) return make_error(Code::kCorrupt, "file {}: decoding fails on purpose", file_);
    const std::uint64_t rows = fetched.plan.rows().rows;
    const Bytes ids = fetched.range({.offset = 8 * fetched.plan.rows().first_row, .bytes = 8 * rows});
    {
      const std::lock_guard lock(data_.mutex);
      for (std::size_t i = 0; i < rows; ++i) {
        std::int64_t id = 0;
        std::memcpy(&id, ids.data() + 8 * i, 8);
        ++data_.decoded[{static_cast<std::uint64_t>(id) / 1'000'000, static_cast<std::uint64_t>(id) % 1'000'000}];
      }
    }
    chunk.rows = rows;
    chunk.useful_bytes = rows * 8;
    chunk.columns.resize(1);
    chunk.columns[0].name = "id";
    chunk.columns[0].width = 8;
    // Two segments, so that rows are found across their border.
    const std::size_t half = rows / 2;
    chunk.columns[0].segments.clear();
    if (half > 0) chunk.columns[0].segments.push_back({ids.first(8 * half), half});
    chunk.columns[0].segments.push_back({ids.subspan(8 * half), rows - half});
    return {};
  }

 private:
  FakeDataset& data_;
  const std::uint64_t file_;
  mutable FakeSource source_;
  std::vector<format::Unit> units_;
};

inline Result<std::unique_ptr<format::FileReader>> open_fake(FakeDataset& data, std::uint64_t file) {
  if (data.fail_open == file) return make_error(Code::kNotFound, "file {}: opening fails on purpose", file);
  return std::unique_ptr<format::FileReader>(std::make_unique<FakeFile>(data, file));
}

// A queue that takes so many chunks, and reads each when it is waited for.
class DeepQueue final : public io::ReadQueue {
 public:
  DeepQueue(std::size_t chunks, io::ReadObserver* observer)
      : chunks_(chunks), below_(io::make_blocking_queue(observer)) {}
  void submit(io::Ticket ticket, io::ReadableFile& file, const io::Lease& memory,
              std::span<const io::ReadOp> ops) override {
    ++under_way_;
    below_->submit(ticket, file, memory, ops);
  }
  Status wait(io::Ticket ticket, const std::stop_token& stop) override {
    --under_way_;
    return below_->wait(ticket, stop);
  }
  [[nodiscard]] bool wants_more() const override { return under_way_ < chunks_; }

 private:
  const std::size_t chunks_;
  std::size_t under_way_ = 0;
  std::unique_ptr<io::ReadQueue> below_;
};

// The files of a FakeDataset for a loader, whose threads may have so many chunks under way.
class FakeFiles final : public Dataset {
 public:
  explicit FakeFiles(FakeDataset& data, std::size_t chunks = 1) : data_(data), chunks_(chunks) {}
  Result<std::unique_ptr<format::FileReader>> open(std::uint64_t file, io::ReadObserver*) override {
    return open_fake(data_, file);
  }
  std::unique_ptr<io::ReadQueue> make_read_queue(const io::ReadQueueOptions&, io::ReadObserver* observer) override {
    return std::make_unique<DeepQueue>(chunks_, observer);
  }

 private:
  FakeDataset& data_;
  const std::size_t chunks_;
};

}  // namespace stoker::pipeline::testing
