#include "data/format/side_files.h"

#include <algorithm>
#include <memory>
#include <ranges>

#include "data/format/contents.h"

namespace stoker::format {
namespace {

constexpr std::uint64_t kBlock = std::uint64_t{64} << 10;

}  // namespace

SideFiles::SideFiles(const config::Workload& workload, const Format& format)
    : workload_(workload), format_(format), layout_(workload) {}

Result<std::uint64_t> SideFiles::bytes(const dataset::FileSpec& spec, std::uint64_t block_bytes) const {
  std::uint64_t sum = 0;
  for (std::size_t side = 0; side < layout_.side_files(); ++side) {
    STOKER_ASSIGN(const auto contents, format_.make_side(workload_, spec, side));
    sum += (contents->size() + block_bytes - 1) / block_bytes * block_bytes;
  }
  return sum;
}

Result<std::uint64_t> SideFiles::write(io::Storage& storage, const dataset::FileSpec& spec,
                                       const std::stop_token& stop) {
  std::uint64_t sum = 0;
  expected_.resize(kBlock);
  for (std::size_t side = 0; side < layout_.side_files(); ++side) {
    STOKER_ASSIGN(const auto contents, format_.make_side(workload_, spec, side));
    const std::uint64_t size = contents->size();
    STOKER_ASSIGN(const auto file,
                  storage.create(layout_.side_path(spec, side), {.bytes_least = size, .bytes_most = size}));
    for (std::uint64_t at = 0; at < size; at += kBlock) {
      if (stop.stop_requested()) return make_error(Code::kInterrupted, "stopped while writing an index");
      const MutBytes block = expected_.bytes().first(static_cast<std::size_t>(std::min(size - at, kBlock)));
      contents->read(at, block);
      STOKER_TRY(file->append(block));
    }
    STOKER_TRY(file->commit());
    sum += size;
  }
  return sum;
}

Status SideFiles::check(io::Storage& storage, const dataset::FileSpec& spec, const std::stop_token& stop) {
  found_.resize(kBlock);
  expected_.resize(kBlock);
  for (std::size_t side = 0; side < layout_.side_files(); ++side) {
    const io::Path path = layout_.side_path(spec, side);
    STOKER_ASSIGN(const auto contents, format_.make_side(workload_, spec, side));
    STOKER_ASSIGN(const auto file, storage.open(path, {}));
    const std::uint64_t size = contents->size();
    if (file->size() != size)
      return make_error(Code::kCorrupt, "{}: is {} bytes long, expected {}", path.string(), file->size(), size);
    for (std::uint64_t at = 0; at < size; at += kBlock) {
      if (stop.stop_requested()) return make_error(Code::kInterrupted, "stopped while looking at an index");
      const auto bytes = static_cast<std::size_t>(std::min(size - at, kBlock));
      const MutBytes expected = expected_.bytes().first(bytes), found = found_.bytes().first(bytes);
      STOKER_TRY(io::read_at(*file, at, found));
      contents->read(at, expected);
      const auto wrong = std::ranges::mismatch(expected, found).in1;
      if (wrong == expected.end()) continue;
      const auto where = static_cast<std::size_t>(wrong - expected.begin());
      return make_error(Code::kCorrupt, "{}: byte {}: found 0x{:02x}, expected 0x{:02x}", path.string(), at + where,
                        std::to_integer<unsigned>(found[where]), std::to_integer<unsigned>(*wrong));
    }
  }
  return {};
}

}  // namespace stoker::format
