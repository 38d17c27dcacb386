#include "workloads/training/lock_owner.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "base/testing/status_matchers.h"
#include "cluster/dist/local.h"

namespace stoker::training {
namespace {

// Ranks as processes, as MPI's are, need a launcher: tests/e2e/kill_datagen_mpi.
TEST(LockOwner, RanksOfOneProcessAreOneOwner) {
  static_cast<void>(dist::run_local(3, [](dist::Communicator& comm) {
    const auto owner = lock_owner(comm, "w");
    EXPECT_OK(owner);
    EXPECT_EQ(owner->pid, ::getpid());
    EXPECT_EQ(owner->what, "w");
    EXPECT_EQ(owner->peers, "");
    EXPECT_EQ(owner->elsewhere, 0);
    return 0;
  }));
}

}  // namespace
}  // namespace stoker::training
