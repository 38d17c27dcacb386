#include "cluster/environment/os.h"

#include <gtest/gtest.h>

#include "base/testing/temp_dir.h"

namespace stoker::environment {
namespace {

Os os_of(const std::string& text) {
  const stoker::testing::TempDir dir;
  std::filesystem::create_directories(dir.path() / "etc");
  EXPECT_TRUE(results::write_file_atomic(dir.path() / "etc/os-release", text).has_value());
  return read_os(host::Proc(dir.path()));
}

TEST(Os, IsReadFromOsRelease) {
  EXPECT_EQ(os_of("NAME=\"Debian GNU/Linux\"\nVERSION_ID=\"12\"\nID=debian\n"),
            (Os{"debian", {}, "Debian GNU/Linux", "12"}));
  EXPECT_EQ(os_of("NAME=\"Rocky Linux\"\nVERSION_ID=\"9.3\"\nID=\"rocky\"\nID_LIKE=\"rhel centos fedora\"\n"),
            (Os{"rocky", {"rhel", "centos", "fedora"}, "Rocky Linux", "9.3"}));
  EXPECT_EQ(os_of(""), Os{});
}

TEST(InstallHint, IsThatOfTheDistribution) {
  const auto mpi = [](const std::string& id) { return install_hint(Tool::kMpi, {.id = id}); };
  EXPECT_EQ(mpi("ubuntu"), "sudo apt-get install openmpi-bin libopenmpi-dev");
  EXPECT_EQ(mpi("debian"), mpi("ubuntu"));
  EXPECT_EQ(mpi("rhel"), "sudo dnf install openmpi openmpi-devel");
  EXPECT_EQ(mpi("fedora"), mpi("rhel"));
  EXPECT_EQ(mpi("centos"), "sudo yum install openmpi openmpi-devel");
  EXPECT_EQ(mpi("arch"), "sudo pacman -S openmpi");
  EXPECT_EQ(mpi("gentoo"), "install Open MPI with the package manager of this system");
  EXPECT_EQ(mpi(""), mpi("gentoo"));
  const auto ssh = [](const std::string& id) { return install_hint(Tool::kSsh, {.id = id}); };
  EXPECT_EQ(ssh("debian"), "sudo apt-get install openssh-client");
  EXPECT_EQ(ssh("fedora"), "sudo dnf install openssh-clients");
  EXPECT_EQ(ssh("centos"), "sudo yum install openssh-clients");
  EXPECT_EQ(ssh("arch"), "install the OpenSSH client with the package manager of this system");
}

TEST(InstallHint, DescendantsAreServedAsTheirAncestors) {
  EXPECT_EQ(install_hint(Tool::kMpi, {.id = "rocky", .like = {"rhel", "centos", "fedora"}}),
            "sudo dnf install openmpi openmpi-devel");
  EXPECT_EQ(install_hint(Tool::kMpi, {.id = "linuxmint", .like = {"ubuntu", "debian"}}),
            "sudo apt-get install openmpi-bin libopenmpi-dev");
  EXPECT_EQ(install_hint(Tool::kMpi, {.id = "new", .like = {"unknown", "arch"}}), "sudo pacman -S openmpi");
}

}  // namespace
}  // namespace stoker::environment
