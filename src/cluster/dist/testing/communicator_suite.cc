#include "cluster/dist/testing/communicator_suite.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <limits>
#include <thread>
#include <vector>

#include "base/hash.h"

namespace stoker::dist::testing {
namespace {

// Ends the case with the failed condition's text.
#define CHECK_CASE(condition)                                                            \
  do {                                                                                   \
    if (!(condition)) return fmt::format("line {}: not true: {}", __LINE__, #condition); \
  } while (false)

// A text whose every byte depends on rank and position, so that mixed-up or shifted pieces show.
std::string text_of(int rank, std::size_t bytes) {
  std::string text(bytes, '\0');
  for (std::size_t i = 0; i < bytes; ++i) {
    text[i] = static_cast<char>(static_cast<unsigned>(rank) * 31U + static_cast<unsigned>(i) * 7U +
                                static_cast<unsigned>(i >> 8));
  }
  return text;
}

double now_us() {
  return std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

std::string ranks_and_nodes_are_consistent(Communicator& comm) {
  CHECK_CASE(comm.size() >= 1);
  CHECK_CASE(comm.rank() >= 0 && comm.rank() < comm.size());
  const Node& node = comm.node();
  CHECK_CASE(!node.hostname.empty());
  CHECK_CASE(node.index == 0 && node.count == 1);
  CHECK_CASE(node.local_size == comm.size());
  CHECK_CASE(node.local_rank == comm.rank());
  std::array<double, 2> sums{static_cast<double>(comm.rank()), node.process_leader ? 1.0 : 0.0};
  CHECK_CASE(comm.all_reduce(sums, Op::kSum).has_value());
  CHECK_CASE(sums[0] == comm.size() * (comm.size() - 1) / 2.0);
  CHECK_CASE(sums[1] >= 1.0 && sums[1] <= comm.size());
  return {};
}

// Nobody leaves a barrier before the last one has come.
std::string barrier_waits_for_the_last_rank(Communicator& comm) {
  for (int late = 0; late < comm.size(); ++late) {
    if (comm.rank() == late) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    double last_arrival = now_us();
    CHECK_CASE(comm.barrier().has_value());
    double first_departure = now_us();
    CHECK_CASE(comm.all_reduce({&last_arrival, 1}, Op::kMax).has_value());
    CHECK_CASE(comm.all_reduce({&first_departure, 1}, Op::kMin).has_value());
    CHECK_CASE(first_departure >= last_arrival);
  }
  return {};
}

std::string many_barriers_in_a_row(Communicator& comm) {
  for (int i = 0; i < 300; ++i) CHECK_CASE(comm.barrier().has_value());
  return {};
}

std::string sums_are_exact(Communicator& comm) {
  const double ranks = comm.size();
  for (std::size_t length : {std::size_t{1}, std::size_t{7}, std::size_t{4096}}) {
    std::vector<double> values(length);
    for (std::size_t i = 0; i < length; ++i) values[i] = static_cast<double>(i) + comm.rank();
    CHECK_CASE(comm.all_reduce(values, Op::kSum).has_value());
    for (std::size_t i = 0; i < length; ++i) {
      CHECK_CASE(values[i] == static_cast<double>(i) * ranks + ranks * (ranks - 1) / 2);
    }
  }
  CHECK_CASE(comm.all_reduce({}, Op::kSum).has_value());
  return {};
}

std::string minimum_and_maximum(Communicator& comm) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  const double mine = comm.rank() - 2.5;
  std::array<double, 3> low{mine, kInfinity, comm.rank() == comm.size() - 1 ? -7.0 : 7.0};
  std::array<double, 3> high{mine, -kInfinity, comm.rank() == 0 ? 7.0 : -7.0};
  CHECK_CASE(comm.all_reduce(low, Op::kMin).has_value());
  CHECK_CASE(comm.all_reduce(high, Op::kMax).has_value());
  CHECK_CASE(low[0] == -2.5 && low[1] == kInfinity && low[2] == -7.0);
  CHECK_CASE(high[0] == comm.size() - 3.5 && high[1] == -kInfinity && high[2] == 7.0);
  return {};
}

// A sum that depends on the order of its terms has the same bits on every rank.
std::string all_ranks_see_the_same_sum(Communicator& comm) {
  for (std::uint64_t round = 0; round < 20; ++round) {
    const auto rank = static_cast<std::uint64_t>(comm.rank());
    double sum = static_cast<double>(derive_seed(round, rank)) * (rank % 2 == 0 ? 1.0 : -1e-9);
    CHECK_CASE(comm.all_reduce({&sum, 1}, Op::kSum).has_value());
    double low = sum;
    double high = sum;
    CHECK_CASE(comm.all_reduce({&low, 1}, Op::kMin).has_value());
    CHECK_CASE(comm.all_reduce({&high, 1}, Op::kMax).has_value());
    CHECK_CASE(low == high);
  }
  return {};
}

std::string gather_keeps_rank_order(Communicator& comm) {
  for (int root = 0; root < comm.size(); ++root) {
    for (std::size_t bytes : {std::size_t{0}, std::size_t{1}, std::size_t{100'003}}) {
      // Lengths differ by rank; in the first round rank 0's text is empty and the others' are not.
      const auto length_of = [bytes](int rank) { return bytes + static_cast<std::size_t>(rank) * 3; };
      auto texts = comm.gather(text_of(comm.rank(), length_of(comm.rank())), root);
      CHECK_CASE(texts.has_value());
      if (comm.rank() != root) {
        CHECK_CASE(texts->empty());
        continue;
      }
      CHECK_CASE(texts->size() == static_cast<std::size_t>(comm.size()));
      for (int rank = 0; rank < comm.size(); ++rank) {
        CHECK_CASE((*texts)[static_cast<std::size_t>(rank)] == text_of(rank, length_of(rank)));
      }
    }
  }
  return {};
}

std::string gather_of_nothing_but_empty_texts(Communicator& comm) {
  auto texts = comm.gather("", 0);
  CHECK_CASE(texts.has_value());
  CHECK_CASE(texts->size() == static_cast<std::size_t>(comm.rank() == 0 ? comm.size() : 0));
  for (const std::string& text : *texts) CHECK_CASE(text.empty());
  return {};
}

std::string broadcast_reaches_all(Communicator& comm) {
  for (int root = 0; root < comm.size(); ++root) {
    for (std::size_t bytes : {std::size_t{0}, std::size_t{3}, std::size_t{300'003}}) {
      const std::string mine = comm.rank() == root ? text_of(root, bytes) : "not the root's";
      auto text = comm.broadcast(mine, root);
      CHECK_CASE(text.has_value());
      CHECK_CASE(*text == text_of(root, bytes));
    }
  }
  return {};
}

// Calls of different kinds in one random order, the same on all ranks, with ranks coming late at random.
std::string any_order_of_calls(Communicator& comm) {
  const auto ranks = static_cast<std::uint64_t>(comm.size());
  for (std::uint64_t step = 0; step < 200; ++step) {
    if (derive_seed(step, comm.rank(), 17) % 16 == 0) std::this_thread::sleep_for(std::chrono::microseconds(150));
    const int root = static_cast<int>(derive_seed(step, 1) % ranks);
    const std::string step_text = std::to_string(step);
    switch (derive_seed(step, 2) % 4) {
      case 0: CHECK_CASE(comm.barrier().has_value()); break;
      case 1: {
        double sum = static_cast<double>(step) + comm.rank();
        CHECK_CASE(comm.all_reduce({&sum, 1}, Op::kSum).has_value());
        CHECK_CASE(sum == static_cast<double>(step * ranks + ranks * (ranks - 1) / 2));
        break;
      }
      case 2: {
        auto texts = comm.gather(fmt::format("{}/{}", step, comm.rank()), root);
        CHECK_CASE(texts.has_value());
        for (std::size_t rank = 0; rank < texts->size(); ++rank) {
          CHECK_CASE((*texts)[rank] == fmt::format("{}/{}", step, rank));
        }
        break;
      }
      default: {
        auto text = comm.broadcast(comm.rank() == root ? step_text : "", root);
        CHECK_CASE(text.has_value() && *text == step_text);
      }
    }
  }
  return {};
}

std::string agree_when_all_are_well(Communicator& comm) {
  for (int i = 0; i < 3; ++i) CHECK_CASE(agree(comm, {}).has_value());
  return {};
}

Error failure_of(int rank) {
  Error error = make_error(Code::kCorrupt, "file 12:3 of rank {}: checksum mismatch", rank);
  error.hint = "check the storage";
  if (rank % 2 == 0) error.where = SourcePos{.file = "a config.yaml", .line = 18, .column = 3};
  return error;
}

std::string expect_failure_of(Communicator& comm, int rank, const Status& agreed) {
  CHECK_CASE(!agreed.has_value());
  const Error expected = failure_of(rank);
  const std::string message = comm.size() == 1 ? expected.message : fmt::format("rank {}: {}", rank, expected.message);
  CHECK_CASE(agreed.error().message == message);
  CHECK_CASE(agreed.error().code == expected.code);
  CHECK_CASE(agreed.error().hint == expected.hint);
  CHECK_CASE(agreed.error().where.has_value() == expected.where.has_value());
  if (expected.where) {
    CHECK_CASE(agreed.error().where->file == expected.where->file);
    CHECK_CASE(agreed.error().where->line == 18 && agreed.error().where->column == 3);
  }
  return {};
}

std::string agree_when_one_fails(Communicator& comm) {
  for (int failing = 0; failing < comm.size(); ++failing) {
    const Status agreed = agree(comm, comm.rank() == failing ? Status(failure_of(failing)) : Status());
    if (std::string wrong = expect_failure_of(comm, failing, agreed); !wrong.empty()) return wrong;
  }
  // And the ranks are still in step afterwards.
  CHECK_CASE(agree(comm, {}).has_value());
  return {};
}

std::string agree_takes_the_lowest_of_many(Communicator& comm) {
  for (int first = 0; first < comm.size(); ++first) {
    const Status agreed = agree(comm, comm.rank() >= first ? Status(failure_of(comm.rank())) : Status());
    if (std::string wrong = expect_failure_of(comm, first, agreed); !wrong.empty()) return wrong;
  }
  return {};
}

std::string an_error_that_all_share_has_no_rank(Communicator& comm) {
  const Status all = agree(comm, failure_of(0));
  CHECK_CASE(!all.has_value());
  CHECK_CASE(all.error().message == failure_of(0).message);
  CHECK_CASE(all.error().hint == failure_of(0).hint && all.error().where->line == 18);
  // The ranks are still in step, and the number of an error travels with it.
  Error numbered = failure_of(0);
  numbered.number = static_cast<ErrorNumber>(502);
  const Status roots = agree_on_root(comm, comm.rank() == 0 ? Status(numbered) : Status());
  CHECK_CASE(!roots.has_value());
  CHECK_CASE(roots.error().message == failure_of(0).message);
  CHECK_CASE(static_cast<int>(roots.error().number) == 502);
  CHECK_CASE(agree_on_root(comm, {}).has_value());
  return {};
}

constexpr std::array kCases{
    Case{"RanksAndNodesAreConsistent", ranks_and_nodes_are_consistent},
    Case{"BarrierWaitsForTheLastRank", barrier_waits_for_the_last_rank},
    Case{"ManyBarriersInARow", many_barriers_in_a_row},
    Case{"SumsAreExact", sums_are_exact},
    Case{"MinimumAndMaximum", minimum_and_maximum},
    Case{"AllRanksSeeTheSameSum", all_ranks_see_the_same_sum},
    Case{"GatherKeepsRankOrder", gather_keeps_rank_order},
    Case{"GatherOfNothingButEmptyTexts", gather_of_nothing_but_empty_texts},
    Case{"BroadcastReachesAll", broadcast_reaches_all},
    Case{"AnyOrderOfCalls", any_order_of_calls},
    Case{"AgreeWhenAllAreWell", agree_when_all_are_well},
    Case{"AgreeWhenOneFails", agree_when_one_fails},
    Case{"AgreeTakesTheLowestOfMany", agree_takes_the_lowest_of_many},
    Case{"AnErrorThatAllShareHasNoRank", an_error_that_all_share_has_no_rank},
};

}  // namespace

std::span<const Case> communicator_cases() {
  return kCases;
}

}  // namespace stoker::dist::testing
