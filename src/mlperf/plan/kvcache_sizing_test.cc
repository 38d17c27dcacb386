#include "mlperf/plan/kvcache_sizing.h"

#include "base/testing/status_matchers.h"

namespace stoker::mlperf {
namespace {

TEST(KvCacheModel, BytesPerTokenFollowFromTheArchitecture) {
  const std::pair<const char*, std::int64_t> rows[] = {{"tiny-1b", 24576},
                                                       {"mistral-7b", 131072},
                                                       {"llama2-7b", 524288},
                                                       {"llama3.1-8b", 131072},
                                                       {"llama3.1-70b-instruct", 327680}};
  ASSERT_EQ(kvcache_models().size(), std::size(rows));
  for (const auto& [name, bytes] : rows) {
    const auto model = kvcache_model(name);
    ASSERT_OK(model);
    EXPECT_EQ(model->bytes_per_token(), bytes) << name;
  }
  EXPECT_ERROR(kvcache_model("llama3.1-8"), Code::kInvalidArgument, "did you mean 'llama3.1-8b'?");
}

TEST(SizeKvCache, AdvisesSharesOfTheTotalOrWhatIsGivenIfThatIsMore) {
  const auto model = kvcache_model("llama3.1-8b");
  ASSERT_OK(model);
  const KvCacheSize size = size_kvcache(*model, 100, 0, 0);
  EXPECT_DOUBLE_EQ(size.bytes_per_user, 131072 * kTypicalTokens);
  EXPECT_DOUBLE_EQ(size.total_bytes, 100 * size.bytes_per_user);
  EXPECT_DOUBLE_EQ(size.gpu_bytes, 0.2 * size.total_bytes);
  EXPECT_DOUBLE_EQ(size.cpu_bytes, 0.5 * size.total_bytes);
  EXPECT_DOUBLE_EQ(size.nvme_bytes, 2 * size.total_bytes);
  const KvCacheSize given = size_kvcache(*model, 1, 1e15, 2e15);
  EXPECT_DOUBLE_EQ(given.gpu_bytes, 1e15);
  EXPECT_DOUBLE_EQ(given.cpu_bytes, 2e15);
}

}  // namespace
}  // namespace stoker::mlperf
