// One meeting point serves every collective call. A rank leaves its contribution in a slot of its own and arrives; the
// last one to arrive does what must be done once (add up, in rank order) and opens the gate; everybody then reads what
// it needs.
//
// One meeting per call is enough because slots are doubled and used in turn: a rank that fills its slot for call k+2
// has passed the meeting of call k+1, which every rank reaches only after it has finished reading call k.
//
// The gate is one 32-bit word, because that is what a futex can wait for: bit 0 says that a rank has left for good, the
// other bits count the meetings. A waiter sees both in one load, and a meeting that has taken place counts even if a
// rank leaves right afterwards.
#include "cluster/dist/local.h"

#include <pthread.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <thread>

#include "base/error_number.h"
#include "base/exit_code.h"
#include "base/host_name.h"
#include "base/thread_annotations.h"
#include "base/threads.h"

namespace stoker::dist {
namespace {

constexpr std::size_t kCacheLine = 64;
constexpr std::uint32_t kLeft = 1;     // bit 0 of the gate
constexpr std::uint32_t kMeeting = 2;  // what one meeting adds to the gate

// How long a waiter tests the gate before it asks the kernel to be woken. Ranks that sleep to the same deadline arrive
// within a few microseconds of each other, where a futex would cost both sides a system call; longer spins take time
// from reader threads.
constexpr auto kSpin = std::chrono::microseconds(10);

void relax() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

void reduce_into(double& into, double value, Op op) {
  switch (op) {
    case Op::kSum: into += value; break;
    case Op::kMin: into = std::min(into, value); break;
    case Op::kMax: into = std::max(into, value); break;
  }
}

// What one rank hands to the others in one call.
struct alignas(kCacheLine) Slot {
  std::vector<double> numbers;
  std::string text;
};

}  // namespace

struct LocalWorld::State {
  explicit State(int ranks)
      : size(ranks),
        // With more ranks than cores a spinning rank keeps the one it waits for from running.
        may_spin(static_cast<unsigned>(ranks) <= std::thread::hardware_concurrency()),
        slots{std::vector<Slot>(static_cast<std::size_t>(ranks)), std::vector<Slot>(static_cast<std::size_t>(ranks))} {}

  // Returns when all ranks have called it; the last one runs `once` before the others go on.
  template <class Once>
  Status meet(const Once& once) {
    const std::uint32_t before = gate.load(std::memory_order_acquire);
    if ((before & kLeft) != 0) return left();
    if (arrived.fetch_add(1, std::memory_order_acq_rel) + 1 == size) {
      once();
      arrived.store(0, std::memory_order_relaxed);
      gate.fetch_add(kMeeting, std::memory_order_release);
      gate.notify_all();
      return {};
    }
    std::uint32_t now = spin(before);
    while (now == before) {
      gate.wait(before, std::memory_order_acquire);
      now = gate.load(std::memory_order_acquire);
    }
    if ((now & ~kLeft) == before) return left();
    return {};
  }

  [[nodiscard]] std::uint32_t spin(std::uint32_t before) const {
    std::uint32_t now = gate.load(std::memory_order_acquire);
    if (!may_spin) return now;
    const auto deadline = std::chrono::steady_clock::now() + kSpin;
    while (now == before && std::chrono::steady_clock::now() < deadline) {
      for (int i = 0; i < 16 && now == before; ++i) {
        relax();
        now = gate.load(std::memory_order_acquire);
      }
    }
    return now;
  }

  void leave(int exit_code) {
    int none = 0;
    failure.compare_exchange_strong(none, exit_code != 0 ? exit_code : static_cast<int>(ExitCode::kFailure));
    gate.fetch_or(kLeft, std::memory_order_release);
    gate.notify_all();
  }

  void leave(int exit_code, Error reason) {
    {
      const std::lock_guard lock(mutex);
      if (!why) why = std::move(reason);
    }
    leave(exit_code);
  }
  Error left() {
    const std::lock_guard lock(mutex);
    if (why) return *why;
    return make_error(Code::kInterrupted, "stopped because another rank has failed");
  }

  const int size;
  const bool may_spin;
  alignas(kCacheLine) std::atomic<int> arrived{0};
  alignas(kCacheLine) std::atomic<std::uint32_t> gate{0};
  std::atomic<int> failure{0};
  std::mutex mutex;
  std::optional<Error> why GUARDED_BY(mutex);  // of the first rank that said so
  std::array<std::vector<Slot>, 2> slots;      // by turn, then by rank
  std::array<std::vector<double>, 2> results;  // by turn
};

namespace {

class LocalCommunicator final : public Communicator {
 public:
  LocalCommunicator(LocalWorld::State& world, int rank) : world_(world), rank_(rank) {
    node_ = Node{.hostname = host_name(),
                 .index = 0,
                 .count = 1,
                 .local_rank = rank,
                 .local_size = world.size,
                 .process_leader = rank == 0};
  }

