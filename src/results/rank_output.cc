#include "results/rank_output.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <iterator>
#include <utility>

#include "base/errno_error.h"

namespace stoker::results {

namespace {

// A piece of text is handed to the file when it is this long, so that memory does not grow with the number of steps.
constexpr std::size_t kFlushBytes = std::size_t{64} * 1024;

// A JSON value as it stands at a depth of `levels` indentations.
std::string nested(const Json& value, int levels) {
  const std::string indent(static_cast<std::size_t>(levels) * 4, ' ');
  std::string text;
  for (const char c : dump(value)) {
    text += c;
    if (c == '\n') text += indent;
  }
  return text;
}

std::string quoted(const std::string& text) {
  return dump(Json(text));
}

// Six decimals, and 0 for what is not a number: JSON has no NaN.
std::string fixed(double value) {
  return fmt::format("{:.6f}", std::isfinite(value) ? value : 0.0);
}

}  // namespace

RankOutputWriter::RankOutputWriter(std::filesystem::path path, std::unique_ptr<std::FILE, CloseFile> file)
    : path_(std::move(path)), temporary_(path_), file_(std::move(file)) {
  temporary_ += ".tmp";
}

RankOutputWriter::RankOutputWriter(RankOutputWriter&& other) noexcept = default;

RankOutputWriter::~RankOutputWriter() {
  if (file_ == nullptr) return;
  file_.reset();
  (void)std::remove(temporary_.c_str());
}

Result<RankOutputWriter> RankOutputWriter::create(const std::filesystem::path& directory, int rank,
                                                  const RankHost& host) {
  const std::filesystem::path path = directory / fmt::format("{}_output.json", rank);
  std::filesystem::path temporary = path;
  temporary += ".tmp";
  std::unique_ptr<std::FILE, CloseFile> file(std::fopen(temporary.c_str(), "wbe"));
  if (file == nullptr) return errno_error(temporary, "create", errno);
  RankOutputWriter writer(path, std::move(file));
  STOKER_TRY(writer.put(
      fmt::format("{{\n    \"host_memory_GB\": {},\n    \"host_cpu_count\": {},\n"
                  "    \"host_processor_name\": {},\n    \"potential_caching\": {},\n"
                  "    \"host_cpuinfo\": {},\n    \"host_meminfo\": {}",
                  fixed(host.memory_gib), host.cpu_count, quoted(host.processor_name), host.potential_caching,
                  nested(to_json(host.cpuinfo), 1), nested(to_json(host.meminfo), 1))));
  return writer;
}

Status RankOutputWriter::put(std::string_view text) {
  if (written_ && std::fwrite(text.data(), 1, text.size(), file_.get()) != text.size())
    written_ = errno_error(temporary_, "write", errno);
  return written_;
}

// "load": {"block1": [...], ...}: one value per step.
template <class Value>
Status RankOutputWriter::put_series(const char* key, const RankEpoch& epoch, Value value) {
  fmt::memory_buffer out;
  fmt::format_to(std::back_inserter(out), "        \"{}\": {{", key);
  const char* separator = "";
  for (const BlockSteps& block : epoch.blocks) {
    fmt::format_to(std::back_inserter(out), "{}\n            {}: [", separator, quoted(block.name));
    const char* step_separator = "";
    for (const metrics::StepRecord& step : block.steps) {
      fmt::format_to(std::back_inserter(out), "{}\n                {:.6f}", step_separator, to_seconds(value(step)));
      step_separator = ",";
      if (out.size() >= kFlushBytes) {
        STOKER_TRY(put({out.data(), out.size()}));
        out.clear();
      }
    }
    fmt::format_to(std::back_inserter(out), "{}]", block.steps.empty() ? "" : "\n            ");
    separator = ",";
  }
  fmt::format_to(std::back_inserter(out), "{}}},\n", epoch.blocks.empty() ? "" : "\n        ");
  return put({out.data(), out.size()});
}

// "au": {"block1": x, ...}: one value per block.
Status RankOutputWriter::put_scalars(const char* key, const RankEpoch& epoch,
                                     std::optional<double> BlockSteps::*member) {
  std::string out = fmt::format("        \"{}\": {{", key);
  const char* separator = "";
  for (const BlockSteps& block : epoch.blocks) {
    const std::optional<double>& value = block.*member;
    out += fmt::format("{}\n            {}: {}", separator, quoted(block.name),
                       value && std::isfinite(*value) ? fixed(*value) : "null");
    separator = ",";
  }
  out += epoch.blocks.empty() ? "},\n" : "\n        },\n";
  return put(out);
}

Status RankOutputWriter::add(const RankEpoch& epoch) {
  STOKER_TRY(put(fmt::format(",\n    \"{}\": {{\n", epoch.epoch)));
  STOKER_TRY(put_series("load", epoch, [](const metrics::StepRecord& s) { return s.load; }));
  STOKER_TRY(put_series("proc", epoch, [](const metrics::StepRecord& s) { return s.proc(); }));
  STOKER_TRY(put_scalars("throughput", epoch, &BlockSteps::samples_per_second));
  STOKER_TRY(put_scalars("au", epoch, &BlockSteps::au_percent));
  STOKER_TRY(put_series("compute", epoch, [](const metrics::StepRecord& s) { return s.compute; }));
  // Seldom there is any, and whoever computes the AU again from this file needs it.
  const bool any_late = std::ranges::any_of(epoch.blocks, [](const BlockSteps& block) {
    return std::ranges::any_of(block.steps, [](const metrics::StepRecord& s) { return s.late > Nanos{0}; });
  });
  if (any_late) STOKER_TRY(put_series("late", epoch, [](const metrics::StepRecord& s) { return s.late; }));
  STOKER_TRY(put(fmt::format("        \"host_meminfo\": {},\n        \"end\": {}\n    }}",
                             nested(to_json(epoch.meminfo), 2), quoted(epoch.end))));
  // A disk that is full is found at the end of an epoch, and not at the end of the run.
  if (std::fflush(file_.get()) != 0) written_ = errno_error(temporary_, "write", errno);
  return written_;
}

Status RankOutputWriter::finish(const std::string& hostname) {
  STOKER_TRY(put(fmt::format(",\n    \"hostname\": {}\n}}", quoted(hostname))));
  const bool safe = std::fflush(file_.get()) == 0 && ::fsync(::fileno(file_.get())) == 0;
  if (!safe || std::fclose(file_.release()) != 0) {
    const Error error = errno_error(temporary_, "write", errno);
    file_.reset();
    (void)std::remove(temporary_.c_str());
    return error;
  }
  if (std::rename(temporary_.c_str(), path_.c_str()) != 0) return errno_error(path_, "rename", errno);
  return {};
}

}  // namespace stoker::results
