// Files of a workload that are written for a measurement, where there is no data set, and removed after it.
#pragma once

#include <cstdint>
#include <stop_token>
#include <vector>

#include "base/status.h"
#include "config/workload.h"
#include "data/format/format.h"
#include "data/io/storage.h"

namespace stoker::ceilings {

// The workload with fewer files, and smaller ones where one is larger than `bytes_most`: so many rows are left out; row
// groups, and with them requests, stay as they are. At least one file of one row.
[[nodiscard]] Result<config::Workload> reduced(const config::Workload&, const format::Format&,
                                               std::uint64_t bytes_most);

// A folder that was made for this, empty.
class OwnFiles {
 public:
  OwnFiles(io::Storage& storage, io::Path folder) : storage_(storage), folder_(std::move(folder)) {}
  ~OwnFiles() { (void)remove(); }
  OwnFiles(const OwnFiles&) = delete;
  OwnFiles& operator=(const OwnFiles&) = delete;

  // Writes the files of `w`, whose data folder it becomes; all is on the storage when it returns.
  Status write(config::Workload& w, const format::Format&, const std::stop_token&);
  [[nodiscard]] const io::Path& folder() const { return folder_; }
  [[nodiscard]] const std::vector<io::Path>& files() const { return files_; }
  // File by file, then the folders that are empty. What others put there stays.
  Status remove();

 private:
  io::Storage& storage_;
  const io::Path folder_;
  std::vector<io::Path> files_, folders_;
};

}  // namespace stoker::ceilings
