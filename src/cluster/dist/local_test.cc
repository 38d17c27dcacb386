#include "cluster/dist/local.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <mutex>
#include <new>
#include <string>
#include <thread>
#include <vector>

#include "base/exit_code.h"
#include "base/hash.h"
#include "base/testing/status_matchers.h"
#include "cluster/dist/testing/communicator_suite.h"

namespace stoker::dist {
namespace {

using testing::Case;
using testing::communicator_cases;

struct SuiteParam {
  int ranks;
  Case check;
};

std::vector<SuiteParam> suite_params() {
  std::vector<SuiteParam> params;
  for (int ranks = 1; ranks <= 8; ++ranks) {
    for (const Case& check : communicator_cases()) params.push_back({ranks, check});
  }
  return params;
}

class LocalSuite : public ::testing::TestWithParam<SuiteParam> {};

TEST_P(LocalSuite, Holds) {
  std::mutex mutex;
  std::vector<std::string> wrong;
  const int code = *run_local(GetParam().ranks, [&](Communicator& comm) {
    const std::string text = GetParam().check.run(comm);
    if (text.empty()) return 0;
    const std::lock_guard lock(mutex);
    wrong.push_back(fmt::format("rank {}: {}", comm.rank(), text));
    return 1;
  });
  EXPECT_THAT(wrong, ::testing::IsEmpty());
  EXPECT_EQ(code, 0);
}

INSTANTIATE_TEST_SUITE_P(Ranks, LocalSuite, ::testing::ValuesIn(suite_params()),
                         [](const ::testing::TestParamInfo<SuiteParam>& param) {
                           return fmt::format("{}Over{}", param.param.check.name, param.param.ranks);
                         });

TEST(RunLocal, RunsRankZeroOnTheCallingThread) {
  const auto caller = std::this_thread::get_id();
  std::atomic<int> ran{0};
  std::atomic<bool> on_caller{false};
  EXPECT_EQ(*run_local(3,
                       [&](Communicator& comm) {
                         ++ran;
                         if ((std::this_thread::get_id() == caller) != (comm.rank() == 0)) return 1;
                         if (comm.rank() == 0) on_caller = true;
                         return 0;
                       }),
            0);
  EXPECT_EQ(ran, 3);
  EXPECT_TRUE(on_caller);
}

TEST(RunLocal, ReturnsTheCodeOfTheRankThatFailedFirst) {
  // Rank 2 fails; the others learn of it in the barrier and fail after it, with a code of their own.
  EXPECT_EQ(*run_local(4,
                       [](Communicator& comm) {
                         if (comm.rank() == 2) return 6;
                         return comm.barrier() ? 0 : 130;
                       }),
            6);
}

TEST(RunLocal, ReturnsTheCodeOfAnAbort) {
  EXPECT_EQ(*run_local(2,
                       [](Communicator& comm) {
                         if (comm.rank() == 1) {
                           comm.abort(3);
                           comm.abort(4);
                           return 5;
                         }
                         return comm.barrier() ? 0 : 130;
                       }),
            3);
}

TEST(RunLocal, AnAbortWithoutACodeIsAFailure) {
  EXPECT_EQ(*run_local(1,
                       [](Communicator& comm) {
                         comm.abort(0);
                         return 0;
                       }),
            static_cast<int>(ExitCode::kFailure));
}

TEST(LocalAbort, WakesEveryKindOfWait) {
  LocalWorld world(5);
  std::atomic<int> interrupted{0};
  const auto expect_interrupted = [&](const Error& error) {
    EXPECT_EQ(error.code, Code::kInterrupted);
    EXPECT_THAT(error.message, ::testing::HasSubstr("another rank"));
    ++interrupted;
  };
  {
    std::vector<std::jthread> threads;
    const auto start = [&](int rank, auto call) {
      threads.emplace_back([&, rank, call] {
        const auto comm = world.communicator(rank);
        const auto result = call(*comm);
        ASSERT_FALSE(result.has_value());
        expect_interrupted(result.error());
        // And it stays so.
        EXPECT_ERROR(comm->barrier(), Code::kInterrupted, "another rank");
      });
    };
    // Never mind that the calls differ: none of them completes.
    start(0, [](Communicator& comm) { return comm.barrier(); });
    start(1, [](Communicator& comm) {
      double value = 1;
      return comm.all_reduce({&value, 1}, Op::kSum);
    });
    start(2, [](Communicator& comm) { return comm.gather("text", 0); });
    start(3, [](Communicator& comm) { return comm.broadcast("text", 3); });
    // Long enough that they sleep rather than spin; right either way.
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    EXPECT_EQ(interrupted, 0);
    world.communicator(4)->abort(1);
  }
  EXPECT_EQ(interrupted, 4);
  EXPECT_EQ(world.failure(), 1);
}

TEST(LocalAbort, AgreeKeepsTheCauseThatThisRankKnows) {
  EXPECT_EQ(*run_local(2,
                       [](Communicator& comm) {
                         if (comm.rank() == 0) {
                           comm.abort(7);
                           return 7;
                         }
                         while (comm.barrier()) {
                         }
                         EXPECT_ERROR(agree(comm, make_error(Code::kIo, "disk on fire")), Code::kIo, "disk on fire");
                         EXPECT_ERROR(agree(comm, {}), Code::kInterrupted, "another rank");
                         return 0;
                       }),
            7);
}

TEST(LocalReduction, AddsInRankOrderWhateverTheTiming) {
  constexpr int kRanks = 6;
  const auto term = [](std::uint64_t round, int rank) {
    return static_cast<double>(derive_seed(round, rank)) * (rank % 2 == 0 ? 1e-7 : 1.0);
  };
  const int code = *run_local(kRanks, [&](Communicator& comm) {
    for (std::uint64_t round = 0; round < 100; ++round) {
      if (derive_seed(round, comm.rank(), 5) % 4 == 0) std::this_thread::sleep_for(std::chrono::microseconds(50));
      double expected = term(round, 0);
      for (int rank = 1; rank < kRanks; ++rank) expected += term(round, rank);
      double sum = term(round, comm.rank());
      if (!comm.all_reduce({&sum, 1}, Op::kSum) || sum != expected) return 1;
    }
    return 0;
  });
  EXPECT_EQ(code, 0);
}

TEST(LocalWorld, OnlyRankZeroSpeaksForTheProcess) {
  LocalWorld world(3);
  EXPECT_TRUE(world.communicator(0)->node().process_leader);
  EXPECT_FALSE(world.communicator(1)->node().process_leader);
  EXPECT_FALSE(world.communicator(2)->node().process_leader);
  EXPECT_EQ(world.communicator(2)->node().local_size, 3);
}

// Agreement over several hosts names the host; the node is all that a fake needs to change.
class ElsewhereCommunicator final : public Communicator {
 public:
  explicit ElsewhereCommunicator(Communicator& inner) : inner_(inner), node_(inner.node()) {
    node_.count = 2;
    node_.hostname = "node-b";
  }
  [[nodiscard]] int rank() const override { return inner_.rank(); }
  [[nodiscard]] int size() const override { return inner_.size(); }
  [[nodiscard]] const Node& node() const override { return node_; }
  Status barrier() override { return inner_.barrier(); }
  Status all_reduce(std::span<double> values, Op op) override {
    ++reductions;
    return inner_.all_reduce(values, op);
  }
  Result<std::vector<std::string>> gather(std::string_view text, int root) override {
    return inner_.gather(text, root);
  }
  Result<std::string> broadcast(std::string_view text, int root) override {
    ++broadcasts;
    return inner_.broadcast(text, root);
  }
  void abort(int exit_code) override { inner_.abort(exit_code); }
  void fail(const Error& why) override { inner_.fail(why); }

