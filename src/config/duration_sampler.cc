#include "config/duration_sampler.h"

#include <algorithm>

namespace stoker::config {
namespace {

// However rare the draw: an instant that is so far from any other is still one of the clock's.
Nanos waiting_time(double seconds) {
  constexpr double kThirtyYears = 1e9;
  return from_seconds(std::clamp(seconds, 0.0, kThirtyYears));
}

}  // namespace

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
  return waiting_time(draw());
}

Nanos DurationSampler::next_sum(std::uint64_t n) {
  if (none()) return Nanos{0};
  if (duration_.kind == Duration::Kind::kConstant) {
    return waiting_time(duration_.a * static_cast<double>(n));
  }
  double sum = 0;
  for (std::uint64_t i = 0; i < n; ++i) sum += std::max(0.0, draw());
  return waiting_time(sum);
}

}  // namespace stoker::config
