#include "workloads/training/plan_epoch.h"

#include <fmt/format.h>

#include <random>
#include <string>
#include <utility>
#include <vector>

#include "base/plural.h"

namespace stoker::training {
namespace {

// The seed of an epoch's order. `random` is fresh entropy, drawn once and the same on all ranks.
Result<std::uint64_t> epoch_seed(Context& c, config::Shuffle shuffle, std::uint64_t epoch) {
  if (shuffle == config::Shuffle::kRandom) {
    std::string text;
    if (c.root()) {
      std::random_device entropy;
      text = std::to_string((static_cast<std::uint64_t>(entropy()) << 32) | entropy());
    }
    STOKER_ASSIGN(const std::string shared, c.comm.broadcast(text, 0));
    return static_cast<std::uint64_t>(std::stoull(shared));
  }
  const auto seed = static_cast<std::uint64_t>(c.workload.train.seed);
  return c.workload.train.seed_change_epoch ? seed + epoch : seed;
}

// All but the seeds.
dataset::PlanRequest plan_request(const Context& c, const DataSplit& data, Phase phase) {
  const config::Reader& reader = c.workload.reader;
  dataset::PlanRequest request;
  request.row_counts = data.used;
  request.batch_size = static_cast<std::uint64_t>(phase == Phase::kTrain ? reader.batch_size : reader.batch_size_eval);
  request.rank = c.comm.rank();
  request.ranks = c.comm.size();
  if (phase == Phase::kTrain && c.workload.train.total_training_steps > 0) {
    request.steps_limit = static_cast<std::uint64_t>(c.workload.train.total_training_steps);
  }
  request.shuffle_files = reader.file_shuffle != config::Shuffle::kOff;
  request.shuffle_samples = reader.sample_shuffle != config::Shuffle::kOff;
  request.by_sample = c.format.granularity == format::Granularity::kSample;
  return request;
}

// "40 samples x 4 files", or what the files have together when they differ.
std::string samples_text(const DataSplit& data) {
  if (const auto common = data.used.common())
    return fmt::format("{} x {}", counted_long(*common, "sample"), counted_long(data.used.files(), "file"));
  return fmt::format("{} in {}", counted_long(data.used.total(), "sample"), counted_long(data.used.files(), "file"));
}

std::string reasons(const LeftOut& left, const DataSplit& data, Phase phase) {
  std::vector<std::string> texts;
  const auto add = [&texts](std::uint64_t rows, std::string_view why) {
    if (rows > 0) texts.push_back(fmt::format("{} {}", format_count(rows), why));
  };
  add(left.beyond_file_limit, fmt::format("beyond the first {} of each file (dataset.num_samples_per_file)",
                                          format_count(data.used.common().value_or(0))));
  add(left.no_full_batch, "for want of a full batch on every accelerator");
  add(left.beyond_steps, "beyond train.total_training_steps");
  return fmt::format("{} per {} {} read by no rank: {}", counted_long(left.total(), "sample"),
                     phase == Phase::kTrain ? "epoch" : "evaluation", left.total() == 1 ? "is" : "are",
                     fmt::join(texts, ", "));
}

}  // namespace

LeftOut left_out(const DataSplit& data, const dataset::PlanRequest& request) {
  dataset::PlanRequest unlimited = request;
  unlimited.steps_limit = 0;
  const std::uint64_t step_rows = request.batch_size * static_cast<std::uint64_t>(request.ranks);
  const std::uint64_t steps = dataset::steps_per_epoch(unlimited);
  return {.beyond_file_limit = data.unused_rows(),
          .no_full_batch = data.used.total() - steps * step_rows,
          .beyond_steps = (steps - dataset::steps_per_epoch(request)) * step_rows};
}

Status announce_plan(Context& c, const DataSplit& data, Phase phase) {
  const dataset::PlanRequest request = plan_request(c, data, phase);
  const std::uint64_t steps = dataset::steps_per_epoch(request);
  const bool training = phase == Phase::kTrain;
  const std::string ranks = counted(c.comm.size(), "accelerator");
  if (steps == 0 && training) {
    Error error = make_error(Code::kConfig, "no step can be made: {} do not fill one batch of {} on {}",
                             samples_text(data), request.batch_size, ranks);
    error.hint = "use more files, a smaller reader.batch_size or fewer accelerators";
    return error;
  }
  c.reporter.output(fmt::format("{} per {}: {} / batch size {} / {}{}", counted_long(steps, "step"),
                                training ? "epoch" : "evaluation", samples_text(data), request.batch_size, ranks,
                                request.steps_limit > 0 ? ", capped per epoch by train.total_training_steps" : ""));
  const LeftOut left = left_out(data, request);
  if (left.total() > 0) c.warn(reasons(left, data, phase));
  return {};
}

Result<dataset::EpochPlan> plan_epoch(Context& c, const DataSplit& data, Phase phase, std::uint64_t epoch) {
  dataset::PlanRequest request = plan_request(c, data, phase);
  STOKER_ASSIGN(request.file_seed, epoch_seed(c, c.workload.reader.file_shuffle, epoch));
  STOKER_ASSIGN(request.sample_seed, epoch_seed(c, c.workload.reader.sample_shuffle, epoch));
  return dataset::EpochPlan(request);
}

}  // namespace stoker::training
