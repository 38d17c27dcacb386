// Writes a data set: each rank takes every n-th file, its threads take files from that share as they become free.
//
// A file is written under "<name>.tmp" in its own folder and renamed when it is complete and closed, so a name that a
// reader knows never holds half a file. Then the rank's journal learns its rows, bytes and the checksum that was taken
// while they went by, so that a later run knows which files it may keep. On an error, a stop or a failure elsewhere,
// the temporary files of this rank are removed.
#pragma once

#include <cstdint>
#include <functional>
#include <stop_token>

#include "base/status.h"
#include "config/workload.h"
#include "data/datagen/share.h"
#include "data/dataset/file_records.h"
#include "data/dataset/layout.h"
#include "data/format/format.h"
#include "data/io/storage.h"

namespace stoker::datagen {

class KeptFiles;  // kept_files.h

// What has been written so far, by this rank. Called from writer threads, several times a second.
using ProgressFunction = std::function<void(std::uint64_t files, std::uint64_t bytes)>;

struct Request {
  const config::Workload& workload;
  const format::Format& format;
  const dataset::Layout& layout;
  io::Storage& storage;
  int rank = 0;
  int ranks = 1;
  unsigned threads = 1;
};

[[nodiscard]] Share share_of(const Request& request);

// Creates the folders of both splits. By one rank, before the others write.
[[nodiscard]] Status make_folders(const Request& request);

// Writes the files of this rank's share that are not kept, and enters them in the journal. The first error stops all
// its threads and is returned. `added` learns of finished files and of bytes as they are handed to the storage.
[[nodiscard]] Result<format::WriteStats> write_share(const Request& request, const KeptFiles& kept,
                                                     dataset::FileJournal& journal, const ProgressFunction& added,
                                                     const std::stop_token& stop);

}  // namespace stoker::datagen
