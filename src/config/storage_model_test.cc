#include "config/storage_model.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <tuple>

#include "base/testing/status_matchers.h"
#include "config/testing/load_helpers.h"

namespace stoker::config {
namespace {

TEST(StorageModel, NumbersOfTheText) {
  EXPECT_EQ(*storage_model(Workload{}), StorageModel{});
  const Loaded loaded =
      testing::loaded("storage: {model: {latency: 5ms, jitter: 1ms, bandwidth: 200MB, request_rate: 20000}}\n");
  const auto model = storage_model(loaded.workload);
  ASSERT_OK(model);
  EXPECT_EQ(
      *model,
      (StorageModel{
          .latency_seconds = 0.005, .jitter_seconds = 0.001, .bytes_per_second = 2e8, .requests_per_second = 20'000}));
}

TEST(StorageModel, WhatIsNoNumberIsRefused) {
  for (const auto& [key, text, message] :
       {std::tuple("latency", "fast", "storage.model.latency: found 'fast', expected a time above 0 and at most 60s"),
        std::tuple("latency", "61s", "storage.model.latency: found '61s', expected a time above 0 and at most 60s"),
        std::tuple("jitter", "0", "storage.model.jitter: found '0', expected a time above 0"),
        std::tuple("bandwidth", "200 Mbit", "storage.model.bandwidth: found '200 Mbit', expected bytes per second"),
        std::tuple("bandwidth", "0", "storage.model.bandwidth: found '0'"),
        std::tuple("bandwidth", "200",
                   "storage.model.bandwidth: found '200', expected bytes per second, at least 20kB"),
        std::tuple("request_rate", "0.01",
                   "storage.model.request_rate: found '0.01', expected requests per second, at"),
        std::tuple("request_rate", "20kB", "storage.model.request_rate: found '20kB', expected requests per second"),
        std::tuple("request_rate", "-3", "storage.model.request_rate: found '-3'")}) {
    const std::string yaml = fmt::format("storage: {{model: {{{}: '{}'}}}}\n", key, text);
    EXPECT_ERROR(testing::try_load(yaml), Code::kConfig, message);
  }
}

}  // namespace
}  // namespace stoker::config
