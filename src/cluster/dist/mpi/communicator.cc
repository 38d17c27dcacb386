// Ranks that are MPI processes. The only file that includes mpi.h.
//
// Open MPI's blocking calls test in a loop for as long as they wait, and so take a core from the reader threads that
// the other ranks wait for. Every wait here is a non-blocking collective that is tested for a moment and then between
// short sleeps.
#define OMPI_SKIP_MPICXX 1
#define MPICH_SKIP_MPICXX 1
#include "cluster/dist/communicator.h"

#include <mpi.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <exception>
#include <limits>
#include <mutex>
#include <numeric>
#include <optional>
#include <thread>

#include "base/exit_code.h"
#include "base/host_name.h"
#include "cluster/dist/mpi/module_api_internal.h"

namespace stoker::dist {
namespace {

using Time = std::chrono::steady_clock;

// Tested without a pause for about as long as a message between processes takes; then asleep for 50 us at a time, which
// costs a waiting rank 5-15 % of a core (docs/ARCHITECTURE.md, "Waiting"), and longer in long waits, by at most 3 % of
// the time waited.
constexpr auto kSpin = std::chrono::microseconds(20);
constexpr auto kShortestSleep = std::chrono::microseconds(50);
constexpr auto kLongestSleep = std::chrono::microseconds(250);
constexpr int kSleepShare = 32;

// What a rank that has aborted is given to end by itself before the whole job is ended.
constexpr auto kAbortGrace = std::chrono::seconds(2);

constexpr long long kLargestMessage = std::numeric_limits<int>::max();

Error mpi_error(const char* call, int code) {
  char text[MPI_MAX_ERROR_STRING] = "";
  int length = 0;
  MPI_Error_string(code, text, &length);
  return make_error(Code::kFailed, "{} failed: {}", call, std::string_view(text, static_cast<std::size_t>(length)));
}

MPI_Op mpi_op(Op op) {
  switch (op) {
    case Op::kSum: return MPI_SUM;
    case Op::kMin: return MPI_MIN;
    case Op::kMax: return MPI_MAX;
  }
  return MPI_OP_NULL;
}

class MpiCommunicator final : public Communicator {
 public:
  // MPI is initialised, and is finalised by the destructor.
  static Result<std::unique_ptr<Communicator>> make() {
    std::unique_ptr<MpiCommunicator> comm(new MpiCommunicator);
    STOKER_TRY(comm->find_node());
    return std::unique_ptr<Communicator>(std::move(comm));
  }

  // Collective: waits for all ranks, in the same frugal way as every other call, before MPI_Finalize would spin.
  ~MpiCommunicator() override {
    if (barrier() && !aborting_) MPI_Finalize();
    // After an abort the process ends without MPI_Finalize, upon which the launcher ends the others. The watchdog is
    // joined by its own destructor.
  }

  [[nodiscard]] int rank() const override { return rank_; }
  [[nodiscard]] int size() const override { return size_; }
  [[nodiscard]] const Node& node() const override { return node_; }

  Status barrier() override {
    return run("MPI_Ibarrier", [](MPI_Request* request) { return MPI_Ibarrier(MPI_COMM_WORLD, request); });
  }

  Status all_reduce(std::span<double> values, Op op) override {
    STOKER_CHECK(static_cast<long long>(values.size()) <= kLargestMessage);
    return run("MPI_Iallreduce", [&](MPI_Request* request) {
      return MPI_Iallreduce(MPI_IN_PLACE, values.data(), static_cast<int>(values.size()), MPI_DOUBLE, mpi_op(op),
                            MPI_COMM_WORLD, request);
    });
  }

