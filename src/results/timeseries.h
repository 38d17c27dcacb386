// `<type>_<datetime>_timeseries.json`: what the kernels of a run's hosts counted while it went on.
#pragma once

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "results/timestamp.h"

namespace stoker::results {

// What is known before the first sample is written.
struct TimeseriesHead {
  double interval_seconds = 10;
  WallTime start, end;
  std::string collection_method;             // mpi, local
  std::vector<std::string> hosts_requested;  // the hosts of the run
};

// Writes the file a piece at a time, as samples of a long run over many hosts need not fit into memory. Nothing is
// there under `path` before finish(). One thread.
class TimeseriesWriter {
 public:
  [[nodiscard]] static Result<TimeseriesWriter> create(const std::filesystem::path& path, const TimeseriesHead& head);
  ~TimeseriesWriter();  // without finish(): nothing stays behind
  TimeseriesWriter(TimeseriesWriter&&) noexcept = default;
  TimeseriesWriter& operator=(TimeseriesWriter&&) = delete;

  // What follows belongs to this host. Returns the key that it got: the name, with "#2" and so on appended when another
  // host has the same.
  std::string begin_host(const std::string& name);
  // One or more samples: JSON objects, joined by ",\n".
  void add(std::string_view samples, std::int64_t count);
  // Completes the file and gives it its name. Code::kIo or kNoSpace if anything could not be written.
  [[nodiscard]] Status finish();

  [[nodiscard]] std::int64_t num_samples() const { return num_samples_; }
  [[nodiscard]] const std::vector<std::string>& hosts_collected() const { return hosts_; }  // with at least one sample

 private:
  struct CloseFile {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  TimeseriesWriter() = default;
  void put(std::string_view text);
  void end_host();

  std::filesystem::path path_, unfinished_;
  std::unique_ptr<std::FILE, CloseFile> file_;
  std::vector<std::string> keys_, hosts_;
  std::int64_t num_samples_ = 0, samples_of_host_ = 0;
  bool in_host_ = false;
  int failure_ = 0;  // errno of the first write that failed
};

}  // namespace stoker::results
