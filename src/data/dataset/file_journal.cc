#include "data/dataset/record_bytes_internal.h"

namespace stoker::dataset {

bool is_journal(std::string_view name) {
  if (!name.starts_with(kJournalPrefix)) return false;
  name.remove_prefix(kJournalPrefix.size());
  return !name.empty() && name.find_first_not_of("0123456789") == std::string_view::npos;
}

Result<std::unique_ptr<FileJournal>> FileJournal::create(io::Storage& storage, const io::Path& data_folder, int rank,
                                                         const RecordsKey& key) {
  STOKER_ASSIGN(auto file, storage.create_log(data_folder / fmt::format("{}{}", kJournalPrefix, rank)));
  STOKER_TRY(file->append(internal::header_bytes(internal::kJournalMagic, key)));
  return std::unique_ptr<FileJournal>(new FileJournal(std::move(file)));
}

Status FileJournal::add(std::uint64_t g, const FileRecord& record) {
  internal::JournalEntryBytes bytes;
  internal::put(bytes.data(), g);
  internal::put_entry(&bytes[8], g, record);
  const std::lock_guard lock(mutex_);
  // One append is one write: an entry of another thread never lies inside this one.
  return file_->append(bytes);
}

Status FileJournal::close() {
  const std::lock_guard lock(mutex_);
  return file_->close();
}

}  // namespace stoker::dataset
