// A latency histogram of fixed size: cheap enough to record every read of a long run.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/status.h"

namespace stoker::metrics {

// Log-linear buckets over nanoseconds: values below 64 have a bucket each, and every power of two above is cut into 64
// equal buckets, so a bucket is at most 1/64 (1.6 %) of its value wide. Longer than 137 s (2^37 ns) counts in the last
// bucket; count, sum, min and max stay exact. 16 KiB, no allocation. One writer; merge after the writers have ended.
class Histogram {
 public:
  static constexpr int kSubBits = 6;
  static constexpr std::uint64_t kSubBuckets = std::uint64_t{1} << kSubBits;
  static constexpr int kMaxBits = 37;
  static constexpr std::size_t kBuckets = static_cast<std::size_t>(kMaxBits - kSubBits + 1) * kSubBuckets;

  // Negative durations (a clock that misbehaves) count as 0. O(1).
  void add(Nanos latency) {
    const auto ns = latency.count() < 0 ? std::uint64_t{0} : static_cast<std::uint64_t>(latency.count());
    ++buckets_[bucket_of(ns)];
    ++count_;
    sum_ns_ += ns;
    if (ns > max_ns_) max_ns_ = ns;
    if (ns < min_ns_) min_ns_ = ns;
  }
  void merge(const Histogram& other);

  [[nodiscard]] std::uint64_t count() const { return count_; }
  [[nodiscard]] Nanos sum() const { return Nanos(static_cast<Nanos::rep>(sum_ns_)); }
  [[nodiscard]] Nanos max() const { return Nanos(static_cast<Nanos::rep>(max_ns_)); }
  [[nodiscard]] Nanos min() const { return Nanos(count_ == 0 ? 0 : static_cast<Nanos::rep>(min_ns_)); }
  // The value below or at which a share q (0..1) of all entries lies (nearest rank), as the middle of its bucket and
  // never outside [min, max]; 0 when empty. quantile(1) is max.
  [[nodiscard]] Nanos quantile(double q) const;

  // Compact text for gathering over ranks: only buckets in use are listed. parse() accepts exactly that
  // (Code::kCorrupt otherwise).
  [[nodiscard]] std::string serialise() const;
  [[nodiscard]] static Result<Histogram> parse(std::string_view text);

  [[nodiscard]] static constexpr std::size_t bucket_of(std::uint64_t ns) {
    if (ns < kSubBuckets) return static_cast<std::size_t>(ns);
    if (ns >> kMaxBits != 0) return kBuckets - 1;
    const int octave = static_cast<int>(std::bit_width(ns)) - 1 - kSubBits;  // 0 for 64..127
    return static_cast<std::size_t>(octave + 1) * kSubBuckets + static_cast<std::size_t>((ns >> octave) - kSubBuckets);
  }
  // Smallest value of a bucket, and the number of values in it.
  [[nodiscard]] static constexpr std::uint64_t bucket_begin(std::size_t bucket) {
    if (bucket < kSubBuckets) return bucket;
    const auto octave = bucket / kSubBuckets - 1;
    return (kSubBuckets + bucket % kSubBuckets) << octave;
  }
  [[nodiscard]] static constexpr std::uint64_t bucket_width(std::size_t bucket) {
    return bucket < kSubBuckets ? 1 : std::uint64_t{1} << (bucket / kSubBuckets - 1);
  }

  friend bool operator==(const Histogram&, const Histogram&) = default;

 private:
  std::array<std::uint64_t, kBuckets> buckets_{};
  std::uint64_t count_ = 0;
  std::uint64_t sum_ns_ = 0;
  std::uint64_t max_ns_ = 0;
  std::uint64_t min_ns_ = ~std::uint64_t{0};
};

}  // namespace stoker::metrics
