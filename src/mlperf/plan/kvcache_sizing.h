// How much memory the key/value caches of a number of users take (preview benchmark).
//
//   bytes per token = layers * kv heads * floor(hidden / heads) * 2 (key and value) * bytes of an element
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "base/status.h"

namespace stoker::mlperf {

struct KvCacheModel {
  std::string_view name;
  std::int64_t layers = 0, hidden = 0, heads = 0, kv_heads = 0;
  std::int64_t element_bytes = 2;  // float16

  [[nodiscard]] std::int64_t bytes_per_token() const {
    return layers * kv_heads * (hidden / heads) * 2 * element_bytes;
  }
};

[[nodiscard]] std::span<const KvCacheModel> kvcache_models();
// Null when there is no such model.
[[nodiscard]] const KvCacheModel* find_kvcache_model(std::string_view name);
// Code::kInvalidArgument with the known names.
[[nodiscard]] Result<KvCacheModel> kvcache_model(std::string_view name);

// Tokens of one user at the end of a turn: the mean over the benchmark's three kinds of users (chatbot, coding,
// document), each equally likely, of the middle of its context range plus the middle of what it generates.
inline constexpr double kTypicalTokens = (640.0 + 100 + 2560 + 300 + 5120 + 500) / 3;

struct KvCacheSize {
  double bytes_per_user = 0, total_bytes = 0;
  double gpu_bytes = 0, cpu_bytes = 0, nvme_bytes = 0;  // advice per tier
};

// GPU memory of at least a fifth of the total, CPU memory of at least half, and twice the total on storage.
[[nodiscard]] KvCacheSize size_kvcache(const KvCacheModel& model, std::int64_t users, double gpu_bytes,
                                       double cpu_bytes);

}  // namespace stoker::mlperf
