// Memory behind whose end no byte can be touched: whoever reads or writes on is stopped at once, in a library, too,
// that no sanitizer has seen.
#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>

#include "base/bytes.h"
#include "base/check.h"

namespace stoker::format::parquet::testing {

class GuardedBytes {
 public:
  explicit GuardedBytes(std::size_t bytes) {
    const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
    const std::size_t usable = (bytes + page - 1) / page * page;
    mapped_bytes_ = usable + page;
    mapped_ = ::mmap(nullptr, mapped_bytes_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    STOKER_CHECK(mapped_ != MAP_FAILED);
    auto* const begin = static_cast<std::byte*>(mapped_);
    STOKER_CHECK(::mprotect(begin + usable, page, PROT_NONE) == 0);
    bytes_ = {begin + (usable - bytes), bytes};
  }
  explicit GuardedBytes(Bytes content) : GuardedBytes(content.size()) { std::ranges::copy(content, bytes_.begin()); }
  ~GuardedBytes() { ::munmap(mapped_, mapped_bytes_); }
  GuardedBytes(const GuardedBytes&) = delete;
  GuardedBytes& operator=(const GuardedBytes&) = delete;

  [[nodiscard]] MutBytes bytes() const { return bytes_; }

 private:
  void* mapped_ = nullptr;
  std::size_t mapped_bytes_ = 0;
  MutBytes bytes_;
};

}  // namespace stoker::format::parquet::testing
