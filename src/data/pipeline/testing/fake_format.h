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

namespace stoker::pipeline::testing {

struct FakeDataset {
  std::uint64_t rows_per_file = 10;
  std::vector<std::uint64_t> rows;  // of each file, when they differ
  std::uint64_t unit_rows = 4;
  std::optional<std::uint64_t> fail_open;    // file number
  std::optional<std::uint64_t> fail_decode;  // file number
  std::chrono::microseconds jitter{0};       // each fetch takes a pseudo-random time up to this

  // (file, row) -> times decoded. Filled by the readers.
  std::mutex mutex;
  std::map<std::pair<std::uint64_t, std::uint64_t>, int> decoded;
  std::atomic<std::uint64_t> fetches{0};
};

class FakeBuffer final : public format::ChunkBuffer {
 public:
  std::vector<std::int64_t> ids;
  std::uint64_t rows = 0;
};

class FakeFile final : public format::FileReader {
 public:
  FakeFile(FakeDataset& data, std::uint64_t file) : data_(data), file_(file) {
    for (std::uint64_t row = 0; row < rows(); row += data.unit_rows) {
      const std::uint64_t unit_rows = std::min(data.unit_rows, rows() - row);
      units_.push_back({row, unit_rows, unit_rows * 8});
    }
  }
  [[nodiscard]] std::uint64_t rows() const override {
    return data_.rows.empty() ? data_.rows_per_file : data_.rows.at(static_cast<std::size_t>(file_));
  }
  [[nodiscard]] std::span<const format::Unit> units() const override { return units_; }
  [[nodiscard]] std::unique_ptr<format::ChunkBuffer> make_buffer() const override {
    return std::make_unique<FakeBuffer>();
  }

  Status fetch(std::size_t unit, std::uint64_t first_row, std::uint64_t rows, format::ChunkBuffer& buffer,
               io::ReadObserver* observer) override {
    const format::Unit& u = units_.at(unit);
    STOKER_CHECK(first_row >= u.first_row && first_row + rows <= u.first_row + u.rows, "rows outside the unit");
    const std::uint64_t n = data_.fetches.fetch_add(1);
    const std::int64_t begin = observer != nullptr ? observer->now_ns() : 0;
    if (data_.jitter.count() > 0) {
      std::this_thread::sleep_for(data_.jitter * static_cast<double>(mix64(n) % 1000) / 1000.0);
    }
    auto& fake = static_cast<FakeBuffer&>(buffer);
    fake.ids.resize(rows);
    for (std::uint64_t i = 0; i < rows; ++i) fake.ids[i] = static_cast<std::int64_t>(file_ * 1'000'000 + first_row + i);
    fake.rows = rows;
    if (observer != nullptr) observer->completed(begin, observer->now_ns(), rows * 8);
    return {};
  }
  Status decompress(format::ChunkBuffer&) override { return {}; }
  Status decode(format::ChunkBuffer& buffer, format::Chunk& chunk) override {
    if (data_.fail_decode == file_) return make_error(Code::kCorrupt, "file {}: decoding fails on purpose", file_);
    const auto& fake = static_cast<const FakeBuffer&>(buffer);
    {
      const std::lock_guard lock(data_.mutex);
      for (const auto id : fake.ids) {
        ++data_.decoded[{static_cast<std::uint64_t>(id) / 1'000'000, static_cast<std::uint64_t>(id) % 1'000'000}];
      }
    }
    chunk.rows = fake.rows;
    chunk.useful_bytes = fake.rows * 8;
    chunk.columns.resize(1);
    chunk.columns[0].name = "id";
    chunk.columns[0].width = 8;
    // Two segments, so that rows are found across their border.
    const std::size_t half = fake.ids.size() / 2;
    const auto bytes = [&](std::size_t from, std::size_t to) {
      return Bytes(reinterpret_cast<const std::byte*>(fake.ids.data() + from), (to - from) * 8);
    };
    chunk.columns[0].segments.clear();
    if (half > 0) chunk.columns[0].segments.push_back({bytes(0, half), half});
    chunk.columns[0].segments.push_back({bytes(half, fake.ids.size()), fake.ids.size() - half});
    return {};
  }

 private:
  FakeDataset& data_;
  const std::uint64_t file_;
  std::vector<format::Unit> units_;
};

inline Result<std::unique_ptr<format::FileReader>> open_fake(FakeDataset& data, std::uint64_t file) {
  if (data.fail_open == file) return make_error(Code::kNotFound, "file {}: opening fails on purpose", file);
  return std::unique_ptr<format::FileReader>(std::make_unique<FakeFile>(data, file));
}

}  // namespace stoker::pipeline::testing
