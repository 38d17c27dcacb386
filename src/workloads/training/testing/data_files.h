// The files of a workload's data set, written to a storage.
#pragma once

#include <gtest/gtest.h>

#include "base/testing/status_matchers.h"
#include "data/dataset/layout.h"
#include "data/format/format.h"
#include "data/format/side_files.h"
#include "data/io/storage.h"

namespace stoker::training::testing {

// Without a manifest.
inline void write_files(io::Storage& storage, const config::Workload& w) {
  const auto format = format::find_format(w.dataset.format);
  ASSERT_OK(format);
  const auto writer = (*format)->make_writer(w);
  ASSERT_OK(writer);
  const dataset::Layout layout(w);
  for (const auto split : {dataset::Split::kTrain, dataset::Split::kEval}) {
    for (std::uint64_t i = 0; i < layout.files(split); ++i) {
      const dataset::FileSpec spec = layout.file(split, i);
      ASSERT_OK(storage.make_directories(spec.path.parent_path()));
      const auto file = storage.create(spec.path);
      ASSERT_OK(file);
      ASSERT_OK((*writer)->write(spec, **file, {}));
      ASSERT_OK((*file)->commit());
      ASSERT_OK(format::SideFiles(w, **format).write(storage, spec, {}));
    }
  }
}

}  // namespace stoker::training::testing
