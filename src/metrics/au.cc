#include "metrics/au.h"

#include <algorithm>

namespace stoker::metrics {

Exclude block_exclude(Exclude epoch, std::uint64_t block, std::uint64_t blocks) {
  // The excluded steps are the warm-up and the tail of an epoch. A checkpoint in the middle of it ends a block, but
  // neither cools the loader down nor drains it.
  return {.start = block == 0 ? epoch.start : 0, .end = block + 1 == blocks ? epoch.end : 0};
}

BlockMetrics block_metrics(std::span<const StepRecord> steps, Exclude exclude, Nanos block_wall,
                           std::uint64_t batch_size) {
  // Clamped one by one, so that absurd values cannot overflow the sum.
  const std::uint64_t count = steps.size();
  const std::uint64_t begin = std::min(exclude.start, count);
  const std::uint64_t end = count - std::min(exclude.end, count - begin);

  Nanos compute{0};         // C
  Nanos left = block_wall;  // D
  for (std::uint64_t i = 0; i < count; ++i) {
    const StepRecord& step = steps[i];
    if (i >= begin && i < end) {
      compute += step.compute;
    } else {
      left -= step.proc() + step.barrier;
    }
  }

  BlockMetrics m{.steps_in_window = end - begin, .steps = count};
  m.measured = m.steps_in_window > 0 && left > Nanos{0};
  if (!m.measured) return m;
  const double seconds = to_seconds(left);
  m.au_percent = 100.0 * to_seconds(compute) / seconds;
  m.samples_per_second = static_cast<double>(m.steps_in_window) * static_cast<double>(batch_size) / seconds;
  return m;
}

EpochMetrics epoch_metrics(std::span<const BlockMetrics> blocks) {
  EpochMetrics m;
  double weights = 0;
  for (const BlockMetrics& block : blocks) {
    m.steps += block.steps;
    if (!block.measured) continue;
    const auto weight = static_cast<double>(block.steps);
    weights += weight;
    m.au_percent += weight * block.au_percent;
    m.samples_per_second += weight * block.samples_per_second;
  }
  if (weights > 0) {
    m.au_percent /= weights;
    m.samples_per_second /= weights;
  }
  return m;
}

EpochMetrics over_ranks(std::span<const EpochMetrics> ranks) {
  if (ranks.empty()) return {};
  EpochMetrics m{.steps = ranks.front().steps};
  for (const EpochMetrics& rank : ranks) {
    m.au_percent += rank.au_percent;
    m.samples_per_second += rank.samples_per_second;
    m.steps = std::min(m.steps, rank.steps);
  }
  m.au_percent /= static_cast<double>(ranks.size());
  return m;
}

EpochMetrics eval_metrics(std::span<const StepRecord> steps, Exclude exclude, Nanos wall, std::uint64_t batch_size) {
  const BlockMetrics block = block_metrics(steps, exclude, wall, batch_size);
  EpochMetrics m{.au_percent = block.au_percent, .steps = block.steps};
  if (wall > Nanos{0}) {
    m.samples_per_second = static_cast<double>(steps.size()) * static_cast<double>(batch_size) / to_seconds(wall);
  }
  return m;
}

}  // namespace stoker::metrics
