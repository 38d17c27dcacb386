#include "workloads/training/prove_coverage.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

#include "base/compact_text.h"
#include "base/plural.h"

namespace stoker::training {
namespace {

// Files whose rows are put together at a time: memory does not grow with their number.
constexpr std::uint64_t kSliceFiles = std::uint64_t{1} << 20;

// Rank 0 adds up what ranks have counted for themselves.
Status add_ranks(const std::vector<std::string>& texts, dataset::CoverageTotals& totals, std::uint64_t& digest) {
  for (std::size_t rank = 0; rank < texts.size(); ++rank) {
    CompactReader reader(texts[rank]);
    totals.again += reader.varint();
    digest = dataset::add_digests(digest, reader.varint());
    if (!reader.ok()) return make_error(Code::kCorrupt, "what rank {} says it read is damaged on the way", rank);
  }
  return {};
}

Status check(const results::EpochCoverage& coverage, std::uint64_t epoch) {
  if (coverage.read == coverage.planned && coverage.read_more_than_once == 0) return {};
  return make_error(Code::kInternal, "epoch {}: of {} planned, {} were read, and {} more than once", epoch,
                    counted_long(coverage.planned, "sample"), format_count(coverage.read),
                    format_count(coverage.read_more_than_once));
}

}  // namespace

Result<results::EpochCoverage> prove_coverage(Context& c, const DataSplit& data, const dataset::EpochPlan& plan,
                                              const dataset::Coverage& mine, std::uint64_t epoch) {
  std::string counts;
  put_varint(counts, mine.again());
  put_varint(counts, mine.digest([&](std::uint64_t file) { return data.files.name(file); }));
  STOKER_ASSIGN(const std::vector<std::string> all_counts, c.comm.gather(counts, 0));
  dataset::CoverageTotals totals;
  std::uint64_t digest = 0;
  Status added;
  if (c.root()) added = add_ranks(all_counts, totals, digest);
  for (std::uint64_t first = 0; first < data.files.size(); first += kSliceFiles) {
    const std::uint64_t files = std::min(kSliceFiles, data.files.size() - first);
    STOKER_ASSIGN(const std::vector<std::string> slices, c.comm.gather(mine.slice(first, files), 0));
    if (c.root() && added) added = dataset::add_slices(slices, first, files, plan.row_counts(), totals);
  }
  results::EpochCoverage coverage;
  if (c.root() && added) {
    coverage.planned = plan.rows() * static_cast<std::uint64_t>(c.comm.size());
    coverage.read = totals.rows;
    coverage.read_more_than_once = totals.again;
    coverage.left_out = data.counted.rows.total() - totals.rows;
    coverage.digest = fmt::format("{:016x}", digest);
    added = check(coverage, epoch);
  }
  STOKER_TRY(dist::agree_on_root(c.comm, added));
  return coverage;
}

}  // namespace stoker::training
