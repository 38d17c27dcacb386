#include "cluster/environment/hosts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <mutex>

#include "base/host_name.h"
#include "base/testing/temp_dir.h"

namespace stoker::environment {
namespace {

using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::UnorderedElementsAre;

// Machines that a launcher reaches, or not: by the host list of its command line.
class Machines {
 public:
  struct Machine {
    std::uint64_t memory = 0;
    std::string complaint;  // on stderr; "" : it answers
    int exit_code = 255;
  };
  std::map<std::string, Machine> machines;
  bool together = true;  // whether several at a time can be asked
  std::string noise;     // printed before the answer
  std::vector<std::vector<std::string>> asked;
  std::vector<launch::ProcessSpec> specs;

  MakeLauncher maker() {
    return [this] { return std::make_unique<Fake>(*this); };
  }

 private:
  class Fake final : public launch::Launcher {
   public:
    explicit Fake(Machines& machines) : m_(machines) {}
    Result<int> run(const launch::ProcessSpec& spec, const std::stop_token&) override {
      const std::lock_guard lock(m_.mutex_);
      m_.specs.push_back(spec);
      const auto at = std::find(spec.command.begin(), spec.command.end(), "-host");
      std::vector<std::string> names;
      std::string list = *(at + 1);
      for (std::size_t comma = 0; comma != std::string::npos;) {
        comma = list.find(',');
        const std::string word = list.substr(0, comma);
        names.push_back(word.substr(0, word.find(':')));
        if (comma != std::string::npos) list.erase(0, comma + 1);
      }
      m_.asked.push_back(names);
      results::SystemInfo system{.collection_method = "mpi", .collection_timestamp = "2025-06-01T10:00:00Z"};
      for (const auto& name : names) {
        const Machine& machine = m_.machines[name];
        if (!machine.complaint.empty() || (names.size() > 1 && !m_.together)) {
          std::ofstream(spec.stderr_log) << (machine.complaint.empty() ? "no common network" : machine.complaint);
          return machine.exit_code;
        }
        system.hosts.push_back({.hostname = name, .memory = {.total = machine.memory}});
      }
      system.host_consistency_issues = results::consistency_issues(system.hosts);
      std::ofstream(spec.stdout_log) << m_.noise << results::to_json(system).dump() << "\n";
      return 0;
    }

   private:
    Machines& m_;
  };
  std::mutex mutex_;
};

class AskHosts : public ::testing::Test {
 protected:
  AskHosts() {
    query_.launched = true;
    query_.launcher.program = "mpirun";
    query_.command = {"/opt/stoker", "host-facts"};
  }
  HostAnswer ask(const std::vector<std::string>& words) {
    const auto hosts = launch::parse_hosts(words);
    EXPECT_TRUE(hosts.has_value());
    query_.launcher.hosts = *hosts;
    return ask_hosts(query_, machines_.maker(), proc_, {}, {});
  }
  static std::vector<std::string> names(const results::SystemInfo& system) {
    std::vector<std::string> found;
    for (const auto& host : system.hosts) found.push_back(host.hostname);
    return found;
  }
  static std::vector<std::string> missing(const results::SystemInfo& system) {
    std::vector<std::string> found;
    for (const auto& host : system.missing_hosts) found.push_back(host.host);
    return found;
  }

