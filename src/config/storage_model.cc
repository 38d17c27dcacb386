#include "config/storage_model.h"

#include <fmt/format.h>

#include <limits>
#include <optional>
#include <string>
#include <string_view>

#include "base/units.h"

namespace stoker::config {
namespace {

// Of a request: a stop waits for it. So rates have a least.
constexpr double kLongestLatency = 60;
constexpr double kLeastBandwidth = 20'000;  // a request of 1 MiB takes less than a minute
constexpr double kLeastRate = 1 / kLongestLatency;
constexpr double kMost = std::numeric_limits<double>::max();

// What `text` says in one of the units of `parse`, above 0 and within the bounds; 0 where it says nothing.
Result<double> number(std::string_view key, const std::string& text, std::optional<double> (*parse)(std::string_view),
                      double least, double most, std::string_view expected) {
  if (text.empty()) return 0.0;
  const auto value = parse(text);
  if (value && *value > 0 && *value >= least && *value <= most) return *value;
  return make_error(Code::kConfig, "storage.model.{}: found '{}', expected {}", key, text, expected);
}

Result<double> time(std::string_view key, const std::string& text) {
  return number(key, text, parse_duration, 0, kLongestLatency, "a time above 0 and at most 60s, such as 5ms");
}

std::optional<double> parse_number(std::string_view text) {
  // Digits alone are as many bytes.
  if (text.find_first_not_of("0123456789.e+") != std::string_view::npos) return std::nullopt;
  return parse_bytes(text);
}

}  // namespace

Result<StorageModel> storage_model(const Workload& w) {
  const StorageModelText& text = w.storage.model;
  StorageModel model;
  STOKER_ASSIGN(model.latency_seconds, time("latency", text.latency));
  STOKER_ASSIGN(model.jitter_seconds, time("jitter", text.jitter));
  STOKER_ASSIGN(model.bytes_per_second, number("bandwidth", text.bandwidth, parse_bytes, kLeastBandwidth, kMost,
                                               "bytes per second, at least 20kB, such as 200MB or 4GiB"));
  STOKER_ASSIGN(model.requests_per_second, number("request_rate", text.request_rate, parse_number, kLeastRate, kMost,
                                                  "requests per second, at least 1 in a minute, such as 20000"));
  return model;
}

}  // namespace stoker::config
