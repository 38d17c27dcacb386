// A machine of files: what a test lets /proc and /sys say, below a folder of its own.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "base/testing/temp_dir.h"
#include "cluster/host/proc.h"
#include "results/json.h"

namespace stoker::host::testing {

class Machine {
 public:
  [[nodiscard]] const std::filesystem::path& root() const { return dir_.path(); }
  [[nodiscard]] Proc proc() const { return Proc(root()); }

  void put(const std::string& path, const std::string& text) const {
    const auto file = root() / path;
    std::filesystem::create_directories(file.parent_path());
    ASSERT_TRUE(results::write_file_atomic(file, text).has_value());
  }
  void remove(const std::string& path) const { std::filesystem::remove(root() / path); }

  // This process in a control group of version 2, seen at /sys/fs/cgroup; `top`: which group is mounted there.
  void put_v2(const std::string& group, const std::string& top = "/") const {
    put("proc/self/cgroup", "0::" + group + "\n");
    put("proc/self/mountinfo",
        "22 1 8:1 / / rw - ext4 /dev/sda1 rw\n30 22 0:26 " + top +
            " /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate,memory_recursiveprot\n");
  }
  // In one of version 1, whose controllers ("cpu,cpuacct") are seen at /sys/fs/cgroup/<folder>.
  void put_v1(const std::string& controllers, const std::string& folder, const std::string& group,
              const std::string& top = "/") const {
    put("proc/self/cgroup", "12:pids:/elsewhere\n4:" + controllers + ":" + group + "\n1:name=systemd:/x\n0::/x\n");
    put("proc/self/mountinfo", "31 30 0:27 / /sys/fs/cgroup/pids rw - cgroup cgroup rw,pids\n32 30 0:28 " + top +
                                   " /sys/fs/cgroup/" + folder + " rw,nosuid - cgroup cgroup rw," + controllers + "\n");
  }

 private:
  stoker::testing::TempDir dir_;
};

}  // namespace stoker::host::testing
