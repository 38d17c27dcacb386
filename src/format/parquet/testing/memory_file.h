// A file that keeps what is appended, and remembers how.
#pragma once

#include <functional>
#include <vector>

#include "io/storage.h"

namespace stoker::format::parquet::testing {

class MemoryFile final : public io::WritableFile {
 public:
  Status append(Bytes data) override {
    append_bytes.push_back(data.size());
    if (on_append) {
      if (Status answer = on_append(); !answer) return answer;
    }
    content.insert(content.end(), data.begin(), data.end());
    return {};
  }
  [[nodiscard]] std::uint64_t position() const override { return content.size(); }
  Status sync() override { return {}; }
  Status close() override { return {}; }

  std::vector<std::byte> content;
  std::vector<std::size_t> append_bytes;  // of each call
  std::function<Status()> on_append;      // what the storage answers; empty: success
};

// A file that forgets everything, for benchmarks.
class NullFile final : public io::WritableFile {
 public:
  Status append(Bytes data) override {
    bytes_ += data.size();
    return {};
  }
  [[nodiscard]] std::uint64_t position() const override { return bytes_; }
  Status sync() override { return {}; }
  Status close() override { return {}; }

 private:
  std::uint64_t bytes_ = 0;
};

}  // namespace stoker::format::parquet::testing
