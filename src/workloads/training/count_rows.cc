#include "workloads/training/count_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "base/compact_text.h"
#include "base/plural.h"
#include "base/threads.h"
#include "base/units.h"
#include "data/format/column_difference.h"

namespace stoker::training {
namespace {

using format::Outline;

// A footer is one small request, most of whose time is the storage's: more of them in flight than there are CPUs. Each
// thread has some files to look at, or it is not worth having.
constexpr std::uint64_t kLeastThreads = 8;
constexpr std::uint64_t kFilesPerThread = 16;

// The outlines of this rank's part of the sample, in order.
class Counter {
 public:
  Counter(Context& c, format::FormatReader& reader, const dataset::FileTable& files, const Sample& sample)
      : c_(c), reader_(reader), files_(files), sample_(sample) {
    const auto rank = static_cast<std::uint64_t>(c.comm.rank());
    const auto ranks = static_cast<std::uint64_t>(c.comm.size());
    if (rank < sample.size()) found_.resize((sample.size() - rank + ranks - 1) / ranks);
  }

  Result<std::vector<Outline>> run() {
    const std::uint64_t wanted = std::max<std::uint64_t>(c_.read_threads, kLeastThreads);
    const std::uint64_t threads = std::min(wanted, found_.size() / kFilesPerThread + 1);
    {
      std::vector<std::jthread> helpers;
      // Where no more threads may be made, those that are there do the work.
      for (std::uint64_t i = 1; i < threads && add_thread(helpers, "a thread", [this] { run_worker(); }); ++i) {
      }
      run_worker();
    }
    if (error_) return *error_;
    return std::move(found_);
  }

 private:
  void run_worker() {
    const Status done = caught([this]() -> Status {
      work();
      return {};
    });
    if (!done) fail(0, done.error());
  }
  void work() {
    const auto rank = static_cast<std::uint64_t>(c_.comm.rank());
    const auto ranks = static_cast<std::uint64_t>(c_.comm.size());
    while (!failed_.load(std::memory_order_relaxed)) {
      const std::uint64_t mine = next_.fetch_add(1, std::memory_order_relaxed);
      if (mine >= found_.size()) return;
      if (c_.environment.stop.stop_requested()) {
        fail(mine, make_error(Code::kInterrupted, "interrupted while the rows of the files were counted"));
        return;
      }
      auto outline = reader_.outline(files_.path(sample_.file(rank + mine * ranks)));
      if (!outline) {
        fail(mine, outline.error());
        return;
      }
      found_[static_cast<std::size_t>(mine)] = *outline;
    }
  }
  // Of several errors the earliest file's is told.
  void fail(std::uint64_t mine, Error error) {
    const std::lock_guard lock(mutex_);
    failed_ = true;
    if (error_ && failed_at_ < mine) return;
    failed_at_ = mine;
    error_ = std::move(error);
  }

