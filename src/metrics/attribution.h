// Where the time of a run went: what reader threads did, what accelerators waited for. Plain sums, kept per thread or
// per rank and merged after the join. docs/metrics.md explains the attribution.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/status.h"
#include "metrics/histogram.h"
#include "metrics/step_record.h"

namespace stoker::metrics {

// Time by the stages of making a chunk: what a reader thread did, or what a step waited for.
struct StageTimes {
  Nanos storage{0};  // blocked in requests to the storage under test
  Nanos copy{0};     // in such requests, but on a core: copying from the page cache, system calls
  Nanos core{0};     // there was work, and no core for it
  Nanos decompress{0};
  Nanos decode{0};
  Nanos verify{0};      // reader.verify: comparing values with the generator
  Nanos preprocess{0};  // reader.preprocess_time, as slept
  Nanos place{0};       // handing over: copying into a collated batch, waking the consumer
  Nanos other{0};       // of a thread: opening files, footers' parsing, bookkeeping
  // Of a wait: no thread worked on what was missing yet (start-up of an epoch, a window too small), and bookkeeping.
  Nanos queue{0};

  [[nodiscard]] Nanos client() const;  // its work: copy, decompress, decode, verify, preprocess, place
  [[nodiscard]] Nanos total() const;
  StageTimes& operator+=(const StageTimes& o);
  friend bool operator==(const StageTimes&, const StageTimes&) = default;
};
using WaitTimes = StageTimes;

// The stages, in order. Sums, texts and the policy loop over this table.
enum class Whose : std::uint8_t { kStorage, kClient, kCores, kNobody };
struct Stage {
  std::string_view doing;  // "decoding", for sentences
  Nanos StageTimes::*time;
  Whose whose;
};
inline constexpr std::array<Stage, 10> kStages{{{"waiting for the storage", &StageTimes::storage, Whose::kStorage},
                                                {"copying", &StageTimes::copy, Whose::kClient},
                                                {"waiting for a core", &StageTimes::core, Whose::kCores},
                                                {"decompressing", &StageTimes::decompress, Whose::kClient},
                                                {"decoding", &StageTimes::decode, Whose::kClient},
                                                {"verifying", &StageTimes::verify, Whose::kClient},
                                                {"preprocessing", &StageTimes::preprocess, Whose::kClient},
                                                {"placing batches", &StageTimes::place, Whose::kClient},
                                                {"opening files", &StageTimes::other, Whose::kNobody},
                                                {"queueing", &StageTimes::queue, Whose::kNobody}}};
// Sum of the stages of one party.
[[nodiscard]] Nanos sum_of(const StageTimes& times, Whose whose);

// What the loader of one rank did, summed over its reader threads.
struct LoaderTotals {
  StageTimes busy;
  Nanos idle{0};                         // threads waiting for room in the window, or for work
  std::uint64_t requests = 0;            // to the storage
  std::uint64_t requests_seen_late = 0;  // of them, answered before the thread looked: their latency is a bound
  std::uint64_t bytes_requested = 0;     // asked of the storage
  std::uint64_t bytes_useful = 0;        // of the samples handed out, as the decode depth leaves them
  std::uint64_t chunks = 0;
  std::uint64_t rows = 0;
  std::uint64_t bytes_verified = 0;  // of decoded values that were compared with the generator
  Nanos verify_cpu{0};               // CPU time that this took; busy.verify is the time that passed
  Histogram read_latency;            // of each request

  void merge(const LoaderTotals& o);
  [[nodiscard]] std::string serialise() const;
  [[nodiscard]] static Result<LoaderTotals> parse(std::string_view text);  // Code::kCorrupt
  friend bool operator==(const LoaderTotals&, const LoaderTotals&) = default;
};

// What held a step up mostly, and for how long: what ranks tell one another, so that one that waited at the barrier
// knows what for. Ordered by length.
struct StepWait {
  Nanos delay{0};  // the wait for the batch, and StepRecord::late
  enum class Cause : std::uint8_t { kStorage, kClient, kQueue, kLate, kCores } cause = Cause::kStorage;
  friend bool operator==(const StepWait&, const StepWait&) = default;
};
// The part with the largest share of the delay, the storage on a tie.
[[nodiscard]] StepWait step_wait(const WaitTimes& wait, Nanos late);
// As a number for a reduction with the maximum over ranks: longer waits are larger. Exact for waits below 12 days.
[[nodiscard]] double encode(const StepWait& wait);
[[nodiscard]] StepWait decode_step_wait(double number);

// Time at barriers by what the slowest rank of the step had waited for. Together at most StepTotals::barrier: the rest
// is the other ranks' computing and their way to the barrier.
struct BarrierCauses {
  Nanos storage{0}, client{0}, queue{0}, late{0}, cores{0};
  [[nodiscard]] Nanos total() const { return storage + client + queue + late + cores; }
  BarrierCauses& operator+=(const BarrierCauses& o);
  friend bool operator==(const BarrierCauses&, const BarrierCauses&) = default;
};

// The steps of one rank, or of all ranks.
struct StepTotals {
  WaitTimes wait;    // total() is the sum of StepRecord::load
  Nanos compute{0};  // without `late`
  Nanos late{0};     // sum of StepRecord::late
  Nanos barrier{0};
  Nanos barrier_core{0};      // part of barrier: StepRecord::barrier_core, but for what a slower rank took anyway
  BarrierCauses barrier_for;  // part of barrier; barrier_core is part of its cores
  Nanos first_wait{0};        // part of wait: for the first batch of each epoch, where the AU counts it
  std::uint64_t steps = 0;
  std::uint64_t late_steps = 0;  // `late` by 10 ms or more

  void add(const StepRecord& step, const WaitTimes& wait_of_step);
  // After add(): `slowest` is the longest delay of all ranks in that step. By so much as it was longer than this rank's
  // own, this rank's barrier was waiting for the same thing. Whether it had a core meanwhile is no matter; what it
  // waited for one beyond that is told apart.
  void add_barrier(const StepRecord& step, const StepWait& slowest);
  void merge(const StepTotals& o);
  [[nodiscard]] Nanos total() const { return wait.total() + compute + late + barrier; }
  [[nodiscard]] std::string serialise() const;
  [[nodiscard]] static Result<StepTotals> parse(std::string_view text);  // Code::kCorrupt
  friend bool operator==(const StepTotals&, const StepTotals&) = default;
};

}  // namespace stoker::metrics