  int reductions = 0;
  int broadcasts = 0;

 private:
  Communicator& inner_;
  Node node_;
};

TEST(Agree, NamesTheHostWhenThereAreSeveral) {
  EXPECT_EQ(*run_local(2,
                       [](Communicator& comm) {
                         ElsewhereCommunicator far(comm);
                         const Status mine = comm.rank() == 1 ? Status(make_error(Code::kIo, "read failed")) : Status();
                         EXPECT_ERROR(agree(far, mine), Code::kIo, "rank 1 (node-b): read failed");
                         return 0;
                       }),
            0);
}

TEST(Agree, CostsOneReductionWhenAllAreWell) {
  EXPECT_EQ(*run_local(2,
                       [](Communicator& comm) {
                         ElsewhereCommunicator counted(comm);
                         EXPECT_OK(agree(counted, {}));
                         EXPECT_EQ(counted.reductions, 1);
                         EXPECT_EQ(counted.broadcasts, 0);
                         return 0;
                       }),
            0);
}

// A body that throws in any rank ends the others, which get its error; rank 0 has told it then.
TEST(RunLocal, ABodyThatThrowsEndsTheOthersWithItsError) {
  for (const int thrower : {0, 2}) {
    std::vector<std::string> told(3);
    const auto code = run_local(3, [&](Communicator& comm) {
      if (comm.rank() == thrower) throw std::bad_alloc();
      const Status met = comm.barrier();
      told[static_cast<std::size_t>(comm.rank())] = met ? "" : met.error().message;
      return met ? 0 : 6;
    });
    const std::string expected = "rank " + std::to_string(thrower) + ": memory cannot be had";
    for (int rank = 0; rank < 3; ++rank) {
      if (rank != thrower) {
        EXPECT_EQ(told[static_cast<std::size_t>(rank)].rfind(expected, 0), 0U) << told[static_cast<std::size_t>(rank)];
      }
    }
    if (thrower == 0) {
      EXPECT_ERROR(code, Code::kLimit, "memory cannot be had");
    } else {
      EXPECT_EQ(*code, 6);
    }
  }
}

}  // namespace
}  // namespace stoker::dist
