// Tests of what may not be read or written, which root may.
#pragma once

#include <linux/capability.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>

#include "base/check.h"

namespace stoker::testing {

// While it lives, permissions bind this thread and those that it starts, root's too: the capabilities to pass over them
// are not in effect. Files of this user can still be given other permissions.
class BoundByPermissions {
 public:
  BoundByPermissions() {
    STOKER_CHECK(::syscall(SYS_capget, &header_, before_.data()) == 0);
    auto bound = before_;
    bound[0].effective &= ~((1U << CAP_DAC_OVERRIDE) | (1U << CAP_DAC_READ_SEARCH));
    set(bound);
  }
  ~BoundByPermissions() { set(before_); }
  BoundByPermissions(const BoundByPermissions&) = delete;
  BoundByPermissions& operator=(const BoundByPermissions&) = delete;

 private:
  using Sets = std::array<__user_cap_data_struct, 2>;
  void set(const Sets& sets) { STOKER_CHECK(::syscall(SYS_capset, &header_, sets.data()) == 0); }

  __user_cap_header_struct header_{_LINUX_CAPABILITY_VERSION_3, 0};
  Sets before_{};
};

}  // namespace stoker::testing
