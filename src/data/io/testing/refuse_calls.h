// A kernel that refuses a system call, for one thread.
#pragma once

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>

#include <cstddef>
#include <cstdint>
#include <iterator>

namespace stoker::io::testing {

struct RefusedCall {
  long number = 0;  // SYS_...
  int error_number = 0;
  // Only where this argument, from 0, has this value in its low 32 bits; -1: always.
  int argument = -1;
  std::uint32_t value = 0;
};

// From here on the kernel answers the call with the error to the calling thread, as a container's seccomp profile does.
// Ends with the thread. False where filters cannot be set.
inline bool refuse_to_this_thread(const RefusedCall& call) {
  const auto argument = static_cast<unsigned>(offsetof(seccomp_data, args) +
                                              8U * (call.argument < 0 ? 0U : static_cast<unsigned>(call.argument)));
  const unsigned char otherwise = call.argument < 0 ? 0 : 1;
  sock_filter program[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<unsigned>(call.number), 0, 3),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, argument),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, call.value, 0, otherwise),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | static_cast<unsigned>(call.error_number)),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  const sock_fprog filter{.len = static_cast<unsigned short>(std::size(program)), .filter = program};
  return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0;
}

}  // namespace stoker::io::testing
