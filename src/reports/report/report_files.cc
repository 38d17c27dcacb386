#include "reports/report/report_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <set>
#include <string_view>

#include "base/printable.h"

namespace stoker::reports {

namespace {

namespace fs = std::filesystem;
using results::Json;

using Row = std::map<std::string, std::string>;

Json run_json(const JudgedRun& run) {
  const rules::Run& r = run.record.run;
  Json json = Json::object();
  json["run_id"] = results::to_string(r.id);
  json["benchmark_type"] = results::to_string(r.id.type);
  json["model"] = r.id.model.empty() ? Json() : Json(r.id.model);
  json["command"] = r.id.command;
  json["num_processes"] = r.processes;
  json["parameters"] = r.parameters;
  json["system_info"] = run.record.system_info;
  json["metrics"] = reported_metrics(run.record);
  if (!r.accelerator.empty()) json["accelerator"] = r.accelerator;
  return json;
}

bool is_number(std::string_view text) {
  double value = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  return failure == std::errc() && end == text.data() + text.size() && std::isfinite(value);
}

// A spreadsheet computes what begins like this, and some formulas start programs or send cells away.
bool is_formula(std::string_view text) {
  constexpr std::string_view kBegins = "=+-@\t\r";
  return !text.empty() && kBegins.find(text.front()) != std::string_view::npos && !is_number(text);
}

// RFC 4180: quoted where it must be. What result files bring along reaches a terminal or a spreadsheet spelled out, and
// text that would be a formula there is marked as text.
std::string cell(const std::string& raw) {
  const std::string text = (is_formula(raw) ? "'" : "") + printable_line(raw);
  if (text.find_first_of(",\"\n\r") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + '"';
}

std::string csv(const std::vector<std::string>& columns, const std::vector<Row>& rows) {
  std::string text;
  const auto put_line = [&text, &columns](const auto& value_of) {
    for (std::size_t i = 0; i < columns.size(); ++i) text += (i == 0 ? "" : ",") + cell(value_of(columns[i]));
    text += '\n';
  };
  put_line([](const std::string& column) { return column; });
  for (const Row& row : rows) {
    put_line([&row](const std::string& column) {
      const auto at = row.find(column);
      return at == row.end() ? std::string() : at->second;
    });
  }
  return text;
}

std::string scalar_text(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  return results::dump_line(value);
}

void flatten_into(const Json& json, const std::string& prefix, Row& out) {
  for (const auto& [key, value] : json.items()) {
    const std::string path = prefix.empty() ? key : fmt::format("{}.{}", prefix, key);
    if (value.is_object()) {
      flatten_into(value, path, out);
    } else if (!value.is_null() && !(value.is_number_float() && !std::isfinite(value.get<double>()))) {
      out[path] = scalar_text(value);
    }
  }
}

std::string number_cell(const std::optional<double>& value) {
  return value ? fmt::format("{}", *value) : "";
}

std::string issues_cell(const Workload& workload, const Report& report) {
  std::vector<std::string> issues;
  const auto take = [&issues](const rules::Judgement& judgement) {
    for (const rules::Finding& finding : judgement.findings) {
      if (finding.category == rules::Category::kClosed) continue;
      std::string text = rules::to_string(finding);
      if (std::ranges::find(issues, text) == issues.end()) issues.push_back(std::move(text));
    }
  };
  take(workload.judgement);
  for (const std::size_t index : workload.runs) take(report.runs[index].judgement);
  std::string text;
  for (const std::string& issue : issues) text += (text.empty() ? "" : "; ") + issue;
  return text;
}

Row workload_row(const Workload& workload, const Report& report, const Descriptions& descriptions) {
  Row row;
  row["Submitter"] = workload.origin.submitter;
  row["System Name"] = workload.origin.system;
  row["Model"] = workload.model;
  row["Accelerator"] = workload.accelerator;
  row["Division"] = workload.origin.division;
  std::int64_t nodes = 0;
  std::int64_t processes = 0;
  std::string ids;
  for (const std::size_t index : workload.measured) {
    const rules::Run& run = report.runs[index].record.run;
    nodes = std::max(nodes, run.num_hosts);
    processes = std::max(processes, run.processes);
    ids += (ids.empty() ? "" : " ") + results::to_string(run.id);
  }
  row["number_of_nodes"] = nodes > 0 ? std::to_string(nodes) : "";
  row["# Simulated Accelerators"] = std::to_string(processes);
  row["num_runs"] = std::to_string(workload.measured.size());
  row["run_ids"] = ids;
  const Bandwidth figures = bandwidth(workload.means);
  row["Read B/W (GiB/s)"] = number_cell(figures.read_gib_per_second);
  row["Write B/W (GiB/s)"] = number_cell(figures.write_gib_per_second);
  row["Read Duration"] = number_cell(figures.read_seconds);
  row["Write Duration"] = number_cell(figures.write_seconds);
  if (const auto at = descriptions.find(to_string(workload.origin)); at != descriptions.end()) {
    for (const auto& [key, value] : at->second) row["System." + key] = value;
  }
  for (const auto& [key, value] : flatten(workload.means)) row["metrics." + key] = value;
  row["category"] = rules::to_string(workload.judgement.category());
  row["issues"] = issues_cell(workload, report);
  return row;
}

// The part of a path that is there and is no folder; empty: none.
fs::path file_on_the_way(const fs::path& directory) {
  for (fs::path at = directory; !at.empty() && at != at.root_path(); at = at.parent_path()) {
    std::error_code ignored;
    const fs::file_status status = fs::status(at, ignored);
    if (fs::exists(status)) return fs::is_directory(status) ? fs::path() : at;
  }
  return {};
}

}  // namespace

std::map<std::string, std::string> flatten(const Json& json) {
  Row row;
  flatten_into(json, "", row);
  return row;
}

std::string results_json(const Report& report) {
  Json list = Json::array();
  for (const JudgedRun& run : report.runs) list.push_back(run_json(run));
  return list.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string results_csv(const Report& report) {
  std::set<std::string> columns;
  std::vector<Row> rows;
  for (const JudgedRun& run : report.runs) {
    rows.push_back(flatten(run_json(run)));
    for (const auto& [key, value] : rows.back()) columns.insert(key);
  }
  return csv({columns.begin(), columns.end()}, rows);
}

std::string workload_csv(const Report& report, const Descriptions& descriptions) {
  std::vector<std::string> columns{"Submitter",
                                   "System Name",
                                   "Model",
                                   "Accelerator",
                                   "Division",
                                   "number_of_nodes",
                                   "# Simulated Accelerators",
                                   "num_runs",
                                   "run_ids",
                                   "Read B/W (GiB/s)",
                                   "Write B/W (GiB/s)",
                                   "Read Duration",
                                   "Write Duration"};
  std::vector<Row> rows;
  std::set<std::string> systems;
  std::set<std::string> metrics;
  for (const Workload& workload : report.workloads) {
    rows.push_back(workload_row(workload, report, descriptions));
    for (const auto& [key, value] : rows.back()) {
      if (key.starts_with("System.")) systems.insert(key);
      if (key.starts_with("metrics.")) metrics.insert(key);
    }
  }
  columns.insert(columns.end(), systems.begin(), systems.end());
  columns.insert(columns.end(), metrics.begin(), metrics.end());
  columns.insert(columns.end(), {"category", "issues"});
  return csv(columns, rows);
}

Result<std::vector<fs::path>> write_files(const Report& report, const fs::path& directory,
                                          const Descriptions& descriptions) {
  std::error_code error;
  fs::create_directories(directory, error);
  if (error) {
    if (const fs::path file = file_on_the_way(directory); !file.empty()) {
      return Error{.code = Code::kInvalidArgument,
                   .message = fmt::format("{}: is a file, expected a folder for the report", file.string()),
                   .hint = "name another folder with --output-dir; it is made if it is not there"};
    }
    return make_error(error == std::errc::permission_denied ? Code::kPermission : Code::kIo,
                      "{}: cannot create the folder: {}", directory.string(), error.message());
  }
  const std::vector<std::pair<std::string_view, std::string>> files{
      {"results.json", results_json(report)},
      {"results.csv", results_csv(report)},
      {"workload_results.csv", workload_csv(report, descriptions)}};
  std::vector<fs::path> written;
  for (const auto& [name, text] : files) {
    STOKER_TRY(results::write_file_atomic(directory / name, text));
    written.push_back(directory / name);
  }
  return written;
}

}  // namespace stoker::reports
