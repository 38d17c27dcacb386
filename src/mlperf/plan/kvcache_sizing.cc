#include "mlperf/plan/kvcache_sizing.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <vector>

#include "base/did_you_mean.h"

namespace stoker::mlperf {
namespace {

constexpr std::array kModels{
    KvCacheModel{"tiny-1b", 12, 1024, 8, 4},
    KvCacheModel{"mistral-7b", 32, 4096, 32, 8},
    KvCacheModel{"llama2-7b", 32, 4096, 32, 32},
    KvCacheModel{"llama3.1-8b", 32, 4096, 32, 8},
    KvCacheModel{"llama3.1-70b-instruct", 80, 8192, 64, 8},
};

}  // namespace

std::span<const KvCacheModel> kvcache_models() {
  return kModels;
}

const KvCacheModel* find_kvcache_model(std::string_view name) {
  const auto it = std::ranges::find(kModels, name, &KvCacheModel::name);
  return it == kModels.end() ? nullptr : &*it;
}

Result<KvCacheModel> kvcache_model(std::string_view name) {
  if (const KvCacheModel* model = find_kvcache_model(name)) return *model;
  std::vector<std::string_view> names;
  for (const auto& model : kModels) names.push_back(model.name);
  return Error{Code::kInvalidArgument,
               fmt::format("--model: unknown model '{}'{}", name, did_you_mean_text(name, names)),
               fmt::format("models: {}", fmt::join(names, ", "))};
}

KvCacheSize size_kvcache(const KvCacheModel& model, std::int64_t users, double gpu_bytes, double cpu_bytes) {
  KvCacheSize size;
  size.bytes_per_user = static_cast<double>(model.bytes_per_token()) * kTypicalTokens;
  size.total_bytes = size.bytes_per_user * static_cast<double>(users);
  size.gpu_bytes = std::max(gpu_bytes, 0.2 * size.total_bytes);
  size.cpu_bytes = std::max(cpu_bytes, 0.5 * size.total_bytes);
  size.nvme_bytes = 2 * size.total_bytes;
  return size;
}

}  // namespace stoker::mlperf
