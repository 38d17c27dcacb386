// fio's figures for the requests that were measured, for those who trust it more than this program. Reading only reads;
// writing writes files of a name of ours into a folder of ours.
#pragma once

#include <cstdint>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "cluster/launch/process.h"
#include "data/io/storage.h"
#include "results/ceilings.h"

namespace stoker::ceilings {

struct FioJob {
  bool writes = false;
  std::vector<io::Path> files;   // to read from, or to write
  std::uint64_t file_bytes = 0;  // of each to write
  bool direct = false;
  std::uint64_t depth = 1;
  std::uint64_t request_bytes = 4096;
  double seconds = 2;
};

// Requests in whole blocks of 4 KiB, in random order over all of the files.
[[nodiscard]] std::vector<std::string> fio_command(const FioJob&, std::string_view engine);
// Of its JSON document. Code::kFailed says what is missing.
[[nodiscard]] Result<results::FioPoint> parse_fio(std::string_view text, bool writes);

class Fio {
 public:
  // Both outlive it.
  Fio(launch::Launcher& launcher, std::stop_token stop) : launcher_(launcher), stop_(std::move(stop)) {}
  // Its version, "fio-3.35". Code::kNotFound where it is not installed.
  [[nodiscard]] Result<std::string> version();
  // Through io_uring, or libaio where that is refused. Files that are too small for one request are left out.
  [[nodiscard]] Result<results::FioPoint> run(const FioJob&, const std::vector<std::uint64_t>& sizes);

 private:
  launch::Launcher& launcher_;
  const std::stop_token stop_;
  std::string engine_;  // that worked
};

}  // namespace stoker::ceilings
