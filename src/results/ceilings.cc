#include "results/ceilings.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/checksum.h"
#include "base/errno_error.h"
#include "base/units.h"
#include "config/formats.h"
#include "config/sample_geometry.h"
#include "results/dataset_manifest.h"
#include "results/fields_internal.h"
#include "results/run_directory.h"

namespace stoker::results {

namespace fs = std::filesystem;
using internal::Fields;

namespace {

constexpr std::string_view kDocument = "stoker ceilings";
constexpr std::int64_t kVersion = 1;
constexpr const char* kFileName = "ceilings.json";
constexpr std::size_t kMostCandidates = 64;

Json to_json(const FioPoint& p) {
  return {{"bytes_per_second", p.bytes_per_second},
          {"cpu_seconds_per_GB", p.cpu_seconds_per_gb},
          {"latency_p50_ms", p.p50_ms},
          {"latency_p99_ms", p.p99_ms}};
}

Json to_json(const RatePoint& p) {
  Json json = {{"direct", p.direct},
               {"depth", p.depth},
               {"threads", p.threads},
               {"seconds", p.seconds},
               {"bytes", p.bytes},
               {"requests", p.requests},
               {"bytes_per_second", p.bytes_per_second},
               {"cpu_seconds_per_GB", p.cpu_seconds_per_gb},
               {"request_bytes_mean", p.request_bytes},
               {"latency_p50_ms", p.p50_ms},
               {"latency_p99_ms", p.p99_ms},
               {"knee", p.knee}};
  if (p.fio) json["fio"] = to_json(*p.fio);
  return json;
}

Json to_json(const ClientFigure& f) {
  return {{"name", f.name},
          {"bytes_per_second", f.bytes_per_second},
          {"samples_per_second", f.samples_per_second},
          {"cpu_seconds_per_GB", f.cpu_seconds_per_gb},
          {"spread", f.spread},
          {"runs", f.runs}};
}

template <class T>
Json list_json(const std::vector<T>& list) {
  Json json = Json::array();
  for (const T& entry : list) json.push_back(to_json(entry));
  return json;
}

Json to_json(const ClientPath& p) {
  return {{"bytes_per_second", p.bytes_per_second},
          {"samples_per_second", p.samples_per_second},
          {"accelerators", p.accelerators ? Json(*p.accelerators) : Json(nullptr)}};
}

Json to_json(const StorageCeiling& s) {
  return {{"data_folder", s.data_folder},   {"own_files", s.own_files},
          {"file_system", s.file_system},   {"storage", s.storage},
          {"direct_reads", s.direct_reads}, {"files", s.files},
          {"file_bytes", s.file_bytes},     {"reads", list_json(s.reads)},
          {"writes", list_json(s.writes)},  {"notes", s.notes}};
}

Json to_json(const ClientCeiling& c) {
  return {{"batch_size", c.batch_size},
          {"step_seconds", c.step_seconds},
          {"figures", list_json(c.figures)},
          {"per_core_direct", to_json(c.direct)},
          {"per_core_buffered", to_json(c.buffered)},
          {"notes", c.notes}};
}

FioPoint get_fio(Fields& f) {
  FioPoint p;
  f.require("bytes_per_second", p.bytes_per_second);
  f.get("cpu_seconds_per_GB", p.cpu_seconds_per_gb);
  f.get("latency_p50_ms", p.p50_ms);
  f.get("latency_p99_ms", p.p99_ms);
  return p;
}

RatePoint get_point(Fields& f) {
  RatePoint p;
  f.require("direct", p.direct);
  f.require("depth", p.depth);
  f.require("threads", p.threads);
  f.get("seconds", p.seconds);
  f.get("bytes", p.bytes);
  f.get("requests", p.requests);
  f.require("bytes_per_second", p.bytes_per_second);
  f.get("cpu_seconds_per_GB", p.cpu_seconds_per_gb);
  f.get("request_bytes_mean", p.request_bytes);
  f.get("latency_p50_ms", p.p50_ms);
  f.get("latency_p99_ms", p.p99_ms);
  f.get("knee", p.knee);
  if (const Json* const fio = f.object("fio")) {
    Fields parts(*fio, f.name(), f.path_of("fio"));
    p.fio = get_fio(parts);
    f.take(parts.status());
  }
  return p;
}

ClientFigure get_figure(Fields& f) {
  ClientFigure figure;
  f.require("name", figure.name);
  f.require("bytes_per_second", figure.bytes_per_second);
  f.require("samples_per_second", figure.samples_per_second);
  f.get("cpu_seconds_per_GB", figure.cpu_seconds_per_gb);
  f.get("spread", figure.spread);
  f.get("runs", figure.runs);
  return figure;
}

template <class T>
void get_list(Fields& fields, const char* key, std::vector<T>& out, T (*get)(Fields&)) {
  const Json* const list = fields.list(key);
  if (list == nullptr) return;
  for (const Json& entry : *list) {
    Fields parts(entry, fields.name(), fields.path_of(key));
    out.push_back(get(parts));
    fields.take(parts.status());
  }
}

void get_path(Fields& fields, const char* key, ClientPath& out) {
  const Json* const path = fields.object(key);
  if (path == nullptr) return;
  Fields parts(*path, fields.name(), fields.path_of(key));
  parts.require("bytes_per_second", out.bytes_per_second);
  parts.require("samples_per_second", out.samples_per_second);
  if (parts.has("accelerators")) parts.get("accelerators", out.accelerators.emplace());
  fields.take(parts.status());
}

StorageCeiling get_storage(Fields& f) {
  StorageCeiling s;
  f.require("data_folder", s.data_folder);
  f.get("own_files", s.own_files);
  f.get("file_system", s.file_system);
  f.get("storage", s.storage);
  f.get("direct_reads", s.direct_reads);
  f.get("files", s.files);
  f.get("file_bytes", s.file_bytes);
  get_list(f, "reads", s.reads, get_point);
  get_list(f, "writes", s.writes, get_point);
  f.get("notes", s.notes);
  return s;
}

ClientCeiling get_client(Fields& f) {
  ClientCeiling c;
  f.get("batch_size", c.batch_size);
  f.get("step_seconds", c.step_seconds);
  get_list(f, "figures", c.figures, get_figure);
  get_path(f, "per_core_direct", c.direct);
  get_path(f, "per_core_buffered", c.buffered);
  f.get("notes", c.notes);
  return c;
}

std::string columns_text(const config::Workload& w) {
  const auto columns = config::effective_columns(w);
  std::string all;
  std::size_t read = 0;
  for (const config::ColumnSpec& c : columns) {
    read += c.read ? 1 : 0;
    all += fmt::format("{}:{}:{}:{};", c.name, config::to_string(c.dtype), c.size, c.read);
  }
  if (columns.empty()) return "one column";
  return fmt::format("{} of {} columns ({:08x})", read, columns.size(),
                     checksum(std::as_bytes(std::span(all))) & 0xFFFFFFFFU);
}

Error unfit(const std::string& name, std::string_view what, std::string_view found, std::string_view expected) {
  Error error =
      make_error(Code::kConfig, "{}: is of another {}: found '{}', this run has '{}'", name, what, found, expected);
  error.hint = "measure again with 'stoker bench', on this host and with this workload's own overrides";
  return error;
}

// The run reads what was measured, or a data set that lies in the folder where the bench wrote files of its own.
bool same_folder(const StorageCeiling& storage, const fs::path& folder) {
  std::error_code unknown;
  const auto known = [&unknown](const fs::path& path) {
    fs::path real = fs::weakly_canonical(path, unknown);
    if (unknown) real = path.lexically_normal();
    return real.has_filename() ? real : real.parent_path();
  };
  const fs::path measured = known(storage.data_folder), run = known(folder);
  return measured == run || (storage.own_files && measured == run.parent_path());
}

fs::path kind_folder(const fs::path& results, const std::string& model, CeilingKind kind) {
  return results / "bench" / model / to_string(kind);
}

}  // namespace

std::string data_shape(const config::Workload& w) {
  const config::Dataset& d = w.dataset;
  std::string text = fmt::format("{}, compression {}", config::to_string(d.format), config::to_string(d.compression));
  if (d.compression_level) text += fmt::format(" {}", *d.compression_level);
  text += fmt::format(", {} a sample", format_bytes(config::record_bytes(w)));
  if (config::spec_of(d.format).has_columns) {
    text += fmt::format(", {}, row groups of {}{}, decode {}", columns_text(w),
                        std::min(d.parquet.row_group_size, std::max<std::int64_t>(d.num_samples_per_file, 1)),
                        d.parquet.dictionary ? ", dictionaries" : "", config::to_string(d.parquet.decode));
  }
  text += fmt::format(", chunks of {}", format_bytes(static_cast<double>(w.reader.chunk_bytes)));
  if (w.reader.transfer_size) text += fmt::format(", transfers of {} B", *w.reader.transfer_size);
  const config::StorageModelText& m = w.storage.model;
  if (!m.latency.empty() || !m.jitter.empty() || !m.bandwidth.empty() || !m.request_rate.empty()) {
    text += fmt::format(", model of a storage ({}/{}/{}/{})", m.latency, m.jitter, m.bandwidth, m.request_rate);
  }
  return text;
}

Result<config::Workload> described_workload(const config::Workload& w, const fs::path& data_folder) {
  STOKER_ASSIGN(const auto manifest, read_manifest(data_folder));
  if (!manifest) return w;
  config::Workload described = w;
  if (Status known = apply_manifest(*manifest, described); !known) {
    return std::move(known).error().with_context((data_folder / kManifestName).string());
  }
  // Which columns are read is the run's choice, and nothing that a manifest says.
  const auto wanted = w.dataset.parquet.columns;
  for (config::ColumnSpec& column : described.dataset.parquet.columns) {
    const auto it = std::ranges::find(wanted, column.name, &config::ColumnSpec::name);
    if (!wanted.empty()) column.read = it != wanted.end() && it->read;
  }
  return described;
}

Json to_json(const Ceilings& c) {
  Json json = {{"document", kDocument},
               {"document_version", kVersion},
               {"program_version", c.version},
               {"time", c.time},
               {"hostname", c.hostname},
               {"cpu_model", c.cpu_model},
               {"kernel", c.kernel},
               {"usable_cpus", c.usable_cpus},
               {"workload", c.workload},
               {"model", c.model},
               {"shape", c.shape}};
  if (c.storage) json["storage"] = to_json(*c.storage);
  if (c.client) json["client"] = to_json(*c.client);
  return json;
}

Result<Ceilings> ceilings_from_json(const Json& json, const std::string& name) {
  Ceilings c;
  Fields top(json, name);
  std::string document;
  std::int64_t version = 0;
  top.require("document", document);
  if (!top.failed() && document != kDocument)
    top.fail("document", "'" + document + "'", fmt::format("'{}'", kDocument));
  top.require("document_version", version);
  if (!top.failed() && version != kVersion) {
    top.fail("document_version", std::to_string(version), fmt::format("{}: measure again", kVersion));
  }
  top.get("program_version", c.version);
  top.get("time", c.time);
  top.require("hostname", c.hostname);
  top.get("cpu_model", c.cpu_model);
  top.get("kernel", c.kernel);
  top.get("usable_cpus", c.usable_cpus);
  top.get("workload", c.workload);
  top.get("model", c.model);
  top.require("shape", c.shape);
  if (const Json* const storage = top.object("storage")) {
    Fields parts(*storage, name, "storage");
    c.storage = get_storage(parts);
    top.take(parts.status());
  }
  if (const Json* const client = top.object("client")) {
    Fields parts(*client, name, "client");
    c.client = get_client(parts);
    top.take(parts.status());
  }
  STOKER_TRY(top.status());
  return c;
}

Result<Ceilings> read_ceilings(const fs::path& file) {
  STOKER_ASSIGN(const Json json, read_json(file));
  return ceilings_from_json(json, file.string());
}

Status check_fit(const Ceilings& c, const CeilingUse& use, const std::string& name) {
  if (c.hostname != use.hostname) return unfit(name, "host", c.hostname, use.hostname);
  if (c.shape != use.shape) return unfit(name, "shape of data", c.shape, use.shape);
  if (c.storage && !same_folder(*c.storage, use.data_folder))
    return unfit(name, "data folder", c.storage->data_folder, use.data_folder.string());
  return {};
}

std::string_view to_string(CeilingKind kind) {
  return kind == CeilingKind::kStorage ? "storage" : "client";
}

Result<fs::path> write_ceilings(const fs::path& results, CeilingKind kind, const Ceilings& ceilings, WallTime now) {
  if (ceilings.model.empty() || ceilings.model.starts_with('.') || ceilings.model.find('/') != std::string::npos) {
    return make_error(Code::kConfig, "model.name: '{}' cannot be the name of a folder of results", ceilings.model);
  }
  STOKER_ASSIGN(const fs::path folder,
                create_stamped_folder(kind_folder(results, ceilings.model, kind), run_stamp(now)));
  STOKER_TRY(write_file_atomic(folder / kFileName, dump(to_json(ceilings)) + "\n"));
  return folder / kFileName;
}

FoundCeilings newest_ceilings(const fs::path& results, const std::string& model, CeilingKind kind,
                              const CeilingUse& use) {
  FoundCeilings found;
  std::vector<std::string> names;
  std::error_code none;
  for (fs::directory_iterator it(kind_folder(results, model, kind), none), end; !none && it != end;
       it.increment(none)) {
    if (std::string name = it->path().filename().string(); is_run_stamp(name)) names.push_back(std::move(name));
  }
  // "..._10" comes after "..._9".
  std::ranges::sort(names, [](const std::string& a, const std::string& b) {
    constexpr std::size_t kStamp = 15;
    const int order = a.compare(0, kStamp, b, 0, kStamp);
    return order != 0 ? order > 0 : std::pair(a.size(), a) > std::pair(b.size(), b);
  });
  if (names.size() > kMostCandidates) names.resize(kMostCandidates);
  for (const std::string& name : names) {
    const fs::path file = kind_folder(results, model, kind) / name / kFileName;
    const auto ceilings = read_ceilings(file);
    // Of one that was interrupted there is a folder and no file.
    if (!ceilings && ceilings.error().code == Code::kNotFound) continue;
    const Status fits = ceilings ? check_fit(*ceilings, use, file.string()) : Status(ceilings.error());
    if (fits) return {.file = file, .why_not = {}};
    if (found.why_not.empty()) found.why_not = fits.error().message;
  }
  return found;
}

}  // namespace stoker::results
