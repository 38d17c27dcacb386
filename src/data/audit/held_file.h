// A storage that reads a file once for all who look at it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "base/aligned_buffer.h"
#include "base/bytes.h"
#include "base/status.h"
#include "base/units.h"
#include "data/io/forwarding_storage.h"

namespace stoker::audit {

// The file that it holds is opened without asking the storage again. Small ones are in memory as a whole: on many
// storages each open and each read has a price of its own, and a checksum, the headers and the rows are three looks at
// the same bytes. Everything else is passed on. For one thread.
class HeldFile final : public io::ForwardingStorage {
 public:
  static constexpr std::uint64_t kBytesMax = 4 * kMiB;  // of a file in memory

  using ForwardingStorage::ForwardingStorage;

  // Opens the file, and reads it unless it is larger, instead of the one held before. Errors name the path; none is
  // held then.
  Status take(const io::Path& path);
  // Of the file that is held.
  [[nodiscard]] io::ReadableFile& file() { return *file_; }
  [[nodiscard]] std::optional<Bytes> bytes() const;  // if it is in memory

  // What it returns lasts as long as the file is held.
  Result<std::unique_ptr<io::ReadableFile>> open(const io::Path& path, const io::OpenOptions& options) override;

 private:
  std::unique_ptr<io::ReadableFile> file_;
  bool in_memory_ = false;
  AlignedBuffer memory_;
};

}  // namespace stoker::audit
