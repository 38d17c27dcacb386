// Where bytes live and how they are fetched. A back end implements these three interfaces; nothing above knows which
// one it has. Reads are positional only.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/aligned_buffer.h"
#include "base/bytes.h"
#include "base/status.h"

namespace stoker::io {

// What a storage knows a file or a folder by. Of std::filesystem::path only what it does with text is used above this
// interface, which keeps a URI as it is ("s3://bucket/set" / "train"); what asks the file system (canonical, absolute)
// is for POSIX: place.h.
using Path = std::filesystem::path;

// Sees every request that a file sends to the storage. The back end asks it for the time, so that it needs no clock of
// its own and a file without an observer reads none. Called from the thread that reads.
class ReadObserver {
 public:
  virtual ~ReadObserver() = default;
  [[nodiscard]] virtual std::int64_t now_ns() = 0;
  // One request: sent at begin_ns, answered at end_ns with `bytes` bytes. `seen_late`: the answer was there before the
  // thread looked for it, so that it came earlier than end_ns.
  virtual void completed(std::int64_t begin_ns, std::int64_t end_ns, std::uint64_t bytes, bool seen_late) = 0;
};

struct OpenOptions {
  bool direct = false;               // O_DIRECT; an error where the file system has none, never a silent fallback
  bool mapped = false;               // by memory mapping, where the storage has it; not with direct
  std::uint64_t transfer_bytes = 0;  // largest single request of a buffered read; 0: the back end's choice (1 MiB)
};

// One positional read. `into` is filled completely, or the read is an error.
struct ReadOp {
  std::uint64_t offset = 0;
  MutBytes into;
};

// An open file. Any number of threads may read it at the same time.
class ReadableFile {
 public:
  virtual ~ReadableFile() = default;
  [[nodiscard]] virtual std::uint64_t size() const = 0;
  // Another number when the file was written or replaced since (as its size and modification time tell); 0 where the
  // storage does not know.
  [[nodiscard]] virtual std::uint64_t version() const { return 0; }
  // The same as it is now, for whoever keeps a file open: version() is that of its opening. A file that was renamed
  // away, or that has another name yet, is not seen to be replaced.
  [[nodiscard]] virtual std::uint64_t version_now() const { return version(); }
  // What offset, length and memory of every ReadOp must be a multiple of: 1 for buffered files. With a larger alignment
  // the last op may reach past the end of the file; the bytes past it are undefined.
  [[nodiscard]] virtual std::size_t alignment() const = 0;
  // Reads all of them or returns an error that names the path, the offset and what the storage answered. A file that
  // ends early is Code::kCorrupt. `observer` may be null.
  virtual Status read_many(std::span<const ReadOp> ops, ReadObserver* observer) = 0;
  [[nodiscard]] virtual const Path& path() const = 0;
};

// Whether a file is written past the page cache, where each byte costs the client a copy.
enum class DirectWrites {
  kNo,
  kWherePossible,  // on file systems that have it, and for files large enough to gain by it
  kYes,            // an error where the file system has none
};

struct WriteOptions {
  DirectWrites direct = DirectWrites::kNo;
  // Of the whole file, as far as it is known: the most says how large it may get; room for the least is taken at once
  // where it is written direct.
  std::uint64_t bytes_least = 0, bytes_most = 0;
  bool durable = false;  // once it is committed, it survives a crash of the machine
};

// Where bytes go, front to back, from one thread. Large things are made in pieces of memory that the receiver lends,
// small ones are appended; not both.
class Sink {
 public:
  static constexpr std::size_t kPieceBytes = std::size_t{2} << 20;  // that are lent: a huge page

  virtual ~Sink() = default;
  // `data` may be reused when append returns.
  virtual Status append(Bytes data) = 0;
  // Memory for the next bytes, kPieceBytes of it, until it is given back. Waits while the storage has as many pieces to
  // write as it takes.
  [[nodiscard]] virtual Result<MutBytes> lend();
  // The first `bytes` of it are the next bytes. Each piece but the last is full. That one could not be written may be
  // told by a later call; WritableFile::commit() tells it at the latest.
  virtual Status give_back(std::size_t bytes);
  [[nodiscard]] virtual std::uint64_t position() const = 0;  // pieces that are lent do not count

