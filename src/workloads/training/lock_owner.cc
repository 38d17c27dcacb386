#include "workloads/training/lock_owner.h"

#include <string>
#include <vector>

namespace stoker::training {

Result<dataset::LockOwner> lock_owner(dist::Communicator& comm, std::string_view what) {
  const dataset::LockOwner me = dataset::this_process(what);
  STOKER_ASSIGN(const std::vector<std::string> texts,
                comm.gather(comm.node().process_leader ? dataset::to_text(me) : std::string(), 0));
  std::vector<dataset::LockOwner> all;
  for (const std::string& text : texts) {
    if (const auto owner = dataset::parse_lock(text)) all.push_back(*owner);
  }
  return dataset::with_peers(me, all);
}

}  // namespace stoker::training
