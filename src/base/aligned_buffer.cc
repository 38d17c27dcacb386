#include "base/aligned_buffer.h"

#include <sys/mman.h>

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/units.h"

namespace stoker {
namespace {

constexpr std::size_t kHugePage = 2 * kMiB;

std::size_t round_up(std::size_t n, std::size_t unit) {
  return (n + unit - 1) / unit * unit;
}

}  // namespace

AlignedBuffer::AlignedBuffer(AlignedBuffer&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)),
      size_(std::exchange(other.size_, 0)),
      capacity_(std::exchange(other.capacity_, 0)) {}

AlignedBuffer& AlignedBuffer::operator=(AlignedBuffer&& other) noexcept {
  if (this != &other) {
    release();
    data_ = std::exchange(other.data_, nullptr);
    size_ = std::exchange(other.size_, 0);
    capacity_ = std::exchange(other.capacity_, 0);
  }
  return *this;
}

AlignedBuffer::~AlignedBuffer() {
  release();
}

MutBytes AlignedBuffer::resize(std::size_t bytes) {
  if (bytes > capacity_) {
    const std::size_t grown = std::max(bytes, capacity_ + capacity_ / 4);
    release();
    // Mapped, not malloc'ed: page aligned, returned to the system at once when released, and eligible for huge pages,
    // which make the first touch six times cheaper. Growth by a quarter keeps slowly growing units from remapping each
    // time.
    const std::size_t wanted = round_up(grown, grown >= kHugePage ? kHugePage : kAlignment);
    void* memory = ::mmap(nullptr, wanted, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    STOKER_CHECK(memory != MAP_FAILED, "out of memory for an I/O buffer");
    if (wanted >= kHugePage) ::madvise(memory, wanted, MADV_HUGEPAGE);
    data_ = static_cast<std::byte*>(memory);
    capacity_ = wanted;
  }
  size_ = bytes;
  return {data_, size_};
}

void AlignedBuffer::release() {
  if (data_ != nullptr) ::munmap(data_, capacity_);
  data_ = nullptr;
  size_ = capacity_ = 0;
}

}  // namespace stoker
