// A Summary with every part filled, for tests.
#pragma once

#include "results/summary.h"

namespace stoker::results::testing {

inline Summary full_summary() {
  Summary s;
  s.start = "2025-06-01T10:00:00.000000";
  s.end = "2025-06-01T10:01:00.000000";
  s.num_accelerators = 2;
  s.num_hosts = 1;
  s.hostname = "node1";
  s.train = metrics::RateMetrics{.au_percent = {86.9565, 90.0},
                                 .au_mean_percent = 88.47825,
                                 .au_stdev_percent = 1.52175,
                                 .meets_expectation = false,
                                 .samples_per_second = {6.9565, 7.5},
                                 .samples_mean_per_second = 7.22825,
                                 .samples_stdev_per_second = 0.27175,
                                 .io_mean_mib_per_second = 1012.5,
                                 .io_stdev_mib_per_second = 12.25,
                                 .measured_steps = {9, 9}};
  s.eval = metrics::RateMetrics{.au_percent = {50},
                                .au_mean_percent = 50,
                                .au_stdev_percent = 0,
                                .meets_expectation = true,
                                .samples_per_second = {4},
                                .samples_mean_per_second = 4,
                                .samples_stdev_per_second = 0,
                                .io_mean_mib_per_second = 8,
                                .io_stdev_mib_per_second = 0,
                                .measured_steps = {2}};
  s.save_checkpoint = metrics::CheckpointMetrics{2.5, 0.5, 1.25, 0.25};
  s.load_checkpoint = metrics::CheckpointMetrics{5, 0, 0.75, 0};
  s.checkpoint_size_gib = 3.5;
  s.generation = metrics::GenerationMetrics{.files = 1234,
                                            .bytes = 3'221'225'472,
                                            .kept_files = 12,
                                            .kept_bytes = 1'048'576,
                                            .seconds = 40.5,
                                            .mib_per_second = 75.9,
                                            .direct_bytes = 2'147'483'648,
                                            .sync_seconds = 1.5};
  s.read = ReadFacts{
      .train_bytes_read = {6'442'450'944, 6'442'450'944},
      .useful_bytes = 11'811'160'064,
      .storage_io_mean_mib_per_second = 1228.8,
      .cpu_seconds_per_gb = 0.9552,
      .latency =
          {.p50 = 0.35, .p90 = 1.25, .p99 = 4.5, .p99_9 = 12, .max = 1500, .requests = 98'304, .seen_late = 24'576},
      .depth = {.per_thread = 32, .reached = 9.5, .device = 7.25, .device_busy = 0.875},
      .pressure = PressureFacts{.cpu = 0.125, .io = 0.6},
      .hosts_busy = 0.9375,
      .step_time = {.compute = 60,
                    .late = 0.5,
                    .wait_storage = 20,
                    .wait_decode = 8,
                    .wait_queue = 2,
                    .barrier = 10,
                    .barrier_storage = 6,
                    .barrier_client = 1},
      .late_steps = 3,
      .reader_time = {.storage = 200, .decompress = 20, .decode = 80, .other = 0.01, .idle = 100},
      .device_bytes = 9'663'676'416,
      .cache_share = 0.25};
  s.coverage = CoverageFacts{.train = {{.planned = 40, .read = 40, .left_out = 2, .digest = "08a60b0eb38bfb85"},
                                       {.planned = 40, .read = 40, .left_out = 2, .digest = "08a60b0eb38bfb85"}},
                             .eval = {{.planned = 4, .read = 4, .digest = "125419223e826ce6"}}};
  s.num_files_train = 20;
  s.num_samples_per_file = 2;
  s.host_cpu_count = {64};
  s.host_processor_name = "x86_64";
  s.potential_caching = {1};
  s.host_cpuinfo = {{"model name", "A CPU"}};
  s.host_meminfo = {{"MemTotal", "263716828 kB"}};
  s.host_memory_gib = {251.5};
  s.data_size_per_host_gib = 0.0390625;
  s.epochs = 2;
  s.program = "stoker";
  s.version = "0.1.0";
  s.workload = "unet3d_h100";
  s.model = "unet3d";
  s.format = "parquet";
  s.parquet_decode = "arrays";
  s.odirect = true;
  s.peak_rss_mib = 1536;
  s.cpu_seconds = 12.3;
  s.client = ClientFacts{.ranks_as = "threads",
                         .storage = "io_uring, O_DIRECT",
                         .writing = "posix, O_DIRECT, io_uring",
                         .file_system = "ext4",
                         .cpu_model = "A CPU",
                         .architecture = "x86_64",
                         .kernel = "6.1",
                         .read_threads = 4,
                         .prefetch_batches = 8,
                         .cpus = 64,
                         .throttled_seconds = 1.5};
  s.verdict = "storage kept 2 accelerators 97.3 % busy";
  s.warnings = {"page cache was not dropped on node1"};
  return s;
}

}  // namespace stoker::results::testing
