#include "results/timeseries.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "results/json.h"

namespace stoker::results {

namespace {

Error not_written(const std::filesystem::path& path, int reason) {
  return make_error(reason == ENOSPC || reason == EDQUOT  ? Code::kNoSpace
                    : reason == EACCES || reason == EPERM ? Code::kPermission
                                                          : Code::kIo,
                    "{}: write: {}", path.string(), std::strerror(reason));
}

}  // namespace

Result<TimeseriesWriter> TimeseriesWriter::create(const std::filesystem::path& path, const TimeseriesHead& head) {
  TimeseriesWriter writer;
  writer.path_ = path;
  writer.unfinished_ = path.string() + ".tmp";
  writer.file_.reset(std::fopen(writer.unfinished_.c_str(), "we"));
  if (!writer.file_) return not_written(writer.unfinished_, errno);
  writer.put(
      fmt::format("{{\n    \"collection_interval_seconds\": {},\n    \"start_time\": {},\n    \"end_time\": {},\n"
                  "    \"collection_method\": {},\n    \"hosts_requested\": {},\n    \"samples_by_host\": {{",
                  Json(head.interval_seconds).dump(), dump_line(format_utc(head.start)),
                  dump_line(format_utc(head.end)), dump_line(head.collection_method), dump_line(head.hosts_requested)));
  return writer;
}

TimeseriesWriter::~TimeseriesWriter() {
  if (!file_) return;
  file_.reset();
  std::error_code ignored;
  std::filesystem::remove(unfinished_, ignored);
}

void TimeseriesWriter::put(std::string_view text) {
  if (failure_ == 0 && std::fwrite(text.data(), 1, text.size(), file_.get()) != text.size()) failure_ = errno;
}

void TimeseriesWriter::end_host() {
  if (in_host_) put("\n        ]");
  in_host_ = false;
}

std::string TimeseriesWriter::begin_host(const std::string& name) {
  end_host();
  std::string key = name;
  for (int i = 2; std::find(keys_.begin(), keys_.end(), key) != keys_.end(); ++i) key = fmt::format("{}#{}", name, i);
  put(fmt::format("{}\n        {}: [", keys_.empty() ? "" : ",", dump_line(key)));
  keys_.push_back(key);
  in_host_ = true;
  samples_of_host_ = 0;
  return key;
}

void TimeseriesWriter::add(std::string_view samples, std::int64_t count) {
  STOKER_CHECK(in_host_, "samples belong to a host");
  if (count == 0) return;
  if (samples_of_host_ == 0) hosts_.push_back(keys_.back());
  put(samples_of_host_ == 0 ? "\n" : ",\n");
  put(samples);
  samples_of_host_ += count;
  num_samples_ += count;
}

Status TimeseriesWriter::finish() {
  end_host();
  put(fmt::format("\n    }},\n    \"num_samples\": {},\n    \"hosts_collected\": {}\n}}", num_samples_,
                  dump_line(hosts_)));
  if (failure_ == 0 && (std::fflush(file_.get()) != 0 || ::fsync(::fileno(file_.get())) != 0)) failure_ = errno;
  if (std::fclose(file_.release()) != 0 && failure_ == 0) failure_ = errno;
  std::error_code error;
  if (failure_ == 0) {
    std::filesystem::rename(unfinished_, path_, error);
    if (!error) return {};
    failure_ = error.value();
  }
  std::filesystem::remove(unfinished_, error);
  return not_written(path_, failure_);
}

}  // namespace stoker::results
