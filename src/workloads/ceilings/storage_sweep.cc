#include "workloads/ceilings/storage_sweep.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "base/plural.h"
#include "base/units.h"
#include "metrics/ceilings.h"
#include "workloads/ceilings/chunks.h"
#include "workloads/ceilings/read_rate.h"
#include "workloads/ceilings/write_rate.h"

namespace stoker::ceilings {
namespace {

constexpr std::uint64_t kMostWritten = 2 * kGiB;
// Pieces that the file system has under way of a writer: those it lends, but the one that is filled.
constexpr std::uint64_t kWriteDepth = 3;

std::string bytes_text(std::uint64_t bytes) {
  return format_bytes(static_cast<double>(bytes));
}

double milliseconds(Nanos n) {
  return to_seconds(n) * 1000;
}

std::string_view mode_text(bool direct) {
  return direct ? "past the page cache" : "through the page cache, cold";
}

// A note stands once, however often it is made.
void note(results::StorageCeiling& ceiling, std::string text) {
  if (std::ranges::find(ceiling.notes, text) == ceiling.notes.end()) ceiling.notes.push_back(std::move(text));
}

results::RatePoint point_of(const ReadMeasured& m, const ReadSettings& settings, bool direct) {
  return {.direct = direct,
          .depth = settings.depth,
          .threads = settings.threads,
          .seconds = to_seconds(m.wall),
          .bytes = m.bytes,
          .requests = m.requests,
          .bytes_per_second = m.bytes_per_second(),
          .cpu_seconds_per_gb = m.cpu_seconds_per_gb(),
          .request_bytes = m.request_bytes(),
          .p50_ms = milliseconds(m.latency.quantile(0.5)),
          .p99_ms = milliseconds(m.latency.quantile(0.99))};
}

class Reads {
 public:
  Reads(const StorageBench& bench, results::StorageCeiling& ceiling, const std::stop_token& stop)
      : b_(bench), ceiling_(ceiling), stop_(stop) {}

  Status run() {
    for (const io::Path& file : b_.files) {
      STOKER_ASSIGN(const std::uint64_t size, b_.storage.file_size(file));
      sizes_.push_back(size);
      ceiling_.file_bytes += size;
    }
    ceiling_.files = b_.files.size();
    Status status = mode(true);
    if (status) status = mode(false);
    // Also after an error: what was read is no later run's warm start.
    const Status forgotten = forget();
    STOKER_TRY(status);
    STOKER_TRY(forgotten);
    STOKER_ASSIGN(const std::uint64_t left, resident());
    std::uint64_t read = 0;
    for (const results::RatePoint& point : ceiling_.reads) read += point.bytes;
    note(ceiling_,
         fmt::format("read {} of {} ({}); afterwards the kernel was made to forget them: {} {} left in the page "
                     "cache",
                     bytes_text(read), counted_long(ceiling_.files, "file"), bytes_text(ceiling_.file_bytes),
                     bytes_text(left), left == 1 ? "is" : "are"));
    return {};
  }

 private:
  Status forget() {
    for (const io::Path& file : b_.files) STOKER_TRY(b_.storage.forget(file));
    return {};
  }

  Result<std::uint64_t> resident() {
    std::uint64_t bytes = 0;
    for (const io::Path& file : b_.files) {
      STOKER_ASSIGN(const std::uint64_t there, b_.storage.kept_bytes(file));
      bytes += there;
    }
    return bytes;
  }

  // Before a pass through the page cache.
  Status make_cold() {
    STOKER_TRY(forget());
    STOKER_ASSIGN(const std::uint64_t left, resident());
    constexpr std::uint64_t kPercent = 100;
    if (left * kPercent > ceiling_.file_bytes) {
      note(ceiling_,
           fmt::format(
               "the page cache could not be emptied of the files ({} of {} stayed, mapped or in use by others, or "
               "the kernel does not tell of files of other users): reads through it are not cold",
               bytes_text(left), bytes_text(ceiling_.file_bytes)));
    }
    return {};
  }

  Status mode(bool direct) {
    if (direct && !b_.format.odirect) {
      note(ceiling_, "files of this format are not read with O_DIRECT");
      return {};
    }
    config::Workload w = b_.workload;
    w.reader.odirect = direct;
    const auto chunks = Chunks::open(w, b_.format, b_.storage, b_.files, stop_);
    if (!chunks) {
      if (!direct || chunks.error().code != Code::kUnsupported) return chunks.error();
      note(ceiling_, "O_DIRECT: " + chunks.error().message);
      return {};
    }
    const std::size_t first = ceiling_.reads.size();
    std::vector<double> rates;
    for (const unsigned depth : b_.depths) {
      STOKER_ASSIGN(const bool made, measure(*chunks, {.depth = depth, .threads = 1, .seconds = b_.seconds}, direct));
      if (!made) {
        note(ceiling_, fmt::format("{}: depths from {} on take more than {} of memory and are left out",
                                   direct ? "O_DIRECT" : "buffered", depth, bytes_text(kMostReadMemory)));
        break;
      }
      rates.push_back(ceiling_.reads.back().bytes_per_second);
    }
    const auto at = metrics::knee(rates);
    if (!at) return {};
    results::RatePoint& knee = ceiling_.reads[first + *at];
    knee.knee = true;
    if (b_.cpus <= 1) return {};
    const ReadSettings all{.depth = static_cast<unsigned>(knee.depth), .threads = b_.cpus, .seconds = b_.seconds};
    STOKER_ASSIGN(const bool made, measure(*chunks, all, direct));
    if (!made) {
      note(ceiling_,
           fmt::format("{} threads with depth {} take too much memory and are left out", all.threads, all.depth));
    }
    return {};
  }

