// `<rank>_output.json`: every step of one rank. Streamed out epoch by epoch, since a long run makes it large.
#pragma once

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/status.h"
#include "metrics/step_record.h"
#include "results/json.h"

namespace stoker::results {

// This rank's host, as it stands at the head of the file.
struct RankHost {
  double memory_gib = 0;
  std::int64_t cpu_count = 0;
  std::string processor_name;
  std::int64_t potential_caching = 0;
  KeyValues cpuinfo, meminfo;
};

struct BlockSteps {
  std::string name;  // "block1", "block2", ..., "eval"
  std::span<const metrics::StepRecord> steps;
  std::optional<double> samples_per_second, au_percent;  // nullopt: not measured
};

struct RankEpoch {
  std::int64_t epoch = 1;  // from 1
  std::vector<BlockSteps> blocks;
  KeyValues meminfo;  // at the end of the epoch
  std::string end;    // format_timestamp
};

// Writes `<directory>/<rank>_output.json` through a small buffer and a temporary name; the file appears with finish().
// Dropped without it, the temporary file is removed. One thread.
class RankOutputWriter {
 public:
  [[nodiscard]] static Result<RankOutputWriter> create(const std::filesystem::path& directory, int rank,
                                                       const RankHost& host);
  RankOutputWriter(RankOutputWriter&& other) noexcept;
  RankOutputWriter& operator=(RankOutputWriter&&) = delete;
  ~RankOutputWriter();

  // Epochs in order. The spans are used during the call only.
  [[nodiscard]] Status add(const RankEpoch& epoch);
  [[nodiscard]] Status finish(const std::string& hostname);

 private:
  struct CloseFile {
    void operator()(std::FILE* file) const { (void)std::fclose(file); }
  };
  RankOutputWriter(std::filesystem::path path, std::unique_ptr<std::FILE, CloseFile> file);
  [[nodiscard]] Status put(std::string_view text);
  template <class Value>
  [[nodiscard]] Status put_series(const char* key, const RankEpoch& epoch, Value value);
  [[nodiscard]] Status put_scalars(const char* key, const RankEpoch& epoch, std::optional<double> BlockSteps::*member);

  std::filesystem::path path_, temporary_;
  Status written_;  // so far; after an error what lies in the file is no document
  std::unique_ptr<std::FILE, CloseFile> file_;
};

}  // namespace stoker::results
