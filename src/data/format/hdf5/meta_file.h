// The metadata of a file, read piece by piece as it is found: each piece once, bounded together.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include "base/aligned_buffer.h"
#include "base/bytes.h"
#include "base/status.h"
#include "data/format/hdf5/wire.h"
#include "data/io/storage.h"

namespace stoker::format::hdf5 {

// Errors without the file's path. For one thread.
class MetaFile {
 public:
  MetaFile(io::ReadableFile& file, io::ReadObserver* observer, bool verify_checksums)
      : file_(file), observer_(observer), verify_checksums_(verify_checksums) {}

  // Of an address as it stands in the file; valid as long as this. Code::kCorrupt past the end of the file,
  // Code::kUnsupported where all of it is more than kMostMetadata.
  [[nodiscard]] Result<Bytes> bytes(std::uint64_t address, std::uint64_t bytes);
  // Of at most that many, what the file has.
  [[nodiscard]] Result<Bytes> up_to(std::uint64_t address, std::uint64_t bytes);
  // A block that begins with the signature and ends with its checksum, which is compared; without both.
  [[nodiscard]] Result<BlockReader> block(std::string_view signature, std::uint64_t address, std::uint64_t bytes);
  // Blocks without a checksum, behind the signature.
  [[nodiscard]] Result<BlockReader> plain_block(std::string_view signature, std::uint64_t address, std::uint64_t bytes);

  // Where address 0 lies in the file: behind what a user put in front.
  void set_base(std::uint64_t base) { base_ = base; }
  [[nodiscard]] std::uint64_t base() const { return base_; }
  // Whether bytes [address, address + bytes) are in the file.
  [[nodiscard]] bool has(std::uint64_t address, std::uint64_t bytes) const;
  [[nodiscard]] std::uint64_t size() const { return file_.size(); }
  [[nodiscard]] bool verify_checksums() const { return verify_checksums_; }

 private:
  io::ReadableFile& file_;
  io::ReadObserver* const observer_;
  const bool verify_checksums_;
  std::uint64_t base_ = 0;
  struct Window {
    AlignedBuffer memory;
    Bytes bytes;
  };
  std::map<std::uint64_t, Window> windows_;  // by their place in the file
  std::vector<Window> old_;                  // in whose place there are larger ones
  std::uint64_t read_ = 0;
  std::set<std::pair<std::uint64_t, std::uint64_t>> verified_;  // blocks: many entries may lead to one
};

// Block `what` at an address contradicts itself or the file.
[[nodiscard]] Error corrupt_block(std::string_view what, std::uint64_t address, std::string_view why);

}  // namespace stoker::format::hdf5
