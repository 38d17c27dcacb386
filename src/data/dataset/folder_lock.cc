#include "data/dataset/folder_lock.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <thread>
#include <tuple>
#include <utility>
#include <vector>

#include "base/checksum.h"
#include "base/host_name.h"
#include "base/printable.h"
#include "data/io/whole_file.h"

namespace stoker::dataset {
namespace {

constexpr std::string_view kFirstLine = "stoker is at work in this folder\n";
constexpr std::uint64_t kBytesMax = kLockBytes;
constexpr std::size_t kPeersBytesMax = kLockBytes - 1024;  // the rest of a lock takes half of that
// That of a host, and of no container.
constexpr std::string_view kFirstPidNamespace = "pid:[4026531836]";

std::string text_of_file(const std::string& path) {
  std::ifstream file(path);
  std::string text(std::istreambuf_iterator<char>(file), {});
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

// Machines may have been copied with their names and ids; their network cards have addresses of their own.
std::string machine_id() {
  const std::string id = text_of_file("/etc/machine-id");
  if (id.empty()) return "";
  std::vector<std::string> addresses;
  std::error_code unknown;
  for (std::filesystem::directory_iterator it("/sys/class/net", unknown), end; !unknown && it != end;
       it.increment(unknown)) {
    if (std::filesystem::exists(it->path() / "device")) addresses.push_back(text_of_file(it->path() / "address"));
  }
  if (addresses.empty()) return "";
  std::ranges::sort(addresses);
  const std::string all = fmt::format("{} {}", id, fmt::join(addresses, " "));
  return fmt::format("{:016x}", checksum(std::as_bytes(std::span(all))));
}

std::string namespace_of_pids() {
  std::array<char, 64> text{};
  const ssize_t size = ::readlink("/proc/self/ns/pid", text.data(), text.size());
  return size > 0 ? std::string(text.data(), static_cast<std::size_t>(size)) : "";
}

// What /proc says of a process.
struct ProcessState {
  bool has_ended = false;  // and waits to be reaped
  std::int64_t start = 0;  // in ticks since the boot
};
// nullopt when there is none, or it may not be looked at.
std::optional<ProcessState> state_of(std::int64_t pid) {
  ProcessState state;
  const std::string stat = text_of_file(fmt::format("/proc/{}/stat", pid));
  const auto end_of_name = stat.rfind(')');
  if (end_of_name == std::string::npos) return std::nullopt;
  // Field 22, of which the first after the name is field 3.
  std::size_t at = end_of_name + 1;
  for (int field = 3; field <= 22; ++field) {
    at = stat.find_first_not_of(' ', at);
    if (at == std::string::npos) return std::nullopt;
    if (field == 3) state.has_ended = stat[at] == 'Z' || stat[at] == 'X';
    if (field < 22) at = stat.find(' ', at);
  }
  if (std::from_chars(stat.data() + at, stat.data() + stat.size(), state.start).ec != std::errc{}) return std::nullopt;
  return state;
}

// /proc may hide the processes of others; a signal finds them.
bool is_gone(std::int64_t pid, std::int64_t start) {
  if (const auto state = state_of(pid)) return state->has_ended || (start != 0 && state->start != start);
  return ::kill(static_cast<pid_t>(pid), 0) != 0 && errno == ESRCH;
}

bool see_each_other(const LockOwner& a, const LockOwner& b) {
  return !a.boot.empty() && a.boot == b.boot && !a.pid_namespace.empty() && a.pid_namespace == b.pid_namespace;
}

// The texts of an owner, and the keys they have in the file.
template <class Owner>
auto texts(Owner& owner) {
  return std::array{std::pair("host", &owner.host),       std::pair("boot", &owner.boot),
                    std::pair("machine", &owner.machine), std::pair("pid_namespace", &owner.pid_namespace),
                    std::pair("since", &owner.since),     std::pair("what", &owner.what),
                    std::pair("peers", &owner.peers)};
}
template <class Owner>
auto numbers(Owner& owner) {
  return std::array{std::pair("pid", &owner.pid), std::pair("start", &owner.start),
                    std::pair("elsewhere", &owner.elsewhere)};
}

Error locked(const io::Path& path, const std::optional<LockOwner>& owner) {
  if (!owner) {
    Error error = make_error(Code::kFailed, "{}: somebody is at work in the folder, but the lock does not say who",
                             path.string());
    error.hint = "if nobody is, remove that file";
    return error;
  }
  Error error = make_error(Code::kFailed, "{}: {} is under way there: process {} on host {}, since {}",
                           path.parent_path().string(), printable_line(owner->what), owner->pid,
                           printable_line(owner->host), printable_line(owner->since));
  error.hint =
      fmt::format("wait until it has ended; if it has, on a host that cannot be asked, remove {}", path.string());
  return error;
}

struct Peer {
  std::int64_t pid = 0, start = 0;
};
std::vector<Peer> parse_peers(std::string_view text) {
  std::vector<Peer> peers;
  while (!text.empty()) {
    const std::string_view word = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(text.size(), word.size() + 1));
    Peer peer;
    const auto [colon, bad] = std::from_chars(word.data(), word.data() + word.size(), peer.pid);
    const char* end = word.data() + word.size();
    if (bad != std::errc{} || peer.pid <= 0 || colon == end || *colon != ':') continue;
    if (std::from_chars(colon + 1, end, peer.start).ec == std::errc{}) peers.push_back(peer);
  }
  return peers;
}

// An owner that has ended may have left processes of its job that write on for a while.
Status wait_for_peers(const io::Path& path, const LockOwner& owner, const LockOwner& me,
                      std::chrono::milliseconds bound) {
  constexpr std::chrono::milliseconds kPoll{5};
  std::vector<Peer> peers = parse_peers(owner.peers);
  // Of a host that was started again nobody is left.
  if (!see_each_other(owner, me)) peers.clear();
  const auto end = std::chrono::steady_clock::now() + bound;
  while (true) {
    std::erase_if(peers, [](const Peer& peer) { return is_gone(peer.pid, peer.start); });
    if (peers.empty() && owner.elsewhere == 0) return {};
    if (std::chrono::steady_clock::now() >= end) break;
    std::this_thread::sleep_for(kPoll);
  }
  if (peers.empty()) return {};
  Error error = make_error(Code::kFailed, "{}: {} was ended there, but process {} of its job lives on and may write",
                           path.parent_path().string(), printable_line(owner.what), peers.front().pid);
  error.hint = fmt::format("end it, or wait until it has ended; if it is another's process, remove {}", path.string());
  return error;
}

// What somebody left who was ended while taking over, and what was left of taking that over, and so on.
constexpr std::size_t kLongestChain = 16;
constexpr std::string_view kTakeover = ".takeover-";

// Removes what the ended owner has left, and makes the file anew; false when another one did. A claim bears the number
// of the remains that it is for, so that of all that found the same one process has it: none removes what another has
// just made. A claim of a process that has ended is remains like any other.
Result<bool> take_over(io::Storage& storage, const io::Path& path, const std::string& remains, const LockOwner& me) {
  const std::string mine = to_text(me);
  std::vector<io::Path> claims;
  std::string claimed = remains;
  while (true) {
    io::Path claim = path;
    claim += fmt::format("{}{:016x}", kTakeover, checksum(std::as_bytes(std::span(claimed))));
    claims.push_back(claim);
    STOKER_ASSIGN(const bool is_mine, storage.create_if_absent(claim, mine));
    if (is_mine) break;
    const auto text = io::read_whole(storage, claim, kBytesMax);
    const auto owner = text ? parse_lock(*text) : std::nullopt;
    if (!owner || !has_ended(*owner, me) || claims.size() == kLongestChain) return locked(claim, owner);
    claimed += *text;
  }
  const auto replace = [&]() -> Result<bool> {
    const auto now = io::read_whole(storage, path, kBytesMax);
    if (now && *now == remains) STOKER_TRY(storage.remove(path));
    return storage.create_if_absent(path, mine);
  };
  Result<bool> made = replace();
  // The last first: as long as one is left nobody else gets past it.
  while (!claims.empty()) {
    STOKER_TRY(storage.remove(claims.back()));
    claims.pop_back();
  }
  return made;
}

// Claims of processes that were ended when the lock was theirs already. By the owner of the lock.
Status remove_claims(io::Storage& storage, const io::Path& path) {
  STOKER_ASSIGN(const auto entries, storage.list(path.parent_path()));
  const std::string prefix = path.filename().string() + std::string(kTakeover);
  for (const io::DirEntry& entry : entries) {
    if (entry.name.starts_with(prefix)) STOKER_TRY(storage.remove(path.parent_path() / entry.name));
  }
  return {};
}

}  // namespace

bool has_lock(std::span<const io::DirEntry> entries, std::string_view name) {
  const std::string claim = std::string(name) + std::string(kTakeover);
  return std::ranges::any_of(
      entries, [&](const io::DirEntry& entry) { return entry.name == name || entry.name.starts_with(claim); });
}

LockOwner this_process(std::string_view what) {
  LockOwner me;
  me.host = host_name();
  me.boot = text_of_file("/proc/sys/kernel/random/boot_id");
  me.machine = machine_id();
  me.pid_namespace = namespace_of_pids();
  me.pid = ::getpid();
  if (const auto state = state_of(me.pid)) me.start = state->start;
  me.since = fmt::format("{:%Y-%m-%d %H:%M:%S}", fmt::localtime(std::time(nullptr)));
  me.what = what;
  return me;
}

LockOwner with_peers(LockOwner me, std::span<const LockOwner> all) {
  me.peers.clear();
  std::set<std::tuple<std::string, std::string, std::int64_t>> known{{me.boot, me.pid_namespace, me.pid}};
  me.elsewhere = 0;
  for (const LockOwner& other : all) {
    if (!known.emplace(other.boot, other.pid_namespace, other.pid).second) continue;
    const std::string word = fmt::format("{}{}:{}", me.peers.empty() ? "" : " ", other.pid, other.start);
    if (see_each_other(other, me) && me.peers.size() + word.size() <= kPeersBytesMax)
      me.peers += word;
    else
      ++me.elsewhere;
  }
  return me;
}

bool has_ended(const LockOwner& owner, const LockOwner& me) {
  if (owner.boot.empty() || me.boot.empty()) return false;
  if (owner.boot != me.boot) {
    // Started again since, if it is this machine: its name alone says little, and in a container nothing does.
    return !me.machine.empty() && owner.machine == me.machine && owner.host == me.host &&
           owner.pid_namespace == kFirstPidNamespace && me.pid_namespace == kFirstPidNamespace;
  }
  if (!see_each_other(owner, me)) return false;
  if (owner.pid == me.pid) return owner.start != me.start;
  return is_gone(owner.pid, owner.start);
}

std::string to_text(const LockOwner& owner) {
  std::string text(kFirstLine);
  for (const auto& [key, value] : texts(owner)) text += fmt::format("{}: {}\n", key, printable_line(*value));
  for (const auto& [key, value] : numbers(owner)) text += fmt::format("{}: {}\n", key, *value);
  return text;
}

std::optional<LockOwner> parse_lock(std::string_view text) {
  if (!text.starts_with(kFirstLine)) return std::nullopt;
  text.remove_prefix(kFirstLine.size());
  LockOwner owner;
  while (!text.empty()) {
    const auto end = text.find('\n');
    if (end == std::string_view::npos) return std::nullopt;  // cut short
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end + 1);
    const auto colon = line.find(": ");
    if (colon == std::string_view::npos) continue;
    const std::string_view key = line.substr(0, colon);
    const std::string_view value = line.substr(colon + 2);
    for (const auto& [name, member] : texts(owner)) {
      if (key == name) *member = value;
    }
    for (const auto& [name, member] : numbers(owner)) {
      if (key == name && std::from_chars(value.data(), value.data() + value.size(), *member).ec != std::errc{})
        return std::nullopt;
    }
  }
  if (owner.pid <= 0 || owner.host.empty()) return std::nullopt;
  return owner;
}