  Result<bool> measure(const Chunks& chunks, ReadSettings settings, bool direct) {
    b_.say(fmt::format("reading {}: depth {}, {}", mode_text(direct), settings.depth,
                       counted(settings.threads, "thread")));
    if (direct) {
      STOKER_TRY(forget());
    } else {
      settings.before_pass = [this] { return make_cold(); };
    }
    STOKER_ASSIGN(const auto measured, measure_reads(chunks, b_.storage, b_.clock, settings, stop_));
    if (!measured) return false;
    results::RatePoint point = point_of(*measured, settings, direct);
    if (b_.fio != nullptr && settings.threads == 1 && point.requests > 0) point.fio = fio(point);
    ceiling_.reads.push_back(std::move(point));
    return true;
  }

  std::optional<results::FioPoint> fio(const results::RatePoint& point) {
    STOKER_CHECK(sizes_.size() == b_.files.size());
    const auto answer = b_.fio->run({.files = b_.files,
                                     .direct = point.direct,
                                     .depth = point.depth,
                                     .request_bytes = static_cast<std::uint64_t>(point.request_bytes),
                                     .seconds = b_.seconds},
                                    sizes_);
    if (answer) return *answer;
    note(ceiling_, "fio: " + answer.error().message);
    return std::nullopt;
  }

  const StorageBench& b_;
  results::StorageCeiling& ceiling_;
  const std::stop_token& stop_;
  std::vector<std::uint64_t> sizes_;
};

}  // namespace

Status bench_reads(const StorageBench& bench, results::StorageCeiling& ceiling, const std::stop_token& stop) {
  return Reads(bench, ceiling, stop).run();
}

Status bench_writes(const StorageBench& bench, const io::Path& folder, std::uint64_t file_bytes,
                    results::StorageCeiling& ceiling, const std::stop_token& stop) {
  file_bytes = std::clamp<std::uint64_t>(file_bytes, 1, kGiB);
  // Each thread may have begun a file when the last byte is counted.
  const std::uint64_t most = kMostWritten + bench.cpus * (std::uint64_t{io::Sink::kPieceBytes} * (kWriteDepth + 1));
  STOKER_ASSIGN(const std::optional<io::SpaceInfo> space, bench.storage.space(folder));
  if (space && space->free_bytes < most) {
    Error error = make_error(Code::kNoSpace, "{}: writing is measured with up to {}, but only {} are free",
                             folder.string(), bytes_text(most), bytes_text(space->free_bytes));
    error.hint = "free space, or choose another --data-dir";
    return error;
  }
  for (const bool direct : {true, false}) {
    for (const unsigned threads : {1U, bench.cpus}) {
      if (threads == bench.cpus && threads == 1 && !ceiling.writes.empty() && ceiling.writes.back().direct == direct) {
        continue;
      }
      bench.say(fmt::format("writing {}: {}", direct ? "past the page cache" : "through the page cache",
                            counted(threads, "thread")));
      const auto measured = measure_writes(bench.storage, bench.clock,
                                           {.folder = folder,
                                            .direct = direct,
                                            .threads = threads,
                                            .file_bytes = file_bytes,
                                            .seconds = bench.seconds,
                                            .bytes_most = kMostWritten},
                                           stop);
      if (!measured) {
        if (!direct || measured.error().code != Code::kUnsupported) return measured.error();
        note(ceiling, "writing with O_DIRECT: " + measured.error().message);
        break;
      }
      const double seconds = to_seconds(measured->wall);
      const auto bytes = static_cast<double>(measured->bytes);
      results::RatePoint point{.direct = direct, .depth = kWriteDepth, .threads = threads, .seconds = seconds};
      point.bytes = measured->bytes;
      point.requests = measured->pieces;
      if (bytes > 0 && seconds > 0) {
        point.bytes_per_second = bytes / seconds;
        point.cpu_seconds_per_gb = to_seconds(measured->cpu) / (bytes / 1e9);
        point.request_bytes = bytes / static_cast<double>(measured->pieces);
      }
      if (bench.fio != nullptr && threads == 1) {
        const io::Path file = folder / "fio_write";
        const auto answer = bench.fio->run({.writes = true,
                                            .files = {file},
                                            .file_bytes = kGiB,
                                            .direct = direct,
                                            .depth = kWriteDepth,
                                            .request_bytes = io::Sink::kPieceBytes,
                                            .seconds = bench.seconds},
                                           {});
        STOKER_TRY(bench.storage.remove(file));
        if (answer) {
          point.fio = *answer;
        } else {
          note(ceiling, "fio: " + answer.error().message);
        }
      }
      ceiling.writes.push_back(std::move(point));
    }
  }
  return {};
}

}  // namespace stoker::ceilings
