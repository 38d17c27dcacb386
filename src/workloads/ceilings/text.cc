#include "workloads/ceilings/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "base/plural.h"
#include "base/units.h"

namespace stoker::ceilings {
namespace {

std::string rate_text(double bytes_per_second) {
  return format_bytes(bytes_per_second) + "/s";
}

std::string ms_text(double ms) {
  return ms > 0 ? format_duration(ms / 1000) : "-";
}

// Columns as wide as their widest cell; the first is flush left.
class Table {
 public:
  void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }
  [[nodiscard]] std::string text() const {
    std::vector<std::size_t> widths;
    for (const auto& row : rows_) {
      widths.resize(std::max(widths.size(), row.size()));
      for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
    }
    std::string out;
    for (const auto& row : rows_) {
      std::string line;
      for (std::size_t i = 0; i < row.size(); ++i) {
        line += i == 0 ? fmt::format("  {:<{}}", row[i], widths[i]) : fmt::format("  {:>{}}", row[i], widths[i]);
      }
      line.erase(line.find_last_not_of(' ') + 1);
      out += line + "\n";
    }
    return out;
  }

 private:
  std::vector<std::vector<std::string>> rows_;
};

void put_points(std::string& out, const std::vector<results::RatePoint>& points, bool direct, bool writes) {
  Table table;
  const bool fio = std::ranges::any_of(points, [&](const auto& p) { return p.direct == direct && p.fio; });
  std::vector<std::string> head{"depth", "threads", "rate"};
  // Pieces are not timed: they are on their way while the next one is made.
  if (!writes) head.insert(head.end(), {"p50", "p99"});
  head.insert(head.end(), {"CPU s/GB", writes ? "piece" : "request", ""});
  if (fio) head.insert(head.end(), {"fio", "p50", "p99", "CPU s/GB"});
  table.add(head);
  bool any = false;
  for (const results::RatePoint& p : points) {
    if (p.direct != direct) continue;
    any = true;
    std::vector<std::string> row{std::to_string(p.depth), std::to_string(p.threads), rate_text(p.bytes_per_second)};
    if (!writes) row.insert(row.end(), {ms_text(p.p50_ms), ms_text(p.p99_ms)});
    row.insert(row.end(),
               {fmt::format("{:.3f}", p.cpu_seconds_per_gb), format_bytes(p.request_bytes), p.knee ? "<- knee" : ""});
    if (p.fio) {
      row.insert(row.end(), {rate_text(p.fio->bytes_per_second), ms_text(p.fio->p50_ms), ms_text(p.fio->p99_ms),
                             fmt::format("{:.3f}", p.fio->cpu_seconds_per_gb)});
    }
    table.add(std::move(row));
  }
  if (any) {
    out += fmt::format("{} {}\n", writes ? "writing" : "reading",
                       direct   ? "past the page cache (O_DIRECT)"
                       : writes ? "through the page cache, until all is on the storage"
                                : "through the page cache, cold");
    out += table.text();
  }
}

std::string accelerators_text(const results::ClientPath& path, const results::ClientCeiling& c) {
  if (!path.accelerators) return "no limit, as steps take no time";
  return fmt::format("{:.2f} accelerators (batches of {}, steps of {})", *path.accelerators, c.batch_size,
                     format_duration(c.step_seconds));
}

}  // namespace

std::string storage_text(const results::StorageCeiling& s) {
  std::string out =
      fmt::format("storage  {}: {}{}\n", s.data_folder, s.storage, s.file_system.empty() ? "" : " on " + s.file_system);
  for (const bool direct : {true, false}) put_points(out, s.reads, direct, false);
  for (const bool direct : {true, false}) put_points(out, s.writes, direct, true);
  for (const std::string& note : s.notes) out += "note  " + note + "\n";
  return out;
}

std::string client_text(const results::ClientCeiling& c) {
  Table table;
  table.add({"one core", "rate", "samples/s", "CPU s/GB", "spread", "runs"});
  for (const results::ClientFigure& f : c.figures) {
    table.add({f.name, rate_text(f.bytes_per_second), fmt::format("{:.0f}", f.samples_per_second),
               fmt::format("{:.4f}", f.cpu_seconds_per_gb), fmt::format("{:.1f} %", 100 * f.spread),
               std::to_string(f.runs)});
  }
  std::string out = table.text();
  const auto put = [&](std::string_view how, const results::ClientPath& path) {
    out += fmt::format("a core, {}: at most {}, {:.0f} samples/s; {}\n", how, rate_text(path.bytes_per_second),
                       path.samples_per_second, accelerators_text(path, c));
  };
  put("reading past the page cache", c.direct);
  put("reading through it", c.buffered);
  for (const std::string& note : c.notes) out += "note  " + note + "\n";
  return out;
}

}  // namespace stoker::ceilings
