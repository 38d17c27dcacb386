// A thread that looks at the host now and then while a run goes on.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "base/clock.h"
#include "cluster/host/proc.h"
#include "cluster/host/samples.h"

namespace stoker::host {

// Takes a sample at once and then one every `interval`, at instants that do not drift; an instant that is missed
// because the host was too busy is left out, not made up for. Between samples the thread sleeps on a condition variable
// and costs nothing; a sample costs what docs/hosts.md says. `proc` and `clock` (which only tells the time of day)
// outlive it.
class Sampler {
 public:
  // Throws std::system_error where no thread can be started.
  Sampler(const Proc& proc, const Clock& clock, std::chrono::nanoseconds interval, std::size_t max_samples);
  ~Sampler();  // as stop()
  Sampler(const Sampler&) = delete;
  Sampler& operator=(const Sampler&) = delete;

  // Ends the thread, at once unless it is just reading, and returns what it has gathered. Any number of times, by one
  // thread.
  const Samples& stop();

 private:
  void run(const std::stop_token& stop);

  const Proc& proc_;
  const Clock& clock_;
  const std::chrono::nanoseconds interval_;
  Samples samples_;  // the thread's until it is joined
  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::jthread thread_;
};

}  // namespace stoker::host
