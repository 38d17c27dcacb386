#include "workloads/training/drop_caches.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <memory>
#include <thread>

#include "base/testing/status_matchers.h"

namespace stoker::training {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(DropCaches, TheTimeoutIsTakenFromTheEnvironment) {
  const auto with = [](const char* text) {
    ::setenv("DLIO_DROP_CACHES_TIMEOUT", text, 1);
    return drop_caches_timeout();
  };
  EXPECT_EQ(with("120"), seconds(120));
  EXPECT_EQ(with("0"), seconds(1)) << "the least";
  EXPECT_EQ(with("soon"), seconds(30));
  EXPECT_EQ(with("12s"), seconds(30));
  ::unsetenv("DLIO_DROP_CACHES_TIMEOUT");
  EXPECT_EQ(drop_caches_timeout(), seconds(30));
}

TEST(Within, GivesTheResultOfWorkThatIsDoneInTime) {
  const auto good = within(seconds(10), [] { return Status{}; });
  ASSERT_TRUE(good.has_value());
  EXPECT_OK(*good);
  const auto bad = within(seconds(10), [] { return Status{make_error(Code::kPermission, "no")}; });
  ASSERT_TRUE(bad.has_value());
  EXPECT_ERROR(*bad, Code::kPermission, "no");
}

TEST(Within, DoesNotWaitForWorkThatTakesLonger) {
  // Owned by the work as well: it goes on after within() has returned.
  const auto may_end = std::make_shared<std::atomic<bool>>(false);
  const auto ended = std::make_shared<std::atomic<bool>>(false);
  EXPECT_FALSE(within(milliseconds(1), [may_end, ended] {
                 while (!*may_end) std::this_thread::sleep_for(milliseconds(1));
                 *ended = true;
                 return Status{};
               }).has_value());
  EXPECT_FALSE(*ended);
  *may_end = true;
  while (!*ended) std::this_thread::sleep_for(milliseconds(1));
}

}  // namespace
}  // namespace stoker::training
