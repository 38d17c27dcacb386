// One way down: what a signal does to this process and to the processes that it has started.
#pragma once

#include <signal.h>
#include <sys/types.h>

#include <chrono>
#include <memory>
#include <stop_token>
#include <string>

namespace stoker {

// While one of these lives, writing to a pipe whose reader has gone (`stoker ... | head`) is an error of that write,
// and not the end of the process and of the run with it. They may be nested; made and ended on one thread.
class IgnoreBrokenPipes {
 public:
  IgnoreBrokenPipes();
  ~IgnoreBrokenPipes();
  IgnoreBrokenPipes(const IgnoreBrokenPipes&) = delete;
  IgnoreBrokenPipes& operator=(const IgnoreBrokenPipes&) = delete;

 private:
  struct sigaction before_ {};
};

// While one of these lives, SIGINT, SIGTERM, SIGHUP (unless it was ignored before, as nohup has it) and SIGQUIT do
// this:
//
//   the first one               requests a stop
//   more within a second        are the same one: terminals, launchers and coreutils' timeout send it more than once
//   a later one                 ends everything at once
//   `patience` after the first  ends everything at once, where something does not listen (a read that the storage never
//                               answers)
//
// "At once" is: SIGKILL to every ChildGroup, one line on stderr, and the exit code of an interruption (130).
//
// SIGTSTP (Ctrl-Z) stops the children first and continues them when this process is continued. IgnoreBrokenPipes is
// part of it.
//
// At most one at a time (main owns it). Stop callbacks run on a thread of its own, so that they may take locks. The
// constructor throws std::system_error where the system gives no thread or descriptor.
class InterruptGuard {
 public:
  // Everything is down within 5 s: programs of ours end after the first; who started one lets it do that (see
  // launch::ProcessSpec::grace) and has the second.
  static constexpr std::chrono::milliseconds kPatience{3000};
  static constexpr std::chrono::milliseconds kPatienceWithChildren{4500};

  explicit InterruptGuard(std::chrono::milliseconds patience = kPatience);
  ~InterruptGuard();
  InterruptGuard(const InterruptGuard&) = delete;
  InterruptGuard& operator=(const InterruptGuard&) = delete;

  // The one that lives, nullptr if none does.
  [[nodiscard]] static const InterruptGuard* current();

  [[nodiscard]] std::stop_token token() const;
  // Of the guard that lives, or of the last one that did.
  [[nodiscard]] static int last_signal();
  // The signal that came first, 0 if none.
  [[nodiscard]] int signal_number() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// "SIGTERM"; "signal 42" for one without a name of ours.
[[nodiscard]] std::string signal_name(int number);

// A process group that must not outlive this process: see InterruptGuard. From any thread; at most 16 at a time.
class ChildGroup {
 public:
  explicit ChildGroup(pid_t group);
  ~ChildGroup();
  ChildGroup(const ChildGroup&) = delete;
  ChildGroup& operator=(const ChildGroup&) = delete;

 private:
  std::size_t slot_;
};

// For a process whose parent has to look after it (a rank, whose launcher does): SIGTERM when that parent is gone.
// `parent`, where it is known: false when it is gone already.
[[nodiscard]] bool stop_with_parent(pid_t parent = 0);

}  // namespace stoker