  Context& c_;
  format::FormatReader& reader_;
  const dataset::FileTable& files_;
  const Sample& sample_;
  std::vector<Outline> found_;
  std::atomic<std::uint64_t> next_{0};
  std::atomic<bool> failed_{false};
  std::mutex mutex_;
  std::uint64_t failed_at_ = 0;
  std::optional<Error> error_;
};

// Outlines travel as runs: how many in a row are alike, then rows and columns.
std::string to_text(const std::vector<Outline>& outlines) {
  std::string text;
  for (std::size_t begin = 0, end = 0; begin < outlines.size(); begin = end) {
    const Outline& one = outlines[begin];
    while (end < outlines.size() && outlines[end].rows == one.rows && outlines[end].columns == one.columns) ++end;
    put_varint(text, end - begin);
    put_varint(text, one.rows);
    put_varint(text, one.columns);
  }
  return text;
}

// What all ranks found, in the order of the sample.
Result<std::vector<Outline>> merge(const std::vector<std::string>& texts, const Sample& sample) {
  std::vector<Outline> all(static_cast<std::size_t>(sample.size()));
  for (std::size_t rank = 0; rank < texts.size(); ++rank) {
    CompactReader reader(texts[rank]);
    std::size_t at = rank;
    bool whole = true;
    while (whole && !reader.at_end()) {
      std::uint64_t length = reader.varint();
      const std::uint64_t rows = reader.varint();
      const std::uint64_t columns = reader.varint();
      for (; length > 0 && at < all.size(); --length, at += texts.size()) all[at] = {rows, columns};
      whole = reader.ok() && length == 0;
    }
    if (!whole || at < all.size())
      return make_error(Code::kCorrupt, "the numbers of rows that rank {} sent are damaged", rank);
  }
  return all;
}

// Looks at the files of the sample; rank 0 learns all of them, and whether their columns are the same.
Result<std::vector<Outline>> look_at(Context& c, format::FormatReader& reader, const dataset::FileTable& files,
                                     const Sample& sample) {
  auto mine = Counter(c, reader, files, sample).run();
  STOKER_TRY(dist::agree(c.comm, mine ? Status{} : Status{mine.error()}));
  STOKER_ASSIGN(const std::vector<std::string> texts, c.comm.gather(to_text(*mine), 0));
  Result<std::vector<Outline>> all = std::vector<Outline>{};
  if (c.root()) {
    all = merge(texts, sample);
    if (all) {
      const auto other =
          std::ranges::find_if(*all, [&](const Outline& one) { return one.columns != all->front().columns; });
      if (other != all->end())
        all = other_columns(reader, files, sample.file(static_cast<std::uint64_t>(other - all->begin())));
    }
  }
  STOKER_TRY(dist::agree_on_root(c.comm, all ? Status{} : Status{all.error()}));
  return all;
}

// The rows of all files where a sample of them is all alike; nullopt where it is not.
Result<std::optional<dataset::RowCounts>> from_sample(const std::vector<Outline>& sample, std::uint64_t files) {
  const auto differs = [&](const Outline& one) { return one.rows != sample.front().rows; };
  if (std::ranges::any_of(sample, differs)) return std::optional<dataset::RowCounts>();
  STOKER_ASSIGN(dataset::RowCounts rows, dataset::RowCounts::equal(files, sample.front().rows));
  return std::optional(std::move(rows));
}

Result<dataset::RowCounts> from_all(const std::vector<Outline>& outlines) {
  std::vector<std::uint64_t> rows;
  rows.reserve(outlines.size());
  for (const Outline& one : outlines) rows.push_back(one.rows);
  return dataset::RowCounts::of(std::move(rows));
}

Result<dataset::RowCounts> share(Context& c, const Result<dataset::RowCounts>& rows) {
  STOKER_TRY(dist::agree_on_root(c.comm, rows ? Status{} : Status{rows.error()}));
  STOKER_ASSIGN(const std::string text, c.comm.broadcast(c.root() ? rows->serialize() : "", 0));
  return dataset::RowCounts::parse(text);
}

// Every file is looked at.
Result<dataset::RowCounts> count_all(Context& c, format::FormatReader& reader, const dataset::FileTable& files) {
  const Instant begin = c.clock().now();
  STOKER_ASSIGN(const std::vector<Outline> outlines, look_at(c, reader, files, Sample::all(files.size())));
  Result<dataset::RowCounts> rows = dataset::RowCounts{};
  if (c.root()) rows = from_all(outlines);
  STOKER_ASSIGN(dataset::RowCounts counted, share(c, rows));
  c.reporter.output(fmt::format("{} counted in {} in {}", counted_long(counted.total(), "row"),
                                counted_long(files.size(), "file"),
                                format_duration(to_seconds(c.clock().now() - begin))));
  return counted;
}

Error too_many_unequal(const dataset::FileTable& files) {
  Error error = make_error(Code::kUnsupported,
                           "{}: the files differ in rows, and {} are too many to plan each of them (at most {})",
                           files.path(0).parent_path().string(), counted_long(files.size(), "file"),
                           format_count(dataset::kMostUnequalFiles));
  error.hint = "lower dataset.num_files_train or num_files_eval, or use files of equal length";
  return error;
}

}  // namespace

Sample Sample::some(std::uint64_t files) {
  constexpr std::uint64_t kStride = 1000;
  constexpr std::uint64_t kMost = 256;  // with the last file
  return {files, std::max<std::uint64_t>(kStride, files / (kMost - 2))};
}

std::uint64_t Sample::size() const {
  return files == 0 ? 0 : (files - 1 + stride - 1) / stride + 1;
}

std::uint64_t Sample::file(std::uint64_t k) const {
  return std::min(k * stride, files - 1);
}

std::string source_hint(RowSource source, std::uint64_t files) {
  switch (source) {
    case RowSource::kManifest:
      return "the data set's manifest says how many rows each file has: the file was changed since, or is another's; "
             "generate the data set again";
    case RowSource::kSample:
      return fmt::format(
          "of {} only some were counted before the run, and those are alike; use at most {}, of which every one is "
          "counted, or files of equal length",
          counted_long(files, "file"), counted_long(kMostCountedFiles, "file"));
    case RowSource::kFooters:
    case RowSource::kConfiguration: break;
  }
  return "the file was changed while the run was under way: start it again when nobody writes the data set";
}

Error other_columns(format::FormatReader& reader, const dataset::FileTable& files, std::uint64_t i) {
  const auto here = reader.columns(files.path(i));
  const auto there = reader.columns(files.path(0));
  std::string difference = "they cannot be compared";
  if (here && there) difference = format::column_difference(*here, *there);
  Error error = make_error(Code::kCorrupt, "{}: has other columns than {}: {}", files.path(i).string(),
                           files.path(0).string(), difference);
  error.hint = "the files of a data set must have the same columns: take those of another one out of the folder";
  return error;
}

Result<CountedRows> count_rows(Context& c, format::FormatReader& reader, const DataSet& set,
                               const dataset::FileTable& files) {
  CountedRows counted;
  if (!has_files(c.workload)) {
    STOKER_ASSIGN(counted.rows, dataset::RowCounts::equal(files.size(), set.layout.samples_per_file()));
    return counted;
  }
  if (set.rows_per_file) {
    counted.source = RowSource::kManifest;
    STOKER_ASSIGN(counted.rows, dataset::RowCounts::equal(files.size(), *set.rows_per_file));
    return counted;
  }
  if (files.size() > kMostCountedFiles) {
    counted.source = RowSource::kSample;
    STOKER_ASSIGN(const auto sample, look_at(c, reader, files, Sample::some(files.size())));
    Result<std::optional<dataset::RowCounts>> rows = std::optional<dataset::RowCounts>();
    if (c.root()) rows = from_sample(sample, files.size());
    if (c.root() && rows && !*rows && files.size() > dataset::kMostUnequalFiles) rows = too_many_unequal(files);
    STOKER_TRY(dist::agree_on_root(c.comm, rows ? Status{} : Status{rows.error()}));
    STOKER_ASSIGN(const std::string text, c.comm.broadcast(c.root() && *rows ? (*rows)->serialize() : "", 0));
    if (!text.empty()) {
      STOKER_ASSIGN(counted.rows, dataset::RowCounts::parse(text));
      return counted;
    }
  }
  counted.source = RowSource::kFooters;
  STOKER_ASSIGN(counted.rows, count_all(c, reader, files));
  return counted;
}

}  // namespace stoker::training
