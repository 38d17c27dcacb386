#include "cluster/environment/complaint.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <vector>

#include "base/proc_text.h"

namespace stoker::environment {

namespace {

using Cause = Complaint::Cause;

constexpr std::size_t kLines = 4;
constexpr std::size_t kLength = 400;

struct Phrase {
  std::string_view text;
  Cause cause;
  std::string_view also{};  // in the same line
};

// A line with one of these is the reason, wherever it stands: what launchers print around it says that something
// failed.
constexpr auto kReasons = std::to_array<Phrase>({
    {"ssh: ", Cause::kLogin},
    {"Permission denied (", Cause::kLogin},
    {"Host key verification failed", Cause::kLogin},
    {"orted", Cause::kNoDaemon, "not found"},
    {"orted", Cause::kNoDaemon, "No such file"},
    {"prted", Cause::kNoDaemon, "not found"},
    {"prted", Cause::kNoDaemon, "No such file"},
    {"hydra_pmi_proxy", Cause::kNoDaemon, "not found"},
    {"hydra_pmi_proxy", Cause::kNoDaemon, "No such file"},
    {"execvp error on file", Cause::kNoProgram},
    {"cannot be selected", Cause::kMpi},
    {"unrecognized argument", Cause::kCommandLine},
});

// What else tells the cause.
constexpr auto kCauses = std::to_array<Phrase>({
    {"unknown option", Cause::kCommandLine},
    {"--help", Cause::kCommandLine},
    {"command line option", Cause::kCommandLine},
    {"mapping policy", Cause::kCommandLine},
    {"rankfile that was used", Cause::kCommandLine},
    {"MPI module", Cause::kMpiModule},
    {"MPI library", Cause::kMpiModule},
    {"could not access", Cause::kNoProgram},
    {"unable to find the specified executable", Cause::kNoProgram},
    {"unable to launch the specified application", Cause::kNoProgram},
    {"tried to fork a new process", Cause::kNoProgram},
    {"No components were able to be opened", Cause::kMpi},
    {"requested component was not found", Cause::kMpi},
    {"Permission denied", Cause::kLogin},
    {"Host key", Cause::kLogin},
    {"nodes which are allocated for this job", Cause::kAllocation},
    {"not included in the current", Cause::kAllocation},
});

constexpr auto kNoise = std::to_array<std::string_view>({
    "ORTE_ERROR_LOG:",
    "PMIX ERROR:",
    "PRTE ERROR:",
    "OPAL ERROR:",
    ": Warning: setpgid(",
    "sent help message help-",
    "to see all help / error messages",
});

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

template <std::size_t N>
std::optional<Cause> find_cause(const std::array<Phrase, N>& phrases, std::string_view text) {
  const auto at = std::ranges::find_if(
      phrases, [text](const Phrase& p) { return contains(text, p.text) && contains(text, p.also); });
  if (at == phrases.end()) return std::nullopt;
  return at->cause;
}

std::string_view trim(std::string_view line) {
  const auto begin = line.find_first_not_of(" \t\r*");
  if (begin == std::string_view::npos) return {};
  return line.substr(begin, line.find_last_not_of(" \t\r") - begin + 1);
}

bool is_rule(std::string_view line) {
  return !line.empty() && line.find_first_not_of("-=") == std::string_view::npos;
}

// "[node1:4711] " says who speaks; the message names hosts itself.
std::string_view without_speaker(std::string_view line) {
  const auto end = line.find("] ");
  if (!line.starts_with('[') || end == std::string_view::npos) return line;
  const std::string_view name = line.substr(1, end - 1);
  const bool speaker = name.find_first_of(":@") != std::string_view::npos && name.find(' ') == std::string_view::npos;
  return speaker ? trim(line.substr(end + 2)) : line;
}

bool is_noise(std::string_view line) {
  if (line.ends_with("(ignored)") || line.starts_with("[warn] ")) return true;
  return std::ranges::any_of(kNoise, [line](std::string_view part) { return contains(line, part); });
}

std::optional<Complaint> ours(const std::vector<std::string_view>& lines) {
  constexpr std::string_view kBegin = "stoker: error: ";
  const auto at = std::ranges::find_if(lines, [&](std::string_view line) { return line.starts_with(kBegin); });
  if (at == lines.end()) return std::nullopt;
  Complaint found{.text = std::string(at->substr(kBegin.size()))};
  for (auto next = at + 1; next != lines.end() && next->starts_with("  "); ++next) {
    if (const auto line = trim(*next); line.starts_with("hint: ")) found.hint = line.substr(6);
  }
  return found;
}

std::optional<Complaint> known_reason(const std::vector<std::string_view>& lines) {
  for (const std::string_view line : lines) {
    const auto cause = find_cause(kReasons, line);
    if (!cause || is_noise(line)) continue;
    return Complaint{.text = std::string(without_speaker(trim(line))), .cause = *cause};
  }
  return std::nullopt;
}

// The beginning of the first box or paragraph: what follows is what the launcher makes of it.
std::string first_words(const std::vector<std::string_view>& lines, bool with_noise) {
  std::string text;
  std::size_t taken = 0;
  bool warning = false;  // inside a box that warns
  for (const std::string_view raw : lines) {
    const std::string_view line = trim(raw);
    if (is_rule(line)) {
      warning = false;
      if (taken > 0) break;
      continue;
    }
    if (line.starts_with("WARNING: A deprecated")) warning = true;
    if (line.empty() || (!with_noise && (warning || is_noise(line)))) continue;
    text += (text.empty() ? "" : " ") + std::string(without_speaker(line));
    if (++taken == kLines) break;
  }
  return text;
}

}  // namespace

Complaint complaint(const std::string& stderr_text, int exit_code) {
  const auto lines = proc_text::lines(stderr_text);
  Complaint found;
  if (auto own = ours(lines)) {
    found = std::move(*own);
  } else if (auto known = known_reason(lines)) {
    found = std::move(*known);
  } else {
    found.text = first_words(lines, false);
    if (found.text.empty()) found.text = first_words(lines, true);
  }
  if (found.text.size() > kLength) found.text = found.text.substr(0, kLength) + "...";
  if (found.text.empty()) found.text = fmt::format("exit code {} without a word", exit_code);
  if (found.cause == Cause::kOther) found.cause = find_cause(kCauses, found.text).value_or(Cause::kOther);
  return found;
}

}  // namespace stoker::environment
