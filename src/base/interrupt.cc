#include "base/interrupt.h"

#include <signal.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdint>
#include <thread>

#include "base/check.h"

namespace stoker {
namespace {

// Written by the handler: only async-signal-safe calls there.
std::atomic<int> g_event_fd{-1};
std::atomic<int> g_signal{0};

void on_signal(int number) {
  int none = 0;
  if (!g_signal.compare_exchange_strong(none, number)) {
    // The user insists.
    ::signal(number, SIG_DFL);
    ::raise(number);
    return;
  }
  const int saved = errno;
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = ::write(g_event_fd.load(), &one, sizeof one);
  errno = saved;
}

}  // namespace

struct InterruptGuard::Impl {
  std::stop_source source;
  int fd = -1;
  struct sigaction old_int {};
  struct sigaction old_term {};
  std::thread watcher;
  std::atomic<bool> closing{false};
};

InterruptGuard::InterruptGuard() : impl_(std::make_unique<Impl>()) {
  impl_->fd = ::eventfd(0, EFD_CLOEXEC);
  STOKER_CHECK(impl_->fd >= 0, "eventfd failed");
  STOKER_CHECK(g_event_fd.exchange(impl_->fd) == -1, "two InterruptGuards at a time");
  g_signal.store(0);
  impl_->watcher = std::thread([impl = impl_.get()] {
    std::uint64_t count = 0;
    while (::read(impl->fd, &count, sizeof count) < 0 && errno == EINTR) {
    }
    if (!impl->closing.load()) impl->source.request_stop();
  });
  struct sigaction action {};
  action.sa_handler = on_signal;
  sigemptyset(&action.sa_mask);
  ::sigaction(SIGINT, &action, &impl_->old_int);
  ::sigaction(SIGTERM, &action, &impl_->old_term);
}

InterruptGuard::~InterruptGuard() {
  ::sigaction(SIGINT, &impl_->old_int, nullptr);
  ::sigaction(SIGTERM, &impl_->old_term, nullptr);
  impl_->closing.store(true);
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = ::write(impl_->fd, &one, sizeof one);
  impl_->watcher.join();
  g_event_fd.store(-1);
  ::close(impl_->fd);
}

std::stop_token InterruptGuard::token() const {
  return impl_->source.get_token();
}
int InterruptGuard::signal_number() const {
  return g_signal.load();
}

}  // namespace stoker
