// A file that takes bytes and forgets them: for measuring the work in front of a storage.
#pragma once

#include "data/io/storage.h"

namespace stoker::io {

class DiscardedFile final : public WritableFile {
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

}  // namespace stoker::io