  Result<std::vector<std::string>> gather(std::string_view text, int root) override {
    // Every rank learns every size, so that a sum too large is an error on all of them and nobody waits for the rest.
    STOKER_ASSIGN(const std::vector<long long> sizes, all_gather(static_cast<long long>(text.size())));
    const long long total = std::accumulate(sizes.begin(), sizes.end(), 0LL);
    if (total > kLargestMessage) {
      return make_error(Code::kUnsupported, "the ranks' texts have {} bytes together; at most {} can be gathered",
                        total, kLargestMessage);
    }
    std::vector<int> counts(sizes.begin(), sizes.end());
    std::vector<int> starts(sizes.size(), 0);
    std::partial_sum(counts.begin(), counts.end() - 1, starts.begin() + 1);
    std::string all(rank_ == root ? static_cast<std::size_t>(total) : 0, '\0');
    STOKER_TRY(run("MPI_Igatherv", [&](MPI_Request* request) {
      return MPI_Igatherv(text.data(), static_cast<int>(text.size()), MPI_CHAR, all.data(), counts.data(),
                          starts.data(), MPI_CHAR, root, MPI_COMM_WORLD, request);
    }));
    std::vector<std::string> texts;
    if (rank_ != root) return texts;
    texts.reserve(sizes.size());
    for (std::size_t i = 0; i < sizes.size(); ++i) {
      texts.emplace_back(all, static_cast<std::size_t>(starts[i]), static_cast<std::size_t>(counts[i]));
    }
    return texts;
  }

  Result<std::string> broadcast(std::string_view text, int root) override {
    auto size = static_cast<long long>(rank_ == root ? text.size() : 0);
    STOKER_TRY(run("MPI_Ibcast", [&](MPI_Request* request) {
      return MPI_Ibcast(&size, 1, MPI_LONG_LONG, root, MPI_COMM_WORLD, request);
    }));
    if (size > kLargestMessage) {
      return make_error(Code::kUnsupported, "rank {}'s text has {} bytes; at most {} can be sent to all", root, size,
                        kLargestMessage);
    }
    std::string out = rank_ == root ? std::string(text) : std::string(static_cast<std::size_t>(size), '\0');
    STOKER_TRY(run("MPI_Ibcast", [&](MPI_Request* request) {
      return MPI_Ibcast(out.data(), static_cast<int>(size), MPI_CHAR, root, MPI_COMM_WORLD, request);
    }));
    return out;
  }

  void fail(const Error& why) override {
    const std::string line = fmt::format("stoker: error: rank {}: {}\n{}", rank_, why.message,
                                         why.hint.empty() ? std::string() : fmt::format("  hint: {}\n", why.hint));
    std::fwrite(line.data(), 1, line.size(), stderr);
    abort(static_cast<int>(exit_code(why.code)));
  }

  void abort(int exit_code) override {
    const std::lock_guard lock(abort_mutex_);
    if (aborting_.exchange(true)) return;
    const int code = exit_code != 0 ? exit_code : static_cast<int>(ExitCode::kFailure);
    try {
      watchdog_ = std::jthread([this, code](const std::stop_token& stop) { end_job_after_grace(stop, code); });
    } catch (const std::system_error&) {
      MPI_Abort(MPI_COMM_WORLD, code);  // no thread can be started that would wait for the others
    }
  }

 private:
  MpiCommunicator() {
    MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank_);
    MPI_Comm_size(MPI_COMM_WORLD, &size_);
    // The kernel may delay a wake-up by 50 us by default, as long as the sleep itself.
    ::prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL);
  }

  // A host is a set of ranks that can share memory, so that two containers of one name are two. Hosts are numbered in
  // the order of their lowest rank.
  Status find_node() {
    MPI_Comm shared = MPI_COMM_NULL;
    if (const int code = MPI_Comm_split_type(MPI_COMM_WORLD, MPI_COMM_TYPE_SHARED, rank_, MPI_INFO_NULL, &shared);
        code != MPI_SUCCESS) {
      return mpi_error("MPI_Comm_split_type", code);
    }
    MPI_Comm_rank(shared, &node_.local_rank);
    MPI_Comm_size(shared, &node_.local_size);
    long long leader = rank_;
    const int code = MPI_Bcast(&leader, 1, MPI_LONG_LONG, 0, shared);
    MPI_Comm_free(&shared);
    if (code != MPI_SUCCESS) return mpi_error("MPI_Bcast", code);

    STOKER_ASSIGN(std::vector<long long> leaders, all_gather(leader));
    std::sort(leaders.begin(), leaders.end());
    leaders.erase(std::unique(leaders.begin(), leaders.end()), leaders.end());
    node_.count = static_cast<int>(leaders.size());
    node_.index = static_cast<int>(std::lower_bound(leaders.begin(), leaders.end(), leader) - leaders.begin());
    node_.hostname = host_name();
    node_.process_leader = true;
    return {};
  }

