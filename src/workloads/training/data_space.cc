#include "workloads/training/data_space.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/plural.h"
#include "base/units.h"
#include "data/datagen/sizes.h"
#include "data/dataset/file_records.h"
#include "data/dataset/folder_lock.h"

namespace stoker::training {
namespace {

std::string bytes_text(std::uint64_t bytes) {
  return format_bytes(static_cast<double>(bytes));
}

}  // namespace

Result<format::SizeRange> planned_data_bytes(const config::Workload& workload, std::uint64_t block_bytes) {
  STOKER_ASSIGN(const format::Format* const format, format::find_format(workload.dataset.format));
  // More than any file system holds: files that draw their sizes are not all measured to say so.
  constexpr std::uint64_t kEnough = std::uint64_t{1} << 44;
  return datagen::total_bytes(workload, *format, block_bytes, kEnough);
}

std::string size_text(const format::SizeRange& size) {
  return size.exact() ? bytes_text(size.most) : fmt::format("{} to {}", bytes_text(size.least), bytes_text(size.most));
}

Status check_space(const datagen::Request& request, const results::DatasetManifest& manifest, const Part& kept,
                   const Part& freed) {
  const std::string root = request.layout.root().string();
  STOKER_ASSIGN(const std::optional<io::SpaceInfo> known, request.storage.space(request.layout.root()));
  if (!known) return {};
  io::SpaceInfo space = *known;
  space.free_bytes = freed.bytes > UINT64_MAX - space.free_bytes ? UINT64_MAX : space.free_bytes + freed.bytes;
  if (space.free_inodes) *space.free_inodes += freed.files;
  const std::uint64_t with_sides = 1 + request.layout.side_files();
  const std::uint64_t files = request.layout.total_files() - kept.files;
  // First, because it needs no look at the files: an absurd number of them is told at once.
  if (space.free_inodes && files > *space.free_inodes / with_sides) {
    return make_error(Code::kNoSpace, "{}: {}{} are to be written, but the file system has only {} free", root,
                      counted_long(files, "file"), with_sides > 1 ? " with their indexes" : "",
                      counted_long(*space.free_inodes, "inode"));
  }
  const std::uint64_t block = space.block_bytes;
  // Kept files take their blocks' worth; how many that is exactly does not matter for what is certain.
  const std::uint64_t kept_at_most = kept.bytes + kept.files * with_sides * (block - 1);
  STOKER_ASSIGN(const format::SizeRange all, datagen::total_bytes(request, block, space.free_bytes + kept_at_most));
  const std::uint64_t data = all.least - std::min(all.least, kept_at_most);
  // The manifest is written twice, since it is replaced at the end, when the journals of the records are gone.
  const std::uint64_t manifest_bytes = (results::manifest_text(manifest).size() + block - 1) / block * block;
  const auto ranks = static_cast<std::uint64_t>(request.ranks);
  const std::uint64_t table = dataset::records_bytes(request.layout.total_files(), 0, 0, block);
  const std::uint64_t records = dataset::records_bytes(request.layout.total_files(), files, ranks, block);
  // The lock lies there already when the folder did.
  const std::uint64_t lock = (dataset::kLockBytes + block - 1) / block * block;
  STOKER_ASSIGN(const bool is_locked, request.storage.exists(request.layout.root() / dataset::kDataLockName));
  if (is_locked) space.free_bytes += lock;
  const std::uint64_t beside = lock + manifest_bytes + std::max(records, table + manifest_bytes);
  if (data > space.free_bytes || beside > space.free_bytes - data) {
    Error error = make_error(
        Code::kNoSpace, "{}: the data set needs {}{}{} ({}), but only {} are free", root,
        all.exact() ? "" : "at least ", bytes_text(std::max(data, data + beside)), kept.files > 0 ? " more" : "",
        block == 1 ? counted_long(files, "file")
                   : fmt::format("{} in blocks of {}", counted_long(files, "file"), bytes_text(block)),
        bytes_text(space.free_bytes));
    error.hint = "free space, choose another dataset.data_folder, or lower dataset.num_files_train";
    return error;
  }
  return {};
}

}  // namespace stoker::training
