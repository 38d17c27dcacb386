#include "workloads/training/accelerator.h"

#include <algorithm>

namespace stoker::training {

Computed Accelerator::compute(const std::stop_token& stop) {
  const Instant begin = clock_.now();
  if (sampler_.none()) return {};
  const Nanos drawn = sampler_.next();
  const Nanos wanted = std::max(Nanos{0}, drawn - overslept_);
  clock_.sleep_until(begin + wanted, stop);
  const Nanos took = clock_.now() - begin;
  // A debt is carried for one step only as far as that step can pay it.
  const Nanos debt = overslept_ + (took - drawn);
  overslept_ = std::clamp(debt, Nanos{0}, drawn);
  return {took, std::max(Nanos{0}, debt - overslept_)};
}

}  // namespace stoker::training
