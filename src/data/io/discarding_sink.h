// Takes bytes and forgets them: for measuring the work in front of a storage.
#pragma once

#include "data/io/storage.h"

namespace stoker::io {

class DiscardingSink final : public Sink {
 public:
  Status append(Bytes data) override {
    bytes_ += data.size();
    return {};
  }
  [[nodiscard]] std::uint64_t position() const override { return bytes_; }

 private:
  std::uint64_t bytes_ = 0;
};

}  // namespace stoker::io