 private:
  AlignedBuffer lent_;
};

// A file being written, by the thread that made it. Without a commit nothing of it stays: what had its name keeps it.
class WritableFile : public Sink {
 public:
  // Of what was written so far, how much went past the page cache.
  [[nodiscard]] virtual std::uint64_t direct_bytes() const { return 0; }
  // Gives the file its name, in the place of what had it: whoever opens that finds the old file or all of the new one.
  // The last call; after an error what had the name has it still, unless the storage cannot say.
  virtual Status commit() = 0;
};

// A file that grows under its name: what was appended is what others find, whatever becomes of this process then.
class LogFile {
 public:
  virtual ~LogFile() = default;  // closes without reporting
  // Another's append() never lies inside it. From one thread at a time.
  virtual Status append(Bytes data) = 0;
  virtual Status close() = 0;
};

struct DirEntry {
  std::string name;
  bool is_directory = false;  // or a link to one
  bool is_symlink = false;
  std::optional<std::uint64_t> bytes{};  // of a file or what a link leads to, where sizes were asked for
};

// Whether a listing says how large files are: for nothing with object stores, a call for each file with POSIX.
enum class Sizes : bool { kNo, kYes };

struct SpaceInfo {
  std::uint64_t free_bytes = 0;
  std::optional<std::uint64_t> free_inodes{};  // nullopt: it has no such limit, or does not say
  std::uint64_t block_bytes = 1;               // what it gives to files in whole
};

class ReadQueue;  // read_queue.h
struct ReadQueueOptions;
class Folder;  // folder.h

// A store of files. Safe to use from many threads.
class Storage {
 public:
  virtual ~Storage() = default;
  [[nodiscard]] virtual Result<std::unique_ptr<ReadableFile>> open(const Path&, const OpenOptions&) = 0;
  // Reads of files of this storage for one thread, with several under way. `observer` may be null.
  [[nodiscard]] virtual std::unique_ptr<ReadQueue> make_read_queue(const ReadQueueOptions&, ReadObserver* observer);
  // A new file, which takes the place of a file or a link of that name when it is committed: no link is followed, no
  // other name of an old file loses its content. Code::kCorrupt where a device or a pipe has the name. By one writer of
  // a name at a time.
  [[nodiscard]] virtual Result<std::unique_ptr<WritableFile>> create(const Path&, const WriteOptions&) = 0;
  [[nodiscard]] Result<std::unique_ptr<WritableFile>> create(const Path& path) { return create(path, {}); }
  // An empty file, in the place of one of that name. Code::kUnsupported where files cannot grow.
  [[nodiscard]] virtual Result<std::unique_ptr<LogFile>> create_log(const Path&) = 0;
  // A small file with this text, unless something has the name: false then, and whoever else tries it at the same time
  // hears that. On the storage when it returns.
  [[nodiscard]] virtual Result<bool> create_if_absent(const Path&, std::string_view text) = 0;
  [[nodiscard]] virtual Result<std::uint64_t> file_size(const Path&) = 0;  // Code::kNotFound when absent
  [[nodiscard]] virtual Result<bool> exists(const Path&) = 0;
  // Entries of one folder, unsorted, without "." and "..".
  [[nodiscard]] virtual Result<std::vector<DirEntry>> list(const Path&, Sizes) = 0;
  [[nodiscard]] Result<std::vector<DirEntry>> list(const Path& path) { return list(path, Sizes::kNo); }
  virtual Status make_directories(const Path&) = 0;
  virtual Status remove(const Path&) = 0;  // one file; absent is no error
  // A folder without entries. False when it has some, or is a link or a mount point, and stays; absent is no error.
  // Nothing here removes a tree: whoever deletes names every file (data/dataset/deletion.h).
  [[nodiscard]] virtual Result<bool> remove_empty_directory(const Path&) = 0;
  // To remove what is in it, whatever its path leads to meanwhile; the path itself may be that of a link. As it stands
  // here it goes by paths all the same: for storages without links. It may be told by list() that there is no folder.
  [[nodiscard]] virtual Result<std::unique_ptr<Folder>> open_folder(const Path&);
  // Of the nearest existing parent; nullopt where the storage does not say.
  [[nodiscard]] virtual Result<std::optional<SpaceInfo>> space(const Path&) = 0;
  // What this machine wrote to the file system of the folder so far, and closed, is on the storage when it returns.
  virtual Status flush(const Path& folder) = 0;
  // Makes this machine forget what it keeps of a file's content, so that who reads it next asks the storage. Pages that
  // another process has mapped may stay.
  virtual Status forget(const Path&) { return {}; }
  // How much of a file's content this machine keeps. Linux says "all of it" of files that the caller neither owns nor
  // may write.
  [[nodiscard]] virtual Result<std::uint64_t> kept_bytes(const Path&) { return 0; }
  // For results: what it is and how files are read and written, "posix, O_DIRECT, io_uring". After it was done: what a
  // process can do shows then.
  [[nodiscard]] virtual std::string describe_reads(const OpenOptions&) const = 0;
  [[nodiscard]] virtual std::string describe_writes(bool direct) const = 0;
};

// Under which a storage writes a file that is not committed yet, if it needs a name for that: "<path>.tmp". A process
// that is killed leaves it, until the file is written again.
[[nodiscard]] Path temporary_name(const Path&);

// Reads [offset, offset + into.size()) with a buffered file: one op.
inline Status read_at(ReadableFile& file, std::uint64_t offset, MutBytes into, ReadObserver* observer = nullptr) {
  const ReadOp op{offset, into};
  return file.read_many({&op, 1}, observer);
}

// Local and parallel file systems through the POSIX calls (posix/storage.cc), buffered or O_DIRECT.
[[nodiscard]] std::unique_ptr<Storage> make_posix_storage();

// How direct reads of POSIX files are carried out in this process so far: "io_uring", "pread" (built without io_uring,
// or the kernel refuses it), or "io_uring, pread in some threads" (a thread could not get a ring). From any thread;
// tries the calling thread when none has. For results: the mechanism changes what a number means.
[[nodiscard]] std::string_view direct_mechanism();

// The same of direct writes.
[[nodiscard]] std::string_view direct_write_mechanism();

}  // namespace stoker::io
