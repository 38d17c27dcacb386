#include "cluster/host/proc.h"

#include <sched.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "base/proc_text.h"
#include "cluster/host/parse_internal.h"

namespace stoker::host {

namespace {

using internal::pairs;
using proc_text::lines;
using proc_text::number;
using proc_text::trim;

std::string_view value_of(const results::KeyValues& values, std::string_view key) {
  for (const auto& [name, value] : values) {
    if (name == key) return value;
  }
  return {};
}

// /proc/meminfo counts in units that it calls kB and that are KiB.
std::uint64_t meminfo_bytes(const results::KeyValues& meminfo, std::string_view key) {
  return number(value_of(meminfo, key)) * 1024;
}

// True when `path` is `mount` or lies below it.
bool lies_below(const std::string& path, const std::string& mount) {
  if (mount == "/") return true;
  return path.starts_with(mount) && (path.size() == mount.size() || path[mount.size()] == '/');
}

}  // namespace

Result<std::string> Proc::read(const char* path) const {
  return results::read_file(root_ / path);
}

std::string Proc::text(const char* path) const {
  Result<std::string> text = read(path);
  return text ? std::move(*text) : std::string();
}

results::KeyValues Proc::cpuinfo() const {
  return pairs(text("proc/cpuinfo"), "processor");
}
results::KeyValues Proc::meminfo() const {
  return pairs(text("proc/meminfo"));
}
std::uint64_t Proc::memory_total_bytes() const {
  return meminfo_bytes(meminfo(), "MemTotal");
}

std::int64_t Proc::cpu_count() const {
  const std::string cpus = text("proc/cpuinfo");
  const auto found = lines(cpus);
  const auto count = std::count_if(found.begin(), found.end(), [](std::string_view line) {
    return trim(line.substr(0, line.find(':'))) == "processor" && line.find(':') != std::string_view::npos;
  });
  return std::max<std::int64_t>(count, 1);
}

std::string Proc::cpu_model() const {
  return std::string(value_of(cpuinfo(), "model name"));
}
results::KeyValues Proc::os_release() const {
  return internal::os_release(text("etc/os-release"));
}
std::string Proc::kernel_release() const {
  return std::string(trim(text("proc/sys/kernel/osrelease")));
}

std::string Proc::file_system_type(const std::filesystem::path& path) const {
  std::error_code ignored;
  // What does not exist yet lies where its parent lies.
  const std::string wanted =
      std::filesystem::weakly_canonical(std::filesystem::absolute(path, ignored), ignored).string();
  std::string type;
  std::size_t best = 0;
  for (const results::Mount& mount : internal::mounts(text("proc/mounts"))) {
    // Of two mounts on the same point the later one is what one sees.
    if (lies_below(wanted, mount.mount_point) && mount.mount_point.size() >= best) {
      best = mount.mount_point.size();
      type = mount.fs_type;
    }
  }
  return type;
}

std::uint64_t Proc::peak_rss_bytes() const {
  return meminfo_bytes(pairs(text("proc/self/status")), "VmHWM");
}

std::optional<std::uint64_t> Proc::device_read_bytes() const {
  const results::KeyValues io = pairs(text("proc/self/io"));
  const std::string_view value = value_of(io, "read_bytes");
  if (value.empty()) return std::nullopt;
  return number(value);
}

std::string architecture() {
  struct utsname names {};
  return ::uname(&names) == 0 ? names.machine : "";
}

CpuTimes process_cpu_times() {
  struct rusage usage {};
  if (::getrusage(RUSAGE_SELF, &usage) != 0) return {};
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return {.user_seconds = seconds(usage.ru_utime), .system_seconds = seconds(usage.ru_stime)};
}

}  // namespace stoker::host
