#include "results/summary.h"

#include <cmath>
#include <span>
#include <type_traits>
#include <utility>

#include "metrics/statistics.h"
#include "results/fields_internal.h"

namespace stoker::results {

namespace {

using internal::Fields;
using metrics::finite_or_zero;

constexpr double kGiBytes = 1024.0 * 1024.0 * 1024.0;

// What was not measured is null: 0 would be a measurement.
Json number_or_null(const std::optional<double>& value) {
  return value && std::isfinite(*value) ? Json(*value) : Json(nullptr);
}

Json numbers_or_null(const std::vector<std::optional<double>>& values) {
  Json list = Json::array();
  for (const auto& value : values) list.push_back(number_or_null(value));
  return list;
}

Json numbers(const std::vector<double>& values) {
  Json list = Json::array();
  for (const double v : values) list.push_back(finite_or_zero(v));
  return list;
}

template <class T>
Json or_null(const std::optional<T>& value) {
  return value ? Json(*value) : Json(nullptr);
}

// The nine keys of training or evaluation, and how many steps they are of.
void put_rates(Json& metric, const std::string& prefix, const metrics::RateMetrics& m) {
  metric[prefix + "_au_percentage"] = numbers_or_null(m.au_percent);
  metric[prefix + "_au_mean_percentage"] = number_or_null(m.au_mean_percent);
  metric[prefix + "_au_meet_expectation"] = m.meets_expectation ? "success" : "fail";
  metric[prefix + "_au_stdev_percentage"] = number_or_null(m.au_stdev_percent);
  metric[prefix + "_throughput_samples_per_second"] = numbers_or_null(m.samples_per_second);
  metric[prefix + "_throughput_mean_samples_per_second"] = number_or_null(m.samples_mean_per_second);
  metric[prefix + "_throughput_stdev_samples_per_second"] = number_or_null(m.samples_stdev_per_second);
  metric[prefix + "_io_mean_MB_per_second"] = number_or_null(m.io_mean_mib_per_second);
  metric[prefix + "_io_stdev_MB_per_second"] = number_or_null(m.io_stdev_mib_per_second);
  if (!m.measured_steps.empty()) metric[prefix + "_measured_steps"] = m.measured_steps;
}

std::optional<metrics::RateMetrics> get_rates(Fields& metric, const std::string& prefix) {
  const auto key = [&prefix](const char* rest) { return prefix + rest; };
  if (!metric.has(key("_au_percentage").c_str()) && !metric.has(key("_au_mean_percentage").c_str()))
    return std::nullopt;
  metrics::RateMetrics m;
  std::string meets = "fail";
  metric.get(key("_au_percentage").c_str(), m.au_percent);
  metric.get(key("_au_mean_percentage").c_str(), m.au_mean_percent);
  metric.get(key("_au_meet_expectation").c_str(), meets);
  metric.get(key("_au_stdev_percentage").c_str(), m.au_stdev_percent);
  metric.get(key("_throughput_samples_per_second").c_str(), m.samples_per_second);
  metric.get(key("_throughput_mean_samples_per_second").c_str(), m.samples_mean_per_second);
  metric.get(key("_throughput_stdev_samples_per_second").c_str(), m.samples_stdev_per_second);
  metric.get(key("_io_mean_MB_per_second").c_str(), m.io_mean_mib_per_second);
  metric.get(key("_io_stdev_MB_per_second").c_str(), m.io_stdev_mib_per_second);
  metric.get(key("_measured_steps").c_str(), m.measured_steps);
  m.meets_expectation = meets == "success";
  return m;
}

void put_checkpoint(Json& metric, const std::string& prefix, const metrics::CheckpointMetrics& m) {
  metric[prefix + "_checkpoint_io_mean_GB_per_second"] = finite_or_zero(m.io_mean_gib_per_second);
  metric[prefix + "_checkpoint_io_stdev_GB_per_second"] = finite_or_zero(m.io_stdev_gib_per_second);
  metric[prefix + "_checkpoint_duration_mean_seconds"] = finite_or_zero(m.duration_mean_seconds);
  metric[prefix + "_checkpoint_duration_stdev_seconds"] = finite_or_zero(m.duration_stdev_seconds);
}

std::optional<metrics::CheckpointMetrics> get_checkpoint(Fields& metric, const std::string& prefix) {
  const auto key = [&prefix](const char* rest) { return prefix + "_checkpoint" + rest; };
  if (!metric.has(key("_io_mean_GB_per_second").c_str())) return std::nullopt;
  metrics::CheckpointMetrics m;
  metric.get(key("_io_mean_GB_per_second").c_str(), m.io_mean_gib_per_second);
  metric.get(key("_io_stdev_GB_per_second").c_str(), m.io_stdev_gib_per_second);
  metric.get(key("_duration_mean_seconds").c_str(), m.duration_mean_seconds);
  metric.get(key("_duration_stdev_seconds").c_str(), m.duration_stdev_seconds);
  return m;
}

// Members of a struct of doubles with their keys, for both directions.
template <class T>
using Members = std::span<const std::pair<const char*, double T::*>>;

constexpr std::pair<const char*, double LatencyMs::*> kLatency[] = {{"p50", &LatencyMs::p50},
                                                                    {"p90", &LatencyMs::p90},
                                                                    {"p99", &LatencyMs::p99},
                                                                    {"p99.9", &LatencyMs::p99_9},
                                                                    {"max", &LatencyMs::max}};
constexpr std::pair<const char*, double PressureFacts::*> kPressure[] = {{"cpu", &PressureFacts::cpu},
                                                                         {"io", &PressureFacts::io}};
constexpr std::pair<const char*, double StepTimeSplit::*> kStepTime[] = {
    {"compute", &StepTimeSplit::compute},
    {"late", &StepTimeSplit::late},
    {"wait_storage", &StepTimeSplit::wait_storage},
    {"wait_copy", &StepTimeSplit::wait_copy},
    {"wait_core", &StepTimeSplit::wait_core},
    {"wait_decompress", &StepTimeSplit::wait_decompress},
    {"wait_decode", &StepTimeSplit::wait_decode},
    {"wait_verify", &StepTimeSplit::wait_verify},
    {"wait_preprocess", &StepTimeSplit::wait_preprocess},
    {"wait_place", &StepTimeSplit::wait_place},
    {"wait_queue", &StepTimeSplit::wait_queue},
    {"barrier", &StepTimeSplit::barrier},
    {"barrier_storage", &StepTimeSplit::barrier_storage},
    {"barrier_client", &StepTimeSplit::barrier_client},
    {"barrier_queue", &StepTimeSplit::barrier_queue},
    {"barrier_late", &StepTimeSplit::barrier_late},
    {"barrier_core", &StepTimeSplit::barrier_core}};
constexpr std::pair<const char*, double ReaderTimeSplit::*> kReaderTime[] = {
    {"storage", &ReaderTimeSplit::storage},
    {"copy", &ReaderTimeSplit::copy},
    {"core", &ReaderTimeSplit::core},
    {"decompress", &ReaderTimeSplit::decompress},
    {"decode", &ReaderTimeSplit::decode},
    {"verify", &ReaderTimeSplit::verify},
    {"preprocess", &ReaderTimeSplit::preprocess},
    {"place", &ReaderTimeSplit::place},
    {"other", &ReaderTimeSplit::other},
    {"idle", &ReaderTimeSplit::idle}};
constexpr std::pair<const char*, double VerificationFacts::*> kVerified[] = {
    {"cpu_seconds", &VerificationFacts::cpu_seconds}, {"cpu_share", &VerificationFacts::cpu_share}};

template <class T>
Json put_members(const T& from, std::type_identity_t<Members<T>> members) {
  Json json = Json::object();
  for (const auto& [key, member] : members) json[key] = finite_or_zero(from.*member);
  return json;
}

template <class T>
void get_members(Fields& parent, const char* key, T& out, std::type_identity_t<Members<T>> members) {
  const Json* const json = parent.object(key);
  if (json == nullptr) return;
  Fields fields(*json, parent.name(), parent.path_of(key));
  for (const auto& [name, member] : members) fields.get(name, out.*member);
  parent.take(fields.status());
}

void put_read(Json& metric, const ReadFacts& read) {
  metric["train_bytes_read"] = read.train_bytes_read;
  metric["train_useful_bytes"] = read.useful_bytes;
  metric["train_storage_io_mean_MiB_per_second"] = finite_or_zero(read.storage_io_mean_mib_per_second);
  metric["train_cpu_seconds_per_GB"] = finite_or_zero(read.cpu_seconds_per_gb);
  metric["read_requests"] = read.latency.requests;
  metric["read_requests_seen_late"] = read.latency.seen_late;
  metric["read_latency_ms"] = put_members(read.latency, kLatency);
  metric["read_depth"] = Json::object({{"per_thread", read.depth.per_thread},
                                       {"reached", finite_or_zero(read.depth.reached)},
                                       {"device", or_null(read.depth.device)},
                                       {"device_busy", or_null(read.depth.device_busy)}});
  metric["pressure"] = read.pressure ? put_members(*read.pressure, kPressure) : Json();
  metric["hosts_busy"] = or_null(read.hosts_busy);
  metric["step_time_seconds"] = put_members(read.step_time, kStepTime);
  metric["late_steps"] = read.late_steps;
  metric["reader_time_seconds"] = put_members(read.reader_time, kReaderTime);
  metric["device_bytes_read"] = or_null(read.device_bytes);
  metric["cache_share"] = or_null(read.cache_share);
  if (read.verified) {
    metric["verified_bytes"] = read.verified->bytes;
    metric["verification"] = put_members(*read.verified, kVerified);
  }
}

std::optional<ReadFacts> get_read(Fields& metric) {
  if (!metric.has("train_bytes_read")) return std::nullopt;
  ReadFacts read;
  metric.get("train_bytes_read", read.train_bytes_read);
  metric.get("train_useful_bytes", read.useful_bytes);
  metric.get("train_storage_io_mean_MiB_per_second", read.storage_io_mean_mib_per_second);
  metric.get("train_cpu_seconds_per_GB", read.cpu_seconds_per_gb);
  metric.get("read_requests", read.latency.requests);
  metric.get("read_requests_seen_late", read.latency.seen_late);
  get_members(metric, "read_latency_ms", read.latency, kLatency);
  if (const Json* depth = metric.object("read_depth"); depth != nullptr) {
    Fields fields(*depth, metric.name(), metric.path_of("read_depth"));
    fields.get("per_thread", read.depth.per_thread);
    fields.get("reached", read.depth.reached);
    fields.get("device", read.depth.device);
    fields.get("device_busy", read.depth.device_busy);
    metric.take(fields.status());
  }
  if (metric.object("pressure") != nullptr) get_members(metric, "pressure", read.pressure.emplace(), kPressure);
  metric.get("hosts_busy", read.hosts_busy);
  get_members(metric, "step_time_seconds", read.step_time, kStepTime);
  metric.get("late_steps", read.late_steps);
  get_members(metric, "reader_time_seconds", read.reader_time, kReaderTime);
  metric.get("device_bytes_read", read.device_bytes);
  metric.get("cache_share", read.cache_share);
  if (metric.has("verified_bytes")) {
    VerificationFacts& verified = read.verified.emplace();
    metric.get("verified_bytes", verified.bytes);
    get_members(metric, "verification", verified, kVerified);
  }
  return read;
}

Json to_json(const ClientFacts& client) {
  Json json = Json::object();
  json["ranks_as"] = client.ranks_as;
  json["storage"] = client.storage;
  json["writing"] = client.writing;
  json["file_system"] = client.file_system;
  json["cpu_model"] = client.cpu_model;
  json["architecture"] = client.architecture;
  json["kernel"] = client.kernel;
  json["read_threads"] = client.read_threads;
  json["prefetch_batches"] = client.prefetch_batches;
  json["cpus"] = client.cpus;
  json["throttled_seconds"] = finite_or_zero(client.throttled_seconds);
  json["optimised_build"] = client.optimised_build;
  return json;
}

std::optional<ClientFacts> get_client(Fields& top) {
  const Json* const json = top.object("client");
  if (json == nullptr) return std::nullopt;
  ClientFacts client;
  Fields fields(*json, top.name(), "client");
  fields.get("ranks_as", client.ranks_as);
  fields.get("storage", client.storage);
  fields.get("writing", client.writing);
  fields.get("file_system", client.file_system);
  fields.get("cpu_model", client.cpu_model);
  fields.get("architecture", client.architecture);
  fields.get("kernel", client.kernel);
  fields.get("read_threads", client.read_threads);
  fields.get("prefetch_batches", client.prefetch_batches);
  fields.get("cpus", client.cpus);
  fields.get("throttled_seconds", client.throttled_seconds);
  fields.get("optimised_build", client.optimised_build);
  top.take(fields.status());
  return client;
}

Json metric_json(const Summary& s) {
  Json metric = Json::object();
  if (s.train) put_rates(metric, "train", *s.train);
  if (s.eval) put_rates(metric, "eval", *s.eval);
  if (s.save_checkpoint) put_checkpoint(metric, "save", *s.save_checkpoint);
  if (s.load_checkpoint) put_checkpoint(metric, "load", *s.load_checkpoint);
  if (s.checkpoint_size_gib) metric["checkpoint_size_GB"] = finite_or_zero(*s.checkpoint_size_gib);
  if (s.generation) {
    metric["generation_files"] = s.generation->files;
    metric["generation_bytes"] = s.generation->bytes;
    metric["generation_files_kept"] = s.generation->kept_files;
    metric["generation_bytes_kept"] = s.generation->kept_bytes;
    metric["generation_seconds"] = finite_or_zero(s.generation->seconds);
    metric["generation_MiB_per_second"] = finite_or_zero(s.generation->mib_per_second);
    metric["generation_direct_bytes"] = s.generation->direct_bytes;
    metric["generation_sync_seconds"] = finite_or_zero(s.generation->sync_seconds);
  }
  if (s.read) put_read(metric, *s.read);
  return metric;
}

void get_metric(Fields& top, Summary& s) {
  const Json* const json = top.object("metric");
  if (json == nullptr) return;
  Fields metric(*json, top.name(), "metric");
  s.train = get_rates(metric, "train");
  s.eval = get_rates(metric, "eval");
  s.save_checkpoint = get_checkpoint(metric, "save");
  s.load_checkpoint = get_checkpoint(metric, "load");
  metric.get("checkpoint_size_GB", s.checkpoint_size_gib);
  if (metric.has("generation_files")) {
    metrics::GenerationMetrics& generation = s.generation.emplace();
    metric.get("generation_files", generation.files);
    metric.get("generation_bytes", generation.bytes);
    metric.get("generation_files_kept", generation.kept_files);
    metric.get("generation_bytes_kept", generation.kept_bytes);
    metric.get("generation_seconds", generation.seconds);
    metric.get("generation_MiB_per_second", generation.mib_per_second);
    metric.get("generation_direct_bytes", generation.direct_bytes);
    metric.get("generation_sync_seconds", generation.sync_seconds);
  }
  s.read = get_read(metric);
  top.take(metric.status());
}

}  // namespace

namespace {

Json to_json(const CeilingShares& c) {
  const auto known = [](const std::optional<double>& x) { return x ? Json(finite_or_zero(*x)) : Json(nullptr); };
  return {{"bytes_per_second", finite_or_zero(c.bytes_per_second)},
          {"storage_bytes_per_second", known(c.storage_bytes_per_second)},
          {"storage_share", known(c.storage_share)},
          {"storage_how", c.storage_how},
          {"client_bytes_per_second", known(c.client_bytes_per_second)},
          {"client_share", known(c.client_share)},
          {"files", c.files}};
}

std::optional<CeilingShares> get_ceilings(Fields& top) {
  const Json* const json = top.object("ceilings");
  if (json == nullptr) return std::nullopt;
  CeilingShares c;
  Fields f(*json, top.name(), "ceilings");
  const auto known = [&f](const char* key, std::optional<double>& out) {
    if (f.has(key)) f.get(key, out.emplace());
  };
  f.get("bytes_per_second", c.bytes_per_second);
  known("storage_bytes_per_second", c.storage_bytes_per_second);
  known("storage_share", c.storage_share);
  f.get("storage_how", c.storage_how);
  known("client_bytes_per_second", c.client_bytes_per_second);
  known("client_share", c.client_share);
  f.get("files", c.files);
  top.take(f.status());
  return c;
}

}  // namespace

Json to_json(const Summary& s) {
  Json json = Json::object();
  // DLIO's keys, in its order.
  json["start"] = s.start;
  json["num_accelerators"] = s.num_accelerators;
  json["num_hosts"] = s.num_hosts;
  json["hostname"] = s.hostname;
  json["metric"] = metric_json(s);
  json["num_files_train"] = s.num_files_train;
  json["num_files_eval"] = s.num_files_eval;
  json["num_samples_per_file"] = s.num_samples_per_file;
  json["host_cpu_count"] = s.host_cpu_count;
  json["host_processor_name"] = s.host_processor_name;
  json["potential_caching"] = s.potential_caching;
  json["host_cpuinfo"] = to_json(s.host_cpuinfo);
  json["host_meminfo"] = to_json(s.host_meminfo);
  json["host_memory_GB"] = numbers(s.host_memory_gib);
  json["data_size_per_host_GB"] = finite_or_zero(s.data_size_per_host_gib);
  json["epochs"] = s.epochs;
  json["end"] = s.end;
  // Ours.
  json["status"] = s.status;
  if (!s.error.empty()) json["error"] = s.error;
  json["program"] = s.program;
  json["version"] = s.version;
  json["workload"] = s.workload;
  json["model"] = s.model;
  json["format"] = s.format;
  json["parquet_decode"] = s.parquet_decode.empty() ? Json(nullptr) : Json(s.parquet_decode);
  json["decode_images"] = s.decode_images ? Json(*s.decode_images) : Json(nullptr);
  json["odirect"] = s.odirect;
  json["peak_rss_MiB"] = finite_or_zero(s.peak_rss_mib);
  json["cpu_seconds"] = finite_or_zero(s.cpu_seconds);
  if (s.client) json["client"] = to_json(*s.client);
  if (s.coverage) json["coverage"] = to_json(*s.coverage);
  if (s.ceilings) json["ceilings"] = to_json(*s.ceilings);
  json["verdict"] = s.verdict;
  json["warnings"] = s.warnings;
  return json;
}

Result<Summary> summary_from_json(const Json& json, const std::string& name) {
  Summary s;
  Fields top(json, name);
  top.get("start", s.start);
  top.get("num_accelerators", s.num_accelerators);
  top.get("num_hosts", s.num_hosts);
  top.get("hostname", s.hostname);
  get_metric(top, s);
  top.get("num_files_train", s.num_files_train);
  top.get("num_files_eval", s.num_files_eval);
  top.get("num_samples_per_file", s.num_samples_per_file);
  top.get("host_cpu_count", s.host_cpu_count);
  top.get("host_processor_name", s.host_processor_name);
  top.get("potential_caching", s.potential_caching);
  if (const Json* const cpuinfo = top.object("host_cpuinfo")) s.host_cpuinfo = key_values(*cpuinfo);
  if (const Json* const meminfo = top.object("host_meminfo")) s.host_meminfo = key_values(*meminfo);
  top.get("host_memory_GB", s.host_memory_gib);
  top.get("data_size_per_host_GB", s.data_size_per_host_gib);
  top.get("epochs", s.epochs);
  top.get("end", s.end);
  top.get("status", s.status);
  top.get("error", s.error);
  top.get("program", s.program);
  top.get("version", s.version);
  top.get("workload", s.workload);
  top.get("model", s.model);
  top.get("format", s.format);
  top.get("parquet_decode", s.parquet_decode);
  top.get("decode_images", s.decode_images);
  top.get("odirect", s.odirect);
  top.get("peak_rss_MiB", s.peak_rss_mib);
  top.get("cpu_seconds", s.cpu_seconds);
  s.client = get_client(top);
  s.coverage = get_coverage(top);
  s.ceilings = get_ceilings(top);
  top.get("verdict", s.verdict);
  top.get("warnings", s.warnings);
  STOKER_TRY(top.status());
  return s;
}

Status write_summary(const std::filesystem::path& directory, const Summary& summary) {
  return write_file_atomic(directory / "summary.json", dump(to_json(summary)));
}

Result<Summary> read_summary(const std::filesystem::path& directory) {
  const std::filesystem::path path = directory / "summary.json";
  STOKER_ASSIGN(const Json json, read_json(path));
  return summary_from_json(json, path.string());
}

double data_size_per_host_gib(std::int64_t ranks_on_host, std::int64_t ranks, std::int64_t files,
                              std::int64_t samples_per_file, double record_bytes) {
  if (ranks <= 0) return 0;
  // Whole samples per host, as the reference rounds. In doubles: the product of three counts may pass 2^63.
  const double samples =
      static_cast<double>(ranks_on_host) * static_cast<double>(samples_per_file) * static_cast<double>(files);
  return finite_or_zero(std::floor(samples / static_cast<double>(ranks)) * record_bytes / kGiBytes);
}

}  // namespace stoker::results
