// How the files of a workload's data set are opened.
#pragma once

#include "config/formats.h"
#include "config/workload.h"
#include "data/io/storage.h"

namespace stoker::format {

[[nodiscard]] inline io::OpenOptions open_options(const config::Workload& w) {
  return {.direct = w.reader.odirect || w.storage.storage_type == config::StorageType::kDirectFs,
          .mapped = config::spec_of(w.dataset.format).is_mapped,
          .transfer_bytes = static_cast<std::uint64_t>(w.reader.transfer_size.value_or(0))};
}

}  // namespace stoker::format
