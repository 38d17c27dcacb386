// What can be tested without MPI: what is said when it is not there. The communicator itself
// is tested in tests/mpi.
#include "cluster/dist/mpi_module.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <map>
#include <optional>
#include <string>

#include "base/testing/status_matchers.h"
#include "base/testing/temp_dir.h"

namespace stoker::dist {
namespace {

using ::testing::HasSubstr;

// Sets the variables that matter, and puts them back.
class MpiEnvironment : public ::testing::Test {
 protected:
  void SetUp() override {
    for (const char* name : {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "PMI_RANK", "PMIX_RANK", "MPI_LOCALNRANKS",
                             "SLURM_PROCID", "SLURM_NTASKS", "STOKER_MPI_MODULE"}) {
      const char* value = std::getenv(name);
      before_[name] = value == nullptr ? std::nullopt : std::optional<std::string>(value);
      ::unsetenv(name);
    }
  }
  void TearDown() override {
    for (const auto& [name, value] : before_) {
      if (value) {
        ::setenv(name.c_str(), value->c_str(), 1);
      } else {
        ::unsetenv(name.c_str());
      }
    }
  }

 private:
  std::map<std::string, std::optional<std::string>> before_;
};

TEST_F(MpiEnvironment, AMissingModuleIsNamedWithTheReason) {
  const testing::TempDir dir;
  const std::string path = (dir.path() / "libstoker_mpi.so").string();
  ::setenv("STOKER_MPI_MODULE", path.c_str(), 1);
  ::setenv("PMI_RANK", "1", 1);
  const auto comm = make_mpi_communicator();
  EXPECT_ERROR(comm, Code::kUnsupported, "the MPI module is missing; looked for " + path);
  EXPECT_THAT(comm.error().message, HasSubstr("PMI_RANK is set"));
  EXPECT_THAT(comm.error().hint, HasSubstr("STOKER_MPI_MODULE"));
}

TEST_F(MpiEnvironment, TheVersionNeedsTheModuleToo) {
  const testing::TempDir dir;
  const std::string path = (dir.path() / "libstoker_mpi.so").string();
  ::setenv("STOKER_MPI_MODULE", path.c_str(), 1);
  EXPECT_ERROR(mpi_library_version(), Code::kUnsupported, "the MPI module is missing; looked for " + path);
}

TEST_F(MpiEnvironment, AFileThatIsNoModuleIsAnErrorWithWhatToInstall) {
  const testing::TempDir dir;
  const std::string path = (dir.path() / "libstoker_mpi.so").string();
  std::ofstream(path) << "not a library";
  ::setenv("STOKER_MPI_MODULE", path.c_str(), 1);
  const auto comm = make_mpi_communicator();
  EXPECT_ERROR(comm, Code::kUnsupported, path);
  EXPECT_THAT(comm.error().hint, HasSubstr("openmpi-bin"));
}

TEST_F(MpiEnvironment, AnotherLibraryIsNotAModule) {
  ::setenv("STOKER_MPI_MODULE", "/proc/self/exe", 1);
  EXPECT_ERROR(make_mpi_communicator(), Code::kUnsupported, "/proc/self/exe");
}

}  // namespace
}  // namespace stoker::dist
