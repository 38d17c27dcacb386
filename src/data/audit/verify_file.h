// Whether one data file is what it should be.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/aligned_buffer.h"
#include "base/status.h"
#include "config/workload.h"
#include "data/audit/expected_files.h"
#include "data/audit/held_file.h"
#include "data/audit/read_rows.h"
#include "data/dataset/file_records.h"
#include "data/format/side_files.h"
#include "data/format/value_checker.h"
#include "data/io/storage.h"

namespace stoker::audit {

// Faults that are told of one file; a file that has so many is not read further.
inline constexpr std::size_t kFaultsPerFile = 8;

struct FileCheck {
  std::vector<std::string> faults;  // place, what was found and what was expected; without the path
  bool is_missing = false;
  bool has_more = false;                  // the file was not read to its end: there may be more
  std::uint64_t bytes = 0, rows = 0;      // of the file as it is
  std::optional<std::uint64_t> checksum;  // where it was computed
  [[nodiscard]] bool is_fine() const { return faults.empty(); }
};

struct VerifyOptions {
  // Compares every value with the generator. Without it that is done only where a checksum is wrong, to find the place.
  bool values = false;
  // A file without a record is compared by value, and its checksum computed: to give it one.
  bool make_records = false;
  // The data set's, for `values`; null without a manifest.
  const config::Workload* workload = nullptr;
};

// Verifies one file after the other, and keeps memory, readers and the generator's values for the next. For one thread.
// The storage and the workload outlive it.
class FileVerifier {
 public:
  FileVerifier(io::Storage& storage, const VerifyOptions& options);

  // Presence, size and checksum as far as the file's record knows them; headers, pages and all values as far as the
  // format has them. What is wrong with the file, unreadable files included, is no error; the only ones are
  // Code::kInterrupted and Code::kLimit, and those of a workload that has no values to compare with.
  [[nodiscard]] Result<FileCheck> verify(const ExpectedFile& expected, const std::stop_token& stop);

 private:
  class Check;

  const VerifyOptions options_;
  HeldFile storage_;
  RowReader reader_;
  AlignedBuffer block_;
  std::unique_ptr<format::ValueChecker> checker_;  // of the workload's format
  std::optional<format::SideFiles> sides_;         // of the workload
};

}  // namespace stoker::audit
