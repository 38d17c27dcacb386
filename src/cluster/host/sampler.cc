#include "cluster/host/sampler.h"

#include <pthread.h>

#include "base/check.h"

namespace stoker::host {

Sampler::Sampler(const Proc& proc, const Clock& clock, std::chrono::nanoseconds interval, std::size_t max_samples)
    : proc_(proc), clock_(clock), interval_(interval), samples_(max_samples) {
  STOKER_CHECK(interval_.count() > 0);
  thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
  ::pthread_setname_np(thread_.native_handle(), "host sampler");
}

Sampler::~Sampler() = default;

void Sampler::run(const std::stop_token& stop) {
  using Time = std::chrono::steady_clock;
  auto next = Time::now();
  while (!stop.stop_requested()) {
    samples_.add(proc_, clock_.wall());
    if (samples_.full()) return;
    next += interval_;
    if (const auto now = Time::now(); next < now) next += (now - next) / interval_ * interval_ + interval_;
    std::unique_lock lock(mutex_);
    wake_.wait_until(lock, stop, next, [] { return false; });
  }
}

const Samples& Sampler::stop() {
  if (thread_.joinable()) {
    thread_.request_stop();
    thread_.join();
  }
  return samples_;
}

}  // namespace stoker::host
