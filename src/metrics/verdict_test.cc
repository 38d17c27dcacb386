#include "metrics/verdict.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

#include "base/units.h"

namespace stoker::metrics {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// 100 s of training on 2 accelerators, in seconds of accelerator time: 200 in all.
struct Times {
  int compute = 0, storage = 0, decompress = 0, decode = 0, preprocess = 0, queue = 0, barrier = 0, late = 0;
};

RunTotals run(double au, Times t) {
  RunTotals r{.accelerators = 2,
              .wall = seconds(100),
              .au_percent = au,
              .measured_steps = 499,
              .target = 0.9,
              .read_threads = 8,
              .cpus = 16,
              .cpu_seconds = 100};
  r.steps = {.wait = {.storage = seconds(t.storage),
                      .decompress = seconds(t.decompress),
                      .decode = seconds(t.decode),
                      .preprocess = seconds(t.preprocess),
                      .queue = seconds(t.queue)},
             .compute = seconds(t.compute),
             .late = seconds(t.late),
             .barrier = seconds(t.barrier),
             .steps = 1000,
             .late_steps = t.late > 0 ? 3U : 0U};
  r.loader.busy = {.storage = seconds(400)};
  r.loader.idle = seconds(400);
  r.loader.bytes_requested = 120 * kGiB;
  return r;
}

struct Case {
  const char* name;
  RunTotals totals;
  Bound bound;
  const char* sentence;
};

// The same accelerator time, of 4 for half as long.
RunTotals run_of_4(double au, Times t) {
  RunTotals r = run(au, t);
  r.accelerators = 4;
  r.wall = seconds(50);
  return r;
}

RunTotals with(RunTotals r, auto change) {
  change(r);
  return r;
}

// Barriers that were so long for one cause, and the rank that held up the others.
RunTotals held_up(Times t, Nanos BarrierCauses::*cause, Nanos barrier_for, const SlowRank& slow) {
  RunTotals r = run_of_4(60, t);
  r.steps.barrier_for.*cause = barrier_for;
  r.slow = slow;
  return r;
}

std::vector<Case> cases() {
  const RunTotals decoding =
      with(run(50, {.compute = 100, .storage = 10, .decode = 80, .barrier = 10}), [](RunTotals& r) {
        r.loader.busy = {.storage = seconds(100), .decode = seconds(648)};
        r.loader.idle = seconds(52);
      });
  return {
      {"nothing", RunTotals{}, Bound::kNothing, "nothing was trained"},
      {"satisfied", run(97.3, {.compute = 190, .storage = 6, .barrier = 4}), Bound::kSatisfied,
       "storage kept 2 accelerators 97.3 % busy, 90 % wanted (1.2 GiB/s asked)"},
      {"waits_at_the_threshold_are_noticed", run(95, {.compute = 196, .storage = 4}), Bound::kSatisfied,
       "storage kept 2 accelerators 95.0 % busy, 90 % wanted (1.2 GiB/s asked)"},
      {"compute_below_the_threshold", run(98.5, {.compute = 197, .storage = 3}), Bound::kCompute,
       "compute-bound: 2 accelerators waited 1.5 % of the time for data and were 98.5 % busy; the storage may have "
       "more to "
       "give than was asked (1.2 GiB/s)"},
      {"one_accelerator", with(run(97.3, {.compute = 95, .storage = 5}), [](RunTotals& r) { r.accelerators = 1; }),
       Bound::kSatisfied, "storage kept 1 accelerator 97.3 % busy, 90 % wanted (1.2 GiB/s asked)"},
      {"cache", with(run(98, {.compute = 197, .storage = 3}), [](RunTotals& r) { r.device_bytes = 12 * kGiB; }),
       Bound::kCache,
       "memory, not the storage, kept 2 accelerators 98.0 % busy: 90 % of the bytes came from a cache; a data set of 5 "
       "times "
       "the hosts' memory would show the storage"},
      {"a_little_cache_is_not_named",
       with(run(97.3, {.compute = 190, .storage = 6}), [](RunTotals& r) { r.device_bytes = 61 * kGiB; }),
       Bound::kSatisfied, "storage kept 2 accelerators 97.3 % busy, 90 % wanted (1.2 GiB/s asked)"},
      {"storage", run(55, {.compute = 110, .storage = 82, .decode = 5, .barrier = 3}), Bound::kStorage,
       "storage-bound: accelerators waited 41.0 % of the time for storage (1.2 GiB/s asked); AU 55.0 % of 90 % wanted"},
      {"the_target_itself_is_met", run(90, {.compute = 180, .storage = 20}), Bound::kSatisfied,
       "storage kept 2 accelerators 90.0 % busy, 90 % wanted (1.2 GiB/s asked)"},
      {"queue at barriers",
       with(run(70, {.compute = 140, .storage = 10, .queue = 20, .barrier = 25}),
            [](RunTotals& r) { r.steps.barrier_for.queue = seconds(10); }),
       Bound::kQueue,
       "queue: accelerators waited 15.0 % of the time for batches that no thread had begun (AU 70.0 % of 90 % wanted); "
       "more read_threads, a larger prefetch_size or longer epochs would help"},
      {"cached_at_the_threshold",
       with(run(97.3, {.compute = 190, .storage = 6}), [](RunTotals& r) { r.device_bytes = 60 * kGiB; }), Bound::kCache,
       "memory, not the storage, kept 2 accelerators 97.3 % busy: 50 % of the bytes came from a cache; a data set of 5 "
       "times the hosts' memory would show the storage"},
      {"storage_cached_at_the_threshold",
       with(run(55, {.compute = 110, .storage = 82}), [](RunTotals& r) { r.device_bytes = 60 * kGiB; }),
       Bound::kStorage,
       "storage-bound: accelerators waited 41.0 % of the time for storage (1.2 GiB/s asked); AU 55.0 % of 90 % wanted, "
       "although 50 % of the bytes came from a cache"},
      {"cpus_full_at_the_threshold",
       with(run(50, {.compute = 100, .storage = 90}), [](RunTotals& r) { r.cpu_seconds = 1440; }), Bound::kClient,
       "client-bound: this run took 90 % of the CPUs that it may use, so waiting for storage may be waiting for a CPU "
       "(AU "
       "50.0 % of 90 % wanted); fewer accelerators per host would tell storage and client apart"},
      {"waits_at_barriers_are_told_from_the_threshold",
       with(run(60, {.compute = 120, .storage = 40, .barrier = 10}),
            [](RunTotals& r) { r.steps.barrier_for.storage = seconds(4); }),
       Bound::kStorage,
       "storage-bound: accelerators waited 22.0 % of the time for storage (2.0 % at barriers for ranks that did, 1.2 "
       "GiB/s "
       "asked); AU 60.0 % of 90 % wanted"},
      {"storage_yet_cached",
       with(run(55, {.compute = 110, .storage = 82}), [](RunTotals& r) { r.device_bytes = 30 * kGiB; }),
       Bound::kStorage,
       "storage-bound: accelerators waited 41.0 % of the time for storage (1.2 GiB/s asked); AU 55.0 % of 90 % wanted, "
       "although 75 % of the bytes came from a cache"},
      {"client_decoding", with(decoding, [](RunTotals& r) { r.decode_optional = true; }), Bound::kClient,
       "client-bound: decoding took 81 % of the reader threads' time (AU 50.0 % of 90 % wanted); more read_threads, "
       "decode: "
       "none, or fewer accelerators per host would tell storage and client apart"},
      {"client_without_a_decode_option", decoding, Bound::kClient,
       "client-bound: decoding took 81 % of the reader threads' time (AU 50.0 % of 90 % wanted); more read_threads or "
       "fewer "
       "accelerators per host would tell storage and client apart"},
      {"client_verifying",
       with(run(50, {.compute = 100, .storage = 10, .barrier = 10}),
            [](RunTotals& r) {
              r.steps.wait.verify = seconds(80);
              r.loader.busy = {.storage = seconds(100), .decode = seconds(100), .verify = seconds(600)};
            }),
       Bound::kClient,
       "client-bound: verifying took 50 % of the reader threads' time (AU 50.0 % of 90 % wanted); more read_threads, "
       "reader.verify: False, or fewer accelerators per host would tell storage and client apart"},
      {"client_cpus_full",
       with(run(50, {.compute = 100, .storage = 90}), [](RunTotals& r) { r.cpu_seconds = 0.97 * 1600; }),
       Bound::kClient,
       "client-bound: this run took 97 % of the CPUs that it may use, so waiting for storage may be waiting for a CPU "
       "(AU "
       "50.0 % of 90 % wanted); fewer accelerators per host would tell storage and client apart"},
      {"client_one_cpu_full",
       with(run(50, {.compute = 100, .storage = 90}),
            [](RunTotals& r) {
              r.cpus = 1;
              r.cpu_seconds = 95;
            }),
       Bound::kClient,
       "client-bound: this run took 95 % of the CPUs that it may use, so waiting for storage may be waiting for a CPU "
       "(AU "
       "50.0 % of 90 % wanted); fewer accelerators per host would tell storage and client apart"},
      {"others_had_the_cpus",
       with(run(50, {.compute = 100, .storage = 90}),
            [](RunTotals& r) {
              r.cpu_seconds = 0.03 * 1600;
              r.hosts_busy = 0.9;
            }),
       Bound::kClient,
       "client-bound: this run took 3 % of the CPUs that it may use, all programs together 90 % of the hosts', so "
       "waiting "
       "for storage may be waiting for a CPU (AU 50.0 % of 90 % wanted); fewer accelerators per host would tell "
       "storage "
       "and client apart"},
      {"others_had_most_of_the_cpus",
       with(run(50, {.compute = 100, .storage = 90}),
            [](RunTotals& r) {
              r.cpu_seconds = 0.03 * 1600;
              r.hosts_busy = 0.89;
            }),
       Bound::kStorage,
       "storage-bound: accelerators waited 45.0 % of the time for storage (1.2 GiB/s asked); AU 50.0 % of 90 % wanted"},
      {"client_held_back_by_a_limit",
       with(run(50, {.compute = 100, .storage = 90}),
            [](RunTotals& r) {
              r.throttled_seconds = 22.5;
              r.cpu_seconds = 5;
            }),
       Bound::kClient,
       "client-bound: a limit on CPUs (of a container or batch job) held threads back for 22.5 s, 22 % of the time, so "
       "any "
       "wait may be one for a CPU (AU 50.0 % of 90 % wanted); a higher limit or fewer accelerators per host would tell "
       "storage and client apart"},
      {"a_limit_explains_waits_of_any_kind",
       with(run(50, {.compute = 100, .queue = 90}),
            [](RunTotals& r) {
              r.throttled_seconds = 300;
              r.cpu_seconds = 100;
            }),
       Bound::kClient,
       "client-bound: a limit on CPUs (of a container or batch job) held threads back for 5m00s, 75 % of the time, so "
       "any wait may be one for a CPU (AU 50.0 % of 90 % wanted); a higher limit or fewer accelerators per host would "
       "tell "
       "storage and client apart"},
      {"a_limit_that_explains_less_than_half_is_not_named",
       with(run(50, {.compute = 100, .storage = 90}),
            [](RunTotals& r) {
              r.throttled_seconds = 22.4;
              r.cpu_seconds = 5;
            }),
       Bound::kStorage,
       "storage-bound: accelerators waited 45.0 % of the time for storage (1.2 GiB/s asked); AU 50.0 % of 90 % wanted"},
      {"a_little_of_each_of_many_cpus_is_little",
       with(run(50, {.compute = 100, .storage = 90}),
            [](RunTotals& r) {
              r.throttled_seconds = 32 * 2;
              r.cpu_seconds = 1000;
            }),
       Bound::kStorage,
       "storage-bound: accelerators waited 45.0 % of the time for storage (1.2 GiB/s asked); AU 50.0 % of 90 % wanted"},
      {"held_up", run(55, {.compute = 110, .storage = 40, .late = 41}), Bound::kLate,
       "held up: steps computed 41.0 s longer than told, with those that waited for them 20.5 % of the time (AU 55.0 % "
       "of "
       "90 % wanted); ranks were stopped, or without a core"},
      {"held_up_by_one_rank",
       with(run(55, {.compute = 110, .storage = 40, .barrier = 30, .late = 20}),
            [](RunTotals& r) { r.steps.barrier_for.late = seconds(25); }),
       Bound::kLate,
       "held up: steps computed 20.0 s longer than told, with those that waited for them 22.5 % of the time (AU 55.0 % "
       "of "
       "90 % wanted); ranks were stopped, or without a core"},
      {"a_little_late_is_not_named", run(55, {.compute = 110, .storage = 41, .late = 41}), Bound::kStorage,
       "storage-bound: accelerators waited 20.5 % of the time for storage (1.2 GiB/s asked); AU 55.0 % of 90 % wanted"},
      {"too_few_steps", with(run(97.3, {.compute = 190, .storage = 6}), [](RunTotals& r) { r.measured_steps = 19; }),
       Bound::kFewSteps,
       "too few steps to tell: 19 measured on each rank, 20 needed (more files or epochs, or a smaller batch); what "
       "there "
       "is says: storage kept 2 accelerators 97.3 % busy, 90 % wanted (1.2 GiB/s asked)"},
      {"enough_steps", with(run(97.3, {.compute = 190, .storage = 6}), [](RunTotals& r) { r.measured_steps = 20; }),
       Bound::kSatisfied, "storage kept 2 accelerators 97.3 % busy, 90 % wanted (1.2 GiB/s asked)"},
      {"no_steps_measured",
       with(run(0, {.compute = 190}),
            [](RunTotals& r) {
              r.au_percent.reset();
              r.measured_steps = 0;
              r.steps.steps = 2;
            }),
       Bound::kFewSteps,
       "not measured: the AU leaves out steps at the ends of each epoch (output.metric.exclude_start_steps, "
       "exclude_end_steps), and none was left of 1 step on each rank; a verdict takes 20 (more files, a smaller batch, "
       "or "
       "fewer left out)"},
      {"cpus_of_unknown_number_are_never_full",
       with(run(50, {.compute = 100, .storage = 90}),
            [](RunTotals& r) {
              r.cpus = 0;
              r.cpu_seconds = 1e6;
            }),
       Bound::kStorage,
       "storage-bound: accelerators waited 45.0 % of the time for storage (1.2 GiB/s asked); AU 50.0 % of 90 % wanted"},
      // From a warm cache: what looks like requests to the storage is copying.
      {"copying",
       with(run(50, {.compute = 100, .storage = 20}),
            [](RunTotals& r) {
              r.steps.wait.copy = seconds(70);
              r.loader.busy = {.storage = seconds(80), .copy = seconds(560)};
              r.loader.idle = seconds(160);
              r.device_bytes = 6 * kGiB;
            }),
       Bound::kClient,
       "client-bound: copying took 70 % of the reader threads' time, as 95 % of the bytes came from a cache (AU 50.0 % "
       "of "
       "90 % wanted); reader.odirect: True, more read_threads, or fewer accelerators per host would tell storage and "
       "client "
       "apart"},
      {"copying_without_a_cache",
       with(run(50, {.compute = 100, .storage = 20}),
            [](RunTotals& r) {
              r.steps.wait.copy = seconds(70);
              r.loader.busy = {.storage = seconds(80), .copy = seconds(560)};
              r.loader.idle = seconds(160);
              r.device_bytes = 100 * kGiB;
            }),
       Bound::kClient,
       "client-bound: copying took 70 % of the reader threads' time (AU 50.0 % of 90 % wanted); reader.odirect: True, "
       "more "
       "read_threads, or fewer accelerators per host would tell storage and client apart"},
      // Bytes that the client generates come from no storage, whatever a request waited for.
      {"generating",
       with(run(50, {.compute = 100, .storage = 40}),
            [](RunTotals& r) {
              r.generated = true;
              r.steps.wait.copy = seconds(50);
              r.loader.busy = {.storage = seconds(80), .copy = seconds(560)};
              r.loader.idle = seconds(160);
              r.cpu_seconds = 1600;
            }),
       Bound::kClient,
       "client-bound: generating took 70 % of the reader threads' time (AU 50.0 % of 90 % wanted); more read_threads "
       "or "
       "fewer accelerators per host would help; the bytes were generated, and no storage was read"},
      {"generated_fast_enough",
       with(run(97.3, {.compute = 190, .storage = 6}), [](RunTotals& r) { r.generated = true; }), Bound::kSatisfied,
       "client kept 2 accelerators 97.3 % busy, 90 % wanted (1.2 GiB/s asked); the bytes were generated, and no "
       "storage "
       "was read"},
      {"generated_with_time_to_spare",
       with(run(98.5, {.compute = 197, .storage = 3}), [](RunTotals& r) { r.generated = true; }), Bound::kCompute,
       "compute-bound: 2 accelerators waited 1.5 % of the time for data and were 98.5 % busy; the client may have more "
       "to give than was asked (1.2 GiB/s); the bytes were generated, and no storage was read"},
      {"no_core",
       with(run(50, {.compute = 100, .storage = 38, .decode = 19}),
            [](RunTotals& r) {
              r.steps.wait.core = seconds(20);
              r.loader.busy.core = seconds(10);
              r.cpu_seconds = 0.99 * 1600;
            }),
       Bound::kCores,
       "client-bound: threads with work to do waited 10.0 % of the accelerators' time for a core; this run took 99 % "
       "of "
       "the CPUs that it may use (AU 50.0 % of 90 % wanted); more CPUs or fewer accelerators per host would tell "
       "storage and client apart"},
      {"no_core_at_barriers",
       with(run(50, {.compute = 100, .storage = 20, .barrier = 60}),
            [](RunTotals& r) {
              r.steps.barrier_for.cores = seconds(50);
              r.loader.busy.core = seconds(10);
              r.cpu_seconds = 0.5 * 1600;
            }),
       Bound::kCores,
       "client-bound: threads with work to do waited 25.0 % of the accelerators' time for a core; this run took 50 % "
       "of "
       "the CPUs that it may use (AU 50.0 % of 90 % wanted); more CPUs or fewer accelerators per host would tell "
       "storage and client apart"},
      // Where waits for cores are known, full CPUs are no reason to doubt that the storage was waited for.
      {"full_cpus_that_nobody_waited_for",
       with(run(50, {.compute = 100, .storage = 90}),
            [](RunTotals& r) {
              r.cpu_seconds = 1600;
              r.loader.busy.core = Nanos{1};
            }),
       Bound::kStorage,
       "storage-bound: accelerators waited 45.0 % of the time for storage (1.2 GiB/s asked); AU 50.0 % of 90 % wanted"},
      {"few_requests_in_flight",
       with(run(50, {.compute = 100, .storage = 90}),
            [](RunTotals& r) {
              for (int i = 0; i < 1000; ++i) r.loader.read_latency.add(milliseconds(150));
            }),
       Bound::kStorage,
       "storage-bound: accelerators waited 45.0 % of the time for storage (1.2 GiB/s asked); AU 50.0 % of 90 % wanted; "
       "1.5 "
       "requests were in flight on average, each took 150.0 ms, and more read_threads would tell whether it has more "
       "to "
       "give"},
      {"few_requests_as_told",
       with(run(50, {.compute = 100, .storage = 90}),
            [](RunTotals& r) {
              for (int i = 0; i < 1000; ++i) r.loader.read_latency.add(milliseconds(150));
              r.io_depth = 1;
              r.read_threads = 2;
              r.io_depth_chosen = true;
            }),
       Bound::kStorage,
       "storage-bound: accelerators waited 45.0 % of the time for storage (1.2 GiB/s asked); AU 50.0 % of 90 % wanted; "
       "1.5 requests were in flight on average, each took 150.0 ms, and a larger reader.io_depth would tell whether it "
       "has more to give"},
      {"few_requests_of_one_each_as_the_window_admits",
       with(run(50, {.compute = 100, .storage = 90}),
            [](RunTotals& r) {
              for (int i = 0; i < 1000; ++i) r.loader.read_latency.add(milliseconds(150));
              r.io_depth = 1;
              r.read_threads = 4;
            }),
       Bound::kStorage,
       "storage-bound: accelerators waited 45.0 % of the time for storage (1.2 GiB/s asked); AU 50.0 % of 90 % wanted; "
       "1.5 requests were in flight on average, each took 150.0 ms, and a larger prefetch_size or more read_threads "
       "would tell whether it has more to give"},
      // Half of what threads could have under way is not too little.
      {"few_requests_and_half_of_what_was_possible",
       with(run(50, {.compute = 100, .storage = 90}),
            [](RunTotals& r) {
              for (int i = 0; i < 1000; ++i) r.loader.read_latency.add(milliseconds(150));
              r.io_depth = 1;
              r.read_threads = 3;
            }),
       Bound::kStorage,
       "storage-bound: accelerators waited 45.0 % of the time for storage (1.2 GiB/s asked); AU 50.0 % of 90 % wanted; "
       "1.5 requests were in flight on average, each took 150.0 ms, and more read_threads would tell whether it has "
       "more to give"},
      // Threads could have had more under way, and had no more to read.
      {"few_requests_as_the_window_admits",
       with(run(50, {.compute = 100, .storage = 90}),
            [](RunTotals& r) {
              for (int i = 0; i < 1000; ++i) r.loader.read_latency.add(milliseconds(150));
              r.io_depth = 32;
              r.read_threads = 2;
              r.device = {.busy = 0.4, .in_flight = 1.26};
            }),
       Bound::kStorage,
       "storage-bound: accelerators waited 45.0 % of the time for storage (1.2 GiB/s asked); AU 50.0 % of 90 % wanted; "
       "the device was busy 40 % of the time with 1.3 requests in flight; 1.5 requests were in flight on average, each "
       "took 150.0 ms, and a larger prefetch_size or more read_threads would tell whether it has more to give"},
      {"a_slow_rank",
       held_up({.compute = 120, .storage = 20, .barrier = 50}, &BarrierCauses::storage, seconds(48),
               {.rank = 3, .host = "b", .waited = {.delay = seconds(18)}, .others = seconds(1)}),
       Bound::kSlowRank,
       "slow rank: rank 3 on b waited 18.0 s in all, mostly for the storage, the others 1.0 s; 25.0 % of the "
       "accelerators' time passed at barriers for it (AU 60.0 % of 90 % wanted); look at its host's path to the "
       "storage"},
      // All stand in one line, and one is the last.
      {"the_last_in_a_line",
       held_up({.compute = 120, .storage = 20, .barrier = 50}, &BarrierCauses::storage, seconds(48),
               {.rank = 3,
                .host = "b",
                .waited = {.delay = seconds(18)},
                .others = seconds(1),
                .request = milliseconds(249),
                .others_request = milliseconds(100)}),
       Bound::kStorage,
       "storage-bound: accelerators waited 34.0 % of the time for storage (24.0 % at barriers for ranks that did, "
       "2.4 GiB/s asked); AU 60.0 % of 90 % wanted"},
      {"a_slow_path_to_the_storage",
       held_up({.compute = 120, .storage = 20, .barrier = 50}, &BarrierCauses::storage, seconds(48),
               {.rank = 3,
                .host = "b",
                .waited = {.delay = seconds(18)},
                .others = seconds(1),
                .request = milliseconds(250),
                .others_request = milliseconds(100)}),
       Bound::kSlowRank,
       "slow rank: rank 3 on b waited 18.0 s in all, mostly for the storage, the others 1.0 s; 25.0 % of the "
       "accelerators' time passed at barriers for it (AU 60.0 % of 90 % wanted); look at its host's path to the "
       "storage"},
      // The line to the storage is no matter where that is not what it waited for.
      {"a_slow_rank_whose_requests_are_as_quick",
       held_up({.compute = 120, .storage = 20, .barrier = 50}, &BarrierCauses::client, seconds(48),
               {.rank = 0,
                .waited = {.delay = seconds(18), .cause = StepWait::Cause::kClient},
                .others = seconds(1),
                .request = milliseconds(1),
                .others_request = milliseconds(1)}),
       Bound::kSlowRank,
       "slow rank: rank 0 waited 18.0 s in all, mostly for its own copying and decoding, the others 1.0 s; 25.0 % of "
       "the "
       "accelerators' time passed at barriers for it (AU 60.0 % of 90 % wanted); look at what else runs on its host"},
      {"a_slow_rank_without_a_core",
       held_up({.compute = 120, .storage = 20, .barrier = 50}, &BarrierCauses::cores, seconds(48),
               {.rank = 0,
                .waited = {.delay = seconds(18), .cause = StepWait::Cause::kCores},
                .others = from_seconds(4.5)}),
       Bound::kSlowRank,
       "slow rank: rank 0 waited 18.0 s in all, mostly for a core, the others 4.5 s; 24.0 % of the accelerators' time "
       "passed at barriers for it (AU 60.0 % of 90 % wanted); look at what else runs on its host"},
      {"a_rank_that_is_hardly_slower",
       held_up({.compute = 120, .storage = 20, .barrier = 50}, &BarrierCauses::storage, seconds(48),
               {.rank = 3, .host = "b", .waited = {.delay = seconds(17)}, .others = from_seconds(4.5)}),
       Bound::kStorage,
       "storage-bound: accelerators waited 34.0 % of the time for storage (24.0 % at barriers for ranks that did, "
       "2.4 GiB/s asked); AU 60.0 % of 90 % wanted"},
      {"a_slow_rank_that_explains_little",
       held_up({.compute = 120, .storage = 50, .barrier = 30}, &BarrierCauses::storage, seconds(20),
               {.rank = 3, .host = "b", .waited = {.delay = seconds(30)}, .others = seconds(7)}),
       Bound::kStorage,
       "storage-bound: accelerators waited 35.0 % of the time for storage (10.0 % at barriers for ranks that did, "
       "2.4 GiB/s asked); AU 60.0 % of 90 % wanted"},
      // It comes late out of each barrier for want of a core, which is no delay of that step: the barriers are for no
      // rank.
      {"a_slow_rank_without_a_core_at_barriers",
       with(run_of_4(20, {.compute = 40, .storage = 4, .barrier = 150}),
            [](RunTotals& r) {
              r.steps.wait.core = seconds(6);
              r.steps.barrier_core = seconds(36);
              r.steps.barrier_for.cores = seconds(36);
              r.slow = SlowRank{
                  .rank = 3, .waited = {.delay = seconds(38), .cause = StepWait::Cause::kCores}, .others = seconds(1)};
            }),
       Bound::kSlowRank,
       "slow rank: rank 3 waited 38.0 s in all, mostly for a core, the others 1.0 s; 55.5 % of the accelerators' time "
       "passed at barriers for it (AU 20.0 % of 90 % wanted); look at what else runs on its host"},
      // Of 50 s at barriers three ranks waited 3 x 8.3 s for it.
      {"a_slow_rank_that_explains_less_than_half_of_the_barriers",
       held_up({.compute = 120, .storage = 20, .barrier = 50}, &BarrierCauses::storage, seconds(48),
               {.rank = 3, .waited = {.delay = from_seconds(9.3)}, .others = seconds(1)}),
       Bound::kStorage,
       "storage-bound: accelerators waited 34.0 % of the time for storage (24.0 % at barriers for ranks that did, "
       "2.4 GiB/s asked); AU 60.0 % of 90 % wanted"},
      {"a_slow_rank_that_explains_half_of_the_barriers",
       held_up({.compute = 120, .storage = 20, .barrier = 51}, &BarrierCauses::storage, seconds(48),
               {.rank = 3, .waited = {.delay = from_seconds(9.5)}, .others = seconds(1)}),
       Bound::kSlowRank,
       "slow rank: rank 3 waited 9.5 s in all, mostly for the storage, the others 1.0 s; 24.0 % of the accelerators' "
       "time passed at barriers for it (AU 60.0 % of 90 % wanted); look at its host's path to the storage"},
      {"start_up",
       with(run(70, {.compute = 140, .storage = 40, .queue = 10, .barrier = 10}),
            [](RunTotals& r) { r.steps.first_wait = seconds(30); }),
       Bound::kStartUp,
       "start-up: accelerators waited 15.0 % of the time for the first batches of epochs, 10.0 % for all others (AU "
       "70.0 % of 90 % wanted); longer epochs would show the storage, and output.metric.exclude_start_steps leaves "
       "first "
       "steps out"},
      {"a_start_that_is_less_than_half",
       with(run(70, {.compute = 140, .storage = 40, .queue = 10, .barrier = 10}),
            [](RunTotals& r) { r.steps.first_wait = seconds(29); }),
       Bound::kStorage,
       "storage-bound: accelerators waited 20.0 % of the time for storage (1.2 GiB/s asked); AU 70.0 % of 90 % wanted"},
      {"queue", run(70, {.compute = 140, .storage = 10, .queue = 40, .barrier = 10}), Bound::kQueue,
       "queue: accelerators waited 20.0 % of the time for batches that no thread had begun (AU 70.0 % of 90 % wanted); "
       "more read_threads, a larger prefetch_size or longer epochs would help"},
      {"barrier", run(70, {.compute = 140, .storage = 10, .barrier = 50}), Bound::kBarrier,
       "barrier: accelerators waited 25.0 % of the time for other ranks (AU 70.0 % of 90 % wanted); look for the slow "
       "one in "
       "the ranks' outputs"},
      {"other", run(60, {.compute = 120, .storage = 20}), Bound::kOther,
       "unexplained: 30.0 % of the time passed outside loading, computing and barriers (AU 60.0 % of 90 % wanted); "
       "look for "
       "an overloaded or suspended host"},
  };
}

TEST(SlowRank, IsTheOneThatWaitedLongestAndForWhat) {
  const auto waited = [](double storage, double decode, double late) {
    RankWaits rank;
    rank.steps.wait.storage = from_seconds(storage);
    rank.steps.wait.decode = from_seconds(decode);
    rank.steps.late = from_seconds(late);
    return rank;
  };
  EXPECT_FALSE(slow_rank({}));
  EXPECT_FALSE(slow_rank(std::vector{waited(9, 0, 0)}));
  std::vector<RankWaits> ranks{waited(1, 0, 0), waited(1, 2, 0), waited(4, 5, 1), waited(2, 0, 2)};
  for (std::size_t r = 0; r < ranks.size(); ++r) ranks[r].request = seconds(std::array{7, 3, 9, 5}.at(r));
  const auto slow = slow_rank(ranks);
  ASSERT_TRUE(slow);
  EXPECT_EQ(slow->rank, 2);
  EXPECT_EQ(slow->waited.delay, seconds(10));
  EXPECT_EQ(slow->waited.cause, StepWait::Cause::kClient);
  EXPECT_EQ(slow->others, seconds(3));
  EXPECT_EQ(slow->request, seconds(9));
  EXPECT_EQ(slow->others_request, seconds(5));
  // What a rank wants for a core at barriers is a delay of its own.
  std::vector<RankWaits> late_at_barriers{waited(3, 0, 0), waited(1, 0, 0), waited(2, 0, 0)};
  late_at_barriers[1].steps.barrier_core = seconds(4);
  const auto no_core = slow_rank(late_at_barriers);
  ASSERT_TRUE(no_core);
  EXPECT_EQ(no_core->rank, 1);
  EXPECT_EQ(no_core->waited, (StepWait{seconds(5), StepWait::Cause::kCores}));
  EXPECT_EQ(no_core->others, seconds(3)) << "of two the longer";
  const auto first = slow_rank(std::vector{waited(3, 0, 0), waited(1, 0, 0)});
  ASSERT_TRUE(first);
  EXPECT_EQ(first->rank, 0);
  EXPECT_EQ(first->waited.cause, StepWait::Cause::kStorage);
  EXPECT_EQ(first->others, seconds(1));
}

TEST(Verdict, Table) {
  for (const Case& c : cases()) {
    SCOPED_TRACE(c.name);
    const Verdict v = verdict(c.totals);
    EXPECT_EQ(to_string(v.bound), to_string(c.bound));
    EXPECT_EQ(v.sentence, c.sentence);
  }
}

// What ranks waited for a rank that decoded is the client's; what they waited for one that had no core, too.
TEST(Verdict, WaitsAtBarriersAreForWhatWasWaitedFor) {
  RunTotals r = run(50, {.compute = 100, .storage = 40, .decode = 5, .barrier = 55});
  EXPECT_EQ(verdict(r).bound, Bound::kBarrier);
  r.steps.barrier_for.client = seconds(50);
  EXPECT_EQ(verdict(r).bound, Bound::kClient);
  r.steps.barrier_for = {.cores = seconds(50)};
  EXPECT_EQ(verdict(r).bound, Bound::kCores);
  r.steps.barrier_for = {.queue = seconds(50)};
  EXPECT_EQ(verdict(r).bound, Bound::kQueue);
  r.steps.barrier_for = {.late = seconds(50)};
  EXPECT_EQ(verdict(r).bound, Bound::kLate);
  r.steps.barrier_for = {.storage = seconds(5)};
  EXPECT_EQ(verdict(r).bound, Bound::kBarrier) << "50 s of the rest";
  r.steps.barrier_for = {.storage = seconds(8)};
  EXPECT_EQ(verdict(r).bound, Bound::kStorage) << "48 s, and 47 s of the rest";
}

TEST(Verdict, ASlowRankIsNamedInAShortRun) {
  using std::chrono::milliseconds;
  RunTotals r = run_of_4(60, {});
  r.wall = milliseconds(500);
  r.cpu_seconds = 1;
  r.steps.compute = milliseconds(1200);
  r.steps.wait.storage = milliseconds(300);
  r.steps.barrier = milliseconds(500);
  r.steps.barrier_for.storage = milliseconds(480);
  r.slow = SlowRank{.rank = 3, .waited = {.delay = milliseconds(200)}, .others = milliseconds(50)};
  EXPECT_EQ(verdict(r).bound, Bound::kSlowRank);
  // A rank by itself waits for no other.
  r.accelerators = 1;
  EXPECT_EQ(verdict(r).bound, Bound::kStorage);
  r.accelerators = 4;
  r.slow->waited.delay = r.slow->others = Nanos{0};
  EXPECT_EQ(verdict(r).bound, Bound::kStorage);
}

TEST(Verdict, PreprocessingIsNamedWithoutDecodeAdvice) {
  RunTotals r = run(50, {.compute = 100, .preprocess = 90});
  r.decode_optional = true;
  r.loader.busy = {.storage = seconds(100), .preprocess = seconds(700)};
  r.loader.idle = Nanos{0};
  EXPECT_THAT(verdict(r).sentence, ::testing::StartsWith("client-bound: preprocessing took 88 %"));
  EXPECT_THAT(verdict(r).sentence, ::testing::Not(::testing::HasSubstr("decode: none")));
}

TEST(Verdict, StaysFiniteWithoutAWall) {
  RunTotals r = run(50, {.compute = 100, .storage = 100});
  r.wall = Nanos{0};
  EXPECT_EQ(
      verdict(r).sentence,
      "storage-bound: accelerators waited 50.0 % of the time for storage (0 B/s asked); AU 50.0 % of 90 % wanted");
}

TEST(CacheShare, KnowsWhenItDoesNotKnow) {
  EXPECT_EQ(cache_share(100, -1), -1);
  EXPECT_EQ(cache_share(0, 10), -1);
  EXPECT_DOUBLE_EQ(cache_share(100, 25), 0.75);
  EXPECT_EQ(cache_share(100, 130), 0) << "read-ahead is not a negative share";
  EXPECT_EQ(cache_share(1, 0), 1) << "no device read anything";
}

TEST(CpuSecondsPerGb, IsPerDecimalGigabyte) {
  EXPECT_DOUBLE_EQ(cpu_seconds_per_gb(3, 1'500'000'000), 2);
  EXPECT_EQ(cpu_seconds_per_gb(3, 0), 0);
  EXPECT_DOUBLE_EQ(cpu_seconds_per_gb(3, 1), 3e9);
}

}  // namespace
}  // namespace stoker::metrics
