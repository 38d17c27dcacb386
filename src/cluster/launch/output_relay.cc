#include <fcntl.h>
#include <poll.h>
#include <spdlog/spdlog.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>

#include "base/errno_error.h"
#include "cluster/launch/output_relay_internal.h"

namespace stoker::launch {
namespace {

// As much as a pipe holds.
constexpr std::size_t kBuffer = std::size_t{64} * 1024;

// Writes everything; false when the other side will take no more.
bool write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(fd, text.data(), text.size());
    if (written >= 0) {
      text.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno == EAGAIN) {
      pollfd ready{.fd = fd, .events = POLLOUT, .revents = 0};
      ::poll(&ready, 1, -1);
    } else if (errno != EINTR) {
      return false;
    }
  }
  return true;
}

}  // namespace

Result<OutputRelay> OutputRelay::make(int terminal, const std::filesystem::path& log) {
  OutputRelay relay;
  relay.terminal_ = terminal;
  if (!log.empty()) {
    relay.log_path_ = log.string();
    relay.log_ = Fd(::open(log.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666));
    if (!relay.log_.valid()) return errno_error(log, "cannot create the log file", errno);
  }
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return errno_error("pipe", "create", errno);
  relay.read_end_ = Fd(ends[0]);
  relay.write_end_ = Fd(ends[1]);
  // Our end only: the child sees an ordinary pipe.
  ::fcntl(ends[0], F_SETFL, O_NONBLOCK);
  return relay;
}

void OutputRelay::forward() {
  std::array<char, kBuffer> buffer{};
  const ssize_t count = ::read(read_end_.get(), buffer.data(), buffer.size());
  if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (count <= 0) {
    finish();
    return;
  }
  show(printable_.feed({buffer.data(), static_cast<std::size_t>(count)}));
}

void OutputRelay::finish() {
  if (!read_end_.valid()) return;
  read_end_.close();
  show(printable_.finish());
  std::string kept;
  filter_.finish(kept);
  if (log_.valid()) keep(kept);
  log_.close();
}

void OutputRelay::show(std::string_view text) {
  if (terminal_ >= 0 && !write_all(terminal_, text)) terminal_ = -1;
  if (!log_.valid()) return;
  std::string kept;
  filter_.feed(text, kept);
  keep(kept);
}

void OutputRelay::keep(const std::string& text) {
  if (write_all(log_.get(), text)) return;
  spdlog::warn("{}: the program's output is kept no further: {}", log_path_, std::strerror(errno));
  log_.close();
}

}  // namespace stoker::launch
