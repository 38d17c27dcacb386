// Who the ranks are. N ranks are threads of one process (cluster/dist/local.h) or MPI processes (dist/mpi/); the code
// of a run sees only this interface.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace stoker::dist {

enum class Op { kSum, kMin, kMax };

// Where a rank runs.
struct Node {
  std::string hostname;
  int index = 0;               // of this host among the hosts of the run, in order of their lowest rank
  int count = 1;               // hosts of the run
  int local_rank = 0;          // of this rank among the ranks of its host
  int local_size = 1;          // ranks on this host
  bool process_leader = true;  // one rank per process: who reports what is counted per process (CPU time, memory)
};

// One rank's end. Every call is collective and made by the rank's main thread, in the same order on all ranks. A
// waiting rank sleeps rather than spins (docs/ARCHITECTURE.md, "Waiting"). When a rank has left through abort(), every
// call that cannot complete returns Code::kInterrupted on the others.
class Communicator {
 public:
  virtual ~Communicator() = default;
  [[nodiscard]] virtual int rank() const = 0;
  [[nodiscard]] virtual int size() const = 0;
  [[nodiscard]] virtual const Node& node() const = 0;
  virtual Status barrier() = 0;
  // Element-wise over ranks; `values` has the same length everywhere and holds the result on every rank afterwards.
  virtual Status all_reduce(std::span<double> values, Op op) = 0;
  // One text per rank, in rank order, at `root`; empty elsewhere.
  virtual Result<std::vector<std::string>> gather(std::string_view text, int root) = 0;
  // Root's text, everywhere.
  virtual Result<std::string> broadcast(std::string_view text, int root) = 0;
  // Ends the other ranks' waiting after a failure on this one. Not collective, from any thread, any number of times.
  // For MPI this ends the job's processes with `exit_code` if they do not end by themselves within a grace period.
  virtual void abort(int exit_code) = 0;
  // The same of a rank that cannot come to the next collective call, as after an exception. The others get its error,
  // with its rank, from the calls they are in; where ranks are processes it is printed instead.
  virtual void fail(const Error& why) = 0;
};

// All ranks learn whether all are well: returns the error of the lowest rank that has one, on every rank. The rank's
// name stands in front of the message unless all ranks have that very error. One all_reduce when all are well.
[[nodiscard]] Status agree(Communicator&, const Status& mine);
// The same after rank 0 has done something for all: its error concerns all of them, and is told without a rank. The
// other ranks pass their own success.
[[nodiscard]] Status agree_on_root(Communicator&, const Status& mine);

}  // namespace stoker::dist
