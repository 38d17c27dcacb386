#include "cluster/launch/mpirun_command.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <string>
#include <vector>

#include "base/testing/status_matchers.h"

namespace stoker::launch {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Words = std::vector<std::string>;

Result<std::vector<Host>> hosts_of(const Words& words) {
  return parse_hosts(words);
}

// "a b:2": names and slots as they were understood.
std::string shown(const std::vector<Host>& hosts) {
  std::string text;
  for (const Host& host : hosts) {
    if (!text.empty()) text += ' ';
    text += host.name;
    if (host.slots) text += "=" + std::to_string(*host.slots);
  }
  return text;
}

TEST(ParseHosts, WordsCommasAndQuotes) {
  const struct {
    Words words;
    std::string expected;
  } cases[] = {
      {{"127.0.0.1"}, "127.0.0.1"},
      {{"a", "b"}, "a b"},
      {{"a,b"}, "a b"},
      {{"a, b ,c"}, "a b c"},
      {{"a b"}, "a b"},
      {{"'a,b'"}, "a b"},
      {{"\"a b\""}, "a b"},
      {{",a,,b,"}, "a b"},
      {{"a:2,b:3", "c:4"}, "a=2 b=3 c=4"},
      {{"node-1.example.org:16"}, "node-1.example.org=16"},
      {{"a", "a"}, "a a"},
      {{"my_host"}, "my_host"},
      {{"::1", "fe80::1%eth0"}, "::1 fe80::1%eth0"},
      {{"[fe80::1]:4", "[::1]"}, "fe80::1=4 ::1"},
  };
  for (const auto& c : cases) {
    auto hosts = hosts_of(c.words);
    ASSERT_OK(hosts);
    EXPECT_EQ(shown(*hosts), c.expected);
  }
}

TEST(ParseHosts, ErrorsNameTheBadPart) {
  const struct {
    Words words;
    std::string part;
  } cases[] = {
      {{}, "at least one host"},
      {{" , "}, "at least one host"},
      {{"a,b:"}, "'b:'"},
      {{"a:x"}, "'a:x': expected a number of slots"},
      {{"a:0"}, "'a:0': expected a number of slots"},
      {{"a:-3"}, "'a:-3': expected a number of slots"},
      {{"a:2x"}, "'a:2x': expected a number of slots"},
      {{"a:99999999999"}, "'a:99999999999'"},
      {{":4"}, "':4': expected a host name"},
      {{"-oProxyCommand"}, "'-oProxyCommand': expected a host name"},
      {{"a;b"}, "'a;b': expected a host name"},
      {{"$(x)"}, "expected a host name"},
      {{"[::1"}, "']'"},
      {{"[::1]4"}, "':slots'"},
      {{"[a;b::]:1"}, "IPv6"},
      {{"a::;"}, "expected a host name"},
  };
  for (const auto& c : cases) {
    const auto hosts = hosts_of(c.words);
    EXPECT_ERROR(hosts, Code::kInvalidArgument, c.part);
    EXPECT_THAT(hosts.error().hint, HasSubstr("--hosts"));
  }
}

TEST(IsLocalHost, OnlyWhatCanMeanThisMachine) {
  for (const char* name : {"localhost", "127.0.0.1", "127.0.1.1", "::1", "localhost.localdomain"}) {
    EXPECT_TRUE(is_local_host(name)) << name;
  }
  for (const char* name : {"node1", "127.example.org", "10.0.0.1", "", "localhost2"})
    EXPECT_FALSE(is_local_host(name)) << name;
  EXPECT_TRUE(is_local_host("node1", "node1"));
  EXPECT_TRUE(is_local_host("node1", "node1.example.org"));
  EXPECT_FALSE(is_local_host("node", "node1"));
  EXPECT_FALSE(is_local_host("node1.example.org", "node1"));
}

MpirunOptions options(int processes, const Words& hosts) {
  MpirunOptions result;
  result.processes = processes;
  if (!hosts.empty()) result.hosts = *hosts_of(hosts);
  return result;
}

std::string line(const MpirunOptions& o) {
  auto words = mpirun_command(o, Words{"stoker", "worker"});
  if (!words) return "error: " + words.error().message;
  return shell_line(*words);
}

TEST(MpirunCommand, DealsProcessesToHosts) {
  const struct {
    int processes;
    Words hosts;
    std::string list;
    std::string map_by;
  } cases[] = {
      {1, {}, "localhost:1", "socket"},
      {16, {"localhost"}, "localhost:16", "socket"},
      {8, {"a", "b", "c"}, "a:3,b:3,c:2", "node"},
      {6, {"a", "b", "c"}, "a:2,b:2,c:2", "node"},
      {2, {"a", "b", "c"}, "a:1,b:1", "node"},
      {1, {"a", "b"}, "a:1", "socket"},
      {8, {"a", "a"}, "a:4,a:4", "socket"},
      {8, {"a:4", "b:4"}, "a:4,b:4", "node"},
      {3, {"a:4", "b:4"}, "a:4,b:4", "node"},
      {2, {"fe80::1"}, "[fe80::1]:2", "socket"},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(line(options(c.processes, c.hosts)),
              fmt::format("mpirun -n {} -host {} --bind-to none --map-by {} stoker worker", c.processes,
                          c.list.find('[') == std::string::npos ? c.list : "'" + c.list + "'", c.map_by));
  }
}

TEST(RanksByHost, AsTheLauncherDealsThem) {
  const struct {
    int processes;
    Words hosts;
    std::vector<int> ranks;
  } cases[] = {
      {8, {"a:7", "b:1"}, {7, 1}},
      {8, {"a:6", "b:2"}, {6, 2}},
      {8, {"a:8", "b:8"}, {4, 4}},
      {9, {"a:2", "b:8", "c:4"}, {2, 4, 3}},
      {1, {"a:4", "b:4"}, {1, 0}},
      {8, {"a", "b", "c"}, {3, 3, 2}},
      {1, {"a", "b"}, {1, 0}},
      {9, {"a", "a", "b"}, {6, 3}},
      {6, {"a:1", "b:4", "a:2"}, {3, 3}},
      {7, {"a:1", "b:2"}, {3, 4}},
      {4, {"localhost:2", "127.0.0.1:2"}, {4}},
      {4, {"me:2", "localhost:1", "b:1"}, {3, 1}},
      {4, {"a:2", "b"}, {}},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(ranks_by_host(*hosts_of(c.hosts), c.processes, "me"), c.ranks)
        << fmt::format("{}", fmt::join(c.hosts, " "));
  }
  EXPECT_TRUE(ranks_by_host({}, 4).empty());
  // What a damaged file may say is dealt all the same, and soon.
  EXPECT_EQ(ranks_by_host(*hosts_of({"a:2147483647", "b:2147483647"}), 1 << 20), (std::vector<int>{1 << 19, 1 << 19}));
}

TEST(MpirunCommand, FlagsAndTheUsersParametersComeLast) {
  MpirunOptions o = options(2, {"a"});
  o.program = "/opt/mpi/bin/mpiexec";
  o.oversubscribe = true;
  o.allow_run_as_root = true;
  o.refuses_root = true;
  o.mpi_params = {"-x", "A=b c"};
  EXPECT_EQ(line(o),
            "/opt/mpi/bin/mpiexec -n 2 -host a:2 --bind-to none --map-by socket --oversubscribe --allow-run-as-root -x "
            "'A=b c' "
            "stoker worker");
}

// Of two directives Open MPI 4 refuses some mappings, and Open MPI 5 a second binding.
TEST(MpirunCommand, WhatTheUserMapsOrBindsIsLeftToThem) {
  MpirunOptions o = options(2, {"a"});
  o.mpi_params = {"--rankfile", "f"};
  EXPECT_EQ(line(o), "mpirun -n 2 -host a:2 --bind-to none --rankfile f stoker worker");
  o.mpi_params = {"--bind-to", "core"};
  EXPECT_EQ(line(o), "mpirun -n 2 -host a:2 --map-by socket --bind-to core stoker worker");
  o.mpi_params = {"--map-by", "core", "-bind-to-core"};
  EXPECT_EQ(line(o), "mpirun -n 2 -host a:2 --map-by core -bind-to-core stoker worker");
}

TEST(MpirunCommand, WithoutACommandItIsThePrefix) {
  EXPECT_THAT(*mpirun_command(options(1, {"a"}), {}),
              ElementsAre("mpirun", "-n", "1", "-host", "a:1", "--bind-to", "none", "--map-by", "socket"));
}

TEST(MpirunCommand, TooFewSlotsIsAnErrorUnlessOversubscribed) {
  MpirunOptions o = options(8, {"a:2", "b:5"});
  const auto refused = mpirun_command(o, {});
  EXPECT_ERROR(refused, Code::kInvalidArgument, "7 slots for 8 processes");
  EXPECT_THAT(refused.error().hint, HasSubstr("--oversubscribe"));
  o.oversubscribe = true;
  EXPECT_OK(mpirun_command(o, {}));
  o.oversubscribe = false;
  o.mpi_params = {"--oversubscribe"};
  EXPECT_OK(mpirun_command(o, {}));
}

TEST(MpirunCommand, SlotsForAllHostsOrNone) {
  const auto mixed = mpirun_command(options(4, {"a:2", "b", "c:2"}), {});
  EXPECT_ERROR(mixed, Code::kInvalidArgument, "'b' has no number of slots");
  EXPECT_THAT(mixed.error().hint, HasSubstr("b:<slots>"));
}

TEST(MpirunCommand, RootHasToBeAllowed) {
  MpirunOptions o = options(1, {"a"});
  o.refuses_root = true;
  const auto refused = mpirun_command(o, {});
  EXPECT_ERROR(refused, Code::kInvalidArgument, "mpirun refuses to start as root");
  EXPECT_THAT(refused.error().hint, HasSubstr("--allow-run-as-root"));
  // Never added silently, but found among the user's own words.
  o.mpi_params = {"-allow-run-as-root"};
  EXPECT_EQ(line(o), "mpirun -n 1 -host a:1 --bind-to none --map-by socket -allow-run-as-root stoker worker");
}

TEST(MpirunCommand, NeedsAProcess) {
  EXPECT_ERROR(mpirun_command(options(0, {"a"}), {}), Code::kInvalidArgument, "expected 1 or more");
  EXPECT_ERROR(mpirun_command(options(-1, {}), {}), Code::kInvalidArgument, "-1");
}

TEST(LauncherProgram, ComesFromTheEnvironmentIfSet) {
  ::unsetenv("MPI_RUN_BIN");
  ::unsetenv("MPI_EXEC_BIN");
  EXPECT_EQ(launcher_program(MpiBin::kMpirun), "mpirun");
  EXPECT_EQ(launcher_program(MpiBin::kMpiexec), "mpiexec");
  ::setenv("MPI_RUN_BIN", "/opt/run", 1);
  ::setenv("MPI_EXEC_BIN", "", 1);
  EXPECT_EQ(launcher_program(MpiBin::kMpirun), "/opt/run");
  EXPECT_EQ(launcher_program(MpiBin::kMpiexec), "mpiexec");
  ::unsetenv("MPI_RUN_BIN");
  ::unsetenv("MPI_EXEC_BIN");
}

TEST(LauncherRefusesRoot, UnlessBothVariablesAllowIt) {
  ::unsetenv("OMPI_ALLOW_RUN_AS_ROOT");
  ::unsetenv("OMPI_ALLOW_RUN_AS_ROOT_CONFIRM");
  EXPECT_EQ(launcher_refuses_root(), ::geteuid() == 0);
  ::setenv("OMPI_ALLOW_RUN_AS_ROOT", "1", 1);
  EXPECT_EQ(launcher_refuses_root(), ::geteuid() == 0);
  ::setenv("OMPI_ALLOW_RUN_AS_ROOT_CONFIRM", "1", 1);
  EXPECT_FALSE(launcher_refuses_root());
  ::unsetenv("OMPI_ALLOW_RUN_AS_ROOT");
  ::unsetenv("OMPI_ALLOW_RUN_AS_ROOT_CONFIRM");
}

}  // namespace
}  // namespace stoker::launch
