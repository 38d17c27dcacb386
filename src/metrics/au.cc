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
      compute += step.compute - step.late;
    } else {
      left -= step.proc() + step.barrier;
    }
  }

  BlockMetrics m{.steps = count};
  if (end == begin || left <= Nanos{0}) return m;
  m.measured_steps = end - begin;
  const double seconds = to_seconds(left);
  // A step may be late by what the one before it overslept, which the window may not hold.
  m.au_percent = 100.0 * to_seconds(std::max(compute, Nanos{0})) / seconds;
  m.samples_per_second = static_cast<double>(m.measured_steps) * static_cast<double>(batch_size) / seconds;
  return m;
}

EpochMetrics epoch_metrics(std::span<const BlockMetrics> blocks) {
  EpochMetrics m;
  double weights = 0, au = 0, rate = 0;
  for (const BlockMetrics& block : blocks) {
    m.steps += block.steps;
    m.measured_steps += block.measured_steps;
    if (block.measured_steps == 0) continue;
    const auto weight = static_cast<double>(block.steps);
    weights += weight;
    au += weight * *block.au_percent;
    rate += weight * *block.samples_per_second;
  }
  if (weights > 0) {
    m.au_percent = au / weights;
    m.samples_per_second = rate / weights;
  }
  return m;
}

EpochMetrics over_ranks(std::span<const EpochMetrics> ranks) {
  if (ranks.empty()) return {};
  EpochMetrics m{.measured_steps = ranks.front().measured_steps, .steps = ranks.front().steps};
  double au = 0, rate = 0;
  std::size_t with_au = 0, with_rate = 0;
  for (const EpochMetrics& rank : ranks) {
    if (rank.au_percent) au += *rank.au_percent, ++with_au;
    if (rank.samples_per_second) rate += *rank.samples_per_second, ++with_rate;
    m.measured_steps = std::min(m.measured_steps, rank.measured_steps);
    m.steps = std::min(m.steps, rank.steps);
  }
  if (with_au > 0) m.au_percent = au / static_cast<double>(with_au);
  if (with_rate > 0) m.samples_per_second = rate;
  return m;
}

EpochMetrics eval_metrics(std::span<const StepRecord> steps, Exclude exclude, Nanos wall, std::uint64_t batch_size) {
  const BlockMetrics block = block_metrics(steps, exclude, wall, batch_size);
  EpochMetrics m{.au_percent = block.au_percent, .measured_steps = block.measured_steps, .steps = block.steps};
  if (!steps.empty() && wall > Nanos{0}) {
    m.samples_per_second = static_cast<double>(steps.size()) * static_cast<double>(batch_size) / to_seconds(wall);
  }
  return m;
}

}  // namespace stoker::metrics
