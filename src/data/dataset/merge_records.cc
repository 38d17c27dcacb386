// Merging: the journals' entries are in the order in which files were finished, the table's in the order of the work
// list. The table is made window by window. What the journals say of a window is found by reading their blocks again,
// those only that have a file of the window: a first pass has noted each block's lowest and highest file. Ranks take
// their files in order, so that nearly every block is read twice, whatever the number of windows.
#include <algorithm>
#include <string>
#include <vector>

#include "data/dataset/record_bytes_internal.h"

namespace stoker::dataset {
namespace {

using namespace internal;

constexpr std::uint64_t kWindowFiles = std::uint64_t{1} << 20;  // 32 MiB of records
constexpr std::uint64_t kBlockEntries = std::uint64_t{1} << 14;

struct Block {
  std::uint64_t first = 0, count = 0;              // entries of the journal
  std::uint64_t lowest = UINT64_MAX, highest = 0;  // files
};

// Closed again between the windows: there may be more ranks than files that a process may open.
struct Journal {
  io::Path path;
  std::vector<Block> blocks;  // of the entries before the first torn one
};

// The block's entries that are whole, up to the first one that is not.
template <class Visit>
Status visit_block(io::ReadableFile& file, const RecordsKey& key, std::uint64_t first, std::uint64_t count,
                   std::vector<std::byte>& bytes, const Visit& visit) {
  bytes.resize(static_cast<std::size_t>(count) * kJournalEntryBytes);
  STOKER_TRY(io::read_at(file, kHeaderBytes + first * kJournalEntryBytes, bytes));
  for (std::size_t i = 0; i < count; ++i) {
    const std::byte* const at = &bytes[i * kJournalEntryBytes];
    const auto g = get<std::uint64_t>(at);
    std::optional<FileRecord> record;
    if (g >= key.files || !get_entry(at + 8, g, record) || !record) break;
    visit(g, *record);
  }
  return {};
}

// A journal of another data set has no blocks.
Result<Journal> open_journal(io::Storage& storage, const io::Path& path, const RecordsKey& key) {
  Journal journal{.path = path};
  STOKER_ASSIGN(const auto file, storage.open(path, {}));
  const std::uint64_t size = file->size();
  if (size < kHeaderBytes) return journal;
  HeaderBytes header;
  STOKER_TRY(io::read_at(*file, 0, header));
  if (header != header_bytes(kJournalMagic, key)) return journal;

  std::vector<std::byte> bytes;
  const std::uint64_t entries = (size - kHeaderBytes) / kJournalEntryBytes;
  for (std::uint64_t first = 0; first < entries; first += kBlockEntries) {
    const std::uint64_t count = std::min(kBlockEntries, entries - first);
    Block block{.first = first};
    STOKER_TRY(visit_block(*file, key, first, count, bytes, [&](std::uint64_t g, const FileRecord&) {
      ++block.count;
      block.lowest = std::min(block.lowest, g);
      block.highest = std::max(block.highest, g);
    }));
    if (block.count > 0) journal.blocks.push_back(block);
    if (block.count < count) break;
  }
  return journal;
}

// What a window of the table says before the journals are looked at. Entries that are damaged count as absent: their
// files are written again.
class OldTable {
 public:
  static Result<OldTable> open(io::Storage& storage, const io::Path& data_folder, const RecordsKey& key) {
    OldTable table;
    auto records = FileRecords::open(storage, data_folder, key);
    if (records) {
      table.records_ = std::move(*records);
    } else if (records.error().code != Code::kNotFound && records.error().code != Code::kCorrupt) {
      return std::move(records).error();
    }
    return table;
  }

  Status read(std::uint64_t first, std::span<std::optional<FileRecord>> out) {
    std::fill(out.begin(), out.end(), std::nullopt);
    if (records_ == nullptr) return {};
    Status status = records_->read(first, out);
    if (status || status.error().code != Code::kCorrupt) return status;
    for (std::size_t i = 0; i < out.size(); ++i) {
      auto record = records_->find(first + i);
      if (!record && record.error().code != Code::kCorrupt) return std::move(record).error();
      out[i] = record ? *record : std::nullopt;
    }
    return {};
  }

