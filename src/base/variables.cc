#include "base/variables.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>

#include "base/check.h"
#include "base/printable.h"

namespace stoker {
namespace {

std::optional<std::uint64_t> whole_number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value == 0) return std::nullopt;
  return value;
}

template <std::size_t N>
bool is_one_of(std::string_view text, const std::array<std::string_view, N>& words) {
  return std::ranges::find(words, text) != words.end();
}

constexpr std::string_view kWholeNumber = "a whole number, 1 or more";
bool is_whole_number(std::string_view text) {
  return whole_number(text).has_value();
}
bool is_count(std::string_view text) {
  return text == "0" || is_whole_number(text);
}
bool is_level(std::string_view text) {
  constexpr std::array<std::string_view, 6> kLevels{"debug", "info", "warning", "warn", "error", "critical"};
  return is_one_of(text, kLevels);
}
bool is_truth(std::string_view text) {
  constexpr std::array<std::string_view, 8> kTruths{"1", "0", "true", "True", "TRUE", "false", "False", "FALSE"};
  return is_one_of(text, kTruths);
}
bool is_flag(std::string_view text) {
  return text == "0" || text == "1";
}
bool is_progress(std::string_view text) {
  return text == "live" || text == "lines";
}

constexpr std::array kVariables{
    // Of the engine.
    Variable{"DLIO_LOG_LEVEL", "debug, info, warning, error or critical", is_level},
    Variable{"DLIO_OUTPUT_FOLDER", ""},
    Variable{"DLIO_MAX_AUTO_THREADS", kWholeNumber, is_whole_number},
    Variable{"DLIO_DROP_CACHES_TIMEOUT", "a whole number of seconds", is_count},
    // Of the front end.
    Variable{"MLPS_DEBUG", "true or false", is_truth},
    Variable{"MPI_RUN_BIN", ""},
    Variable{"MPI_EXEC_BIN", ""},
    Variable{"OMPI_ALLOW_RUN_AS_ROOT", "0 or 1", is_flag},
    Variable{"OMPI_ALLOW_RUN_AS_ROOT_CONFIRM", "0 or 1", is_flag},
    // Of both.
    Variable{"STOKER_MPI_MODULE", ""},
    Variable{"STOKER_KEEP_BINDING", ""},
    Variable{"NO_COLOR", ""},
    Variable{"TERM", ""},
    Variable{"HOME", ""},
    Variable{"LD_PRELOAD", ""},
    // From the front end to its engine.
    Variable{"STOKER_PROGRESS", "live or lines", is_progress},
    Variable{"STOKER_PARENT", kWholeNumber, is_whole_number},
};

}  // namespace

std::span<const Variable> variables() {
  return kVariables;
}

std::optional<std::string> variable(std::string_view name) {
  STOKER_CHECK(std::ranges::find(kVariables, name, &Variable::name) != kVariables.end(), "not in the table");
  const char* value = std::getenv(std::string(name).c_str());
  if (value == nullptr || *value == '\0') return std::nullopt;
  return value;
}

std::optional<std::uint64_t> number_variable(std::string_view name) {
  const auto text = variable(name);
  return text ? whole_number(*text) : std::nullopt;
}

bool flag_variable(std::string_view name) {
  const auto text = variable(name);
  return text && *text != "0";
}

std::vector<std::string> misunderstood_variables() {
  std::vector<std::string> sentences;
  for (const Variable& known : kVariables) {
    if (known.is_understood == nullptr) continue;
    const auto text = variable(known.name);
    if (!text || known.is_understood(*text)) continue;
    sentences.push_back(
        fmt::format("{}={} has no effect: expected {}", known.name, printable_line(*text), known.expected));
  }
  return sentences;
}

}  // namespace stoker
