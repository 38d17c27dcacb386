#include "results/summary_text.h"

#include <fmt/format.h>

#include <cstdint>
#include <iterator>
#include <numeric>
#include <string_view>
#include <utility>
#include <vector>

#include "base/plural.h"
#include "base/units.h"

namespace stoker::results {

namespace {

constexpr std::string_view kRule = "[METRIC] ==========================================================\n";

std::string metric_line(std::string_view label, double mean, double stdev, int decimals) {
  return fmt::format("[METRIC] {}: {:.{}f} ({:.{}f})\n", label, mean, decimals, stdev, decimals);
}

std::string metric_line(std::string_view label, const std::optional<double>& mean, const std::optional<double>& stdev,
                        int decimals) {
  if (!mean) return fmt::format("[METRIC] {}: not measured\n", label);
  return metric_line(label, *mean, stdev.value_or(0), decimals);
}

std::string checkpoint_lines(std::string_view what, const metrics::CheckpointMetrics& m) {
  return metric_line(fmt::format("Checkpoint {} duration (seconds)", what), m.duration_mean_seconds,
                     m.duration_stdev_seconds, 4) +
         metric_line(fmt::format("Checkpoint {} I/O Throughput (GiB/second)", what), m.io_mean_gib_per_second,
                     m.io_stdev_gib_per_second, 4);
}

std::string_view expectation(const metrics::RateMetrics& m) {
  return m.meets_expectation ? "success" : "fail";
}

// "name       text": names stand in a column of their own.
void line(std::string& out, std::string_view name, std::string_view text) {
  out += fmt::format("{:<11}{}\n", name, text);
}

using Parts = std::vector<std::pair<std::string_view, double>>;

double total(const Parts& parts) {
  return std::accumulate(parts.begin(), parts.end(), 0.0,
                         [](double sum, const auto& part) { return sum + part.second; });
}

// "storage 40.1 %, decode 3.0 %": the parts that would not be printed as 0.0 %.
std::string shares(const Parts& parts, double whole) {
  std::string text;
  for (const auto& [name, value] : parts) {
    if (whole <= 0 || value / whole < 0.0005) continue;
    text += fmt::format("{}{} {:.1f} %", text.empty() ? "" : ", ", name, 100 * value / whole);
  }
  return text;
}

std::string milliseconds(double ms) {
  return format_duration(ms / 1000);
}

void put_read(std::string& out, const Summary& s, const ReadFacts& read) {
  const std::uint64_t asked =
      std::accumulate(read.train_bytes_read.begin(), read.train_bytes_read.end(), std::uint64_t{0});
  const std::size_t epochs = read.train_bytes_read.size();
  std::string text =
      fmt::format("{} asked of the storage in {}", format_bytes(static_cast<double>(asked)), counted(epochs, "epoch"));
  if (asked > 0 && read.useful_bytes > 0) {
    text += fmt::format(", {} useful", format_bytes(static_cast<double>(read.useful_bytes)));
  }
  // DLIO's way to average; over the whole of training the rate is another one, and the verdict's.
  text +=
      fmt::format("; {:.1f} MiB/s{}", read.storage_io_mean_mib_per_second, epochs > 1 ? ", mean of the epochs" : "");
  line(out, "read", text);

  std::string how = s.format;
  if (!s.parquet_decode.empty()) how += ", decode " + s.parquet_decode;
  if (s.decode_images) how += *s.decode_images ? ", images decoded" : ", images not decoded";
  if (s.client && !s.client->storage.empty()) {
    how += "; " + s.client->storage;
    if (!s.client->file_system.empty()) how += " on " + s.client->file_system;
  }
  if (!how.empty()) line(out, "", how);

  if (read.device_bytes) {
    std::string from = format_bytes(static_cast<double>(*read.device_bytes)) + " by devices";
    if (read.cache_share)
      from += fmt::format(", {:.1f} % of what was asked came from a cache", 100 * *read.cache_share);
    line(out, "from", from);
  }
  if (read.verified) {
    line(out, "verified",
         fmt::format("{}, each value as it was generated; {:.2f} CPU s, {:.1f} % of training's",
                     format_bytes(static_cast<double>(read.verified->bytes)), read.verified->cpu_seconds,
                     100 * read.verified->cpu_share));
  }
}

// How many requests there were at a time, and for what hosts' threads waited meanwhile.
void put_depth(std::string& out, const ReadFacts& read) {
  const DepthFacts& d = read.depth;
  std::string text =
      fmt::format("{}{:.1f} requests in flight on average", read.latency.seen_late > 0 ? "at most " : "", d.reached);
  if (d.per_thread > 0) text += fmt::format(", a reader thread asks for more until it has {}", d.per_thread);
  if (d.device)
    text += fmt::format("; {:.1f} at the device, which was busy {:.0f} % of the time", *d.device,
                        100 * d.device_busy.value_or(0));
  line(out, "depth", text);
  if (read.pressure) {
    std::string waited = fmt::format("threads of a host waited for a CPU {:.0f} % and for I/O {:.0f} % of the time",
                                     100 * read.pressure->cpu, 100 * read.pressure->io);
    if (read.hosts_busy)
      waited += fmt::format("; all programs together took {:.0f} % of the hosts' CPUs", 100 * *read.hosts_busy);
    line(out, "pressure", waited);
  }
}

void put_times(std::string& out, const Summary& s, const ReadFacts& read) {
  const StepTimeSplit& t = read.step_time;
  const Parts waits{{"storage", t.wait_storage},       {"copy", t.wait_copy},     {"no core", t.wait_core},
                    {"decompress", t.wait_decompress}, {"decode", t.wait_decode}, {"verify", t.wait_verify},
                    {"preprocess", t.wait_preprocess}, {"place", t.wait_place},   {"queue", t.wait_queue}};
  const double waited = total(waits);
  const double whole = t.compute + t.late + waited + t.barrier;
  if (whole > 0) {
    std::string text = fmt::format("compute {:.1f} %, wait {:.1f} %", 100 * t.compute / whole, 100 * waited / whole);
    if (const std::string parts = shares(waits, whole); !parts.empty()) text += " (" + parts + ")";
    text += fmt::format(", barrier {:.1f} %", 100 * t.barrier / whole);
    const Parts late{{"storage", t.barrier_storage},
                     {"client", t.barrier_client},
                     {"queue", t.barrier_queue},
                     {"late", t.barrier_late},
                     {"no core", t.barrier_core}};
    if (const std::string parts = shares(late, whole); !parts.empty()) {
      text += fmt::format(" (for ranks that waited: {})", parts);
    }
    line(out, "steps", text);
    if (read.late_steps > 0 || t.late / whole >= 0.0005) {
      line(out, "late",
           fmt::format("steps computed {} longer than told ({:.1f} % of the time, {} by 10 ms or more): ranks were "
                       "stopped, or without a core",
                       format_duration(t.late), 100 * t.late / whole, counted_long(read.late_steps, "time")));
    }
  }
  const ReaderTimeSplit& r = read.reader_time;
  const Parts stages{
      {"storage", r.storage}, {"copy", r.copy},     {"no core", r.core},          {"decompress", r.decompress},
      {"decode", r.decode},   {"verify", r.verify}, {"preprocess", r.preprocess}, {"place", r.place},
      {"other", r.other},     {"idle", r.idle}};
  if (std::string text = shares(stages, total(stages)); !text.empty()) {
    if (s.client && s.client->read_threads > 0) text += fmt::format(" ({} per rank)", s.client->read_threads);
    line(out, "readers", text);
  }
  if (const LatencyMs& l = read.latency; l.requests > 0) {
    line(out, "latency",
         fmt::format(
             "p50 {}, p90 {}, p99 {}, p99.9 {}, max {} of {}{}", milliseconds(l.p50), milliseconds(l.p90),
             milliseconds(l.p99), milliseconds(l.p99_9), milliseconds(l.max), counted_long(l.requests, "request"),
             l.seen_late > 0 ? fmt::format(" ({:.0f} % were answered before their thread looked)",
                                           100 * static_cast<double>(l.seen_late) / static_cast<double>(l.requests))
                             : ""));
    put_depth(out, read);
  }
}

void put_client(std::string& out, const Summary& s) {
  std::string text;
  if (s.cpu_seconds > 0) text = "CPU " + format_duration(s.cpu_seconds);
  if (s.read && s.read->cpu_seconds_per_gb > 0) {
    text += fmt::format("{}{:.2f} CPU s per GB read", text.empty() ? "" : ", ", s.read->cpu_seconds_per_gb);
  }
  if (s.peak_rss_mib > 0) {
    text += fmt::format("{}peak memory {}", text.empty() ? "" : ", ",
                        format_bytes(s.peak_rss_mib * static_cast<double>(kMiB)));
  }
  if (s.client && s.client->throttled_seconds > 0) {
    text += fmt::format("{}held back by a limit on CPUs for {}", text.empty() ? "" : ", ",
                        format_duration(s.client->throttled_seconds));
  }
  if (!text.empty()) line(out, "client", text);
}

void put_ceilings(std::string& out, const CeilingShares& c) {
  std::string text;
  if (c.storage_share)
    text =
        fmt::format("{:.0f} % of what the storage gave the minimal reader ({})", 100 * *c.storage_share, c.storage_how);
  if (c.client_share) {
    if (!text.empty()) text += ", ";
    text += fmt::format("{:.0f} % of what the client could", 100 * *c.client_share);
  }
  line(out, "ceilings", fmt::format("read {}/s: {}", format_bytes(c.bytes_per_second), text));
}

// How the files of a data set went to the storage.
std::string written_text(const metrics::GenerationMetrics& g, std::string_view mechanism) {
  std::string text = g.direct_bytes == 0 ? "through the page cache"
                     : g.direct_bytes < g.bytes / 100 * 99
                         ? fmt::format("{:.0f} % of the bytes past the page cache, the others through it",
                                       100.0 * static_cast<double>(g.direct_bytes) / static_cast<double>(g.bytes))
                         : "past the page cache";
  if (!mechanism.empty()) text += fmt::format(" ({})", mechanism);
  if (g.sync_seconds < 0.005 * g.seconds) return text;
  return text + fmt::format("; {} of the time until all of it was on the storage", format_duration(g.sync_seconds));
}

}  // namespace

std::string metric_block(const Summary& s) {
  std::string out(kRule);
  out += fmt::format("[METRIC] Number of Simulated Accelerators: {}\n", s.num_accelerators);
  if (s.train) {
    const metrics::RateMetrics& m = *s.train;
    out += metric_line("Training Accelerator Utilization [AU] (%)", m.au_mean_percent, m.au_stdev_percent, 4);
    out +=
        metric_line("Training Throughput (samples/second)", m.samples_mean_per_second, m.samples_stdev_per_second, 4);
    out += metric_line("Training I/O Throughput (MiB/second)", m.io_mean_mib_per_second, m.io_stdev_mib_per_second, 4);
    out += fmt::format("[METRIC] train_au_meet_expectation: {}\n", expectation(m));
  }
  // Checkpoints within a training run are part of its time line, not a result of their own.
  if (!s.train) {
    if (s.save_checkpoint) out += checkpoint_lines("save", *s.save_checkpoint);
    if (s.load_checkpoint) out += checkpoint_lines("load", *s.load_checkpoint);
  }
  if (s.eval) {
    const metrics::RateMetrics& m = *s.eval;
    out += metric_line("Eval Accelerator Utilization [AU] (%)", m.au_mean_percent, m.au_stdev_percent, 4);
    out += metric_line("Eval Throughput (samples/second)", m.samples_mean_per_second, m.samples_stdev_per_second, 6);
    out += metric_line("Eval Throughput (MiB/second)", m.io_mean_mib_per_second, m.io_stdev_mib_per_second, 6);
    out += fmt::format("[METRIC] eval_au_meet_expectation: {}\n", expectation(m));
  }
  out += kRule;
  return out;
}

std::string human_summary(const Summary& s) {
  std::string out;
  if (s.generation) {
    const metrics::GenerationMetrics& g = *s.generation;
    // Of a data set that was complete there is no rate.
    if (g.files > 0 || g.kept_files == 0) {
      line(out, "generated",
           fmt::format("{}, {} in {} ({:.1f} MiB/s)", counted_long(g.files, "file"),
                       format_bytes(static_cast<double>(g.bytes)), format_duration(g.seconds), g.mib_per_second));
      if (g.files > 0) line(out, "", written_text(g, s.client ? s.client->writing : ""));
    }
    if (g.kept_files > 0) {
      line(out, "kept",
           fmt::format("{}, {}, that were complete", counted_long(g.kept_files, "file"),
                       format_bytes(static_cast<double>(g.kept_bytes))));
    }
  }
  if (s.read) {
    put_read(out, s, *s.read);
    if (s.coverage) {
      line(out, "rows", coverage_text(s.coverage->train));
      if (!s.coverage->eval.empty()) line(out, "rows eval", coverage_text(s.coverage->eval));
    }
    put_times(out, s, *s.read);
    if (s.ceilings) put_ceilings(out, *s.ceilings);
  }
  if (s.train && s.save_checkpoint) {
    line(out, "checkpoint",
         fmt::format("{} each at {:.2f} GiB/s", format_duration(s.save_checkpoint->duration_mean_seconds),
                     s.save_checkpoint->io_mean_gib_per_second));
  }
  put_client(out, s);
  if (s.client && !s.client->optimised_build) {
    line(out, "warning", "this program was built without optimisation: its numbers say little about the storage");
  }
  for (const std::string& warning : s.warnings) line(out, "warning", warning);
  if (!s.error.empty()) line(out, "error", s.error);
  if (!s.verdict.empty()) line(out, "verdict", s.verdict);
  return out;
}

}  // namespace stoker::results
