// N ranks as N threads of this process: the default on one machine, with nothing to install. N = 1 is the solo case.
#pragma once

#include <functional>
#include <memory>

#include "cluster/dist/communicator.h"

namespace stoker::dist {

// What the ranks of one process share. Outlives its communicators.
class LocalWorld {
 public:
  explicit LocalWorld(int ranks);  // at least 1
  ~LocalWorld();
  LocalWorld(const LocalWorld&) = delete;
  LocalWorld& operator=(const LocalWorld&) = delete;

  // The end of `rank`, to be asked for once and used by one thread. Sums are added in rank order, so that they do not
  // depend on timing.
  [[nodiscard]] std::unique_ptr<Communicator> communicator(int rank);

  // The exit code of the first abort(), 0 while there was none. From any thread.
  [[nodiscard]] int failure() const;

  struct State;

 private:
  std::unique_ptr<State> state_;
};

// Runs body once per rank, rank 0 on the calling thread and the others on threads of their own, and returns when all
// are done: 0 if every body returned 0, else the exit code of the rank that failed first. A body that returns another
// value than 0 aborts the communicator, so that no rank waits for one that has left. An error when a thread could not
// be started (kLimit) or a body has thrown; the other ranks are ended by it, too.
[[nodiscard]] Result<int> run_local(int ranks, const std::function<int(Communicator&)>& body);

}  // namespace stoker::dist
