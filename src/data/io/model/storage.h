// A storage seen through a model of another one: slower by a latency, a bandwidth and a rate of requests. It shows what
// a run would make of such a storage, and plants causes that the verdict has to find. It is never a result of a
// storage.
#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "base/clock.h"
#include "data/io/forwarding_storage.h"

namespace stoker::io {

// Of all processes of a run together; 0: no limit.
struct ModelLimits {
  Nanos latency{0};  // of each request, reads, writes and opening of files
  Nanos jitter{0};   // added to it: between nothing and this, each as likely
  double bytes_per_second = 0;
  double requests_per_second = 0;
  [[nodiscard]] bool any() const {
    return latency > Nanos{0} || jitter > Nanos{0} || bytes_per_second > 0 || requests_per_second > 0;
  }
};
// "latency 5.0 ms, at most 190.7 MiB/s".
[[nodiscard]] std::string to_text(const ModelLimits& limits);

// When requests that come at certain times are answered: they begin one after the other, at the rate of requests, wait
// their latency, and then share one line of the bandwidth in that order. Safe from many threads.
class ModelLine {
 public:
  // `processes` have a line each, with an equal share of rate and bandwidth.
  ModelLine(const ModelLimits& limits, unsigned processes);
  [[nodiscard]] Instant answered(Instant asked, std::uint64_t bytes);

 private:
  const ModelLimits limits_;
  const double bytes_per_second_, requests_per_second_;
  std::mutex mutex_;
  Instant next_request_{Nanos::min()}, line_free_{Nanos::min()};
  std::uint64_t requests_ = 0;
};

// Whatever the storage below takes is part of the model's time, so that it must be faster than the model. Requests are
// cut as the storage below cuts them (request_bytes.h). Those of a queue are under way together, as far as its depth
// admits; those of ReadableFile::read_many() one after the other where the storage below reads through the page cache,
// and all of a call at once where it does not. The clock outlives it.
[[nodiscard]] std::unique_ptr<Storage> make_model_storage(std::unique_ptr<Storage> below, const ModelLimits& limits,
                                                          unsigned processes, const Clock& clock);

}  // namespace stoker::io
