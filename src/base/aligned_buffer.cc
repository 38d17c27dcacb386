#include "base/aligned_buffer.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstdlib>
#include <new>
#include <utility>

#include "base/units.h"

namespace stoker {
namespace {

constexpr std::size_t kHugePage = 2 * kMiB;
// Below it memory is malloc'ed: each mapping made or undone is a system call that all threads of the process wait for,
// which a footer or a page header is not worth.
constexpr std::size_t kMapped = 128 * kKiB;

std::size_t round_up(std::size_t n, std::size_t unit) {
  return (n + unit - 1) / unit * unit;
}

// Page aligned, returned to the system at once when released, and eligible for huge pages, which make the first touch
// six times cheaper.
void* map(std::size_t bytes) {
  void* const memory = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return nullptr;
  if (bytes >= kHugePage) ::madvise(memory, bytes, MADV_HUGEPAGE);
  return memory;
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
    // Growth by a quarter keeps slowly growing units from remapping each time.
    const std::size_t wanted = round_up(grown, grown >= kHugePage ? kHugePage : kAlignment);
    void* const memory = wanted < kMapped ? std::aligned_alloc(kAlignment, wanted) : map(wanted);
    if (memory == nullptr) throw std::bad_alloc();
    data_ = static_cast<std::byte*>(memory);
    capacity_ = wanted;
  }
  size_ = bytes;
  return {data_, size_};
}

void AlignedBuffer::release() {
  if (capacity_ < kMapped) {
    std::free(data_);
  } else {
    ::munmap(data_, capacity_);
  }
  data_ = nullptr;
  size_ = capacity_ = 0;
}

}  // namespace stoker
