#include "base/cpu_time.h"

#include <gtest/gtest.h>

#include <thread>

namespace stoker {
namespace {

TEST(CpuTime, CountsWorkAndNotSleep) {
  const Nanos before = thread_cpu_time();
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  const Nanos slept = thread_cpu_time();
  EXPECT_LT(slept - before, std::chrono::milliseconds(40));
  while (thread_cpu_time() - slept < std::chrono::milliseconds(5)) {
  }
  EXPECT_GE(thread_cpu_time() - before, std::chrono::milliseconds(5));
}

TEST(CpuTime, IsThatOfTheThread) {
  const Nanos begin = thread_cpu_time();
  while (thread_cpu_time() - begin < std::chrono::milliseconds(5)) {
  }
  Nanos other{0};
  std::thread([&] { other = thread_cpu_time(); }).join();
  EXPECT_LT(other, std::chrono::milliseconds(5));
}

}  // namespace
}  // namespace stoker