  Machines machines_;
  HostQuery query_;
  const host::Proc proc_;
};

TEST_F(AskHosts, WithoutALauncherThisHostIsRead) {
  query_.launched = false;
  const HostAnswer answer = ask({"localhost"});
  EXPECT_EQ(answer.system.collection_method, "local");
  ASSERT_EQ(answer.system.hosts.size(), 1U);
  EXPECT_EQ(answer.system.hosts[0].hostname, host_name());
  EXPECT_FALSE(answer.system.hosts[0].mounts.empty()) << "in full";
  EXPECT_TRUE(answer.problems.empty());
  EXPECT_TRUE(machines_.asked.empty());
  EXPECT_EQ(shortfall(answer.system), "");
}

TEST_F(AskHosts, OneProcessPerDistinctHostAnswers) {
  machines_.machines = {{"a", {.memory = 100}}, {"b", {.memory = 200}}};
  machines_.noise = "Welcome to the cluster\n{not json\n";
  query_.variables = {{"OMPI_MCA_x", "1"}};
  const HostAnswer answer = ask({"a:8", "b:8", "a:4"});
  EXPECT_EQ(names(answer.system), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(answer.system.collection_method, "mpi");
  EXPECT_EQ(answer.system.host_consistency_issues.size(), 1U);
  EXPECT_TRUE(answer.problems.empty());
  ASSERT_EQ(machines_.specs.size(), 1U);
  EXPECT_THAT(machines_.specs[0].command, ElementsAre("mpirun", "-n", "2", "-host", "a:1,b:1", "--bind-to", "none",
                                                      "--map-by", "node", "/opt/stoker", "host-facts"));
  EXPECT_EQ(machines_.specs[0].timeout, std::chrono::seconds(60));
  EXPECT_EQ(machines_.specs[0].environment, query_.variables);
}

TEST_F(AskHosts, TheOneThatCannotBeReachedIsNamed) {
  machines_.machines = {
      {"a", {.memory = 100}},
      {"b", {.complaint = "ssh: connect to host b port 22: No route to host\n-----\nORTE was unable\n"}},
      {"c", {.memory = 100}}};
  const HostAnswer answer = ask({"a,b,c"});
  EXPECT_EQ(names(answer.system), (std::vector<std::string>{"a", "c"}));
  EXPECT_EQ(missing(answer.system), std::vector<std::string>{"b"});
  EXPECT_EQ(answer.system.collection_method, "mpi");
  ASSERT_EQ(answer.problems.size(), 1U);
  EXPECT_EQ(answer.problems[0].number, ErrorNumber::kHostUnreachable);
  EXPECT_EQ(answer.problems[0].message,
            "host b: cannot be reached through mpirun: ssh: connect to host b port 22: No route to host");
  EXPECT_THAT(answer.problems[0].hint, HasSubstr("tried: mpirun -n 1 -host b:1 "));
  EXPECT_EQ(shortfall(answer.system), "host facts of 2 of 3 hosts only (mpi): b is missing");
  EXPECT_THAT(machines_.asked,
              UnorderedElementsAre(ElementsAre("a", "b", "c"), ElementsAre("a"), ElementsAre("b"), ElementsAre("c")));
}

TEST_F(AskHosts, OutsideTheJobTheHintNamesItsNodes) {
  machines_.machines = {{"b", {.complaint = "All nodes which are allocated for this job are already filled.\n"}}};
  query_.nodes_of_job = "in a job of Slurm the hosts are its nodes (SLURM_JOB_NODELIST=n1)";
  const HostAnswer answer = ask({"b"});
  ASSERT_EQ(answer.problems.size(), 1U);
  EXPECT_THAT(answer.problems[0].hint, EndsWith("host-facts; " + query_.nodes_of_job));
}

TEST_F(AskHosts, AMissingProgramIsToldFromAMissingHost) {
  machines_.machines = {
      {"a", {.memory = 100}},
      {"b",
       {.complaint = "-----------\nmpirun was unable to launch the specified application as it could not access\nor "
                     "execute an executable:\n\nExecutable: /opt/stoker\nNode: b\n\nwhile attempting to start process "
                     "rank 0.\n----------\n"}},
      {"c", {.complaint = "bash: line 1: orted: command not found\n----\nORTE was unable\n"}},
      {"d",
       {.complaint =
            "stoker: error: cannot load the MPI module: libmpi.so.40: cannot open\n  hint: install openmpi-bin\n",
        .exit_code = 6}}};
  const HostAnswer answer = ask({"a,b,c,d"});
  ASSERT_EQ(answer.problems.size(), 3U);
  EXPECT_EQ(
      answer.problems[0].message,
      "host b: the program cannot be run there: mpirun was unable to launch the specified application as it could "
      "not access or execute an executable: Executable: /opt/stoker Node: b");
  EXPECT_THAT(answer.problems[0].hint, HasSubstr("install /opt/stoker under the same path on every host"));
  EXPECT_EQ(answer.problems[1].number, ErrorNumber::kMpiMissing);
  EXPECT_THAT(answer.problems[1].message, HasSubstr("host c: Open MPI was not found there"));
  EXPECT_EQ(answer.problems[2].number, ErrorNumber::kMpiMissing);
  EXPECT_EQ(answer.problems[2].message, "host d: cannot load the MPI module: libmpi.so.40: cannot open");
  EXPECT_EQ(answer.problems[2].hint, "install openmpi-bin");
}

TEST_F(AskHosts, WhenNoneAnswersTheFactsAreOfThisHostAndFlagged) {
  machines_.machines = {{"a", {.complaint = "no"}}, {"b", {.complaint = "no"}}};
  const HostAnswer answer = ask({"a", "b"});
  EXPECT_EQ(answer.system.collection_method, "local_fallback");
  EXPECT_EQ(names(answer.system), std::vector<std::string>{host_name()});
  EXPECT_EQ(missing(answer.system), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(answer.problems.size(), 2U);
  EXPECT_EQ(shortfall(answer.system), "host facts of this host only (local_fallback): a, b are missing");
}

TEST_F(AskHosts, HostsThatCannotCommunicateAreToldFromMissingOnes) {
  machines_.machines = {{"a", {.memory = 100}}, {"b", {.memory = 100}}};
  machines_.together = false;
  const HostAnswer answer = ask({"a", "b"});
  ASSERT_EQ(answer.problems.size(), 1U);
  EXPECT_EQ(answer.problems[0].number, ErrorNumber::kCommunication);
  EXPECT_THAT(answer.problems[0].message, HasSubstr("each host answers alone"));
  EXPECT_EQ(answer.system.hosts.size(), 2U) << "their facts are known";
  EXPECT_EQ(shortfall(answer.system), "");
}

TEST_F(AskHosts, ALauncherThatCannotBeStartedIsAskedOnce) {
  int asked = 0;
  class NotThere final : public launch::Launcher {
   public:
    explicit NotThere(int& asked) : asked_(asked) {}
    Result<int> run(const launch::ProcessSpec&, const std::stop_token&) override {
      ++asked_;
      return make_error(Code::kNotFound, "cannot start 'mpirun': No such file or directory");
    }
    int& asked_;
  };
  query_.launcher.hosts = {{"a", {}}, {"b", {}}};
  const HostAnswer answer = ask_hosts(query_, [&] { return std::make_unique<NotThere>(asked); }, proc_, {}, {});
  EXPECT_EQ(asked, 1);
  ASSERT_EQ(answer.problems.size(), 1U);
  EXPECT_EQ(answer.problems[0].number, ErrorNumber::kMpiMissing);
  EXPECT_EQ(answer.problems[0].code, Code::kFailed);
}

TEST_F(AskHosts, AHostThatDoesNotAnswerInTimeIsNamed) {
  class Silent final : public launch::Launcher {
   public:
    Result<int> run(const launch::ProcessSpec&, const std::stop_token&) override {
      return make_error(Code::kTimeout, "'mpirun' did not end within 60 s and was stopped");
    }
  };
  query_.launcher.hosts = {{"a", {}}};
  const HostAnswer answer = ask_hosts(query_, [] { return std::make_unique<Silent>(); }, proc_, {}, {});
  ASSERT_EQ(answer.problems.size(), 1U);
  EXPECT_EQ(answer.problems[0].code, Code::kTimeout);
  EXPECT_THAT(answer.problems[0].message, HasSubstr("host a: no answer: 'mpirun' did not end within 60 s"));
}

TEST_F(AskHosts, ALauncherThatRefusesRootSaysSo) {
  query_.launcher.refuses_root = true;
  const HostAnswer answer = ask({"a", "b"});
  ASSERT_EQ(answer.problems.size(), 1U);
  EXPECT_THAT(answer.problems[0].message, HasSubstr("refuses to start as root"));
  EXPECT_TRUE(machines_.asked.empty());
}

TEST_F(AskHosts, ALauncherThatRefusesItsCommandLineIsAskedOnce) {
  machines_.machines = {
      {"a", {.complaint = "mpirun: Error: unknown option \"--mac\"\nType 'mpirun --help' for usage.\n"}},
      {"b", {.memory = 100}}};
  const HostAnswer answer = ask({"a", "b"});
  ASSERT_EQ(answer.problems.size(), 1U);
  EXPECT_EQ(answer.problems[0].code, Code::kInvalidArgument);
  EXPECT_THAT(answer.problems[0].message, HasSubstr("refuses its command line: mpirun: Error: unknown option"));
  EXPECT_EQ(machines_.asked.size(), 1U);
}

TEST_F(AskHosts, AnAnswerWithoutFactsIsAProblem) {
  class Mute final : public launch::Launcher {
   public:
    Result<int> run(const launch::ProcessSpec&, const std::stop_token&) override { return 0; }
  };
  query_.launcher.hosts = {{"a", {}}};
  const HostAnswer answer = ask_hosts(query_, [] { return std::make_unique<Mute>(); }, proc_, {}, {});
  ASSERT_EQ(answer.problems.size(), 1U);
  EXPECT_EQ(answer.problems[0].number, ErrorNumber::kClusterInfo);
}

TEST_F(AskHosts, MpiThatDoesNotComeUpIsNoMatterOfALogin) {
  machines_.machines = {{"a",
                         {.complaint = "[vm:7] mca_base_component_repository_open: unable to open mca_btl_ofi: no "
                                       "libfabric (ignored)\n[vm:8] PML ucx cannot be selected\n"}}};
  const HostAnswer answer = ask({"a"});
  ASSERT_EQ(answer.problems.size(), 1U);
  EXPECT_EQ(answer.problems[0].number, ErrorNumber::kCommunication);
  EXPECT_EQ(answer.problems[0].message, "host a: MPI cannot start there: PML ucx cannot be selected");
  EXPECT_THAT(answer.problems[0].hint, HasSubstr("OMPI_MCA_*"));
}

}  // namespace
}  // namespace stoker::environment
