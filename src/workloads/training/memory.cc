#include "workloads/training/memory.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <string_view>

#include "base/plural.h"
#include "base/units.h"
#include "base/variables.h"
#include "config/formats.h"
#include "config/sample_geometry.h"
#include "data/pipeline/data_loader.h"

namespace stoker::training {
namespace {

// Pages that Arrow's allocator keeps although nobody uses them (measured: 40 to 56 MiB, whatever the chunks).
constexpr std::uint64_t kArrowBytes = 56 * kMiB;

// The settings that make it less.
std::string memory_hint(const config::Workload& w) {
  if (w.reader.collate)
    return "lower reader.prefetch_size, reader.read_threads or reader.batch_size, or set reader.collate: false";
  // Arrow takes some row groups whole, whatever a chunk is (docs/formats.md, Memory).
  if (config::uses_arrow(w)) {
    return "lower reader.read_threads or reader.chunk_bytes, generate smaller row groups "
           "(dataset.parquet.row_group_size), or set dataset.parquet.decode: arrays, which cuts more of them";
  }
  return "lower reader.read_threads or reader.chunk_bytes";
}

}  // namespace

unsigned automatic_threads(int ranks_on_host, unsigned cap) {
  constexpr std::uint64_t kMost = 1 << 20;
  if (const auto chosen = number_variable("DLIO_MAX_AUTO_THREADS"))
    cap = static_cast<unsigned>(std::min(*chosen, kMost));
  const auto cpus = static_cast<unsigned>(host::usable_cpu_count());
  return std::clamp(cpus / static_cast<unsigned>(std::max(1, ranks_on_host)), 1U, cap);
}

pipeline::LoaderOptions loader_shape(const config::Workload& w, unsigned read_threads) {
  pipeline::LoaderOptions options;
  options.threads = read_threads;
  options.io_depth = static_cast<unsigned>(w.reader.io_depth);
  options.prefetch = static_cast<std::uint64_t>(w.reader.prefetch_size);
  options.collate = w.reader.collate;
  return options;
}

ReadingMemory reading_memory(const config::Workload& w, std::uint64_t worker_bytes, unsigned read_threads) {
  ReadingMemory memory;
  memory.worker_bytes = worker_bytes;
  memory.workers = std::max(1U, read_threads);
  const pipeline::LoaderOptions loader = loader_shape(w, read_threads);
  const auto batch_size = static_cast<std::uint64_t>(w.reader.batch_size);
  // What a worker has in hand is bounded by its share of the window, too.
  const auto share_bytes = static_cast<std::uint64_t>(static_cast<double>(pipeline::rows_ahead(loader, batch_size)) *
                                                      config::record_bytes(w));
  memory.ahead_bytes = std::min(pipeline::most_ahead_bytes(loader.io_depth, worker_bytes), share_bytes);
  memory.rank_bytes = (memory.worker_bytes + memory.ahead_bytes) * memory.workers;
  if (config::uses_arrow(w)) {
    memory.library_bytes = kArrowBytes;
    memory.rank_bytes += kArrowBytes;
  }
  if (w.reader.collate) {
    memory.batches = pipeline::window_depth(loader) + 1;
    // A decoded image may have many times the bytes of its file, and a chunk is one image.
    const double row_bytes = w.reader.decode_images ? static_cast<double>(worker_bytes) : config::record_bytes(w);
    memory.rank_bytes += static_cast<std::uint64_t>(row_bytes * static_cast<double>(batch_size)) * memory.batches;
  }
  return memory;
}

Result<ReadingMemory> planned_reading_memory(const config::Workload& w, int ranks_on_host) {
  STOKER_ASSIGN(const format::Format* const format, format::find_format(w.dataset.format));
  const unsigned threads = w.reader.read_threads ? static_cast<unsigned>(*w.reader.read_threads)
                                                 : automatic_threads(ranks_on_host, kMostAutomaticReaders);
  return reading_memory(w, format->worker_bytes(w), threads);
}

std::string to_string(const host::AvailableMemory& memory) {
  std::string text = fmt::format("{} available", format_bytes(static_cast<double>(memory.bytes)));
  if (memory.limited())
    text += fmt::format(" ({} is {})", memory.limit_file, format_bytes(static_cast<double>(memory.limit)));
  return text;
}

Status check_memory(Context& c, const format::Format& format, std::optional<std::uint64_t> worker_bytes) {
  const config::Workload& w = c.workload;
  // One rank has opened files; the others go by what it found.
  std::array<double, 1> known{static_cast<double>(worker_bytes.value_or(0))};
  STOKER_TRY(c.comm.all_reduce(known, dist::Op::kMax));
  const ReadingMemory memory =
      reading_memory(w, known[0] > 0 ? static_cast<std::uint64_t>(known[0]) : format.worker_bytes(w), c.read_threads);
  const auto bytes = static_cast<double>(memory.rank_bytes);
  const auto ranks_here = static_cast<std::uint64_t>(c.comm.node().local_size);
  const host::AvailableMemory available = c.environment.proc.available_memory();
  const double here = bytes * static_cast<double>(ranks_here);
  c.reporter.output(fmt::format(
      "memory for reading: at most {} per rank ({} of {}{}{}{}), {} on this host; {}", format_bytes(bytes),
      counted(memory.workers, "reader thread"), format_bytes(static_cast<double>(memory.worker_bytes)),
      memory.ahead_bytes > 0 ? fmt::format(" and {} read ahead", format_bytes(static_cast<double>(memory.ahead_bytes)))
                             : std::string(),
      memory.library_bytes > 0
          ? fmt::format(", {} that Arrow keeps", format_bytes(static_cast<double>(memory.library_bytes)))
          : std::string(),
      w.reader.collate ? fmt::format(", {} of tensors", counted(memory.batches, "batch", "batches")) : std::string(),
      counted(ranks_here, "rank"), to_string(available)));
  Status fits;
  if (available.bytes > 0 && here > 0.9 * static_cast<double>(available.bytes)) {
    Error error = make_error(Code::kConfig, "reading needs about {} on this host ({}), with only {}",
                             format_bytes(here), counted(ranks_here, "rank"), to_string(available));
    error.hint = memory_hint(w);
    if (available.limited()) error.hint += ", or raise the limit of the control group";
    fits = std::move(error);
  }
  return dist::agree(c.comm, fits);
}

}  // namespace stoker::training
