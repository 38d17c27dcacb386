#include "metrics/histogram.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <iterator>

#include "metrics/text_internal.h"

namespace stoker::metrics {

static_assert(Histogram::bucket_of(63) == 63);
static_assert(Histogram::bucket_of(64) == 64);
static_assert(Histogram::bucket_of((std::uint64_t{1} << Histogram::kMaxBits) - 1) == Histogram::kBuckets - 1);
static_assert((std::uint64_t{1} << Histogram::kMaxBits) > 100'000'000'000, "the range must cover 100 s");

void Histogram::merge(const Histogram& other) {
  for (std::size_t i = 0; i < kBuckets; ++i) buckets_[i] += other.buckets_[i];
  count_ += other.count_;
  sum_ns_ += other.sum_ns_;
  max_ns_ = std::max(max_ns_, other.max_ns_);
  min_ns_ = std::min(min_ns_, other.min_ns_);
}

Nanos Histogram::quantile(double q) const {
  if (count_ == 0) return Nanos{0};
  // Nearest rank: the smallest value that at least ceil(q * count) entries do not exceed.
  const double wanted = std::ceil(std::clamp(q, 0.0, 1.0) * static_cast<double>(count_));
  const auto rank = std::clamp<std::uint64_t>(static_cast<std::uint64_t>(wanted), 1, count_);
  if (rank == count_) return max();
  std::uint64_t seen = 0;
  std::size_t bucket = 0;
  for (; bucket + 1 < kBuckets; ++bucket) {
    seen += buckets_[bucket];
    if (seen >= rank) break;
  }
  const std::uint64_t middle = bucket_begin(bucket) + bucket_width(bucket) / 2;
  return Nanos(static_cast<Nanos::rep>(std::clamp(middle, min_ns_, max_ns_)));
}

// "count sum min max bucket:entries bucket:entries ...", all decimal, min of an empty histogram written as 0.
std::string Histogram::serialise() const {
  fmt::memory_buffer out;
  fmt::format_to(std::back_inserter(out), "{} {} {} {}", count_, sum_ns_, count_ == 0 ? 0 : min_ns_, max_ns_);
  for (std::size_t i = 0; i < kBuckets; ++i) {
    if (buckets_[i] != 0) fmt::format_to(std::back_inserter(out), " {}:{}", i, buckets_[i]);
  }
  return fmt::to_string(out);
}

Result<Histogram> Histogram::parse(std::string_view text) {
  internal::NumberReader in(text);
  Histogram h;
  h.count_ = in.next<std::uint64_t>(' ');
  h.sum_ns_ = in.next<std::uint64_t>(' ');
  h.min_ns_ = in.next<std::uint64_t>(' ');
  h.max_ns_ = in.next<std::uint64_t>(' ');
  std::uint64_t entries = 0;
  while (in.more()) {
    const auto bucket = in.next<std::size_t>(':');
    const auto n = in.next<std::uint64_t>(' ');
    if (in.failed() || bucket >= kBuckets) break;
    h.buckets_[bucket] += n;
    entries += n;
  }
  if (in.failed() || in.more() || entries != h.count_) {
    return make_error(Code::kCorrupt, "latency histogram: cannot be read near '{}'", in.rest(40));
  }
  if (h.count_ == 0) h.min_ns_ = ~std::uint64_t{0};
  return h;
}

}  // namespace stoker::metrics
