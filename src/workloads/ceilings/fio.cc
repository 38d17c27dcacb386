#include "workloads/ceilings/fio.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "results/json.h"

namespace stoker::ceilings {
namespace {

constexpr std::uint64_t kBlock = 4096;

std::uint64_t whole_blocks(std::uint64_t bytes) {
  return std::max(kBlock, (bytes + kBlock / 2) / kBlock * kBlock);
}

// fio separates files by colons.
std::string file_list(const std::vector<io::Path>& files) {
  std::string list;
  for (const io::Path& file : files) {
    if (!list.empty()) list += ':';
    for (const char c : file.string()) {
      if (c == ':' || c == '\\') list += '\\';
      list += c;
    }
  }
  return list;
}

std::string last_line(std::string_view text) {
  while (text.ends_with('\n')) text.remove_suffix(1);
  const auto at = text.rfind('\n');
  return std::string(at == std::string_view::npos ? text : text.substr(at + 1));
}

const results::Json* member(const results::Json* json, const char* key) {
  if (json == nullptr || !json->is_object()) return nullptr;
  const auto it = json->find(key);
  return it == json->end() ? nullptr : &*it;
}

double number(const results::Json* json, const char* key) {
  const results::Json* value = member(json, key);
  return value != nullptr && value->is_number() ? value->get<double>() : 0;
}

}  // namespace

std::vector<std::string> fio_command(const FioJob& job, std::string_view engine) {
  std::vector<std::string> words{"fio"};
  const auto option = [&words](std::string_view name, const auto& value) {
    words.push_back(fmt::format("--{}={}", name, value));
  };
  option("name", "stoker");
  option("rw", job.writes ? "write" : "randread");
  option("filename", file_list(job.files));
  option("ioengine", engine);
  option("direct", job.direct ? 1 : 0);
  option("iodepth", job.depth);
  option("bs", whole_blocks(job.request_bytes));
  option("output-format", "json");
  option("runtime", std::max(1, static_cast<int>(std::lround(job.seconds))));
  if (job.writes) {
    option("filesize", job.file_bytes);
    option("end_fsync", 1);
  } else {
    words.push_back(fmt::format("--{}", "readonly"));  // takes no value
    option("time_based", 1);
    option("allow_file_create", 0);
    option("norandommap", 1);
  }
  return words;
}

Result<results::FioPoint> parse_fio(std::string_view text, bool writes) {
  // Warnings may come before the document.
  const auto begin = text.find('{');
  if (begin == std::string_view::npos) return make_error(Code::kFailed, "fio printed no JSON");
  STOKER_ASSIGN(const results::Json json, results::parse_json(text.substr(begin), "fio's output"));
  const results::Json* const jobs = member(&json, "jobs");
  if (jobs == nullptr || !jobs->is_array() || jobs->empty()) return make_error(Code::kFailed, "fio tells of no job");
  const results::Json* const job = &(*jobs)[0];
  const results::Json* const side = member(job, writes ? "write" : "read");
  results::FioPoint point;
  const double seconds = number(side, "runtime") / 1000;
  const double bytes = number(side, "io_bytes");
  if (!(seconds > 0) || !(bytes > 0)) return make_error(Code::kFailed, "fio moved no bytes");
  point.bytes_per_second = bytes / seconds;
  const double cpu = (number(job, "usr_cpu") + number(job, "sys_cpu")) / 100;
  const double all = number(job, "job_runtime") / 1000;
  point.cpu_seconds_per_gb = cpu * (all > 0 ? all : seconds) / (bytes / 1e9);
  const results::Json* const percentiles = member(member(side, "clat_ns"), "percentile");
  point.p50_ms = number(percentiles, "50.000000") / 1e6;
  point.p99_ms = number(percentiles, "99.000000") / 1e6;
  return point;
}

Result<std::string> Fio::version() {
  launch::ProcessSpec spec;
  spec.command = {"fio", "--version"};
  spec.timeout = std::chrono::seconds(10);
  STOKER_ASSIGN(const launch::Answer answer, launch::ask(launcher_, spec, stop_));
  if (answer.exit_code != 0) return make_error(Code::kFailed, "fio ends with exit code {}", answer.exit_code);
  return last_line(answer.out);
}

Result<results::FioPoint> Fio::run(const FioJob& asked, const std::vector<std::uint64_t>& sizes) {
  FioJob job = asked;
  if (!job.writes) {
    job.files.clear();
    const std::uint64_t least = whole_blocks(job.request_bytes);
    for (std::size_t i = 0; i < asked.files.size(); ++i) {
      if (sizes[i] >= least) job.files.push_back(asked.files[i]);
    }
    if (job.files.empty()) return make_error(Code::kFailed, "no file is as large as one request of whole blocks");
  }
  std::vector<std::string_view> engines{"io_uring", "libaio"};
  if (!engine_.empty()) engines = {engine_};
  std::string why;
  for (const std::string_view engine : engines) {
    launch::ProcessSpec spec;
    spec.command = fio_command(job, engine);
    constexpr int kSecondsMore = 30;
    spec.timeout = std::chrono::seconds(kSecondsMore + static_cast<int>(2 * job.seconds));
    STOKER_ASSIGN(const launch::Answer answer, launch::ask(launcher_, spec, stop_));
    if (answer.exit_code != 0) {
      why = fmt::format("exit code {}: {}", answer.exit_code, last_line(answer.err.empty() ? answer.out : answer.err));
      continue;
    }
    STOKER_ASSIGN(const results::FioPoint point, parse_fio(answer.out, job.writes));
    engine_ = engine;
    return point;
  }
  return make_error(Code::kFailed, "{}", why);
}

}  // namespace stoker::ceilings
