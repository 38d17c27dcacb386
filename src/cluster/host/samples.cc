#include "cluster/host/samples.h"

#include <utility>

#include "base/host_name.h"
#include "cluster/host/parse_internal.h"

namespace stoker::host {

namespace {

using Counts = std::vector<std::pair<std::string, std::uint64_t>>;

// Names of counters whose values stand elsewhere, in the same order.
struct Group {
  std::string name;  // device or interface
  std::vector<std::string> keys;
  friend bool operator==(const Group&, const Group&) = default;
};

std::vector<Group> groups(const std::vector<results::Counters>& list) {
  std::vector<Group> found;
  found.reserve(list.size());
  for (const results::Counters& counters : list) {
    Group& group = found.emplace_back();
    group.name = counters.name;
    for (const auto& [key, value] : counters.values) group.keys.push_back(key);
  }
  return found;
}

std::vector<std::string> keys(const Counts& counts) {
  std::vector<std::string> found;
  found.reserve(counts.size());
  for (const auto& [key, value] : counts) found.push_back(key);
  return found;
}

void put(const Counts& counts, std::vector<std::uint64_t>& values) {
  for (const auto& [key, value] : counts) values.push_back(value);
}

// Takes the values back in the order in which they were put.
class Reader {
 public:
  explicit Reader(const std::vector<std::uint64_t>& values) : next_(values.begin()) {}
  results::Json object(const std::vector<std::string>& keys) {
    results::Json json = results::Json::object();
    for (const std::string& key : keys) json[key] = *next_++;
    return json;
  }
  std::vector<results::Counters> counters(const std::vector<Group>& list) {
    std::vector<results::Counters> found;
    found.reserve(list.size());
    for (const Group& group : list) {
      results::Counters& c = found.emplace_back();
      c.name = group.name;
      for (const std::string& key : group.keys) c.values.emplace_back(key, *next_++);
    }
    return found;
  }

 private:
  std::vector<std::uint64_t>::const_iterator next_;
};

}  // namespace

struct Samples::Shape {
  std::string hostname;
  std::vector<Group> disks, network;
  std::vector<std::string> vmstat, meminfo;
  friend bool operator==(const Shape&, const Shape&) = default;
};

struct Samples::Sample {
  results::WallTime when;
  std::size_t shape = 0;
  std::vector<std::uint64_t> values;  // disks, vmstat, meminfo, network
  internal::Load load;
  results::KeyValues errors;
};

Samples::Samples(std::size_t max_samples) : max_samples_(max_samples) {}
Samples::~Samples() = default;

std::size_t Samples::size() const {
  return samples_.size();
}

void Samples::add(const Proc& proc, results::WallTime now) {
  if (full()) return;
  Sample sample;
  sample.when = now;
  const auto source = [&](const char* name, const char* path) -> std::string {
    Result<std::string> text = proc.read(path);
    if (text) return std::move(*text);
    sample.errors.emplace_back(name, text.error().message);
    return {};
  };
  const auto disks = internal::disks(source("diskstats", "proc/diskstats"));
  const Counts vmstat = internal::vmstat(source("vmstat", "proc/vmstat"));
  sample.load = internal::load(source("loadavg", "proc/loadavg"));
  const Counts meminfo = internal::meminfo_kb(source("meminfo", "proc/meminfo"));
  const auto network = internal::network(source("netdev", "proc/net/dev"));

  Shape shape{host_name(), groups(disks), groups(network), keys(vmstat), keys(meminfo)};
  if (shapes_.empty() || shapes_.back() != shape) shapes_.push_back(std::move(shape));
  sample.shape = shapes_.size() - 1;
  std::size_t count = vmstat.size() + meminfo.size();
  for (const auto* list : {&disks, &network}) {
    for (const results::Counters& counters : *list) count += counters.values.size();
  }
  sample.values.reserve(count);
  for (const results::Counters& counters : disks) put(counters.values, sample.values);
  put(vmstat, sample.values);
  put(meminfo, sample.values);
  for (const results::Counters& counters : network) put(counters.values, sample.values);
  samples_.push_back(std::move(sample));
}

std::size_t Samples::memory_bytes() const {
  std::size_t bytes = samples_.capacity() * sizeof(Sample);
  for (const Sample& sample : samples_) bytes += sample.values.capacity() * sizeof(std::uint64_t);
  return bytes;
}

results::Json Samples::json(std::size_t index) const {
  const Sample& sample = samples_.at(index);
  const Shape& shape = shapes_[sample.shape];
  Reader reader(sample.values);
  results::Json json = results::Json::object();
  json["timestamp"] = results::format_utc(sample.when);
  json["hostname"] = shape.hostname;
  json["diskstats"] = results::to_json(reader.counters(shape.disks), "device_name");
  json["vmstat"] = reader.object(shape.vmstat);
  json["loadavg"] = {{"load_1min", sample.load.load_1min},
                     {"load_5min", sample.load.load_5min},
                     {"load_15min", sample.load.load_15min},
                     {"running_processes", sample.load.running_processes},
                     {"total_processes", sample.load.total_processes}};
  json["meminfo"] = reader.object(shape.meminfo);
  json["netdev"] = results::to_json(reader.counters(shape.network), "interface_name");
  json["errors"] = results::to_json(sample.errors);
  return json;
}

}  // namespace stoker::host
