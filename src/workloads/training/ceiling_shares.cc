#include "workloads/training/ceiling_shares.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/host_name.h"
#include "base/plural.h"
#include "data/dataset/layout.h"
#include "metrics/ceilings.h"

namespace stoker::training {
namespace {

// What the storage gave at most in the way that the run read: at the knee, or with more threads where that was more.
const results::RatePoint* best_point(const results::StorageCeiling& storage, bool direct) {
  const results::RatePoint* best = nullptr;
  for (const results::RatePoint& point : storage.reads) {
    if (point.direct != direct || (!point.knee && point.threads == 1)) continue;
    if (best == nullptr || point.bytes_per_second > best->bytes_per_second) best = &point;
  }
  return best;
}

}  // namespace

Result<results::CeilingUse> ceiling_use(const config::Workload& w) {
  std::error_code unknown;
  const std::filesystem::path root = std::filesystem::absolute(dataset::Layout(w).root(), unknown);
  STOKER_ASSIGN(const config::Workload described, results::described_workload(w, root));
  return results::CeilingUse{.hostname = host_name(), .shape = results::data_shape(described), .data_folder = root};
}

Result<std::vector<KnownCeilings>> read_ceilings(const std::vector<std::filesystem::path>& files,
                                                 const config::Workload& workload) {
  std::vector<KnownCeilings> known;
  if (files.empty()) return known;
  STOKER_ASSIGN(const results::CeilingUse use, ceiling_use(workload));
  std::array<std::string, 2> told;
  for (const auto& file : files) {
    STOKER_ASSIGN(results::Ceilings ceilings, results::read_ceilings(file));
    STOKER_TRY(results::check_fit(ceilings, use, file.string()));
    for (const auto& [there, other] :
         {std::pair{ceilings.storage.has_value(), &told[0]}, std::pair{ceilings.client.has_value(), &told[1]}}) {
      if (!there) continue;
      if (!other->empty()) {
        return make_error(Code::kConfig,
                          "--ceilings: {} and {} are of the same kind; expected one of the storage and one "
                          "of the client",
                          *other, file.string());
      }
      *other = file.string();
    }
    known.push_back({file, std::move(ceilings)});
  }
  return known;
}

std::optional<results::CeilingShares> ceiling_shares(const std::vector<KnownCeilings>& known, bool direct,
                                                     double bytes_per_second, double cpus) {
  results::CeilingShares shares{.bytes_per_second = bytes_per_second};
  for (const KnownCeilings& one : known) {
    bool used = false;
    if (one.ceilings.storage) {
      const results::RatePoint* const point = best_point(*one.ceilings.storage, direct);
      if (point != nullptr) {
        shares.storage_bytes_per_second = point->bytes_per_second;
        shares.storage_share = metrics::share_of_ceiling(bytes_per_second, point->bytes_per_second);
        shares.storage_how = fmt::format("depth {}{}, {}", point->depth,
                                         point->threads > 1 ? fmt::format(" x {} threads", point->threads) : "",
                                         direct ? "O_DIRECT" : "through the page cache");
        used = true;
      }
    }
    if (one.ceilings.client) {
      const results::ClientPath& path = direct ? one.ceilings.client->direct : one.ceilings.client->buffered;
      shares.client_bytes_per_second = path.bytes_per_second * cpus;
      shares.client_share = metrics::share_of_ceiling(bytes_per_second, *shares.client_bytes_per_second);
      used = true;
    }
    if (used) shares.files.push_back(one.file.string());
  }
  if (!shares.storage_share && !shares.client_share) return std::nullopt;
  return shares;
}

}  // namespace stoker::training
