// A storage whose files lie in this process's memory: what they cost is the client's alone.
#pragma once

#include <map>
#include <mutex>

#include "data/io/forwarding_storage.h"

namespace stoker::ceilings {

// Files that are created here are read here; names are those that create() was given. All else goes to `inner`, which
// outlives it. Safe from many threads.
class MemoryStorage final : public io::ForwardingStorage {
 public:
  explicit MemoryStorage(io::Storage& inner) : ForwardingStorage(inner) {}

  Result<std::unique_ptr<io::ReadableFile>> open(const io::Path&, const io::OpenOptions&) override;
  using Storage::create;
  Result<std::unique_ptr<io::WritableFile>> create(const io::Path&, const io::WriteOptions&) override;

 private:
  class Writer;
  using Content = std::vector<std::byte>;
  std::mutex mutex_;
  std::map<io::Path, std::shared_ptr<Content>> files_;
};

}  // namespace stoker::ceilings
