// What is known of each file of a data set that was written here: rows, bytes and a checksum. The records lie beside
// the data set's manifest, in a table with one entry of fixed size per file, in the order of the work list
// (FileSpec::index); names are not in it, for the layout computes them. While a data set is being written every rank
// appends to a journal of its own; when all are done, or when a run resumes, the journals are merged into the table.
//
//     <data folder>/stoker_dataset.json          the manifest (results/dataset_manifest.h)
//     <data folder>/stoker_dataset.files         the table
//     <data folder>/stoker_dataset.journal.<r>   rank r's journal, while a data set is being written
//
// A crash leaves the old table or the new one, and a journal whose last entry may be torn: an entry that does not match
// its own checksum ends the journal. The bytes are described in docs/formats.md.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string_view>

#include "base/status.h"
#include "base/thread_annotations.h"
#include "config/data_set_names.h"
#include "data/io/storage.h"

namespace stoker::dataset {

using config::kManifestName;
inline constexpr std::string_view kRecordsName = "stoker_dataset.files";
inline constexpr std::string_view kJournalPrefix = "stoker_dataset.journal.";

// Whether a file of the data folder is a rank's journal by its name.
[[nodiscard]] bool is_journal(std::string_view name);

struct FileRecord {
  std::uint64_t rows = 0;
  std::uint64_t bytes = 0;
  std::uint64_t checksum = 0;  // base/checksum.h, of the whole file
  friend bool operator==(const FileRecord&, const FileRecord&) = default;
};

// Which data set a table belongs to. A table of another one is not read.
struct RecordsKey {
  std::uint64_t identity = 0;  // of the configuration (results::manifest_identity)
  std::uint64_t files = 0;     // of both splits
};

// The table of a data set, read block by block: memory does not grow with the number of files. Safe from many threads.
class FileRecords {
 public:
  // Code::kNotFound when there is none; Code::kCorrupt when it is damaged or of another data set.
  [[nodiscard]] static Result<std::unique_ptr<FileRecords>> open(io::Storage&, const io::Path& data_folder,
                                                                 const RecordsKey& key);
  virtual ~FileRecords() = default;
  // nullopt: the file was not finished. g < key.files.
  [[nodiscard]] virtual Result<std::optional<FileRecord>> find(std::uint64_t g) = 0;
  // Files [first, first + out.size()) at once.
  [[nodiscard]] virtual Status read(std::uint64_t first, std::span<std::optional<FileRecord>> out) = 0;
};

// A rank's journal. Safe from many threads. An entry is with the operating system when add() returns.
class FileJournal {
 public:
  [[nodiscard]] static Result<std::unique_ptr<FileJournal>> create(io::Storage&, const io::Path& data_folder, int rank,
                                                                   const RecordsKey& key);
  // File g is complete under its final name.
  [[nodiscard]] Status add(std::uint64_t g, const FileRecord& record);
  [[nodiscard]] Status close();

 private:
  explicit FileJournal(std::unique_ptr<io::LogFile> file) : file_(std::move(file)) {}
  std::mutex mutex_;
  std::unique_ptr<io::LogFile> file_ GUARDED_BY(mutex_);
};

struct MergedRecords {
  std::uint64_t files = 0;  // that have a record
  std::uint64_t rows = 0, bytes = 0;
  void add(const std::optional<FileRecord>& record) {
    if (!record) return;
    ++files;
    rows += record->rows;
    bytes += record->bytes;
  }
};

// By one rank, while no other writes: the table (if it is of this data set) and all journals become one table, then the
// journals are removed. Journals of other data sets are removed unread; a damaged entry of the table counts as none.
// Memory is bounded whatever the number of files. Without journals a table that is whole stays untouched.
[[nodiscard]] Result<MergedRecords> merge_records(io::Storage&, const io::Path& data_folder, const RecordsKey& key);
// What table and journals take at most at a time when `ranks` write `written` of a data set's `files` files: all
// journals and the table made of them, in a file system that allocates blocks of `block_bytes`.
[[nodiscard]] std::uint64_t records_bytes(std::uint64_t files, std::uint64_t written, std::uint64_t ranks,
                                          std::uint64_t block_bytes);
// Whether a rank has left a journal among the entries of a data folder.
[[nodiscard]] bool has_journals(std::span<const io::DirEntry> entries);
// Removes table and journals.
[[nodiscard]] Status remove_records(io::Storage&, const io::Path& data_folder);

}  // namespace stoker::dataset
