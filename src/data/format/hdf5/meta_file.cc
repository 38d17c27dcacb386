#include "data/format/hdf5/meta_file.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/printable.h"
#include "base/units.h"
#include "data/format/hdf5/limits.h"
#include "data/format/read_range.h"

namespace stoker::format::hdf5 {
namespace {

// What is read at least: headers lie near each other.
constexpr std::uint64_t kWindow = 8192;
constexpr std::size_t kChecksum = 4;

}  // namespace

Error corrupt_block(std::string_view what, std::uint64_t address, std::string_view why) {
  return make_error(Code::kCorrupt, "{} at byte {} of the file: {}", printable_line(what), address, why);
}

bool MetaFile::has(std::uint64_t address, std::uint64_t bytes) const {
  const std::uint64_t size = file_.size();
  return base_ <= size && address <= size - base_ && bytes <= size - base_ - address;
}

Result<Bytes> MetaFile::bytes(std::uint64_t address, std::uint64_t bytes) {
  if (!has(address, bytes)) {
    return make_error(Code::kCorrupt, "{} bytes of metadata at address {}, but the file has {} bytes", bytes, address,
                      file_.size());
  }
  const std::uint64_t offset = base_ + address;
  auto window = windows_.upper_bound(offset);
  const auto covers = [&](const Window& w, std::uint64_t begin) {
    return offset - begin <= w.bytes.size() && bytes <= w.bytes.size() - (offset - begin);
  };
  if (window == windows_.begin() || !covers(std::prev(window)->second, std::prev(window)->first)) {
    const std::uint64_t first = offset / kWindow * kWindow;
    const std::uint64_t last = std::min(file_.size(), std::max(first + kWindow, offset + bytes));
    read_ += last - first;
    if (read_ > kMostMetadata) {
      return make_error(Code::kUnsupported, "more than {} of metadata",
                        format_bytes(static_cast<double>(kMostMetadata)));
    }
    Window made;
    STOKER_ASSIGN(const MutBytes read, read_range(file_, {first, last - first}, made.memory, observer_));
    made.bytes = read;
    // One that begins at the same place is shorter: who has its bytes keeps them.
    while (windows_.contains(first)) {
      auto old = windows_.extract(first);
      old_.push_back(std::move(old.mapped()));
    }
    window = std::next(windows_.emplace(first, std::move(made)).first);
  }
  const auto& [begin, found] = *std::prev(window);
  return found.bytes.subspan(static_cast<std::size_t>(offset - begin), static_cast<std::size_t>(bytes));
}

Result<Bytes> MetaFile::up_to(std::uint64_t address, std::uint64_t most) {
  const std::uint64_t size = file_.size();
  const std::uint64_t there = base_ <= size && address <= size - base_ ? size - base_ - address : 0;
  return bytes(address, std::min(most, there));
}

Result<BlockReader> MetaFile::plain_block(std::string_view signature, std::uint64_t address, std::uint64_t size) {
  STOKER_ASSIGN(const Bytes all, bytes(address, size));
  BlockReader in(all);
  const std::string_view found = in.text(signature.size());
  if (found != signature) {
    return corrupt_block(signature, base_ + address,
                         fmt::format("found '{}' where '{}' begins it", printable_line(found), signature));
  }
  return in;
}

Result<BlockReader> MetaFile::block(std::string_view signature, std::uint64_t address, std::uint64_t size) {
  if (size < signature.size() + kChecksum) return corrupt_block(signature, base_ + address, "is too short");
  STOKER_TRY(plain_block(signature, address, size));
  STOKER_ASSIGN(const Bytes all, bytes(address, size));
  const Bytes content = all.first(all.size() - kChecksum);
  const std::string_view name = signature.empty() ? "page" : signature;
  if (verify_checksums_ && !verified_.contains({address, size})) {
    const std::uint32_t stored = BlockReader(all.last(kChecksum)).u32();
    const std::uint32_t found = metadata_checksum(content);
    if (stored != found) {
      return corrupt_block(name, base_ + address,
                           fmt::format("has the checksum {:08x}, expected {:08x}", found, stored));
    }
    verified_.emplace(address, size);
  }
  return BlockReader(content.subspan(signature.size()));
}

}  // namespace stoker::format::hdf5
