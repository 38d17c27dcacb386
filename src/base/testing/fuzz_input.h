// What a fuzz target makes of its bytes: small numbers taken from the front, texts, and the rest.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "base/bytes.h"

namespace stoker::testing {

class FuzzInput {
 public:
  FuzzInput(const std::uint8_t* data, std::size_t size) : in_(reinterpret_cast<const std::byte*>(data), size) {}

  // The next bytes as a number; what is missing counts as zeros.
  template <class T>
  T take() {
    T value{};
    const std::size_t bytes = std::min(sizeof value, in_.size());
    if (bytes > 0) std::memcpy(&value, in_.data(), bytes);
    in_ = in_.subspan(bytes);
    return value;
  }

  [[nodiscard]] Bytes rest() const { return in_; }
  [[nodiscard]] std::string_view text() const { return {reinterpret_cast<const char*>(in_.data()), in_.size()}; }

 private:
  Bytes in_;
};

}  // namespace stoker::testing
