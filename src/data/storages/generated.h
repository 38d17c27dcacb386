// A data set that lies nowhere: the bytes of its files are computed when they are read, by the functions that would
// have written them. It shows what a client can do, and it is never a result of a storage.
#pragma once

#include <memory>

#include "base/status.h"
#include "config/workload.h"
#include "data/io/storage.h"

namespace stoker::storages {

// The workload's data folder holds exactly the files that datagen would write there, whatever lies in it on `below`,
// and nothing can be written, renamed or removed there (Code::kConfig). All other paths are those of `below`.
//
// A file opened with OpenOptions::direct asks for the ranges that O_DIRECT would. Each range of a call is one request.
// Code::kConfig when the data set's bytes cannot be computed (format::make_contents).
[[nodiscard]] Result<std::unique_ptr<io::Storage>> make_generated_storage(std::unique_ptr<io::Storage> below,
                                                                          const config::Workload& workload);

}  // namespace stoker::storages
