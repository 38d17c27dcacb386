// The data set of this folder's tests: 5 training and 2 evaluation files of 50 rows, in memory.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "base/testing/status_matchers.h"
#include "config/load.h"
#include "data/datagen/generate.h"
#include "data/datagen/kept_files.h"
#include "data/io/testing/mem_storage.h"

namespace stoker::datagen::testing {

inline config::Workload workload(const std::string& extra = "") {
  const config::LoadRequest request;
  auto loaded = config::load_text(
      "model: {name: t}\nframework: pytorch\nworkflow: {generate_data: true, train: false}\n"
      "dataset:\n  format: parquet\n  data_folder: /data\n  num_files_train: 5\n  num_files_eval: 2\n  "
      "num_samples_per_file: 50\n"
      "  parquet:\n    row_group_size: 16\n    columns:\n    - {name: a, dtype: int64}\n    - {name: v, dtype: "
      "float32, size: 8}\n" +
          extra,
      "test.yaml", request);
  EXPECT_TRUE(stoker::testing::is_ok(loaded));
  return loaded->workload;
}

inline const format::Format& parquet() {
  auto found = format::find_format(config::FormatName::kParquet);
  return **found;
}

inline constexpr dataset::RecordsKey kKey{.identity = 12, .files = 7};

inline std::string text_of(const io::testing::MemStorage& storage, const io::Path& path) {
  const auto bytes = storage.get(path);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// write_share with a journal of its own, closed at the end.
inline Result<format::WriteStats> write(
    const Request& request, const KeptFiles& kept = {},
    const ProgressFunction& added = [](std::uint64_t, std::uint64_t) {}, const std::stop_token& stop = {}) {
  STOKER_ASSIGN(const auto journal,
                dataset::FileJournal::create(request.storage, request.layout.root(), request.rank, kKey));
  auto stats = write_share(request, kept, *journal, added, stop);
  if (stats) STOKER_TRY(journal->close());
  return stats;
}

}  // namespace stoker::datagen::testing
