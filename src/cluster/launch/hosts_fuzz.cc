// --hosts, and the launcher's command line that comes of it.
#include "base/testing/fuzz_input.h"
#include "cluster/launch/mpirun_command.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace stoker::launch;  // NOLINT(google-build-using-namespace)
  stoker::testing::FuzzInput in(data, size);
  const int processes = in.take<std::uint8_t>();
  const std::vector<std::string> words = {std::string(in.text())};
  const auto hosts = parse_hosts(words);
  if (!hosts) return 0;
  for (const Host& host : *hosts) static_cast<void>(is_local_host(host.name, "node-a.cluster"));
  static_cast<void>(ranks_by_host(*hosts, processes, "node-a"));
  const std::vector<std::string> command = {"stoker"};
  static_cast<void>(mpirun_command({.processes = processes, .hosts = *hosts}, command));
  return 0;
}
