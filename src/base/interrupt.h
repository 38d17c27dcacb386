// SIGINT and SIGTERM as a std::stop_token.
#pragma once

#include <memory>
#include <stop_token>

namespace stoker {

// While one of these lives, the first SIGINT or SIGTERM requests a stop; a second one ends the process at once with the
// signal's default action. At most one at a time (main owns it). The signal is handled on a thread of its own, so that
// whoever listens to the token may take locks.
class InterruptGuard {
 public:
  InterruptGuard();
  ~InterruptGuard();
  InterruptGuard(const InterruptGuard&) = delete;
  InterruptGuard& operator=(const InterruptGuard&) = delete;

  [[nodiscard]] std::stop_token token() const;
  // The signal that came first, 0 if none.
  [[nodiscard]] int signal_number() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace stoker
