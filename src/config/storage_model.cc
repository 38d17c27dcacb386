#include "config/storage_model.h"

#include <fmt/format.h>

#include <optional>
#include <string>
#include <string_view>

#include "base/units.h"

namespace stoker::config {
namespace {

constexpr double kLongestLatency = 60;  // of a request: a stop waits for it

// What `text` says in one of the units of `parse`; 0 where it says nothing.
Result<double> number(std::string_view key, const std::string& text, std::optional<double> (*parse)(std::string_view),
                      std::string_view expected) {
  if (text.empty()) return 0.0;
  const auto value = parse(text);
  if (value && *value > 0) return *value;
  return make_error(Code::kConfig, "storage.model.{}: found '{}', expected {}", key, text, expected);
}

Result<double> time(std::string_view key, const std::string& text) {
  constexpr std::string_view kExpected = "a time above 0 and at most 60s, such as 5ms";
  STOKER_ASSIGN(const double seconds, number(key, text, parse_duration, kExpected));
  if (seconds <= kLongestLatency) return seconds;
  return make_error(Code::kConfig, "storage.model.{}: found '{}', expected {}", key, text, kExpected);
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
  STOKER_ASSIGN(model.bytes_per_second,
                number("bandwidth", text.bandwidth, parse_bytes, "bytes per second, such as 200MB or 4GiB"));
  STOKER_ASSIGN(model.requests_per_second,
                number("request_rate", text.request_rate, parse_number, "requests per second, such as 20000"));
  return model;
}

}  // namespace stoker::config
