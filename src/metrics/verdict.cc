// The verdict is a short chain of questions, asked in this order:
//
//   1. Was anything trained, and were enough steps measured to tell?
//   2. Did memory rather than the storage deliver the bytes of a run that looks good? Then the good look is memory's.
//   3. Was the target met? Then either the accelerators hardly waited, and faster storage could not show
//      (compute-bound), or they did, and the storage carried the load.
//   4. Was most of what was lost lost before the first batches of epochs (start-up), or at barriers for one rank that
//      waited much longer than the others (slow rank)? Then that is named, whatever was waited for; unless it waited
//      for the storage and its requests took no longer than its turn in a line that all share explains.
//   5. Else: what is the largest part of the time that was lost? The client's work and its threads' waits for cores are
//      one part there: both are the client's, and the larger of them is named. Two exceptions. A limit on CPUs that
//      held threads back for a good part of it explains it, whatever the threads seemed to wait for. And where the
//      kernel does not tell who waited for a core, and the CPUs had no time left, a thread that "waits for storage" may
//      as well wait for a CPU. The client is named then.
#include "metrics/verdict.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "base/plural.h"
#include "base/units.h"
#include "metrics/statistics.h"

namespace stoker::metrics {

namespace {

// Shares (0..1) of the accelerators' time, and what follows from them. Waiting for a rank that waits for the storage is
// waiting for the storage; `barrier` is what is left of the barriers.
struct Shares {
  double wait = 0, storage = 0, client = 0, cores = 0, queue = 0, barrier = 0, other = 0;
  bool cores_known = false;     // the kernel tells how long threads waited for cores
  double late = 0;              // steps that computed longer than told
  double late_for_storage = 0;  // part of storage: at barriers
  double cpu = 0;               // of the CPUs' time, by this run; 0 when unknown
  double throttled = 0;         // of the wall time, and no more than of the CPU time that the run wanted
  double cached = 0;            // of the bytes asked for; 0 when unknown
};

// The accelerators' time is theirs whether or not a step accounts for it; the sum of steps may exceed it by rounding.
double time_of_accelerators(const RunTotals& run) {
  return std::max(to_seconds(run.steps.total()), to_seconds(run.wall) * static_cast<double>(run.accelerators));
}

double share_of_time(const RunTotals& run, Nanos part) {
  return finite_or_zero(to_seconds(part) / time_of_accelerators(run));
}

Shares shares_of(const RunTotals& run) {
  const double recorded = to_seconds(run.steps.total());
  const double all = time_of_accelerators(run);
  const auto share = [&run](Nanos part) { return share_of_time(run, part); };
  Shares s;
  s.wait = share(run.steps.wait.total());
  const BarrierCauses& late = run.steps.barrier_for;
  // Without a storage nobody waits for it.
  const Nanos storage = run.steps.wait.storage + late.storage, client = run.steps.wait.client() + late.client;
  s.storage = share(run.generated ? Nanos{0} : storage);
  s.client = share(run.generated ? client + storage : client);
  s.cores = share(run.steps.wait.core + late.cores);
  s.cores_known = run.loader.busy.core > Nanos{0};
  s.queue = share(sum_of(run.steps.wait, Whose::kNobody) + late.queue);
  s.barrier = share(run.steps.barrier - late.total());
  s.late = share(run.steps.late + late.late);
  s.late_for_storage = share(late.storage);
  s.other = finite_or_zero((all - recorded) / all);
  if (run.cpus > 0 && run.wall > Nanos{0}) {
    s.cpu = run.cpu_seconds / (run.cpus * to_seconds(run.wall));
  }
  // Over many CPUs the sum says little about how long anybody waited: that is no more than the part of their wanted CPU
  // time that they did not get.
  if (run.wall > Nanos{0} && run.throttled_seconds > 0) {
    s.throttled = std::min(run.throttled_seconds / to_seconds(run.wall),
                           run.throttled_seconds / (run.throttled_seconds + run.cpu_seconds));
  }
  s.cached = std::max(0.0, cache_share(run.loader.bytes_requested, run.device_bytes));
  return s;
}

std::string accelerators(const RunTotals& run) {
  return counted(run.accelerators, "accelerator");
}

std::string rate_asked(const RunTotals& run) {
  const double seconds = to_seconds(run.wall);
  if (seconds <= 0) return "0 B/s";
  return format_bytes(static_cast<double>(run.loader.bytes_requested) / seconds) + "/s";
}

// Who had the hosts' CPUs.
std::string use_of_cpus(const RunTotals& run, const Shares& s) {
  std::string text = fmt::format("this run took {:.0f} % of the CPUs that it may use", 100 * s.cpu);
  if (run.hosts_busy) text += fmt::format(", all programs together {:.0f} % of the hosts'", 100 * *run.hosts_busy);
  return text;
}

std::string misses_target(const RunTotals& run) {
  return fmt::format("AU {:.1f} % of {:.0f} % wanted", *run.au_percent, 100 * run.target);
}

// The client's stage that took most of the reader threads' time.
const Stage& largest_client_stage(const StageTimes& busy) {
  const Stage* largest = nullptr;
  for (const Stage& stage : kStages) {
    if (stage.whose == Whose::kClient && (largest == nullptr || busy.*stage.time > busy.*largest->time))
      largest = &stage;
  }
  return *largest;
}

// What makes the client the bottleneck.
enum class ClientCause { kStage, kCores, kCpusFull, kCpuLimit };

std::string client_sentence(const RunTotals& run, const Shares& s, ClientCause why) {
  const Stage& largest = largest_client_stage(run.loader.busy);
  const bool generates = run.generated && largest.time == &StageTimes::copy;
  const std::string_view stage = generates ? "generating" : largest.doing;
  const double thread_time = to_seconds(run.loader.busy.total() + run.loader.idle);

  std::vector<std::string_view> advice;
  if (why == ClientCause::kCpuLimit) advice.emplace_back("a higher limit");
  if (why == ClientCause::kStage && stage == "copying") advice.emplace_back("reader.odirect: True");
  if (why == ClientCause::kStage) advice.emplace_back("more read_threads");
  if (why == ClientCause::kCores) advice.emplace_back("more CPUs");
  if (run.decode_optional && (stage == "decoding" || stage == "decompressing")) advice.emplace_back("decode: none");
  if (stage == "verifying") advice.emplace_back("reader.verify: False");
  advice.emplace_back("fewer accelerators per host");
  std::string would;
  for (std::size_t i = 0; i < advice.size(); ++i) {
    if (i > 0) would += i + 1 < advice.size() ? ", " : advice.size() > 2 ? ", or " : " or ";
    would += advice[i];
  }

  std::string cause;
  if (why == ClientCause::kCpuLimit) {
    cause = fmt::format(
        "a limit on CPUs (of a container or batch job) held threads back for {}, {:.0f} % of the time, so "
        "any wait may be one for a CPU",
        format_duration(run.throttled_seconds), 100 * s.throttled);
  } else if (why == ClientCause::kCpusFull) {
    cause = use_of_cpus(run, s) + ", so waiting for storage may be waiting for a CPU";
  } else if (why == ClientCause::kCores) {
    cause = fmt::format("threads with work to do waited {:.1f} % of the accelerators' time for a core; {}",
                        100 * s.cores, use_of_cpus(run, s));
  } else {
    cause = fmt::format("{} took {:.0f} % of the reader threads' time", stage,
                        100 * finite_or_zero(to_seconds(run.loader.busy.*largest.time) / thread_time));
    if (stage == "copying" && s.cached >= thresholds::kMostlyCached)
      cause += fmt::format(", as {:.0f} % of the bytes came from a cache", 100 * s.cached);
  }
  return fmt::format("client-bound: {} ({}); {} would {}", cause, misses_target(run), would,
                     run.generated ? "help" : "tell storage and client apart");
}

Verdict met(const RunTotals& run, const Shares& s) {
  const std::string busy = fmt::format("kept {} {:.1f} % busy", accelerators(run), *run.au_percent);
  if (s.cached >= thresholds::kMostlyCached) {
    return {Bound::kCache,
            fmt::format("memory, not the storage, {}: {:.0f} % of the bytes came from a cache; a data set of "
                        "5 times the hosts' memory would show the storage",
                        busy, 100 * s.cached)};
  }
  const std::string_view giver = run.generated ? "client" : "storage";
  if (s.wait < thresholds::kHardlyWaited) {
    return {Bound::kCompute,
            fmt::format("compute-bound: {} waited {:.1f} % of the time for data and {} {:.1f} % busy; the "
                        "{} may have more to give than was asked ({})",
                        accelerators(run), 100 * s.wait, run.accelerators == 1 ? "was" : "were", *run.au_percent, giver,
                        rate_asked(run))};
  }
  return {Bound::kSatisfied,
          fmt::format("{} {}, {:.0f} % wanted ({} asked)", giver, busy, 100 * run.target, rate_asked(run))};
}

// What the storage had to do, as far as it is known, and what to try where it may have more to give: a storage that is
// asked for little at a time is not at its limit.
std::string load_of_storage(const RunTotals& run) {
  std::string text;
  if (run.device) {
    text = fmt::format("; the device was busy {:.0f} % of the time with {:.1f} requests in flight",
                       100 * run.device->busy, run.device->in_flight);
  }
  const double in_flight = requests_in_flight(run);
  if (in_flight <= 0 || in_flight >= thresholds::kFewInFlight) return text;
  const double depth = static_cast<double>(run.io_depth) * static_cast<double>(run.read_threads);
  // Half of what was possible: the chunks that the window admits are fewer.
  const bool window = run.io_depth > 0 && in_flight < depth / 2;
  text += fmt::format(
      "; {:.1f} requests were in flight on average, each took {}{}, and {} would tell whether it has more to give",
      in_flight, run.loader.requests_seen_late > 0 ? "at most " : "",
      format_duration(to_seconds(run.loader.read_latency.quantile(0.5))),
      window                ? "a larger prefetch_size or more read_threads"
      : run.io_depth_chosen ? "a larger reader.io_depth"
                            : "more read_threads");
  return text;
}

std::string_view waited_for(StepWait::Cause cause) {
  switch (cause) {
    case StepWait::Cause::kStorage: return "the storage";
    case StepWait::Cause::kClient: return "its own copying and decoding";
    case StepWait::Cause::kQueue: return "batches that none of its threads had begun";
    case StepWait::Cause::kLate: return "steps that computed longer than told";
    case StepWait::Cause::kCores: return "a core";
  }
  return "";
}

// How long the other ranks waited at barriers for the slow one: by how much longer it waited each of them did. What a
// rank waits for a core at a barrier is nobody's delay of that step (BarrierCauses), and holds up the next one all the
// same.
double waited_for_slow_rank(const RunTotals& run) {
  if (!run.slow) return 0;
  const double longer = to_seconds(run.slow->waited.delay) - to_seconds(run.slow->others);
  return std::min(static_cast<double>(run.accelerators - 1) * longer, to_seconds(run.steps.barrier));
}

// Whether a rank that waited for the storage was only the last in a line that all share.
bool last_in_line(const SlowRank& slow) {
  return slow.waited.cause == StepWait::Cause::kStorage && slow.request > Nanos{0} && slow.others_request > Nanos{0} &&
         to_seconds(slow.request) < thresholds::kSlowRequests * to_seconds(slow.others_request);
}

// Whether one rank holds up the others, and that is most of what is lost.
bool held_up_by_one(const RunTotals& run, double at_barriers, double worst) {
  if (!run.slow || last_in_line(*run.slow)) return false;
  const double waited = waited_for_slow_rank(run);
  return waited > 0 && 2 * waited >= to_seconds(run.steps.barrier) && 2 * at_barriers >= worst &&
         to_seconds(run.slow->waited.delay) >= thresholds::kSlowRank * to_seconds(run.slow->others);
}

Verdict slow_rank_verdict(const RunTotals& run, double at_barriers) {
  const SlowRank& slow = *run.slow;
  const bool its_storage = slow.waited.cause == StepWait::Cause::kStorage;
  return {Bound::kSlowRank,
          fmt::format(
              "slow rank: rank {}{} waited {} in all, mostly for {}, the others {}; {:.1f} % of the accelerators' "
              "time passed at barriers for it ({}); look at {}",
              slow.rank, slow.host.empty() ? "" : " on " + slow.host, format_duration(to_seconds(slow.waited.delay)),
              waited_for(slow.waited.cause), format_duration(to_seconds(slow.others)), 100 * at_barriers,
              misses_target(run), its_storage ? "its host's path to the storage" : "what else runs on its host")};
}

// Most of what is lost was lost before the first batches of epochs.
bool lost_in_starting(const RunTotals& run) {
  const Nanos lost = run.steps.wait.total() + run.steps.barrier + run.steps.late;
  return run.steps.first_wait > Nanos{0} && 2 * run.steps.first_wait >= lost;
}

Verdict start_up_verdict(const RunTotals& run) {
  return {Bound::kStartUp,
          fmt::format(
              "start-up: accelerators waited {:.1f} % of the time for the first batches of epochs, {:.1f} % for all "
              "others ({}); longer epochs would show the storage, and output.metric.exclude_start_steps leaves "
              "first steps out",
              100 * share_of_time(run, run.steps.first_wait),
              100 * share_of_time(run, run.steps.wait.total() - run.steps.first_wait), misses_target(run))};
}

Verdict missed(const RunTotals& run, const Shares& s) {
  struct Cause {
    Bound bound;
    double share;
  };
  // On a tie the storage is named first: it is what is under test.
  std::array<Cause, 6> causes{{{Bound::kStorage, s.storage},
                               {Bound::kClient, s.client + s.cores},
                               {Bound::kQueue, s.queue},
                               {Bound::kBarrier, s.barrier},
                               {Bound::kLate, s.late},
                               {Bound::kOther, s.other}}};
  const Cause worst =
      *std::max_element(causes.begin(), causes.end(), [](const Cause& a, const Cause& b) { return a.share < b.share; });
  const double percent = 100 * worst.share;
  const double at_barriers = std::max(share_of_time(run, run.steps.barrier_for.total()),
                                      share_of_time(run, from_seconds(waited_for_slow_rank(run))));
  if (lost_in_starting(run)) return start_up_verdict(run);
  if (held_up_by_one(run, at_barriers, worst.share)) return slow_rank_verdict(run, at_barriers);
  const bool cpus_full =
      !run.generated && !s.cores_known && std::max(s.cpu, run.hosts_busy.value_or(0)) >= thresholds::kCpuSaturated;
  if (s.throttled > 0 && s.throttled >= thresholds::kThrottled * worst.share)
    return {Bound::kClient, client_sentence(run, s, ClientCause::kCpuLimit)};
  switch (worst.bound) {
    case Bound::kClient:
      if (s.cores > s.client) return {Bound::kCores, client_sentence(run, s, ClientCause::kCores)};
      return {Bound::kClient, client_sentence(run, s, cpus_full ? ClientCause::kCpusFull : ClientCause::kStage)};
    case Bound::kQueue:
      return {Bound::kQueue,
              fmt::format("queue: accelerators waited {:.1f} % of the time for batches that no thread had "
                          "begun ({}); more read_threads, a larger prefetch_size or longer epochs would help",
                          percent, misses_target(run))};
    case Bound::kBarrier:
      return {Bound::kBarrier,
              fmt::format("barrier: accelerators waited {:.1f} % of the time for other ranks ({}); look "
                          "for the slow one in the ranks' outputs",
                          percent, misses_target(run))};
    case Bound::kLate:
      return {Bound::kLate,
              fmt::format(
                  "held up: steps computed {} longer than told, with those that waited for them {:.1f} % of the time "
                  "({}); ranks were stopped, or without a core",
                  format_duration(to_seconds(run.steps.late)), percent, misses_target(run))};
    case Bound::kOther:
      return {Bound::kOther,
              fmt::format("unexplained: {:.1f} % of the time passed outside loading, computing and barriers "
                          "({}); look for an overloaded or suspended host",
                          percent, misses_target(run))};
    default: break;
  }
  if (cpus_full) return {Bound::kClient, client_sentence(run, s, ClientCause::kCpusFull)};
  const std::string late_for_storage =
      s.late_for_storage < thresholds::kHardlyWaited
          ? ""
          : fmt::format("{:.1f} % at barriers for ranks that did, ", 100 * s.late_for_storage);
  std::string sentence =
      fmt::format("storage-bound: accelerators waited {:.1f} % of the time for storage ({}{} asked); {}", percent,
                  late_for_storage, rate_asked(run), misses_target(run));
  if (s.cached >= thresholds::kMostlyCached) {
    sentence += fmt::format(", although {:.0f} % of the bytes came from a cache", 100 * s.cached);
  }
  return {Bound::kStorage, sentence + load_of_storage(run)};
}

}  // namespace

namespace {

// The upper one of two in the middle; the list is not empty.
Nanos median(std::vector<Nanos> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::ranges::nth_element(values, middle);
  return *middle;
}

}  // namespace

std::optional<SlowRank> slow_rank(std::span<const RankWaits> ranks) {
  if (ranks.size() < 2) return std::nullopt;
  SlowRank slow;
  std::vector<Nanos> others, requests;
  for (std::size_t r = 0; r < ranks.size(); ++r) {
    // What it wants for a core at barriers the others wait for in the next step.
    WaitTimes wait = ranks[r].steps.wait;
    wait.core += ranks[r].steps.barrier_core;
    const StepWait waited = step_wait(wait, ranks[r].steps.late);
    others.push_back(waited.delay);
    requests.push_back(ranks[r].request);
    if (r > 0 && waited.delay <= slow.waited.delay) continue;
    slow.rank = static_cast<int>(r);
    slow.waited = waited;
    slow.request = ranks[r].request;
  }
  others.erase(others.begin() + slow.rank);
  requests.erase(requests.begin() + slow.rank);
  slow.others = median(std::move(others));
  slow.others_request = median(std::move(requests));
  return slow;
}

double requests_in_flight(const RunTotals& run) {
  return finite_or_zero(to_seconds(run.loader.read_latency.sum()) / to_seconds(run.wall));
}

std::string_view to_string(Bound bound) {
  switch (bound) {
    case Bound::kNothing: return "nothing";
    case Bound::kFewSteps: return "few steps";
    case Bound::kSatisfied: return "satisfied";
    case Bound::kCompute: return "compute";
    case Bound::kCache: return "cache";
    case Bound::kStorage: return "storage";
    case Bound::kClient: return "client";
    case Bound::kCores: return "cores";
    case Bound::kLate: return "late";
    case Bound::kQueue: return "queue";
    case Bound::kBarrier: return "barrier";
    case Bound::kSlowRank: return "slow rank";
    case Bound::kStartUp: return "start-up";
    case Bound::kOther: return "other";
  }
  return "nothing";
}

Verdict verdict(const RunTotals& run) {
  if (run.steps.steps == 0 || run.steps.total() <= Nanos{0}) return {Bound::kNothing, "nothing was trained"};
  if (!run.au_percent) {
    return {Bound::kFewSteps,
            fmt::format("not measured: the AU leaves out steps at the ends of each epoch "
                        "(output.metric.exclude_start_steps, exclude_end_steps), and none was left of {} on each rank; "
                        "a verdict takes {} (more files, a smaller batch, or fewer left out)",
                        counted(run.steps.steps / std::max<std::uint64_t>(1, run.accelerators), "step"),
                        thresholds::kEnoughSteps)};
  }
  const Shares s = shares_of(run);
  Verdict v = *run.au_percent >= 100 * run.target ? met(run, s) : missed(run, s);
  if (run.generated) v.sentence += "; the bytes were generated, and no storage was read";
  if (run.measured_steps >= thresholds::kEnoughSteps) return v;
  return {Bound::kFewSteps,
          fmt::format("too few steps to tell: {} measured on each rank, {} needed (more files or epochs, or a "
                      "smaller batch); what there is says: {}",
                      run.measured_steps, thresholds::kEnoughSteps, v.sentence)};
}

double cache_share(std::uint64_t bytes_requested, std::int64_t device_bytes) {
  if (device_bytes < 0 || bytes_requested == 0) return -1;
  // Read-ahead can make devices read more than was asked for.
  return std::max(0.0, 1.0 - static_cast<double>(device_bytes) / static_cast<double>(bytes_requested));
}

double cpu_seconds_per_gb(double cpu_seconds, std::uint64_t bytes) {
  return bytes == 0 ? 0.0 : finite_or_zero(cpu_seconds / (static_cast<double>(bytes) / 1e9));
}

}  // namespace stoker::metrics
