#include "results/read_facts.h"

#include "metrics/statistics.h"

namespace stoker::results {

namespace {
double milliseconds(Nanos time) {
  return to_seconds(time) * 1e3;
}
}  // namespace

LatencyMs latency_ms(const metrics::Histogram& latency) {
  return {.p50 = milliseconds(latency.quantile(0.5)),
          .p90 = milliseconds(latency.quantile(0.9)),
          .p99 = milliseconds(latency.quantile(0.99)),
          .p99_9 = milliseconds(latency.quantile(0.999)),
          .max = milliseconds(latency.max()),
          .requests = latency.count()};
}

StepTimeSplit step_time_split(const metrics::StepTotals& steps) {
  return {.compute = to_seconds(steps.compute),
          .late = to_seconds(steps.late),
          .wait_storage = to_seconds(steps.wait.storage),
          .wait_copy = to_seconds(steps.wait.copy),
          .wait_core = to_seconds(steps.wait.core),
          .wait_decompress = to_seconds(steps.wait.decompress),
          .wait_decode = to_seconds(steps.wait.decode),
          .wait_verify = to_seconds(steps.wait.verify),
          .wait_preprocess = to_seconds(steps.wait.preprocess),
          .wait_place = to_seconds(steps.wait.place),
          .wait_queue = to_seconds(steps.wait.queue),
          .barrier = to_seconds(steps.barrier),
          .barrier_storage = to_seconds(steps.barrier_for.storage),
          .barrier_client = to_seconds(steps.barrier_for.client),
          .barrier_queue = to_seconds(steps.barrier_for.queue),
          .barrier_late = to_seconds(steps.barrier_for.late),
          .barrier_core = to_seconds(steps.barrier_for.cores)};
}

ReaderTimeSplit reader_time_split(const metrics::LoaderTotals& loader) {
  return {.storage = to_seconds(loader.busy.storage),
          .copy = to_seconds(loader.busy.copy),
          .core = to_seconds(loader.busy.core),
          .decompress = to_seconds(loader.busy.decompress),
          .decode = to_seconds(loader.busy.decode),
          .verify = to_seconds(loader.busy.verify),
          .preprocess = to_seconds(loader.busy.preprocess),
          .place = to_seconds(loader.busy.place),
          .other = to_seconds(loader.busy.other),
          .idle = to_seconds(loader.idle)};
}

ReadFacts read_facts(const metrics::RunTotals& run, std::span<const metrics::EpochBytes> epochs) {
  ReadFacts facts{.useful_bytes = run.loader.bytes_useful,
                  .storage_io_mean_mib_per_second = metrics::storage_mean_mib_per_second(epochs),
                  .cpu_seconds_per_gb = metrics::cpu_seconds_per_gb(run.cpu_seconds, run.loader.bytes_requested),
                  .latency = latency_ms(run.loader.read_latency),
                  .depth = {.per_thread = run.io_depth, .reached = metrics::requests_in_flight(run)},
                  .step_time = step_time_split(run.steps),
                  .late_steps = run.steps.late_steps,
                  .reader_time = reader_time_split(run.loader)};
  facts.latency.seen_late = run.loader.requests_seen_late;
  if (run.device) {
    facts.depth.device = run.device->in_flight;
    facts.depth.device_busy = run.device->busy;
  }
  if (run.pressure) facts.pressure = {.cpu = run.pressure->cpu, .io = run.pressure->io};
  facts.hosts_busy = run.hosts_busy;
  for (const metrics::EpochBytes& epoch : epochs) facts.train_bytes_read.push_back(epoch.bytes);
  if (run.verifies) {
    const double cpu_seconds = to_seconds(run.loader.verify_cpu);
    facts.verified = {.bytes = run.loader.bytes_verified,
                      .cpu_seconds = cpu_seconds,
                      .cpu_share = metrics::finite_or_zero(cpu_seconds / run.cpu_seconds)};
  }
  if (run.device_bytes >= 0) facts.device_bytes = static_cast<std::uint64_t>(run.device_bytes);
  if (const double share = metrics::cache_share(run.loader.bytes_requested, run.device_bytes); share >= 0) {
    facts.cache_share = share;
  }
  return facts;
}

}  // namespace stoker::results
