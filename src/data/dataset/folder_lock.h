// One folder, one writer: a file that says who is at work there.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/status.h"
#include "data/io/storage.h"

namespace stoker::dataset {

inline constexpr std::string_view kDataLockName = "stoker_dataset.lock";
inline constexpr std::uint64_t kLockBytes = 4096;  // what it takes at most

// A process, as others see it.
struct LockOwner {
  std::string host;           // for people
  std::string boot;           // of the kernel since it started; "" where that is not known
  std::string machine;        // its id and network addresses; "" where they are not known
  std::string pid_namespace;  // what the number belongs to: containers of one host have numbers of their own
  std::int64_t pid = 0;
  std::int64_t start = 0;  // of the process, in ticks since the boot: numbers are used again
  std::string since;       // date and time of that host, for people
  std::string what;        // "generation of a data set"
  // The other processes of its job, which write with it and may outlive it by a while: "pid:start pid:start" of those
  // that this host can look at, and how many there are beside them.
  std::string peers;
  std::int64_t elsewhere = 0;
  friend bool operator==(const LockOwner&, const LockOwner&) = default;
};
[[nodiscard]] LockOwner this_process(std::string_view what);
// `me` with the other processes of its job; `all` may name one several times, and me.
[[nodiscard]] LockOwner with_peers(LockOwner me, std::span<const LockOwner> all);

// Whether the owner is known to have ended: it ran on this host, and its process is no more, or the host was started
// again since. Of other hosts and other containers nothing is known, and what cannot be looked at has not ended.
[[nodiscard]] bool has_ended(const LockOwner& owner, const LockOwner& me);

[[nodiscard]] std::string to_text(const LockOwner& owner);
// nullopt for text that is no lock of ours.
[[nodiscard]] std::optional<LockOwner> parse_lock(std::string_view text);

// Whether a lock of this name is among the entries of a folder, or what is left of taking one over. Whose it is, take()
// finds out.
[[nodiscard]] bool has_lock(std::span<const io::DirEntry> entries, std::string_view name);

// For how long processes of a job may write on when the one that has the lock was killed: each is told by the kernel or
// its launcher, ends what it is at, and gives up after 3 seconds, the launcher after half a second more.
inline constexpr std::chrono::milliseconds kPeersEnd{4000};

// Held while it lives. The storage outlives it.
class FolderLock {
 public:
  // Code::kFailed names the owner when somebody else is at work in the folder, which must exist; also where its lock
  // cannot be read. Any other error: there was no lock, and none could be made. One whose owner has ended is taken
  // over when the other processes of its job have ended, too: those that can be looked at are waited for, the others
  // are given `peers_end`. Between hosts it is as good as the file system's exclusive creation of files.
  [[nodiscard]] static Result<FolderLock> take(io::Storage& storage, const io::Path& folder, std::string_view name,
                                               const LockOwner& me, std::chrono::milliseconds peers_end = kPeersEnd);
  FolderLock(FolderLock&& other) noexcept;
  FolderLock& operator=(FolderLock&&) = delete;
  ~FolderLock();  // removes the file, if it is still ours

 private:
  FolderLock(io::Storage& storage, io::Path path, std::string text);

  io::Storage* storage_;
  io::Path path_;
  std::string text_;
};

}  // namespace stoker::dataset
