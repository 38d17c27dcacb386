// Makes storage fail on demand, for the scripts of this folder: preloaded, it stands before libc's reads and writes of
// files whose path contains STOKER_FAULT_PATH.
//
//   STOKER_FAULT_READ=N    the N-th read (from 1) fails with EIO, and so does every later one
//   STOKER_FAULT_SHORT=N   a read returns at most N bytes
//   STOKER_FAULT_DELAY=N   a read takes N milliseconds longer
//   STOKER_FAULT_WRITE=N   the N-th write (from 1) fails with EIO, and so does every later one
//   STOKER_FAULT_SPACE=N   writes fail with ENOSPC once N bytes are written; the one that crosses the border is cut
//   short
//
// Which file a descriptor is, /proc tells at each call: slow, but nothing has to be remembered about opens and closes.
#include <dlfcn.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace {

long long setting(const char* name) {
  const char* text = std::getenv(name);
  return text == nullptr ? -1 : std::atoll(text);
}

bool chosen(int fd) {
  const char* part = std::getenv("STOKER_FAULT_PATH");
  if (part == nullptr) return false;
  char link[64];
  std::snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  char path[4096];
  const ssize_t length = ::readlink(link, path, sizeof path - 1);
  if (length <= 0) return false;
  path[length] = '\0';
  return std::strstr(path, part) != nullptr;
}

// How many bytes the call may ask for; -1 with errno when it fails.
ssize_t reading(int fd, size_t length) {
  static std::atomic<long long> reads{0};
  if (!chosen(fd)) return static_cast<ssize_t>(length);
  const long long failing = setting("STOKER_FAULT_READ");
  if (failing > 0 && ++reads >= failing) {
    errno = EIO;
    return -1;
  }
  if (const long long delay = setting("STOKER_FAULT_DELAY"); delay > 0) ::usleep(static_cast<useconds_t>(delay * 1000));
  const long long most = setting("STOKER_FAULT_SHORT");
  return static_cast<ssize_t>(most > 0 && static_cast<size_t>(most) < length ? static_cast<size_t>(most) : length);
}

ssize_t writing(int fd, size_t length) {
  static std::atomic<long long> written{0}, writes{0};
  const long long space = setting("STOKER_FAULT_SPACE");
  const long long failing = setting("STOKER_FAULT_WRITE");
  if ((space < 0 && failing < 0) || !chosen(fd)) return static_cast<ssize_t>(length);
  if (failing > 0 && ++writes >= failing) {
    errno = EIO;
    return -1;
  }
  if (space < 0) return static_cast<ssize_t>(length);
  const long long before = written.fetch_add(static_cast<long long>(length));
  if (before >= space) {
    errno = ENOSPC;
    return -1;
  }
  const long long left = space - before;
  return static_cast<ssize_t>(static_cast<size_t>(left) < length ? static_cast<size_t>(left) : length);
}

template <typename Function>
Function next(const char* name) {
  return reinterpret_cast<Function>(::dlsym(RTLD_NEXT, name));
}

}  // namespace

// The names under which glibc has these calls: with and without large offsets, and the checked ones of _FORTIFY_SOURCE.
extern "C" {

ssize_t read(int fd, void* into, size_t length) {
  static const auto real = next<ssize_t (*)(int, void*, size_t)>("read");
  const ssize_t allowed = reading(fd, length);
  return allowed < 0 ? -1 : real(fd, into, static_cast<size_t>(allowed));
}

ssize_t __read_chk(int fd, void* into, size_t length, size_t) {
  return read(fd, into, length);
}

ssize_t pread64(int fd, void* into, size_t length, off64_t offset) {
  static const auto real = next<ssize_t (*)(int, void*, size_t, off64_t)>("pread64");
  const ssize_t allowed = reading(fd, length);
  return allowed < 0 ? -1 : real(fd, into, static_cast<size_t>(allowed), offset);
}

ssize_t pread(int fd, void* into, size_t length, off_t offset) {
  return pread64(fd, into, length, offset);
}

// Of one piece of memory, as the program under test asks.
ssize_t preadv64v2(int fd, const iovec* into, int pieces, off64_t offset, int flags) {
  static const auto real = next<ssize_t (*)(int, const iovec*, int, off64_t, int)>("preadv64v2");
  if (pieces != 1) return real(fd, into, pieces, offset, flags);
  const ssize_t allowed = reading(fd, into->iov_len);
  const iovec less{into->iov_base, static_cast<size_t>(allowed)};
  return allowed < 0 ? -1 : real(fd, &less, 1, offset, flags);
}

ssize_t preadv2(int fd, const iovec* into, int pieces, off_t offset, int flags) {
  return preadv64v2(fd, into, pieces, offset, flags);
}

ssize_t __pread_chk(int fd, void* into, size_t length, off_t offset, size_t) {
  return pread64(fd, into, length, offset);
}

ssize_t __pread64_chk(int fd, void* into, size_t length, off64_t offset, size_t) {
  return pread64(fd, into, length, offset);
}

ssize_t write(int fd, const void* from, size_t length) {
  static const auto real = next<ssize_t (*)(int, const void*, size_t)>("write");
  const ssize_t allowed = writing(fd, length);
  return allowed < 0 ? -1 : real(fd, from, static_cast<size_t>(allowed));
}

ssize_t pwrite64(int fd, const void* from, size_t length, off64_t offset) {
  static const auto real = next<ssize_t (*)(int, const void*, size_t, off64_t)>("pwrite64");
  const ssize_t allowed = writing(fd, length);
  return allowed < 0 ? -1 : real(fd, from, static_cast<size_t>(allowed), offset);
}

ssize_t pwrite(int fd, const void* from, size_t length, off_t offset) {
  return pwrite64(fd, from, length, offset);
}

ssize_t writev(int fd, const struct iovec* parts, int count) {
  static const auto real = next<ssize_t (*)(int, const struct iovec*, int)>("writev");
  if (!chosen(fd) || count == 0) return real(fd, parts, count);
  return write(fd, parts[0].iov_base, parts[0].iov_len);
}

}  // extern "C"
