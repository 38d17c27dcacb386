// Writes faulty files of a data set anew, as datagen wrote them.
#pragma once

#include <cstdint>
#include <functional>
#include <stop_token>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "data/audit/expected_files.h"
#include "data/audit/verify.h"
#include "data/dataset/file_records.h"
#include "data/format/format.h"
#include "data/io/storage.h"

namespace stoker::audit {

// Whether files can be written anew, bit for bit: Code::kInvalidArgument without a manifest, Code::kUnsupported when
// another version of the program wrote them, whose files are not the same.
[[nodiscard]] Status check_repairable(const ExpectedFiles& files, std::string_view version);

struct RepairRequest {
  io::Storage& storage;
  const ExpectedFiles& files;                // check_repairable() has been asked
  const std::vector<std::uint64_t>& faulty;  // sorted numbers of files
  dataset::FileJournal& journal;             // learns of each file that was written
  unsigned ranks = 1;
  std::function<void(std::uint64_t files, std::uint64_t bytes)> progress = nullptr;  // from any thread
};

// Exactly these files are written, under temporary names, and renamed. The records are the caller's to merge.
[[nodiscard]] Result<format::WriteStats> repair_files(const RepairRequest& request, const std::stop_token& stop);

struct Repaired {
  Verified before;
  format::WriteStats written;
  Verified after;  // of the files that were written; as before when there were no faults
};

// Verifies, writes the faulty files anew, brings the records up to date and verifies again what was written. Files
// without a usable record are compared by value and get one. A data set that is complete now is marked so.
// Code::kFailed where another process is at work on it (data/dataset/folder_lock.h). `writing` is called between the
// two halves, when there are faulty files; `written` as RepairRequest::progress.
struct RepairEvents {
  std::function<void(std::uint64_t files)> writing = nullptr;
  std::function<void(std::uint64_t files, std::uint64_t bytes)> written = nullptr;
};
[[nodiscard]] Result<Repaired> verify_and_repair(const VerifyRequest& request, const io::Path& path,
                                                 const RepairEvents& events, const std::stop_token& stop);

}  // namespace stoker::audit
