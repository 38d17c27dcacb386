#include "results/timestamp.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <ctime>

namespace stoker::results {

namespace {

using std::chrono::microseconds;
using std::chrono::seconds;

std::tm local(WallTime time) {
  const std::time_t t = std::chrono::system_clock::to_time_t(std::chrono::floor<seconds>(time));
  std::tm parts{};
  (void)::localtime_r(&t, &parts);
  return parts;
}

bool all_digits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// A number of exactly `digits` digits off the front of the text.
bool take(std::string_view& text, std::size_t digits, int& value) {
  const std::string_view number = text.substr(0, digits);
  if (number.size() != digits || !all_digits(number)) return false;
  (void)std::from_chars(number.data(), number.data() + number.size(), value);
  text.remove_prefix(digits);
  return true;
}

bool take(std::string_view& text, char c) {
  if (text.empty() || text.front() != c) return false;
  text.remove_prefix(1);
  return true;
}

}  // namespace

std::string format_timestamp(WallTime time) {
  const std::tm t = local(time);
  const auto micros =
      std::chrono::floor<microseconds>(time.time_since_epoch()) - std::chrono::floor<seconds>(time.time_since_epoch());
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}", t.tm_year + 1900, t.tm_mon + 1, t.tm_mday, t.tm_hour,
                     t.tm_min, t.tm_sec, micros.count());
}

Result<WallTime> parse_timestamp(std::string_view text) {
  const auto refuse = [text] {
    return make_error(Code::kCorrupt, "'{}' is no time stamp; expected the form 2025-06-01T10:00:00.000000", text);
  };
  std::string_view rest = text;
  std::tm t{};
  if (!take(rest, 4, t.tm_year) || !take(rest, '-') || !take(rest, 2, t.tm_mon) || !take(rest, '-') ||
      !take(rest, 2, t.tm_mday) || !(take(rest, 'T') || take(rest, ' ')) || !take(rest, 2, t.tm_hour) ||
      !take(rest, ':') || !take(rest, 2, t.tm_min) || !take(rest, ':') || !take(rest, 2, t.tm_sec)) {
    return refuse();
  }
  int micros = 0;
  if (take(rest, '.')) {
    if (rest.size() > 6 || (!rest.empty() && !all_digits(rest))) return refuse();
    std::string digits(rest);
    digits.resize(6, '0');
    (void)std::from_chars(digits.data(), digits.data() + 6, micros);
  } else if (!rest.empty()) {
    return refuse();
  }
  t.tm_year -= 1900;
  t.tm_mon -= 1;
  t.tm_isdst = -1;
  std::tm normal = t;
  const std::time_t seconds_since_epoch = std::mktime(&normal);
  // mktime turns 31 February into March, and an hour that daylight saving skips into another one.
  if (normal.tm_year != t.tm_year || normal.tm_mon != t.tm_mon || normal.tm_mday != t.tm_mday ||
      normal.tm_hour != t.tm_hour || normal.tm_min != t.tm_min || normal.tm_sec != t.tm_sec) {
    return refuse();
  }
  return std::chrono::system_clock::from_time_t(seconds_since_epoch) + microseconds(micros);
}

std::string run_stamp(WallTime time) {
  const std::tm t = local(time);
  return fmt::format("{:04}{:02}{:02}_{:02}{:02}{:02}", t.tm_year + 1900, t.tm_mon + 1, t.tm_mday, t.tm_hour, t.tm_min,
                     t.tm_sec);
}

bool is_run_stamp(std::string_view text) {
  if (text.size() < 15 || !all_digits(text.substr(0, 8)) || text[8] != '_' || !all_digits(text.substr(9, 6)))
    return false;
  return text.size() == 15 || (text[15] == '_' && all_digits(text.substr(16)));
}

bool begins_with_run_stamp(std::string_view text) {
  return text.size() >= 15 && is_run_stamp(text.substr(0, 15));
}

std::string format_utc(WallTime time) {
  const std::time_t seconds_since_epoch = std::chrono::system_clock::to_time_t(std::chrono::floor<seconds>(time));
  std::tm t{};
  (void)::gmtime_r(&seconds_since_epoch, &t);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", t.tm_year + 1900, t.tm_mon + 1, t.tm_mday, t.tm_hour,
                     t.tm_min, t.tm_sec);
}

}  // namespace stoker::results
