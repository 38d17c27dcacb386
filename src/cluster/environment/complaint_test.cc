// What launchers really print: testing/dialogues/ holds the stderr of Open MPI 4.1.4, Open MPI 5.0 and MPICH 5.0 as
// they failed, also in jobs of Slurm 22.05; the host's name and paths are changed.
#include "cluster/environment/complaint.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <set>

#include "results/json.h"

namespace stoker::environment {
namespace {

using Cause = Complaint::Cause;
namespace fs = std::filesystem;

fs::path dialogues() {
  return fs::path(STOKER_SOURCE_DIR) / "src/cluster/environment/testing/dialogues";
}

struct Dialogue {
  const char* file;
  Cause cause;
  const char* text;
};

const Dialogue kDialogues[] = {
    {"openmpi4_pml_missing", Cause::kMpi, "PML ucx cannot be selected"},
    {"openmpi4_ignored_components", Cause::kMpi, "PML ucx cannot be selected"},
    {"openmpi5_pml_missing", Cause::kMpi,
     "No components were able to be opened in the pml framework. This typically means that either no components of "
     "this "
     "type were installed, or none of the installed components can be loaded. Sometimes this means that shared "
     "libraries required by these"},
    {"openmpi4_btl_missing", Cause::kMpi,
     "A requested component was not found, or was unable to be opened.  This means that this component is either not "
     "installed or is unable to be used on your system (e.g., sometimes this means that shared libraries that the "
     "component requires are unable to be found/loaded).  Note that"},
    {"openmpi5_btl_missing", Cause::kOther, "An error occurred in MPI_Init"},
    {"openmpi4_program_missing", Cause::kNoProgram,
     "mpirun was unable to launch the specified application as it could not access or execute an executable: "
     "Executable: /nonexistent/stoker Node: node-a"},
    {"openmpi5_program_missing", Cause::kNoProgram,
     "prterun was unable to launch the specified application as it could not access an executable: Executable: "
     "/nonexistent/stoker Node: node-a"},
    {"mpich5_program_missing", Cause::kNoProgram,
     "HYDU_create_process (/mpich-5.0.2/src/pm/hydra/lib/utils/launch.c:73): execvp error on file /nonexistent/stoker "
     "(No such file or directory)"},
    {"openmpi4_empty_word", Cause::kNoProgram,
     "mpirun was unable to find the specified executable file, and therefore did not launch the job.  This error was "
     "first reported for process rank 0; it may have occurred for other processes as well. NOTE: A common cause for "
     "this error is misspelling a mpirun command"},
    {"openmpi5_empty_word", Cause::kNoProgram,
     "PRTE tried to fork a new process via the \"execve\" system call but failed.  PRTE checks many things before "
     "attempting to launch a child process, but nothing is perfect. This error may be indicative of another problem on "
     "the target host, or even something as silly as"},
    {"openmpi4_unknown_option", Cause::kCommandLine,
     "mpirun: Error: unknown option \"--mac\" Type 'mpirun --help' for usage."},
    {"mpich5_unknown_option", Cause::kCommandLine,
     "match_arg (/mpich-5.0.2/src/pm/hydra/lib/utils/args.c:166): unrecognized argument mac"},
    {"openmpi4_mapped_twice", Cause::kCommandLine,
     "Conflicting directives for mapping policy are causing the policy to be redefined: New policy:   RANK_FILE Prior "
     "policy:  BYSOCKET"},
    {"openmpi5_mapped_twice", Cause::kCommandLine,
     "When resolving deprecated command line options, the result generated too many directives for the target option: "
     "Command line option: mapby Initial value: package"},
    {"openmpi5_bound_twice", Cause::kCommandLine,
     "ERROR: The \"bind-to\" command line option was listed more than once on the command line. Only one instance of "
     "this "
     "option is permitted. Please correct your command line."},
    {"openmpi4_rankfile_host", Cause::kCommandLine,
     "The rankfile that was used claimed that a host was either not allocated or oversubscribed its slots.  Please "
     "review your rank-slot assignments and your host allocation to ensure a proper match.  Also, some systems may "
     "require using full hostnames, such as"},
    {"openmpi5_rankfile_host", Cause::kCommandLine,
     "The rankfile that was used claimed that a host was either not allocated or oversubscribed its slots.  Please "
     "review your rank-slot assignments and your host allocation to ensure a proper match.  Also, some systems may "
     "require using full hostnames, such as"},
    {"openmpi4_slurm_other_host", Cause::kAllocation, "All nodes which are allocated for this job are already filled."},
    {"openmpi5_slurm_other_host", Cause::kAllocation,
     "At least one of the requested hosts is not included in the current allocation. Missing requested host: other "
     "Please check your allocation or your request."},
    {"openmpi4_too_few_slots", Cause::kOther,
     "There are not enough slots available in the system to satisfy the 4 slots that were requested by the "
     "application: "
     "./hello4 Either request fewer slots for your application, or make more slots"},
    {"openmpi5_too_few_slots", Cause::kOther,
     "There are not enough slots available in the system to satisfy the 4 slots that were requested by the "
     "application: "
     "./hello5 Either request fewer procs for your application, or make more slots"},
    {"openmpi4_no_session_folder", Cause::kOther,
     "A call to mkdir was unable to create the desired directory: Directory: /proc/nonexistent Error:     No such file "
     "or "
     "directory Please check to ensure you have adequate permissions to perform"},
    {"openmpi4_daemon_missing", Cause::kNoDaemon, "bash: line 1: orted: command not found"},
    {"openmpi5_daemon_missing", Cause::kNoDaemon, "bash: line 1: prted: command not found"},
    {"openmpi4_host_unreachable", Cause::kLogin, "ssh: connect to host 127.0.0.9 port 22: Connection refused"},
    {"openmpi5_host_unreachable", Cause::kLogin, "ssh: connect to host 127.0.0.9 port 22: Connection refused"},
    {"mpich5_host_unreachable", Cause::kLogin, "ssh: connect to host 127.0.0.9 port 22: Connection refused"},
};

TEST(Complaint, IsTheLaunchersReasonAndNotItsNoise) {
  std::set<std::string> told;
  for (const Dialogue& d : kDialogues) {
    const auto text = results::read_file(dialogues() / (std::string(d.file) + ".txt"));
    ASSERT_TRUE(text.has_value()) << d.file;
    const Complaint found = complaint(*text, 1);
    EXPECT_EQ(found.text, d.text) << d.file;
    EXPECT_EQ(found.cause, d.cause) << d.file << ": " << static_cast<int>(found.cause);
    EXPECT_EQ(found.hint, "") << d.file;
    told.insert(d.file);
  }
  for (const auto& file : fs::directory_iterator(dialogues())) {
    EXPECT_TRUE(told.contains(file.path().stem().string())) << file.path() << " is looked at by no test";
  }
}

TEST(Complaint, IsShort) {
  EXPECT_EQ(complaint("", 3).text, "exit code 3 without a word");
  EXPECT_EQ(complaint("\n----\n\n  * one\ntwo \n----\nthree\n", 1).text, "one two");
  EXPECT_EQ(complaint("1\n2\n3\n4\n5\n", 1).text, "1 2 3 4");
  EXPECT_EQ(complaint(std::string(400, 'x'), 1).text, std::string(400, 'x'));
  EXPECT_EQ(complaint(std::string(401, 'x'), 1).text, std::string(400, 'x') + "...");
}

TEST(Complaint, OfOursIsTakenWithItsHint) {
  const Complaint found = complaint(
      "[a:1] mca_base_component_repository_open: unable to open x (ignored)\nssh: warning\n"
      "stoker: error: cannot load the MPI module: no libmpi\n  hint: install it\nmore\n",
      6);
  EXPECT_EQ(found.text, "cannot load the MPI module: no libmpi");
  EXPECT_EQ(found.hint, "install it");
  EXPECT_EQ(found.cause, Cause::kMpiModule);
}

TEST(Complaint, NoiseIsTheReasonWhereThereIsNothingElse) {
  for (const char* noise : {"mca_base_component_repository_open: unable to open mca_btl_ofi: libfabric.so.1 (ignored)",
                            "[[12405,0],0] ORTE_ERROR_LOG: Error in file session_dir.c at line 107",
                            "PMIX ERROR: ERROR in file gds_ds21_lock_pthread.c at line 99",
                            "PRTE ERROR: Not found in file ess.c at line 3", "OPAL ERROR: Error in file x.c at line 1",
                            "1 more process has sent help message help-mca-base.txt / find-available:none found",
                            "Set MCA parameter \"orte_base_help_aggregate\" to 0 to see all help / error messages"}) {
    EXPECT_EQ(complaint(std::string("[node-a:7] ") + noise + "\nthe reason\n", 1).text, "the reason") << noise;
    EXPECT_EQ(complaint(std::string("[node-a:7] ") + noise + "\n", 1).text, noise);
  }
  EXPECT_EQ(complaint("[warn] Epoll MOD(4) on fd 22 failed\nreason\n", 1).text, "reason");
}

TEST(Complaint, TheDaemonIsMissedByEveryShell) {
  for (const char* line :
       {"bash: line 1: orted: command not found", "sh: 1: prted: not found", "orted: Command not found.",
        "zsh:1: command not found: orted", "bash: /opt/mpi/bin/prted: No such file or directory",
        "bash: line 1: /opt/mpich/bin/hydra_pmi_proxy: No such file or directory"}) {
    const Complaint found = complaint(std::string("-----\nsomething failed\n-----\n") + line + "\n", 127);
    EXPECT_EQ(found.text, line);
    EXPECT_EQ(found.cause, Cause::kNoDaemon) << line;
  }
}

}  // namespace
}  // namespace stoker::environment
