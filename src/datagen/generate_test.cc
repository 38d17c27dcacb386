#include "datagen/generate.h"

#include <map>
#include <set>
#include <string>
#include <thread>

#include "base/testing/status_matchers.h"
#include "config/load.h"
#include "io/testing/faulty_storage.h"
#include "io/testing/mem_storage.h"

namespace stoker::datagen {
namespace {

using io::testing::FaultyStorage;
using io::testing::MemCall;
using io::testing::MemStorage;

config::Workload workload(const std::string& extra = "") {
  config::LoadRequest request;
  auto loaded = config::load_text(
      "model: {name: t}\nframework: pytorch\nworkflow: {generate_data: true, train: false}\n"
      "dataset:\n  format: parquet\n  data_folder: /data\n  num_files_train: 5\n  num_files_eval: 2\n  "
      "num_samples_per_file: 50\n"
      "  parquet:\n    row_group_size: 16\n    columns:\n    - {name: a, dtype: int64}\n    - {name: v, dtype: "
      "float32, size: 8}\n" +
          extra,
      "test.yaml", request);
  EXPECT_TRUE(testing::is_ok(loaded));
  return loaded->workload;
}

const format::Format& parquet() {
  auto found = format::find_format(config::FormatName::kParquet);
  return **found;
}

// All files by path, written by `ranks` ranks with `threads` threads each.
std::map<std::string, std::string> generate(int ranks, unsigned threads) {
  const config::Workload w = workload();
  const dataset::Layout layout(w);
  MemStorage storage;
  std::uint64_t files = 0;
  for (int rank = 0; rank < ranks; ++rank) {
    const Request request{w, parquet(), layout, storage, rank, ranks, threads};
    if (rank == 0) {
      EXPECT_OK(make_folders(request));
    }
    auto stats = write_share(request, [](std::uint64_t, std::uint64_t) {}, {});
    EXPECT_OK(stats);
    files += stats->files;
    EXPECT_EQ(stats->rows, stats->files * 50);
  }
  EXPECT_EQ(files, 7U);
  std::map<std::string, std::string> all;
  for (std::uint64_t g = 0; g < layout.total_files(); ++g) {
    const auto path = layout.file(g).path;
    const auto bytes = storage.get(path);
    all[path.string()] = std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  }
  return all;
}

TEST(Generate, WritesTheSameBytesForAnyNumberOfRanksAndThreads) {
  const auto one = generate(1, 1);
  ASSERT_EQ(one.size(), 7U);
  EXPECT_EQ(generate(3, 2), one);
  EXPECT_EQ(generate(9, 4), one);  // more ranks than files
  std::set<std::string> distinct;
  for (const auto& [path, bytes] : one) distinct.insert(bytes);
  EXPECT_EQ(distinct.size(), 7U) << "two files hold the same bytes";
}

TEST(Generate, CountsWhatItWrote) {
  const config::Workload w = workload();
  const dataset::Layout layout(w);
  MemStorage storage;
  const Request request{w, parquet(), layout, storage, 0, 1, 2};
  ASSERT_OK(make_folders(request));
  std::atomic<std::uint64_t> files{0}, bytes{0};
  const auto stats = write_share(request, [&](std::uint64_t f, std::uint64_t b) { files += f, bytes += b; }, {});
  ASSERT_OK(stats);
  EXPECT_EQ(files.load(), 7U);
  EXPECT_EQ(bytes.load(), stats->bytes);
  std::uint64_t on_storage = 0;
  for (std::uint64_t g = 0; g < 7; ++g) on_storage += storage.get(layout.file(g).path).size();
  EXPECT_EQ(on_storage, stats->bytes);
}

TEST(Generate, AFullStorageLeavesNoHalfFile) {
  const config::Workload w = workload();
  const dataset::Layout layout(w);
  MemStorage memory;
  io::testing::Faults faults;
  faults.space_bytes = 8'000;
  FaultyStorage storage(memory, faults);
  const Request request{w, parquet(), layout, storage, 0, 1, 2};
  ASSERT_OK(make_folders(request));
  EXPECT_ERROR(write_share(request, [](std::uint64_t, std::uint64_t) {}, {}), Code::kNoSpace, ".parquet");
  std::uint64_t complete = 0;
  for (const auto& entry : *memory.list(layout.split_folder(dataset::Split::kTrain))) {
    EXPECT_EQ(entry.name.find(".tmp"), std::string::npos) << entry.name;
    ++complete;
  }
  EXPECT_LT(complete, 5U);
}

TEST(Generate, AFileThatCannotBeClosedIsNotRenamed) {
  const config::Workload w = workload();
  const dataset::Layout layout(w);
  MemStorage memory;
  io::testing::Faults faults;
  faults.fail_close = true;
  FaultyStorage storage(memory, faults);
  const Request request{w, parquet(), layout, storage, 0, 1, 1};
  ASSERT_OK(make_folders(request));
  EXPECT_ERROR(write_share(request, [](std::uint64_t, std::uint64_t) {}, {}), Code::kIo, "close");
  EXPECT_TRUE(memory.list(layout.split_folder(dataset::Split::kTrain))->empty());
}

TEST(Generate, AStopLeavesOnlyCompleteFiles) {
  const config::Workload w = workload();
  const dataset::Layout layout(w);
  MemStorage storage;
  const Request request{w, parquet(), layout, storage, 0, 1, 1};
  ASSERT_OK(make_folders(request));
  std::stop_source stop;
  const auto added = [&](std::uint64_t files, std::uint64_t) {
    if (files == 1) stop.request_stop();  // after the first file
  };
  EXPECT_ERROR(write_share(request, added, stop.get_token()), Code::kInterrupted, "after 1 of 7 files");
  EXPECT_EQ(storage.list(layout.split_folder(dataset::Split::kTrain))->size(), 1U);
}

TEST(Generate, MakesOneFolderForEachPartition) {
  config::Workload w = workload();
  w.dataset.num_subfolders_train = 3;
  const dataset::Layout layout(w);
  MemStorage storage;
  const Request request{w, parquet(), layout, storage, 0, 1, 1};
  ASSERT_OK(make_folders(request));
  EXPECT_EQ(storage.list(layout.split_folder(dataset::Split::kTrain))->size(), 3U);
  ASSERT_OK(write_share(request, [](std::uint64_t, std::uint64_t) {}, {}));
}

}  // namespace
}  // namespace stoker::datagen
