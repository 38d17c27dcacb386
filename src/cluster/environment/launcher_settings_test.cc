#include "cluster/environment/launcher_settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "base/testing/temp_dir.h"
#include "results/json.h"

namespace stoker::environment {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Key;
using ::testing::Not;
using Words = std::vector<std::string>;

Variables variables(std::map<std::string, std::string> values) {
  return [values = std::move(values)](const std::string& name) -> std::optional<std::string> {
    const auto at = values.find(name);
    if (at == values.end()) return std::nullopt;
    return at->second;
  };
}

TEST(LauncherVariables, LetSshFailRatherThanAsk) {
  const auto set = launcher_variables({}, {}, variables({}));
  EXPECT_THAT(
      set, Contains(std::pair<std::string, std::string>(
               "OMPI_MCA_plm_rsh_args", "-o BatchMode=yes -o ConnectTimeout=5 -o StrictHostKeyChecking=accept-new")));
  EXPECT_THAT(set, Contains(Key("OMPI_MCA_oob_tcp_keepalive_time")));
  EXPECT_THAT(set, Contains(std::pair<std::string, std::string>("OMPI_MCA_orte_forward_job_control", "1")));
}

TEST(LauncherVariables, LeaveAnotherAgentAlone) {
  const Words params{"--mca", "plm_rsh_agent", "/opt/agent"};
  EXPECT_FALSE(starts_with_ssh(params, variables({})));
  EXPECT_THAT(launcher_variables(params, {}, variables({})), Not(Contains(Key("OMPI_MCA_plm_rsh_args"))));
  for (const char* name : {"OMPI_MCA_plm_rsh_agent", "OMPI_MCA_plm_rsh_args", "PRTE_MCA_plm_ssh_agent", "SLURM_JOB_ID",
                           "SGE_ROOT", "PBS_JOBID"}) {
    EXPECT_FALSE(starts_with_ssh({}, variables({{name, "1"}}))) << name;
  }
  EXPECT_TRUE(starts_with_ssh({}, variables({{"HOME", "/nowhere"}})));
}

TEST(LauncherVariables, LeaveAnAgentOfTheSettingsFileAlone) {
  const stoker::testing::TempDir home;
  std::filesystem::create_directories(home.path() / ".openmpi");
  const auto write = [&](const char* text) {
    ASSERT_TRUE(results::write_file_atomic(home.path() / ".openmpi/mca-params.conf", text).has_value());
  };
  const Variables of_home = variables({{"HOME", home.path().string()}});
  write("# plm_rsh_agent = x\nbtl = tcp,self\n");
  EXPECT_TRUE(starts_with_ssh({}, of_home));
  write("btl = tcp,self\n  plm_rsh_agent=/opt/agent\n");
  EXPECT_FALSE(starts_with_ssh({}, of_home));
}

TEST(LauncherVariables, LeaveTheUsersOwnValuesAlone) {
  const auto set = launcher_variables(Words{"--mca", "oob_tcp_keepalive_probes", "9"}, {},
                                      variables({{"OMPI_MCA_oob_tcp_keepalive_time", "300"}}));
  EXPECT_THAT(set, ElementsAre(Key("OMPI_MCA_plm_rsh_args"), Key("OMPI_MCA_oob_tcp_keepalive_intvl"),
                               Key("OMPI_MCA_orte_forward_job_control")));
}

TEST(LauncherVariables, KeepFullHostNamesWhole) {
  constexpr const char* kName = "OMPI_MCA_orte_keep_fqdn_hostnames";
  const auto set_for = [](const Words& hosts, std::map<std::string, std::string> user = {}) {
    return launcher_variables({}, *launch::parse_hosts(hosts), variables(std::move(user)));
  };
  EXPECT_THAT(set_for({"a", "node1.example.org:2"}), Contains(std::pair<std::string, std::string>(kName, "1")));
  EXPECT_THAT(set_for({"a", "10.0.0.1", "fe80::1", "::ffff:10.0.0.1"}), Not(Contains(Key(kName))));
  EXPECT_THAT(set_for({"node1.example.org"}, {{kName, "0"}}), Not(Contains(Key(kName))));
}

TEST(JobOfABatchSystem, KnowsNoLoopbackAddress) {
  const auto named = [](std::map<std::string, std::string> set) {
    auto hosts = *launch::parse_hosts(Words{"127.0.0.1:2", "localhost:1", "node1:3"});
    name_as_in_job(hosts, variables(std::move(set)));
    return hosts;
  };
  const auto is = [](const char* name, int slots) {
    return ::testing::AllOf(::testing::Field(&launch::Host::name, name), ::testing::Field(&launch::Host::slots, slots));
  };
  EXPECT_THAT(named({}), ElementsAre(is("127.0.0.1", 2), is("localhost", 1), is("node1", 3)));
  for (const char* job : {"SLURM_JOB_ID", "PBS_JOBID", "LSB_JOBID"})
    EXPECT_THAT(named({{job, "7"}}), ElementsAre(is("localhost", 2), is("localhost", 1), is("node1", 3))) << job;
}

TEST(JobOfABatchSystem, SaysWhatItsNodesAreCalled) {
  EXPECT_EQ(nodes_of_job(variables({})), "");
  EXPECT_EQ(nodes_of_job(variables({{"SLURM_JOB_ID", "7"}, {"SLURM_JOB_NODELIST", "n[1-2]\n"}})),
            "in a job of Slurm the hosts are its nodes (SLURM_JOB_NODELIST=n[1-2]\\x0a)");
  EXPECT_EQ(nodes_of_job(variables({{"PBS_JOBID", "7"}})), "in a job of PBS the hosts are its nodes");
  EXPECT_EQ(nodes_of_job(variables({{"SGE_ROOT", "/opt/sge"}})), "") << "of every login shell there";
  EXPECT_EQ(nodes_of_job(variables({{"SGE_ROOT", "/opt/sge"}, {"PE_HOSTFILE", "/f"}})),
            "in a job of Grid Engine the hosts are its nodes (PE_HOSTFILE=/f)");
  EXPECT_EQ(nodes_of_job(variables({{"LOADLBATCH", "yes"}})), "in a job of LoadLeveler the hosts are its nodes");
}

TEST(WithoutLayout, KeepsWhatReachesHosts) {
  EXPECT_THAT(without_layout(Words{"--map-by", "ppr:4:node", "--mca", "btl", "tcp,self", "-bynode", "-x", "PATH",
                                   "--rankfile", "f", "--tag-output", "--mca", "rmaps_base_mapping_policy", "node",
                                   "--rank-by", "core", "--bind-to", "core"}),
              ElementsAre("--mca", "btl", "tcp,self", "-x", "PATH"));
  EXPECT_THAT(without_layout(Words{"--map-by"}), IsEmpty());
  EXPECT_THAT(without_layout(Words{"--mca", "x", "N"}), ElementsAre("--mca", "x", "N")) << "a value, not an option";
}

}  // namespace
}  // namespace stoker::environment