  Result<std::vector<long long>> all_gather(long long mine) {
    std::vector<long long> all(static_cast<std::size_t>(size_));
    STOKER_TRY(run("MPI_Iallgather", [&](MPI_Request* request) {
      return MPI_Iallgather(&mine, 1, MPI_LONG_LONG, all.data(), 1, MPI_LONG_LONG, MPI_COMM_WORLD, request);
    }));
    return all;
  }

  // Starts a collective and waits for it. After an abort the request is left unfinished: the process is about to end.
  template <class Start>
  Status run(const char* call, const Start& start) {
    if (aborting_) return left();
    MPI_Request request = MPI_REQUEST_NULL;
    if (const int code = start(&request); code != MPI_SUCCESS) return mpi_error(call, code);
    std::optional<Time::time_point> began;
    while (true) {
      int done = 0;
      if (const int code = MPI_Test(&request, &done, MPI_STATUS_IGNORE); code != MPI_SUCCESS)
        return mpi_error(call, code);
      if (done != 0) return {};
      if (aborting_) return left();
      const auto now = Time::now();
      if (!began) began = now;
      const auto waited = now - *began;
      if (waited < kSpin) continue;
      std::this_thread::sleep_for(std::clamp<Time::duration>(waited / kSleepShare, kShortestSleep, kLongestSleep));
    }
  }

  // On the watchdog's thread. MPI was promised calls from the main thread only, but that thread may be stuck for good,
  // and what could go wrong inside MPI_Abort ends the process as well.
  void end_job_after_grace(const std::stop_token& stop, int exit_code) {
    std::unique_lock lock(abort_mutex_);
    if (abort_wake_.wait_for(lock, stop, kAbortGrace, [] { return false; }) || stop.stop_requested()) return;
    MPI_Abort(MPI_COMM_WORLD, exit_code);
    ::_exit(exit_code);
  }

  static Error left() { return make_error(Code::kInterrupted, "stopped because this rank has given up"); }

  int rank_ = 0;
  int size_ = 1;
  Node node_;
  std::atomic<bool> aborting_{false};
  std::mutex abort_mutex_;
  std::condition_variable_any abort_wake_;
  std::jthread watchdog_;  // last: stopped and joined while the rest still lives
};

Result<std::unique_ptr<Communicator>> open() {
  int initialised = 0;
  MPI_Initialized(&initialised);
  STOKER_CHECK(initialised == 0, "MPI is initialised once in a process");
  // What Open MPI itself does inside a call that has not finished: let others run. Users' settings stay.
  ::setenv("OMPI_MCA_mpi_yield_when_idle", "1", 0);
  int provided = MPI_THREAD_SINGLE;
  if (const int code = MPI_Init_thread(nullptr, nullptr, MPI_THREAD_FUNNELED, &provided); code != MPI_SUCCESS) {
    return mpi_error("MPI_Init_thread", code);
  }
  if (provided < MPI_THREAD_FUNNELED) {
    MPI_Finalize();
    return make_error(Code::kUnsupported, "this MPI library does not support processes with threads");
  }
  return MpiCommunicator::make();
}

}  // namespace
}  // namespace stoker::dist

extern "C" {

[[gnu::visibility("default")]] const char* stoker_mpi_stamp() {
  return STOKER_MPI_STAMP;
}

[[gnu::visibility("default")]] const char* stoker_mpi_version() {
  static_assert(std::is_same_v<decltype(stoker_mpi_version), stoker::dist::MpiVersion>);
  static char text[MPI_MAX_LIBRARY_VERSION_STRING];
  int length = 0;
  return MPI_Get_library_version(text, &length) == MPI_SUCCESS ? text : "";
}

[[gnu::visibility("default")]] stoker::dist::Communicator* stoker_mpi_open(stoker::Error* error) {
  static_assert(std::is_same_v<decltype(stoker_mpi_stamp), stoker::dist::MpiStamp>);
  static_assert(std::is_same_v<decltype(stoker_mpi_open), stoker::dist::MpiOpen>);
  try {
    auto comm = stoker::dist::open();
    if (comm) return std::move(comm).value().release();
    *error = std::move(comm).error();
  } catch (const std::exception& e) {
    *error = stoker::make_error(stoker::Code::kInternal, "the MPI module: {}", e.what());
  }
  return nullptr;
}
}
