#include "engine/memory.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <string_view>

#include "base/units.h"
#include "config/sample_geometry.h"
#include "pipeline/data_loader.h"

namespace stoker::engine {

unsigned automatic_threads(int ranks_on_host, unsigned cap) {
  if (const char* text = std::getenv("DLIO_MAX_AUTO_THREADS"); text != nullptr) {
    const std::string_view view(text);
    unsigned value = 0;
    if (std::from_chars(view.data(), view.data() + view.size(), value).ec == std::errc{} && value > 0) cap = value;
  }
  const auto cpus = static_cast<unsigned>(host::usable_cpu_count());
  return std::clamp(cpus / static_cast<unsigned>(std::max(1, ranks_on_host)), 1U, cap);
}

ReadingMemory reading_memory(const config::Workload& w, const format::Format& format, unsigned read_threads) {
  ReadingMemory memory;
  memory.worker_bytes = format.worker_bytes(w);
  memory.workers = std::max(1U, read_threads);
  memory.rank_bytes = memory.worker_bytes * memory.workers;
  if (w.reader.collate) {
    pipeline::LoaderOptions options;
    options.threads = read_threads;
    options.prefetch = static_cast<std::uint64_t>(w.reader.prefetch_size);
    memory.batches = pipeline::window_depth(options) + 1;
    memory.rank_bytes +=
        static_cast<std::uint64_t>(config::record_bytes(w) * static_cast<double>(w.reader.batch_size)) * memory.batches;
  }
  return memory;
}

Result<ReadingMemory> planned_reading_memory(const config::Workload& w, int ranks_on_host) {
  STOKER_ASSIGN(const format::Format* const format, format::find_format(w.dataset.format));
  const unsigned threads = w.reader.read_threads ? static_cast<unsigned>(*w.reader.read_threads)
                                                 : automatic_threads(ranks_on_host, kMostAutomaticReaders);
  return reading_memory(w, *format, threads);
}

std::string to_string(const host::AvailableMemory& memory) {
  std::string text = fmt::format("{} available", format_bytes(static_cast<double>(memory.bytes)));
  if (memory.limited())
    text += fmt::format(" ({} is {})", memory.limit_file, format_bytes(static_cast<double>(memory.limit)));
  return text;
}

}  // namespace stoker::engine
