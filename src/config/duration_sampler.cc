#include "config/duration_sampler.h"

#include <algorithm>

namespace stoker::config {

double DurationSampler::draw() {
  switch (duration_.kind) {
    case Duration::Kind::kNone: return 0;
    case Duration::Kind::kConstant: return duration_.a;
    case Duration::Kind::kNormal: return duration_.a + duration_.b * normal_(engine_);
    case Duration::Kind::kUniform: return std::uniform_real_distribution<double>(duration_.a, duration_.b)(engine_);
    case Duration::Kind::kGamma: return std::gamma_distribution<double>(duration_.a, duration_.b)(engine_);
    case Duration::Kind::kExponential:
      // numpy's scale is the mean, the standard library's lambda its inverse.
      return duration_.a > 0 ? std::exponential_distribution<double>(1.0 / duration_.a)(engine_) : 0;
    case Duration::Kind::kPoisson:
      return duration_.a > 0 ? static_cast<double>(std::poisson_distribution<std::int64_t>(duration_.a)(engine_)) : 0;
  }
  return 0;
}

Nanos DurationSampler::next() {
  return from_seconds(std::max(0.0, draw()));
}

Nanos DurationSampler::next_sum(std::uint64_t n) {
  if (none()) return Nanos{0};
  if (duration_.kind == Duration::Kind::kConstant) {
    return from_seconds(std::max(0.0, duration_.a) * static_cast<double>(n));
  }
  double sum = 0;
  for (std::uint64_t i = 0; i < n; ++i) sum += std::max(0.0, draw());
  return from_seconds(sum);
}

}  // namespace stoker::config
