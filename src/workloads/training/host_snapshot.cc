#include "workloads/training/host_snapshot.h"

#include <utility>
#include <vector>

namespace stoker::training {

Result<results::SystemInfo> gather_snapshot(dist::Communicator& comm, const std::optional<results::HostInfo>& mine,
                                            const std::string& method) {
  std::string text;
  if (mine) text = results::dump_line(results::to_json(*mine));
  STOKER_ASSIGN(const std::vector<std::string> texts, comm.gather(text, 0));
  results::SystemInfo system;
  if (comm.rank() != 0) return system;
  system.collection_method = method;
  for (std::size_t rank = 0; rank < texts.size(); ++rank) {
    if (texts[rank].empty()) continue;
    const std::string name = fmt::format("host facts of rank {}", rank);
    STOKER_ASSIGN(const results::Json json, results::parse_json(texts[rank], name));
    STOKER_ASSIGN(results::HostInfo host, results::host_info_from_json(json, name));
    system.hosts.push_back(std::move(host));
  }
  if (!system.hosts.empty()) system.collection_timestamp = system.hosts.front().collection_timestamp;
  system.host_consistency_issues = results::consistency_issues(system.hosts);
  return system;
}

}  // namespace stoker::training
