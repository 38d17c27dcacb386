// What the kernel counts of the load on this host.
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <string>
#include <string_view>
#include <vector>

#include "base/proc_text.h"
#include "cluster/host/proc.h"

namespace stoker::host {
namespace {

// Of "some avg10=0.00 avg60=0.00 avg300=0.00 total=12345", in microseconds.
std::optional<double> total_seconds(const std::string& text) {
  for (const std::string_view line : proc_text::lines(text)) {
    if (!line.starts_with("some ")) continue;
    constexpr std::string_view kTotal = "total=";
    const auto at = line.find(kTotal);
    if (at == std::string_view::npos) return std::nullopt;
    return static_cast<double>(proc_text::number(line.substr(at + kTotal.size()))) / 1e6;
  }
  return std::nullopt;
}

}  // namespace

std::optional<DeviceTimes> Proc::device_times(const std::filesystem::path& on) const {
  struct stat info {};
  if (::stat(on.c_str(), &info) != 0 || major(info.st_dev) == 0) return std::nullopt;
  const auto stat =
      read(("sys/dev/block/" + std::to_string(major(info.st_dev)) + ":" + std::to_string(minor(info.st_dev)) + "/stat")
               .c_str());
  if (!stat) return std::nullopt;
  // Documentation/block/stat.rst of the kernel: io_ticks is the tenth word, time_in_queue the eleventh.
  const std::vector<std::string_view> words = proc_text::words(*stat);
  if (words.size() < 11) return std::nullopt;
  return DeviceTimes{.busy_seconds = static_cast<double>(proc_text::number(words[9])) / 1e3,
                     .queue_seconds = static_cast<double>(proc_text::number(words[10])) / 1e3};
}

std::optional<Pressure> Proc::pressure() const {
  const auto cpu = total_seconds(text("proc/pressure/cpu"));
  const auto io = total_seconds(text("proc/pressure/io"));
  if (!cpu || !io) return std::nullopt;
  return Pressure{.cpu_seconds = *cpu, .io_seconds = *io};
}

std::optional<HostCpuTimes> Proc::host_cpu_times() const {
  // "cpu  user nice system idle iowait irq softirq steal guest guest_nice", in ticks; guests are in user and nice, too.
  constexpr std::size_t kIdle = 4, kIoWait = 5, kSteal = 8;
  const std::string stat = text("proc/stat");
  for (const std::string_view line : proc_text::lines(stat)) {
    const std::vector<std::string_view> words = proc_text::words(line);
    if (words.empty() || words[0] != "cpu") continue;
    if (words.size() <= kIoWait) return std::nullopt;
    double total = 0, idle = 0;
    for (std::size_t i = 1; i < words.size() && i <= kSteal; ++i) {
      const auto ticks = static_cast<double>(proc_text::number(words[i]));
      total += ticks;
      if (i == kIdle || i == kIoWait) idle += ticks;
    }
    const auto second = static_cast<double>(::sysconf(_SC_CLK_TCK));
    return HostCpuTimes{.total_seconds = total / second, .busy_seconds = (total - idle) / second};
  }
  return std::nullopt;
}

}  // namespace stoker::host