  [[nodiscard]] int rank() const override { return rank_; }
  [[nodiscard]] int size() const override { return world_.size; }
  [[nodiscard]] const Node& node() const override { return node_; }

  Status barrier() override {
    return world_.meet([] {});
  }

  Status all_reduce(std::span<double> values, Op op) override {
    const std::size_t turn = next_turn();
    slot(turn, rank_).numbers.assign(values.begin(), values.end());
    std::vector<double>& result = world_.results[turn];
    STOKER_TRY(world_.meet([&] {
      result.assign(values.size(), 0.0);
      for (std::size_t i = 0; i < values.size(); ++i) result[i] = slot(turn, 0).numbers.at(i);
      for (int rank = 1; rank < world_.size; ++rank) {
        const std::vector<double>& numbers = slot(turn, rank).numbers;
        STOKER_CHECK(numbers.size() == result.size(), "ranks reduce spans of different lengths");
        for (std::size_t i = 0; i < result.size(); ++i) reduce_into(result[i], numbers[i], op);
      }
    }));
    STOKER_CHECK(values.size() == result.size(), "ranks reduce spans of different lengths");
    std::copy(result.begin(), result.end(), values.begin());
    return {};
  }

  Result<std::vector<std::string>> gather(std::string_view text, int root) override {
    STOKER_CHECK(root >= 0 && root < world_.size);
    const std::size_t turn = next_turn();
    slot(turn, rank_).text = text;
    STOKER_TRY(world_.meet([] {}));
    std::vector<std::string> texts;
    if (rank_ != root) return texts;
    texts.reserve(static_cast<std::size_t>(world_.size));
    for (int rank = 0; rank < world_.size; ++rank) texts.push_back(std::move(slot(turn, rank).text));
    return texts;
  }

  Result<std::string> broadcast(std::string_view text, int root) override {
    STOKER_CHECK(root >= 0 && root < world_.size);
    const std::size_t turn = next_turn();
    if (rank_ == root) slot(turn, root).text = text;
    STOKER_TRY(world_.meet([] {}));
    return slot(turn, root).text;
  }

  void abort(int exit_code) override { world_.leave(exit_code); }
  void fail(const Error& why) override {
    Error told = why;
    if (world_.size > 1) told.message = fmt::format("rank {}: {}", rank_, why.message);
    world_.leave(static_cast<int>(exit_code(why)), std::move(told));
  }

 private:
  // Calls that use slots alternate between the two sets; all ranks make the same calls, so they agree which one it is.
  std::size_t next_turn() { return turns_++ % 2; }
  Slot& slot(std::size_t turn, int rank) { return world_.slots[turn][static_cast<std::size_t>(rank)]; }

  LocalWorld::State& world_;
  int rank_;
  Node node_;
  std::size_t turns_ = 0;
};

void name_thread(int rank) {
  // For top and perf; at most 15 characters.
  const std::string name = fmt::format("rank {}", rank);
  ::pthread_setname_np(::pthread_self(), name.c_str());
}

}  // namespace

LocalWorld::LocalWorld(int ranks) {
  STOKER_CHECK(ranks >= 1);
  state_ = std::make_unique<State>(ranks);
}

LocalWorld::~LocalWorld() = default;

std::unique_ptr<Communicator> LocalWorld::communicator(int rank) {
  STOKER_CHECK(rank >= 0 && rank < state_->size);
  return std::make_unique<LocalCommunicator>(*state_, rank);
}

int LocalWorld::failure() const {
  return state_->failure.load();
}

Result<int> run_local(int ranks, const std::function<int(Communicator&)>& body) {
  LocalWorld world(ranks);
  std::mutex mutex;
  std::optional<Error> thrown;  // the first
  int code_of_root = 0;
  const auto run_rank = [&](int rank) {
    const std::unique_ptr<Communicator> comm = world.communicator(rank);
    try {
      const int code = body(*comm);
      if (rank == 0) code_of_root = code;
      if (code != 0) comm->abort(code);
    } catch (...) {
      // The others would wait for this rank for ever.
      const Error why = error_of_exception();
      {
        const std::lock_guard lock(mutex);
        if (!thrown) thrown = why;
      }
      comm->fail(why);
    }
  };
  Status started;
  {
    std::vector<std::jthread> threads;  // joined at the end of this block
    for (int rank = 1; rank < ranks && started; ++rank) {
      started = add_thread(threads, fmt::format("the thread of rank {} of {}", rank, ranks), [&run_rank, rank] {
        name_thread(rank);
        run_rank(rank);
      });
      // Those that run would wait for the missing ones for ever.
      if (!started) world.communicator(rank)->abort(static_cast<int>(ExitCode::kFailure));
    }
    if (started) run_rank(0);
  }
  STOKER_TRY(started);
  // Rank 0 has told the errors that it knows of.
  if (thrown && code_of_root == 0) return *thrown;
  return world.failure();
}

}  // namespace stoker::dist
