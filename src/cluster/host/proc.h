// What the kernel says about this host and this process. Linux only.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/status.h"
#include "results/json.h"
#include "results/system_info.h"
#include "results/timestamp.h"

namespace stoker::host {

// How much a description of a host holds: kFull adds vmstat, mounts and control groups, which are many lines and are
// kept for the host that the front end itself runs on.
enum class Detail { kShort, kFull };

// Memory that may still be taken, and what bounds it: the least of the host's MemAvailable and of what the control
// groups above this process leave (their limit without what they hold; pages of files, which the kernel can drop, not
// counted).
struct AvailableMemory {
  std::uint64_t bytes = 0;  // 0: unknown; 1 where nothing is left
  // Where a control group bounds it: its limit, and the file that says so. 0 and "" where the host does.
  std::uint64_t limit = 0;
  std::string limit_file{};
  [[nodiscard]] bool limited() const { return !limit_file.empty(); }
};

// CPUs that the control groups above this process let it use at once, and the file that says so.
struct CpuLimit {
  double cpus = 0;
  std::string file{};
};

// For how long limits on CPUs held threads back since each group above this process was made, summed over CPUs, in
// seconds by the groups' folders.
using ThrottledTimes = std::map<std::string, double>;
// Between two looks: of the group that was held back longest.
[[nodiscard]] double throttled_between(const ThrottledTimes& before, const ThrottledTimes& after);

// Since the host was started: while a block device had requests, and the same for each request of them, so that the
// second divided by the time that passed is the number in flight on average.
struct DeviceTimes {
  double busy_seconds = 0, queue_seconds = 0;
};

// Since the host was started: while at least one of its threads waited for a CPU, or for I/O.
struct Pressure {
  double cpu_seconds = 0, io_seconds = 0;
};

// Since the host was started: time of its CPUs together, and how much of it they were at work for whatever program (or,
// on a virtual host, were given to another one).
struct HostCpuTimes {
  double total_seconds = 0, busy_seconds = 0;
};

// Reads below `root`, so that a test brings its own /proc, /sys and /etc. Files that are missing or odd give empty or
// zero answers unless a function says otherwise: facts about a host are never a reason to fail a run. Stateless; any
// thread.
class Proc {
 public:
  explicit Proc(std::filesystem::path root = "/") : root_(std::move(root)) {}

  // /proc/cpuinfo and /proc/meminfo as DLIO keeps them: pairs of the lines with exactly one colon, the last CPU winning
  // in the place of the first, `processor` left out; texts are trimmed.
  [[nodiscard]] results::KeyValues cpuinfo() const;
  [[nodiscard]] results::KeyValues meminfo() const;
  [[nodiscard]] std::uint64_t memory_total_bytes() const;
  [[nodiscard]] AvailableMemory available_memory() const;   // also of the control groups' file systems
  [[nodiscard]] std::int64_t cpu_count() const;             // online logical CPUs, by /proc/cpuinfo; at least 1
  [[nodiscard]] std::optional<CpuLimit> cpu_limit() const;  // the least of all groups; nullopt without a limit
  [[nodiscard]] ThrottledTimes throttled_times() const;
  // Of the block device that holds a file or folder; nullopt where it is on none, or on one that the kernel does not
  // tell (network file systems, overlays).
  [[nodiscard]] std::optional<DeviceTimes> device_times(const std::filesystem::path& on) const;
  [[nodiscard]] std::optional<Pressure> pressure() const;  // of kernels that count it
  [[nodiscard]] std::optional<HostCpuTimes> host_cpu_times() const;
  [[nodiscard]] std::string cpu_model() const;
  [[nodiscard]] results::KeyValues os_release() const;  // of /etc/os-release, quotes removed
  [[nodiscard]] std::string kernel_release() const;     // /proc/sys/kernel/osrelease
  // Type and device of the file system that holds `path`, by /proc/mounts (longest mount point); "" when unknown.
  [[nodiscard]] std::string file_system_type(const std::filesystem::path& path) const;

  // Of this process. VmHWM; bytes that the block layer or a network file system read on its behalf (0 when the kernel
  // does not count them); nullopt where /proc/self/io may not be read.
  [[nodiscard]] std::uint64_t peak_rss_bytes() const;
  [[nodiscard]] std::optional<std::uint64_t> device_read_bytes() const;

  // Everything the metadata holds about a host; `now` becomes its time stamp. Sources that cannot be read are named in
  // its `errors`.
  [[nodiscard]] results::HostInfo host_info(results::WallTime now, Detail detail = Detail::kShort) const;

  // A whole file below the root, by its path without the leading '/'. Code::kNotFound, kPermission or kIo.
  [[nodiscard]] Result<std::string> read(const char* path) const;

 private:
  [[nodiscard]] std::string text(const char* path) const;  // "" when unreadable
  std::filesystem::path root_;
};

[[nodiscard]] std::string architecture();       // uname's machine: x86_64, aarch64
[[nodiscard]] std::vector<int> allowed_cpus();  // of this process's affinity mask, in order
// The least of the affinity mask and Proc().cpu_limit(), rounded up; at least 1.
[[nodiscard]] std::int64_t usable_cpu_count();

struct CpuTimes {
  double user_seconds = 0, system_seconds = 0;
  [[nodiscard]] double total() const { return user_seconds + system_seconds; }
};
[[nodiscard]] CpuTimes process_cpu_times();  // all threads of this process, by getrusage

}  // namespace stoker::host
