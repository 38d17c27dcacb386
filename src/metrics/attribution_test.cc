#include "metrics/attribution.h"

#include <gtest/gtest.h>

#include "base/testing/status_matchers.h"

namespace stoker::metrics {
namespace {

constexpr StageTimes kChunk{.storage = Nanos{100},
                            .decompress = Nanos{20},
                            .decode = Nanos{30},
                            .verify = Nanos{7},
                            .preprocess = Nanos{5},
                            .place = Nanos{10},
                            .other = Nanos{40}};

LoaderTotals some_totals() {
  LoaderTotals t{.busy = kChunk,
                 .idle = Nanos{9},
                 .requests = 3,
                 .requests_seen_late = 2,
                 .bytes_requested = 4096,
                 .bytes_useful = 4000,
                 .chunks = 2,
                 .rows = 17,
                 .bytes_verified = 3900,
                 .verify_cpu = Nanos{6}};
  t.read_latency.add(Nanos{250});
  t.read_latency.add(Nanos{90'000});
  return t;
}

TEST(LoaderTotals, MergeAddsEverything) {
  LoaderTotals t = some_totals();
  t.merge(some_totals());
  EXPECT_EQ(t.busy.total(), Nanos{424});
  EXPECT_EQ(t.busy.verify, Nanos{14});
  EXPECT_EQ(t.bytes_verified, 7800U);
  EXPECT_EQ(t.verify_cpu, Nanos{12});
  EXPECT_EQ(t.idle, Nanos{18});
  EXPECT_EQ(t.requests, 6U);
  EXPECT_EQ(t.requests_seen_late, 4U);
  EXPECT_EQ(t.bytes_requested, 8192U);
  EXPECT_EQ(t.bytes_useful, 8000U);
  EXPECT_EQ(t.chunks, 4U);
  EXPECT_EQ(t.rows, 34U);
  EXPECT_EQ(t.read_latency.count(), 4U);
}

TEST(LoaderTotals, TextGoesThereAndBack) {
  for (const LoaderTotals& t : {LoaderTotals{}, some_totals()}) {
    const Result<LoaderTotals> back = LoaderTotals::parse(t.serialise());
    ASSERT_OK(back);
    EXPECT_EQ(*back, t);
  }
}

TEST(LoaderTotals, RefusesBrokenText) {
  const std::string good = some_totals().serialise();
  EXPECT_ERROR(LoaderTotals::parse(""), Code::kCorrupt, "loader totals");
  EXPECT_ERROR(LoaderTotals::parse("1 2 three"), Code::kCorrupt, "near 'three'");
  EXPECT_ERROR(LoaderTotals::parse(good.substr(0, good.size() / 2)), Code::kCorrupt, "cannot be read");
  EXPECT_ERROR(LoaderTotals::parse(good + " 1"), Code::kCorrupt, "latency histogram");
}

TEST(StepTotals, SumsStepsAndGoesThereAndBack) {
  StepTotals t;
  t.add({.load = Nanos{50}, .compute = Nanos{200}, .barrier = Nanos{3}}, {.decode = Nanos{30}, .queue = Nanos{20}});
  t.add({.load = Nanos{7}, .compute = Nanos{100}, .barrier = Nanos{4}}, {.queue = Nanos{7}});
  EXPECT_EQ(t.steps, 2U);
  EXPECT_EQ(t.wait.total(), Nanos{57});
  EXPECT_EQ(t.total(), Nanos{57 + 300 + 7});
  t.first_wait = Nanos{50};
  EXPECT_EQ(t.total(), Nanos{57 + 300 + 7}) << "it is part of the waits";
  const Result<StepTotals> back = StepTotals::parse(t.serialise());
  ASSERT_OK(back);
  EXPECT_EQ(*back, t);
  EXPECT_EQ(t.late_steps, 0U);
  t.merge(*back);
  EXPECT_EQ(t.steps, 4U);
  EXPECT_EQ(t.first_wait, Nanos{100});
  EXPECT_EQ(t.barrier, Nanos{14});
  EXPECT_EQ(t.wait.decode, Nanos{60});
}

TEST(StepTotals, WhatAStepWasLateIsNotComputing) {
  constexpr Nanos kMuch{10'000'000};
  StepTotals t;
  t.add({.load = Nanos{7}, .compute = kMuch + Nanos{40}, .barrier = Nanos{4}, .late = kMuch}, {.queue = Nanos{7}});
  t.add({.compute = Nanos{30}}, {});
  t.add({.compute = kMuch, .late = kMuch - Nanos{1}}, {});
  EXPECT_EQ(t.compute, Nanos{71});
  EXPECT_EQ(t.late, 2 * kMuch - Nanos{1});
  EXPECT_EQ(t.late_steps, 1U) << "by a kernel's ordinary delay no step is late";
  EXPECT_EQ(t.total(), 2 * kMuch + Nanos{81}) << "it has passed all the same";
  const Result<StepTotals> back = StepTotals::parse(t.serialise());
  ASSERT_OK(back);
  EXPECT_EQ(*back, t);
  t.merge(*back);
  EXPECT_EQ(t.late, 4 * kMuch - Nanos{2});
  EXPECT_EQ(t.late_steps, 2U);
}

TEST(StepWait, NamesTheLargestPart) {
  using Cause = StepWait::Cause;
  EXPECT_EQ(step_wait({}, Nanos{0}), (StepWait{Nanos{0}, Cause::kStorage}));
  EXPECT_EQ(step_wait({.storage = Nanos{5}, .decode = Nanos{5}}, Nanos{0}), (StepWait{Nanos{10}, Cause::kStorage}))
      << "a tie";
  EXPECT_EQ(step_wait({.storage = Nanos{5}, .decompress = Nanos{3}, .place = Nanos{3}}, Nanos{0}),
            (StepWait{Nanos{11}, Cause::kClient}));
  EXPECT_EQ(step_wait({.storage = Nanos{5}, .decode = Nanos{5}, .queue = Nanos{6}}, Nanos{0}),
            (StepWait{Nanos{16}, Cause::kQueue}));
}

TEST(StepWait, OfAStepThatWasLateIsLonger) {
  using Cause = StepWait::Cause;
  EXPECT_EQ(step_wait({.storage = Nanos{5}, .queue = Nanos{2}}, Nanos{5}), (StepWait{Nanos{12}, Cause::kStorage}));
  EXPECT_EQ(step_wait({.storage = Nanos{5}, .queue = Nanos{2}}, Nanos{6}), (StepWait{Nanos{13}, Cause::kLate}));
}

TEST(StepWait, SurvivesAReductionOfNumbers) {
  using Cause = StepWait::Cause;
  for (const StepWait& wait :
       {StepWait{Nanos{0}, Cause::kStorage}, StepWait{Nanos{1}, Cause::kClient},
        StepWait{Nanos{2'000'000'000'000'001}, Cause::kQueue}, StepWait{Nanos{7}, Cause::kLate}}) {
    EXPECT_EQ(decode_step_wait(encode(wait)), wait);
  }
  EXPECT_LT(encode({Nanos{6}, Cause::kQueue}), encode({Nanos{7}, Cause::kStorage})) << "the longer wait decides";
}

TEST(StepTotals, ABarrierIsForWhatTheSlowestRankWaitedFor) {
  using Cause = StepWait::Cause;
  StepTotals t;
  // This rank had its batch after 10, the slowest after 70: 60 of its barrier of 65 were for that rank's storage.
  t.add_barrier({.load = Nanos{10}, .compute = Nanos{5}, .barrier = Nanos{65}}, {Nanos{70}, Cause::kStorage});
  // The slowest itself, and a barrier shorter than the difference because this rank also computed longer.
  t.add_barrier({.load = Nanos{70}, .barrier = Nanos{3}}, {Nanos{70}, Cause::kStorage});
  t.add_barrier({.load = Nanos{10}, .barrier = Nanos{20}}, {Nanos{70}, Cause::kClient});
  t.add_barrier({.load = Nanos{1}, .barrier = Nanos{9}}, {Nanos{5}, Cause::kQueue});
  t.add_barrier({.load = Nanos{1}, .barrier = Nanos{90}, .late = Nanos{10}}, {Nanos{50}, Cause::kLate});
  EXPECT_EQ(t.barrier_for,
            (BarrierCauses{.storage = Nanos{60}, .client = Nanos{20}, .queue = Nanos{4}, .late = Nanos{39}}));
  const Result<StepTotals> back = StepTotals::parse(t.serialise());
  ASSERT_OK(back);
  EXPECT_EQ(*back, t);
  t.merge(*back);
  EXPECT_EQ(t.barrier_for.total(), Nanos{246});
}

TEST(StepTotals, KeepsWhatItWantedForACoreAtBarriers) {
  StepTotals t;
  for (const StepRecord& step : {StepRecord{.barrier = Nanos{60}, .barrier_core = Nanos{15}},
                                 StepRecord{.barrier = Nanos{20}, .barrier_core = Nanos{35}},
                                 StepRecord{.barrier = Nanos{20}, .barrier_core = Nanos{-1}}}) {
    t.add(step, {});
    t.add_barrier(step, {});
  }
  EXPECT_EQ(t.barrier_core, Nanos{35}) << "no more than there was, and no less";
  EXPECT_EQ(t.total(), Nanos{100}) << "it is part of the barriers";
  const Result<StepTotals> back = StepTotals::parse(t.serialise());
  ASSERT_OK(back);
  EXPECT_EQ(*back, t);
  t.merge(*back);
  EXPECT_EQ(t.barrier_core, Nanos{70});
}

TEST(StepTotals, RefusesBrokenText) {
  EXPECT_ERROR(StepTotals::parse("1 2 3"), Code::kCorrupt, "step totals");
  EXPECT_ERROR(StepTotals::parse(StepTotals{}.serialise() + " 5"), Code::kCorrupt, "step totals");
}

// Every member is in the table of stages, once: what it leaves out would be in no sum and on no wire.
TEST(Stages, AreAllInTheTable) {
  StageTimes times;
  std::int64_t bit = 1;
  for (const Stage& stage : kStages) {
    EXPECT_EQ(times.*stage.time, Nanos{0}) << stage.doing;
    times.*stage.time = Nanos{bit};
    bit *= 2;
  }
  EXPECT_EQ(sizeof(StageTimes), kStages.size() * sizeof(Nanos));
  EXPECT_EQ(times.total(), Nanos{bit - 1});
  EXPECT_EQ(times.client(),
            times.copy + times.decompress + times.decode + times.verify + times.preprocess + times.place);
  EXPECT_EQ(sum_of(times, Whose::kStorage), times.storage);
  EXPECT_EQ(sum_of(times, Whose::kCores), times.core);
  EXPECT_EQ(sum_of(times, Whose::kNobody), times.other + times.queue);
}

TEST(StepWait, WaitsForCoresAreACause) {
  const StepWait cores = step_wait({.storage = Nanos{5}, .core = Nanos{6}, .decode = Nanos{5}}, Nanos{3});
  EXPECT_EQ(cores.cause, StepWait::Cause::kCores);
  EXPECT_EQ(cores.delay, Nanos{19});
  EXPECT_EQ(decode_step_wait(encode(cores)), cores);
  StepTotals totals;
  totals.add_barrier({.load = Nanos{9}, .compute = Nanos{0}, .barrier = Nanos{30}, .late = Nanos{0}}, cores);
  EXPECT_EQ(totals.barrier_for.cores, Nanos{10});
  EXPECT_EQ(totals.barrier_for.total(), Nanos{10});
}

// The rank that came last waits for nobody, but perhaps for a core to learn of it.
TEST(StepTotals, ABarrierMayBeAWaitForACore) {
  const StepWait slowest{Nanos{50}, StepWait::Cause::kStorage};
  StepTotals totals;
  totals.add_barrier({.load = Nanos{10}, .barrier = Nanos{60}, .barrier_core = Nanos{15}}, slowest);
  EXPECT_EQ(totals.barrier_for, (BarrierCauses{.storage = Nanos{40}, .cores = Nanos{15}}));
  totals = {};
  totals.add_barrier({.load = Nanos{10}, .barrier = Nanos{60}, .barrier_core = Nanos{35}}, slowest);
  EXPECT_EQ(totals.barrier_for, (BarrierCauses{.storage = Nanos{40}, .cores = Nanos{20}}))
      << "until the slowest was there a core would have changed nothing";
  EXPECT_EQ(totals.barrier_core, Nanos{20});
  totals = {};
  totals.add_barrier({.load = Nanos{10}, .barrier = Nanos{20}, .barrier_core = Nanos{35}}, slowest);
  EXPECT_EQ(totals.barrier_for, (BarrierCauses{.storage = Nanos{20}}));
  EXPECT_EQ(totals.barrier_core, Nanos{0});
  totals = {};
  totals.add_barrier({.load = Nanos{50}, .barrier = Nanos{20}, .barrier_core = Nanos{35}}, slowest);
  EXPECT_EQ(totals.barrier_for, (BarrierCauses{.cores = Nanos{20}})) << "no more than there was";
}

}  // namespace
}  // namespace stoker::metrics
