// Whether two manifests tell of the same program.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "results/json.h"

namespace stoker::build_manifest {

struct CompareOptions {
  std::vector<std::string> skip;  // entries such as "build.flags", or groups such as "libraries"
  bool allow_missing = false;     // entries that only the recorded manifest has are no failure
  bool strict = false;            // differences of the host are failures too
};

struct Difference {
  std::string key, recorded, here;
};

// Entries are the values of the recorded manifest, by dotted keys. Differences of the program (stoker, build,
// libraries) fail: it could measure something else. Differences of what it found around it (mpi, host) are warnings:
// MPI only starts the ranks, and a submission's hosts are described elsewhere.
struct Comparison {
  int total = 0, matched = 0, skipped = 0;
  std::vector<Difference> mismatched;  // of the program
  std::vector<Difference> around;      // of MPI and the host
  std::vector<std::string> missing;
  std::vector<std::string> skipped_nothing;  // words of CompareOptions::skip that name no entry
  bool both_dirty = false;                   // uncommitted changes in both: that they are the same ones cannot be told
  CompareOptions options;

  [[nodiscard]] bool passed() const;
};

inline constexpr std::string_view kBothDirty =
    "both were built with uncommitted changes; that they are the same ones cannot be told";

[[nodiscard]] Comparison compare(const results::Json& recorded, const results::Json& here, CompareOptions options = {});

// The report as lines: path, PASSED or FAILED, counts, and what differs.
[[nodiscard]] std::string report(const Comparison& comparison, std::string_view recorded_name,
                                 std::string_view here_name);

// The error of a comparison that has not passed (E105, exit code 6), with the first difference. kInvalidArgument for a
// word to skip that names no entry: it was meant for one.
[[nodiscard]] Status verdict(const Comparison& comparison, std::string_view recorded_name);

}  // namespace stoker::build_manifest
