#include "mlperf/plan/checkpoint_sizing.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "base/did_you_mean.h"

namespace stoker::mlperf {
namespace {

constexpr std::array kModels{
    CheckpointModel{"llama3-8b", 8, 8, false, "105 GB", "105 GB"},
    CheckpointModel{"llama3-70b", 64, 8, true, "912 GB", "114 GB"},
    CheckpointModel{"llama3-405b", 512, 256, true, "5.29 TB", "94 GB"},
    CheckpointModel{"llama3-1t", 1024, 512, true, "18 TB", "161 GB"},
};

// Values that the optimizer keeps for a parameter: a master copy and two moments.
constexpr double kOptimizerValues = 3;

double datatype_bytes(std::string_view name) {
  if (name == "int8" || name == "uint8") return 1;
  if (name == "fp16" || name == "bf16") return 2;
  if (name == "fp64") return 8;
  return 4;
}

}  // namespace

std::span<const CheckpointModel> checkpoint_models() {
  return kModels;
}

const CheckpointModel* find_checkpoint_model(std::string_view name) {
  const auto it = std::ranges::find(kModels, name, &CheckpointModel::name);
  return it == kModels.end() ? nullptr : &*it;
}

Result<CheckpointModel> checkpoint_model(std::string_view name) {
  if (const CheckpointModel* model = find_checkpoint_model(name)) return *model;
  std::vector<std::string_view> names;
  for (const auto& model : kModels) names.push_back(model.name);
  return Error{Code::kInvalidArgument,
               fmt::format("--model: unknown model '{}'{}", name, did_you_mean_text(name, names)),
               fmt::format("models: {}", fmt::join(names, ", "))};
}

std::string checkpoint_workload(std::string_view model) {
  std::string name(model);
  std::ranges::replace(name, '-', '_');
  return name;
}

double transformer_parameters(const config::Model& m) {
  const auto layers = static_cast<double>(m.num_layers);
  const auto hidden = static_cast<double>(m.transformer.hidden_size);
  const auto feed_forward = static_cast<double>(m.transformer.ffn_hidden_size);
  const auto vocabulary = static_cast<double>(m.transformer.vocab_size);
  const std::int64_t head_width = m.transformer.hidden_size / m.transformer.num_attention_heads;  // rounded down
  const auto kv_width = static_cast<double>(m.transformer.num_kv_heads * head_width);
  const double layer = 2 * hidden * hidden + 2 * hidden * kv_width + 3 * hidden * feed_forward + 2 * hidden;
  return layers * layer + 2 * vocabulary * hidden + hidden;
}

Result<CheckpointJob> checkpoint_job(const config::Workload& w, std::int64_t ranks) {
  if (w.model.num_layers < 1 || ranks < 1) {
    return Error{Code::kConfig,
                 fmt::format("model.num_layers: found {} with {} ranks, expected a transformer and at least one rank",
                             w.model.num_layers, ranks),
                 "the workload file must describe the model: num_layers and the section transformer"};
  }
  const double parameters = transformer_parameters(w.model);
  CheckpointJob job;
  job.model_bytes = parameters * datatype_bytes(w.model.model_datatype);
  job.optimizer_bytes = parameters * kOptimizerValues * datatype_bytes(w.model.optimizer_datatype);
  job.zero_stage = w.model.parallelism.zero_stage;
  job.instance_ranks = w.model.parallelism.tensor * w.model.parallelism.pipeline;
  job.ranks = ranks;
  return job;
}

std::int64_t job_ranks(const CheckpointModel& model, std::int64_t processes) {
  return std::max(processes, model.closed_processes);
}

double rank_bytes(const CheckpointJob& job, std::int64_t rank) {
  const auto all = static_cast<double>(job.ranks);
  if (job.zero_stage >= 3) return job.total_bytes() / all;
  const bool holds_model = rank < job.instance_ranks;
  const auto instance = static_cast<double>(job.instance_ranks);
  if (job.zero_stage == 0) return holds_model ? job.total_bytes() / instance : 0;
  return job.optimizer_bytes / all + (holds_model ? job.model_bytes / instance : 0);
}

std::vector<double> bytes_by_rank(const CheckpointJob& job, std::int64_t processes) {
  std::vector<double> bytes;
  for (std::int64_t rank = 0; rank < processes; ++rank) bytes.push_back(rank_bytes(job, rank));
  return bytes;
}

std::vector<double> bytes_by_host(std::span<const double> by_rank, std::span<const int> ranks_by_host) {
  std::vector<double> bytes(ranks_by_host.size());
  std::vector<int> left(ranks_by_host.begin(), ranks_by_host.end());
  std::vector<std::size_t> open;  // hosts that take another rank
  const auto refill = [&] { std::erase_if(open, [&](std::size_t host) { return left[host] <= 0; }); };
  for (std::size_t host = 0; host < bytes.size(); ++host) open.push_back(host);
  refill();
  std::size_t rank = 0;
  while (rank < by_rank.size() && !open.empty()) {
    for (std::size_t i = 0; i < open.size() && rank < by_rank.size(); ++i, ++rank) {
      bytes[open[i]] += by_rank[rank];
      --left[open[i]];
    }
    refill();
  }
  return bytes;
}

std::vector<int> even_ranks(std::int64_t processes, std::int64_t hosts) {
  const std::int64_t count = std::max<std::int64_t>(1, hosts);
  std::vector<int> ranks(static_cast<std::size_t>(count), static_cast<int>(processes / count));
  for (std::int64_t host = 0; host < processes % count; ++host) ++ranks[static_cast<std::size_t>(host)];
  return ranks;
}

}  // namespace stoker::mlperf
