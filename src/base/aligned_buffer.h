// Memory for I/O: aligned for O_DIRECT, backed by huge pages where the kernel has them, reused instead of freed.
#pragma once

#include <cstddef>

#include "base/bytes.h"

namespace stoker {

// Owns one block. Grows on demand and never shrinks, so that a worker that has read its largest unit once allocates no
// more. Growing does not keep the content. Not for sharing between threads.
class AlignedBuffer {
 public:
  static constexpr std::size_t kAlignment = 4096;

  AlignedBuffer() = default;
  explicit AlignedBuffer(std::size_t bytes) { resize(bytes); }
  AlignedBuffer(AlignedBuffer&& other) noexcept;
  AlignedBuffer& operator=(AlignedBuffer&& other) noexcept;
  AlignedBuffer(const AlignedBuffer&) = delete;
  AlignedBuffer& operator=(const AlignedBuffer&) = delete;
  ~AlignedBuffer();

  // At least `bytes` usable bytes, content undefined after growth. std::bad_alloc when memory is exhausted, and the
  // buffer is empty then; every size that comes from a file has been checked against a bound before.
  MutBytes resize(std::size_t bytes);

  [[nodiscard]] std::byte* data() const { return data_; }
  [[nodiscard]] std::size_t size() const { return size_; }          // as last asked for
  [[nodiscard]] std::size_t capacity() const { return capacity_; }  // as held
  [[nodiscard]] MutBytes bytes() const { return {data_, size_}; }

 private:
  void release();

  std::byte* data_ = nullptr;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

}  // namespace stoker
