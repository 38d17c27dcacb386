// A file that forgets everything, for benchmarks of the work in front of the storage.
#pragma once

#include "data/io/storage.h"

namespace stoker::format::parquet::testing {

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
