// ceilings.json: what a storage gave a minimal reader (`stoker bench storage`), or what a client can do without a
// storage
// (`stoker bench client`). Later runs say how much of that they reached.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "config/workload.h"
#include "results/json.h"
#include "results/timestamp.h"

namespace stoker::results {

// What fio said of the same sizes, depth and mode.
struct FioPoint {
  double bytes_per_second = 0, cpu_seconds_per_gb = 0;
  double p50_ms = 0, p99_ms = 0;
  friend bool operator==(const FioPoint&, const FioPoint&) = default;
};

// One measurement of reading or writing.
struct RatePoint {
  bool direct = false;      // past the page cache
  std::uint64_t depth = 0;  // requests under way of each thread
  std::uint64_t threads = 1;
  double seconds = 0;
  std::uint64_t bytes = 0, requests = 0;
  double bytes_per_second = 0, cpu_seconds_per_gb = 0;  // of 10^9 bytes
  double request_bytes = 0;                             // mean
  double p50_ms = 0, p99_ms = 0;                        // of requests; 0 where they were not timed
  bool knee = false;                                    // the smallest depth of its mode that is near the best
  std::optional<FioPoint> fio{};
  friend bool operator==(const RatePoint&, const RatePoint&) = default;
};

struct StorageCeiling {
  std::string data_folder;                  // absolute; of the data set, or where the bench's own files lay
  bool own_files = false;                   // they were written for this, and are gone
  std::string file_system;                  // its type
  std::string storage;                      // "posix", or "a model (...) over posix"
  std::string direct_reads;                 // how those past the page cache were carried out: io_uring, pread
  std::uint64_t files = 0, file_bytes = 0;  // that were read from
  std::vector<RatePoint> reads, writes;
  std::vector<std::string> notes;  // what changes the meaning of the numbers
  friend bool operator==(const StorageCeiling&, const StorageCeiling&) = default;
};

// One kind of work, by one core: medians over the runs.
struct ClientFigure {
  std::string name;
  double bytes_per_second = 0, samples_per_second = 0;
  double cpu_seconds_per_gb = 0;
  double spread = 0;  // of the runs' rates, as a share of the median
  std::uint64_t runs = 0;
  friend bool operator==(const ClientFigure&, const ClientFigure&) = default;
};

// What one core can bring from bytes in memory to the step loop.
struct ClientPath {
  double bytes_per_second = 0, samples_per_second = 0;
  std::optional<double> accelerators;  // none: steps take no time
  friend bool operator==(const ClientPath&, const ClientPath&) = default;
};

struct ClientCeiling {
  std::vector<ClientFigure> figures;
  ClientPath direct, buffered;  // without and with the copy out of the page cache
  std::int64_t batch_size = 0;
  double step_seconds = 0;
  std::vector<std::string> notes;
  friend bool operator==(const ClientCeiling&, const ClientCeiling&) = default;
};

struct Ceilings {
  std::string version;  // of the program
  std::string time;     // format_timestamp, of the start
  std::string hostname, cpu_model, kernel;
  std::int64_t usable_cpus = 0;
  std::string workload, model;  // name of the workload file, model.name
  std::string shape;            // data_shape()
  std::optional<StorageCeiling> storage;
  std::optional<ClientCeiling> client;
  friend bool operator==(const Ceilings&, const Ceilings&) = default;
};

// All that decides which requests a workload makes and what its values cost, in words: two workloads with the same text
// have the same ceilings. `described`: with the manifest of its data set applied.
[[nodiscard]] std::string data_shape(const config::Workload& described);
// The workload with what the manifest of the data set in `data_folder` says, where there is one.
[[nodiscard]] Result<config::Workload> described_workload(const config::Workload&,
                                                          const std::filesystem::path& data_folder);

[[nodiscard]] Json to_json(const Ceilings& ceilings);
// Code::kCorrupt names the file and the key; also for a document of another kind, or of a later version.
[[nodiscard]] Result<Ceilings> ceilings_from_json(const Json& json, const std::string& name);
[[nodiscard]] Result<Ceilings> read_ceilings(const std::filesystem::path& file);

// Of a run that is to be compared.
struct CeilingUse {
  std::string hostname;
  std::string shape;
  std::filesystem::path data_folder;  // absolute
};
// Code::kConfig with the reason why these are no ceilings of that run: another host, data set or shape. The error
// begins with `name`.
[[nodiscard]] Status check_fit(const Ceilings& ceilings, const CeilingUse& use, const std::string& name);

enum class CeilingKind { kStorage, kClient };
[[nodiscard]] std::string_view to_string(CeilingKind kind);

// <results>/bench/<model>/<kind>/<YYYYMMDD_HHMMSS>/ceilings.json, in a folder that is new.
[[nodiscard]] Result<std::filesystem::path> write_ceilings(const std::filesystem::path& results, CeilingKind kind,
                                                           const Ceilings& ceilings, WallTime now);

// The newest of the model's that fits; one folder is listed, and at most its newest 64 are read.
struct FoundCeilings {
  std::optional<std::filesystem::path> file;
  std::string why_not;  // of the newest, where none fits; "" when there is none
};
[[nodiscard]] FoundCeilings newest_ceilings(const std::filesystem::path& results, const std::string& model,
                                            CeilingKind kind, const CeilingUse& use);

}  // namespace stoker::results
