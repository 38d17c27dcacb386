#include "data/dataset/file_records.h"

#include <algorithm>
#include <vector>

#include "base/check.h"
#include "data/dataset/record_bytes_internal.h"

namespace stoker::dataset {
namespace {

using namespace internal;

constexpr std::size_t kEntriesPerRead = std::size_t{1} << 15;  // 1 MiB

Error damaged(const io::Path& path, std::string_view what) {
  Error error = make_error(Code::kCorrupt, "{}: {}", path.string(), what);
  error.hint = "write the data set again with datagen, which keeps the files that are known to be whole";
  return error;
}

class Table final : public FileRecords {
 public:
  Table(std::unique_ptr<io::ReadableFile> file, const RecordsKey& key) : file_(std::move(file)), key_(key) {}

  Result<std::optional<FileRecord>> find(std::uint64_t g) override {
    std::optional<FileRecord> record;
    STOKER_TRY(read(g, {&record, 1}));
    return record;
  }

  Status read(std::uint64_t first, std::span<std::optional<FileRecord>> out) override {
    STOKER_CHECK(first <= key_.files && out.size() <= key_.files - first, "file number out of range");
    std::vector<std::byte> bytes(std::min(out.size(), kEntriesPerRead) * kEntryBytes);
    while (!out.empty()) {
      const std::size_t count = std::min(out.size(), kEntriesPerRead);
      STOKER_TRY(io::read_at(*file_, kHeaderBytes + first * kEntryBytes, MutBytes(bytes).first(count * kEntryBytes)));
      for (std::size_t i = 0; i < count; ++i) {
        if (get_entry(&bytes[i * kEntryBytes], first + i, out[i])) continue;
        return damaged(file_->path(), fmt::format("the entry of file {} at offset {} does not match its checksum",
                                                  first + i, kHeaderBytes + (first + i) * kEntryBytes));
      }
      first += count;
      out = out.subspan(count);
    }
    return {};
  }

 private:
  const std::unique_ptr<io::ReadableFile> file_;
  const RecordsKey key_;
};

}  // namespace

Result<std::unique_ptr<FileRecords>> FileRecords::open(io::Storage& storage, const io::Path& data_folder,
                                                       const RecordsKey& key) {
  STOKER_ASSIGN(auto file, storage.open(data_folder / kRecordsName, {}));
  const io::Path& path = file->path();
  if (file->size() < kHeaderBytes) {
    return damaged(path, fmt::format("found {} bytes, expected a table of file records", file->size()));
  }
  HeaderBytes found;
  STOKER_TRY(io::read_at(*file, 0, found));
  const HeaderBytes expected = header_bytes(kTableMagic, key);
  if (found != expected) {
    if (std::memcmp(found.data(), kTableMagic.data(), kTableMagic.size()) != 0 ||
        get<std::uint32_t>(&found[28]) != crc32(Bytes(found).first(28))) {
      return damaged(path, "the header of the table of file records is damaged");
    }
    if (const auto version = get<std::uint32_t>(&found[24]); version != kRecordsVersion) {
      return damaged(
          path, fmt::format("found version {} of the table of file records, expected {}", version, kRecordsVersion));
    }
    return damaged(path, "the table of file records belongs to another data set than the manifest beside it");
  }
  // The number of files may be any that a manifest claims.
  const std::uint64_t entries = (file->size() - kHeaderBytes) / kEntryBytes;
  if (entries != key.files || file->size() != kHeaderBytes + entries * kEntryBytes) {
    return damaged(
        path, fmt::format("found {} bytes, room for {} files, expected {} files", file->size(), entries, key.files));
  }
  return std::unique_ptr<FileRecords>(std::make_unique<Table>(std::move(file), key));
}

}  // namespace stoker::dataset