FolderLock::FolderLock(io::Storage& storage, io::Path path, std::string text)
    : storage_(&storage), path_(std::move(path)), text_(std::move(text)) {}

FolderLock::FolderLock(FolderLock&& other) noexcept
    : storage_(std::exchange(other.storage_, nullptr)), path_(std::move(other.path_)), text_(std::move(other.text_)) {}

FolderLock::~FolderLock() {
  if (storage_ == nullptr) return;
  // Somebody may have removed the file by hand, and another one be at work.
  const auto text = io::read_whole(*storage_, path_, kBytesMax);
  if (text && *text == text_) static_cast<void>(storage_->remove(path_));
}

Result<FolderLock> FolderLock::take(io::Storage& storage, const io::Path& folder, std::string_view name,
                                    const LockOwner& me, std::chrono::milliseconds peers_end) {
  const io::Path path = folder / name;
  const std::string mine = to_text(me);
  // Once more where a lock was given back between two looks at it.
  constexpr int kRounds = 3;
  for (int round = 0; round < kRounds; ++round) {
    Result<bool> made = storage.create_if_absent(path, mine);
    if (!made) {
      // A full file system, for one, does not say whether there is a lock already.
      const auto is_there = storage.exists(path);
      if (is_there && !*is_there) return made.error();
    } else if (*made) {
      // Also where nothing was taken over: whoever did may have been killed between the old lock and its own.
      FolderLock lock(storage, path, mine);
      STOKER_TRY(remove_claims(storage, path));
      return lock;
    }
    const auto text = io::read_whole(storage, path, kBytesMax);
    if (!text && text.error().code == Code::kNotFound) continue;
    const std::optional<LockOwner> owner = text ? parse_lock(*text) : std::nullopt;
    if (!owner || !has_ended(*owner, me)) return locked(path, owner);
    STOKER_TRY(wait_for_peers(path, *owner, me, peers_end));
    STOKER_ASSIGN(const bool taken, take_over(storage, path, *text, me));
    if (!taken) continue;  // another one was faster
    FolderLock lock(storage, path, mine);
    STOKER_TRY(remove_claims(storage, path));
    return lock;
  }
  return locked(path, std::nullopt);
}

}  // namespace stoker::dataset
