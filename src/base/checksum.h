// Checksums of bytes: XXH3-64 for the files of a data set, and those that formats carry. All run at the speed of
// memory; the libraries choose the instructions when the program runs.
#pragma once

#include <cstdint>
#include <memory>

#include "base/bytes.h"

struct XXH3_state_s;

namespace stoker {

// What results and manifests call `Checksum`.
inline constexpr const char* kChecksumName = "xxh3-64";

// XXH3-64, seed 0, of all bytes that were added, in order. For one thread.
class Checksum {
 public:
  Checksum();
  ~Checksum();
  Checksum(Checksum&&) noexcept;
  Checksum& operator=(Checksum&&) noexcept;

  void add(Bytes data);
  [[nodiscard]] std::uint64_t value() const;  // of what was added so far

 private:
  struct Free {
    void operator()(XXH3_state_s* state) const;
  };
  std::unique_ptr<XXH3_state_s, Free> state_;
};
[[nodiscard]] std::uint64_t checksum(Bytes data);

// The CRC-32 of zlib and gzip (polynomial 0x04C11DB7, reflected), as Parquet's page headers hold it. `before` is the
// CRC of the bytes in front of these.
[[nodiscard]] std::uint32_t crc32(Bytes data, std::uint32_t before = 0);

// CRC-32C (Castagnoli: polynomial 0x1EDC6F41, reflected), as TFRecord has it.
[[nodiscard]] std::uint32_t crc32c(Bytes data, std::uint32_t before = 0);

}  // namespace stoker
