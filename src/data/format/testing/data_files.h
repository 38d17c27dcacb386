// The files of a data set as datagen writes them, without its manifest, in memory or in a folder.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/check.h"
#include "config/workload.h"
#include "data/dataset/layout.h"
#include "data/format/format.h"
#include "data/format/side_files.h"
#include "data/io/storage.h"

namespace stoker::format::testing {

// A file under the name that `spec` has, with those beside it.
inline void write_file(io::Storage& storage, const config::Workload& workload, const dataset::FileSpec& spec) {
  const auto format = find_format(workload.dataset.format);
  STOKER_CHECK(format.has_value());
  const auto writer = (*format)->make_writer(workload);
  STOKER_CHECK(writer.has_value());
  STOKER_CHECK(storage.make_directories(spec.path.parent_path()).has_value());
  const auto file = storage.create(spec.path);
  STOKER_CHECK(file.has_value());
  STOKER_CHECK((*writer)->write(spec, **file, {}).has_value());
  STOKER_CHECK((*file)->commit().has_value());
  const dataset::Layout layout(workload);
  for (std::size_t side = 0; side < layout.side_files(); ++side)
    STOKER_CHECK(storage.make_directories(layout.side_path(spec, side).parent_path()).has_value());
  STOKER_CHECK(SideFiles(workload, **format).write(storage, spec, {}).has_value());
}

inline void write_data_set(io::Storage& storage, const config::Workload& workload) {
  const dataset::Layout layout(workload);
  for (std::uint64_t g = 0; g < layout.total_files(); ++g) write_file(storage, workload, layout.file(g));
}

}  // namespace stoker::format::testing
