#include "data/datagen/kept_files.h"

#include <mutex>

#include "base/aligned_buffer.h"
#include "config/formats.h"
#include "data/format/side_files.h"
#include "data/io/whole_file.h"

namespace stoker::datagen {
namespace {

// What is wrong with the file itself is a reason to write it again; a storage that does not answer is an error.
bool means_incomplete(const Error& error) {
  return error.code == Code::kNotFound || error.code == Code::kCorrupt || error.code == Code::kUnsupported;
}

Result<std::uint64_t> checksum_of(io::Storage& storage, const io::Path& path, const std::stop_token& stop) {
  constexpr std::uint64_t kBlock = std::uint64_t{256} << 10;  // stays in the second level cache
  STOKER_ASSIGN(const auto file, storage.open(path, {}));
  AlignedBuffer block;
  return io::content_checksum(*file, block, kBlock, stop);
}

// `says_nothing`: the format's files do not tell whether they were written to their end.
Result<bool> is_whole(io::Storage& storage, format::FormatReader& reader, bool says_nothing, const io::Path& path,
                      const dataset::FileRecord& record, const std::stop_token& stop) {
  const auto incomplete = [](Error error) -> Result<bool> {
    if (means_incomplete(error)) return false;
    return error;
  };
  auto bytes = storage.file_size(path);
  if (!bytes) return incomplete(std::move(bytes).error());
  if (*bytes != record.bytes) return false;
  if (says_nothing) {
    auto found = checksum_of(storage, path, stop);
    if (!found) return incomplete(std::move(found).error());
    return *found == record.checksum;
  }
  auto outline = reader.outline(path);
  if (!outline) return incomplete(std::move(outline).error());
  return outline->rows == record.rows;
}

}  // namespace

Result<KeptFiles> find_kept_files(const Request& request, dataset::FileRecords& records, bool remove_temporary,
                                  const std::stop_token& stop) {
  const Share share = share_of(request);
  KeptFiles kept(share.size());
  std::mutex mutex;
  STOKER_ASSIGN(const auto reader, request.format.make_reader(request.workload, request.storage));
  const bool says_nothing = !config::spec_of(request.workload.dataset.format).ends_with_index;
  const auto look = [&](std::uint64_t begin, std::uint64_t end, const std::stop_token& inner) -> Status {
    std::uint64_t files = 0, bytes = 0;
    format::SideFiles sides(request.workload, request.format);
    for (std::uint64_t i = begin; i < end; ++i) {
      STOKER_ASSIGN(const auto record, records.find(share.file(i)));
      if (!record) continue;
      const dataset::FileSpec spec = request.layout.file(share.file(i));
      STOKER_ASSIGN(bool whole, is_whole(request.storage, *reader, says_nothing, spec.path, *record, inner));
      if (whole) {
        const Status sides_are = sides.check(request.storage, spec, inner);
        whole = sides_are.has_value();
        if (!sides_are && !means_incomplete(sides_are.error())) return sides_are;
      }
      if (!whole) continue;
      if (remove_temporary) {
        STOKER_TRY(request.storage.remove(io::temporary_name(spec.path)));
        for (std::size_t side = 0; side < request.layout.side_files(); ++side)
          STOKER_TRY(request.storage.remove(io::temporary_name(request.layout.side_path(spec, side))));
      }
      kept.add(i);
      ++files;
      STOKER_ASSIGN(const std::uint64_t beside, sides.bytes(spec));
      bytes += record->bytes + beside;
    }
    const std::lock_guard lock(mutex);
    kept.files += files;
    kept.bytes += bytes;
    return {};
  };
  STOKER_TRY(for_share(
      share.size(), KeptFiles::kBitsPerWord, request.threads, [&]() -> Result<Worker> { return Worker(look); }, stop));
  if (stop.stop_requested()) {
    return make_error(Code::kInterrupted, "interrupted while looking which files are complete");
  }
  return kept;
}

}  // namespace stoker::datagen