 private:
  std::unique_ptr<FileRecords> records_;
};

bool is_journal_file(const io::DirEntry& entry) {
  return !entry.is_directory && is_journal(entry.name);
}

Result<std::vector<io::Path>> journal_paths(io::Storage& storage, const io::Path& data_folder) {
  std::vector<io::Path> paths;
  auto entries = storage.list(data_folder);
  if (!entries) {
    if (entries.error().code == Code::kNotFound) return paths;
    return std::move(entries).error();
  }
  for (const io::DirEntry& entry : *entries) {
    if (is_journal_file(entry)) paths.push_back(data_folder / entry.name);
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

// What the journal says of files [first, first + window.size()).
Status apply_journal(io::Storage& storage, const Journal& journal, const RecordsKey& key, std::uint64_t first,
                     std::span<std::optional<FileRecord>> window, std::vector<std::byte>& bytes) {
  const std::uint64_t end = first + window.size();
  std::unique_ptr<io::ReadableFile> file;
  for (const Block& block : journal.blocks) {
    if (block.highest < first || block.lowest >= end) continue;
    if (file == nullptr) {
      STOKER_ASSIGN(file, storage.open(journal.path, {}));
    }
    STOKER_TRY(visit_block(*file, key, block.first, block.count, bytes, [&](std::uint64_t g, const FileRecord& record) {
      if (g >= first && g < end) window[static_cast<std::size_t>(g - first)] = record;
    }));
  }
  return {};
}

Result<MergedRecords> write_table(io::Storage& storage, io::Sink& out, OldTable& old, std::span<const Journal> journals,
                                  const RecordsKey& key) {
  MergedRecords merged;
  STOKER_TRY(out.append(header_bytes(kTableMagic, key)));
  std::vector<std::optional<FileRecord>> window(
      static_cast<std::size_t>(std::min<std::uint64_t>(kWindowFiles, key.files)));
  std::vector<std::byte> bytes;
  for (std::uint64_t first = 0; first < key.files; first += window.size()) {
    window.resize(static_cast<std::size_t>(std::min<std::uint64_t>(window.size(), key.files - first)));
    STOKER_TRY(old.read(first, window));
    for (const Journal& journal : journals) {
      STOKER_TRY(apply_journal(storage, journal, key, first, window, bytes));
    }
    for (std::size_t begin = 0; begin < window.size(); begin += kBlockEntries) {
      const std::size_t count = std::min<std::size_t>(kBlockEntries, window.size() - begin);
      bytes.resize(count * kEntryBytes);
      for (std::size_t i = 0; i < count; ++i) {
        const std::optional<FileRecord>& record = window[begin + i];
        put_entry(&bytes[i * kEntryBytes], first + begin + i, record);
        merged.add(record);
      }
      STOKER_TRY(out.append(bytes));
    }
  }
  return merged;
}

// The sums of a table that is whole as it is.
Result<MergedRecords> count_table(io::Storage& storage, const io::Path& data_folder, const RecordsKey& key) {
  STOKER_ASSIGN(const auto records, FileRecords::open(storage, data_folder, key));
  MergedRecords sums;
  std::vector<std::optional<FileRecord>> block(
      static_cast<std::size_t>(std::min<std::uint64_t>(kBlockEntries, key.files)));
  for (std::uint64_t first = 0; first < key.files; first += block.size()) {
    block.resize(static_cast<std::size_t>(std::min<std::uint64_t>(block.size(), key.files - first)));
    STOKER_TRY(records->read(first, block));
    for (const std::optional<FileRecord>& record : block) sums.add(record);
  }
  return sums;
}

}  // namespace

Result<MergedRecords> merge_records(io::Storage& storage, const io::Path& data_folder, const RecordsKey& key) {
  STOKER_ASSIGN(const std::vector<io::Path> paths, journal_paths(storage, data_folder));
  if (paths.empty()) {
    // Nothing to add: a data set on a read-only mount stays as it is.
    auto whole = count_table(storage, data_folder, key);
    if (whole || (whole.error().code != Code::kNotFound && whole.error().code != Code::kCorrupt)) return whole;
  }
  std::vector<Journal> journals;
  for (const io::Path& path : paths) {
    STOKER_ASSIGN(Journal journal, open_journal(storage, path, key));
    if (!journal.blocks.empty()) journals.push_back(std::move(journal));
  }
  STOKER_ASSIGN(OldTable old, OldTable::open(storage, data_folder, key));

  STOKER_ASSIGN(const auto table, storage.create(data_folder / kRecordsName, {.durable = true}));
  STOKER_ASSIGN(const MergedRecords merged, write_table(storage, *table, old, journals, key));
  STOKER_TRY(table->commit());
  // Only now: what they say is in a table that survives a crash.
  for (const io::Path& path : paths) STOKER_TRY(storage.remove(path));
  return merged;
}

bool has_journals(std::span<const io::DirEntry> entries) {
  return std::ranges::any_of(entries, is_journal_file);
}

std::uint64_t records_bytes(std::uint64_t files, std::uint64_t written, std::uint64_t ranks,
                            std::uint64_t block_bytes) {
  // A manifest of unknown origin may claim any number; this one is too much for every file system.
  constexpr std::uint64_t kMostFiles = std::uint64_t{1} << 56;
  files = std::min(files, kMostFiles);
  written = std::min(written, kMostFiles);
  const auto in_blocks = [&](std::uint64_t bytes) { return (bytes + block_bytes - 1) / block_bytes * block_bytes; };
  const auto journal = [&](std::uint64_t entries) { return in_blocks(kHeaderBytes + entries * kJournalEntryBytes); };
  std::uint64_t bytes = in_blocks(kHeaderBytes + files * kEntryBytes);
  if (ranks == 0) return bytes;
  // Shares differ by one file.
  const std::uint64_t larger = written % ranks;
  bytes += larger * journal(written / ranks + 1) + (ranks - larger) * journal(written / ranks);
  return bytes;
}

Status remove_records(io::Storage& storage, const io::Path& data_folder) {
  STOKER_ASSIGN(const std::vector<io::Path> journals, journal_paths(storage, data_folder));
  for (const io::Path& path : journals) STOKER_TRY(storage.remove(path));
  STOKER_TRY(storage.remove(io::temporary_name(data_folder / kRecordsName)));
  return storage.remove(data_folder / kRecordsName);
}

}  // namespace stoker::dataset
