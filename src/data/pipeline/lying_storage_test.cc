// Whatever a storage makes of the bytes it was given, no wrong value reaches a batch unnoticed: reader.verify over a
// storage that lies, through the loader, its threads and the Parquet reader.
#include "data/io/testing/lying_storage.h"

#include <gtest/gtest.h>

#include <array>
#include <map>

#include "base/checksum.h"
#include "base/testing/status_matchers.h"
#include "data/format/chunk_reader.h"
#include "data/format/format.h"
#include "data/format/value_checker.h"
#include "data/io/testing/mem_storage.h"
#include "data/pipeline/data_loader.h"

namespace stoker::pipeline {
namespace {

using config::DType;
using io::testing::Lie;
using io::testing::LyingStorage;

constexpr std::uint64_t kRowsPerFile = 40;

config::Workload workload_of(bool dictionary, config::Compression compression, bool page_checksums) {
  config::Workload w;
  w.dataset.format = config::FormatName::kParquet;
  w.dataset.data_folder = "data";
  w.dataset.num_files_train = 3;
  w.dataset.num_samples_per_file = kRowsPerFile;
  w.dataset.compression = compression;
  w.dataset.parquet.dictionary = dictionary;
  w.dataset.parquet.page_checksums = page_checksums;
  w.dataset.parquet.row_group_size = 25;
  w.dataset.parquet.columns = {{.name = "id", .dtype = DType::kInt64},
                               {.name = "image", .dtype = DType::kUint8, .size = 300},
                               {.name = "latent", .dtype = DType::kFloat32, .size = 40},
                               {.name = "flag", .dtype = DType::kBool},
                               {.name = "text", .dtype = DType::kString},
                               {.name = "blob", .dtype = DType::kBinary, .size = 100}};
  return w;
}

const format::Format& parquet() {
  return **format::find_format(config::FormatName::kParquet);
}

void write_data_set(const config::Workload& w, io::Storage& storage) {
  const dataset::Layout layout(w);
  ASSERT_OK(storage.make_directories(layout.split_folder(dataset::Split::kTrain)));
  const auto writer = parquet().make_writer(w);
  ASSERT_OK(writer);
  for (std::uint64_t g = 0; g < layout.total_files(); ++g) {
    const dataset::FileSpec spec = layout.file(g);
    const auto out = storage.create(spec.path);
    ASSERT_OK(out);
    ASSERT_OK((*writer)->write(spec, **out, {}));
    ASSERT_OK((*out)->commit());
  }
}

struct Outcome {
  Status status;
  std::uint64_t bytes_verified = 0;
};

// One epoch over the data set with reader.verify.
Outcome train(const config::Workload& w, io::Storage& storage, unsigned threads, std::uint64_t seed) {
  const SteadyClock clock;
  const dataset::Layout layout(w);
  const auto path = [&](std::uint64_t i) { return layout.file(dataset::Split::kTrain, i).path; };
  auto reader = parquet().make_reader(w, storage);
  if (!reader) return {std::move(reader).error()};
  dataset::PlanRequest request;
  request.files = layout.files(dataset::Split::kTrain);
  request.samples_per_file = kRowsPerFile;
  request.batch_size = 8;
  request.shuffle_files = request.shuffle_samples = seed % 2 == 1;
  request.file_seed = request.sample_seed = seed;
  const dataset::EpochPlan plan(request);
  LoaderOptions options;
  options.threads = threads;
  options.verification = Verification{
      .make_checker = [&] { return format::make_checker(w); },
      .spec = [&](std::uint64_t i) -> Result<dataset::FileSpec> { return layout.file(dataset::Split::kTrain, i); }};
  struct Files final : Dataset {
    Result<std::unique_ptr<format::FileReader>> open(std::uint64_t i, io::ReadObserver* observer) override {
      return reader.open(path(i), observer);
    }
    std::unique_ptr<io::ReadQueue> make_read_queue(const io::ReadQueueOptions& queue_options,
                                                   io::ReadObserver* observer) override {
      return storage.make_read_queue(queue_options, observer);
    }
    Files(format::FormatReader& r, io::Storage& s, std::function<io::Path(std::uint64_t)> p)
        : reader(r), storage(s), path(std::move(p)) {}
    format::FormatReader& reader;
    io::Storage& storage;
    std::function<io::Path(std::uint64_t)> path;
  } files(**reader, storage, path);
  DataLoader loader(files, clock, options);
  EXPECT_OK(loader.begin_epoch(plan, 1, {}));
  Outcome outcome;
  for (std::uint64_t step = 0; step < plan.steps(); ++step) {
    if (auto batch = loader.next(); !batch) {
      outcome.status = std::move(batch).error();
      break;
    }
  }
  outcome.bytes_verified = loader.end_epoch().loader.bytes_verified;
  return outcome;
}

// All values of the columns that are read, one behind the other; nothing where the file cannot be decoded.
std::optional<std::vector<std::byte>> values_of(const config::Workload& w, io::Storage& storage, const io::Path& path) {
  const auto reader = parquet().make_reader(w, storage);
  const auto file = (*reader)->open(path, nullptr);
  if (!file) return std::nullopt;
  format::ChunkReader chunks;
  format::Chunk chunk;
  std::vector<std::byte> values;
  for (std::size_t u = 0; u < (*file)->units().size(); ++u) {
    const format::Unit& unit = (*file)->units()[u];
    if (!chunks.fetch(**file, {u, unit.first_row, unit.rows})) return std::nullopt;
    if (!chunks.decompress(**file) || !chunks.decode(**file, chunk)) return std::nullopt;
    for (const format::ColumnView& view : chunk.columns) {
      for (const format::Segment& s : view.segments) values.insert(values.end(), s.values.begin(), s.values.end());
      const Bytes lengths = std::as_bytes(std::span(view.lengths));
      values.insert(values.end(), lengths.begin(), lengths.end());
    }
  }
  return values;
}

// The file as it would be if the lie were the truth.
std::optional<std::vector<std::byte>> values_with(const config::Workload& w, const io::testing::MemStorage& truth,
                                                  const Lie& lie) {
  std::vector<std::byte> content = truth.get(lie.path);
  std::ranges::copy(lie.is, content.begin() + static_cast<std::ptrdiff_t>(lie.offset));
  io::testing::MemStorage patched;
  patched.put(lie.path, content);
  return values_of(w, patched, lie.path);
}

// A footer that lies may ask for what there is not.
bool is_told(const Status& status) {
  return status.error().code == Code::kCorrupt || status.error().code == Code::kUnsupported;
}

struct Counts {
  int told = 0, changed = 0, found = 0, harmless = 0;
  std::map<io::testing::LieKind, int> found_by_kind;
};

struct Shape {
  bool dictionary;
  config::Compression compression;
  bool page_checksums;
  config::Decode decode;
  std::vector<std::string> columns;  // empty: all
};

class LyingStorageTest : public ::testing::TestWithParam<Shape> {};

// One lie per epoch, at a random read. An epoch that ends well must have had the right values: the lie changed nothing
// that they are made of (a column that is not read, a statistic, padding).
TEST_P(LyingStorageTest, NoWrongValueGoesUnnoticed) {
  const Shape& shape = GetParam();
  config::Workload w = workload_of(shape.dictionary, shape.compression, shape.page_checksums);
  io::testing::MemStorage truth;
  write_data_set(w, truth);
  // What lay there before: the same files, shifted by one.
  io::testing::MemStorage stale;
  const dataset::Layout layout(w);
  io::testing::LyingOptions options{.stale = &stale};
  for (std::uint64_t i = 0; i < 3; ++i) {
    options.others.push_back(layout.file(i).path);
    stale.put(layout.file(i).path, truth.get(layout.file((i + 1) % 3).path));
  }
  w.dataset.parquet.decode = shape.decode;
  w.storage.columns = shape.columns;
  w.reader.verify = true;
  w.reader.chunk_bytes = 4096;

  options.first = 0;
  LyingStorage honest(truth, options);
  const Outcome undisturbed = train(w, honest, 3, 1);
  ASSERT_OK(undisturbed.status);
  ASSERT_GT(undisturbed.bytes_verified, 0U);
  const std::uint64_t reads = honest.reads();
  ASSERT_GT(reads, 6U);

  Counts counts;
  constexpr int kLies = 400;
  for (std::uint64_t seed = 1; counts.told < kLies; ++seed) {
    options.seed = seed;
    options.first = 1 + mix64(seed) % reads;
    // Most lies are about pages; the footers are read once.
    options.spare_ends = seed % 4 != 0;
    LyingStorage storage(truth, options);
    const Outcome outcome = train(w, storage, 1 + seed % 4, seed);
    const std::vector<Lie> lies = storage.lies();
    if (lies.empty()) {  // the epoch took fewer reads
      ASSERT_OK(outcome.status);
      continue;
    }
    ASSERT_EQ(lies.size(), 1U);
    const Lie& lie = lies.front();
    ++counts.told;
    if (!lie.changes_bytes()) {
      ASSERT_OK(outcome.status) << "seed " << seed;
      continue;
    }
    ++counts.changed;
    if (!outcome.status) {
      EXPECT_TRUE(is_told(outcome.status)) << outcome.status.error().message;
      EXPECT_THAT(outcome.status.error().message, ::testing::HasSubstr(lie.path.string()));
      ++counts.found;
      ++counts.found_by_kind[lie.kind];
      continue;
    }
    ++counts.harmless;
    // The end of the file is read for the footer; the pages that come along are fetched again.
    if (lie.at_end) continue;
    const auto values = values_with(w, truth, lie);
    EXPECT_TRUE(values && values == values_of(w, truth, lie.path))
        << "seed " << seed << ": a " << to_string(lie.kind) << " at byte " << lie.offset << " of " << lie.path
        << " was not noticed";
  }
  EXPECT_GT(counts.found, kLies / 3) << "the others hit what is read to find the pages";
  if (shape.columns.empty()) {
    EXPECT_EQ(counts.found_by_kind.size(), io::testing::kLieKinds);
  }
  std::string text = fmt::format("{} lies: {} changed bytes, {} found, {} without any effect on a value", counts.told,
                                 counts.changed, counts.found, counts.harmless);
  RecordProperty("lies", text);
  fmt::print("{}\n", text);
}

INSTANTIATE_TEST_SUITE_P(
    Shapes, LyingStorageTest,
    ::testing::Values(Shape{false, config::Compression::kNone, false, config::Decode::kArrays, {}},
                      Shape{true, config::Compression::kNone, false, config::Decode::kArrays, {}},
                      Shape{false, config::Compression::kZstd, true, config::Decode::kArrays, {}},
                      Shape{true, config::Compression::kSnappy, true, config::Decode::kArrow, {}},
                      Shape{false, config::Compression::kNone, true, config::Decode::kArrow, {}},
                      Shape{false, config::Compression::kNone, false, config::Decode::kArrays, {"latent", "text"}}));

// A storage that lies all the time ends an epoch with an error: never a crash, never a batch that waits for ever.
TEST(LyingStorage, ManyLiesEndTheEpoch) {
  config::Workload w = workload_of(true, config::Compression::kNone, false);
  io::testing::MemStorage truth;
  write_data_set(w, truth);
  const dataset::Layout layout(w);
  w.reader.verify = true;
  w.reader.chunk_bytes = 4096;
  int failed = 0;
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    io::testing::LyingOptions options{.seed = seed, .first = 1 + seed % 9, .every = 1 + seed % 3, .stale = &truth};
    for (std::uint64_t i = 0; i < 3; ++i) options.others.push_back(layout.file(i).path);
    LyingStorage storage(truth, options);
    const Outcome outcome = train(w, storage, static_cast<unsigned>(seed % 6), seed);
    if (!outcome.status) {
      EXPECT_TRUE(is_told(outcome.status)) << outcome.status.error().message;
      ++failed;
    }
  }
  EXPECT_GT(failed, 50);
}

// What a run does not look at, the checksum of the whole file does.
TEST(LyingStorage, AChecksumOfTheFileFindsEachChange) {
  const config::Workload w = workload_of(false, config::Compression::kNone, false);
  io::testing::MemStorage truth, stale;
  write_data_set(w, truth);
  const dataset::Layout layout(w);
  io::testing::LyingOptions options{.stale = &stale};
  for (std::uint64_t i = 0; i < 3; ++i) {
    options.others.push_back(layout.file(i).path);
    stale.put(layout.file(i).path, truth.get(layout.file((i + 1) % 3).path));
  }
  const io::Path path = layout.file(0).path;
  const std::uint64_t expected = checksum(truth.get(path));
  int changed = 0;
  constexpr std::uint64_t kSeeds = 1000;
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    options.seed = seed;
    options.first = 1 + seed % 8;
    LyingStorage storage(truth, options);
    const auto file = storage.open(path, {});
    ASSERT_OK(file);
    Checksum sum;
    std::vector<std::byte> block(((*file)->size() + 7) / 8);
    for (std::uint64_t at = 0; at < (*file)->size(); at += block.size()) {
      const MutBytes part = MutBytes(block).first(std::min<std::uint64_t>(block.size(), (*file)->size() - at));
      ASSERT_OK((*file)->read_many(std::vector{io::ReadOp{.offset = at, .into = part}}, nullptr));
      sum.add(part);
    }
    ASSERT_EQ(storage.lies().size(), 1U);
    changed += storage.lies()[0].changes_bytes() ? 1 : 0;
    EXPECT_EQ(sum.value() != expected, storage.lies()[0].changes_bytes()) << "seed " << seed;
  }
  EXPECT_GT(changed, 700);
}

}  // namespace
}  // namespace stoker::pipeline
