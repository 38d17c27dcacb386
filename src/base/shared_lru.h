// Values that several threads look up by a key and make where they are missing: least recently used first out.
#pragma once

#include <algorithm>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <iterator>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <utility>

#include "base/status.h"
#include "base/thread_annotations.h"

namespace stoker {

// Safe from any thread. Keeps values until their costs exceed the bound; one that alone costs more is handed on but not
// kept. Who holds a value keeps it alive, whatever becomes of it here.
template <class Key, class Value>
class SharedLru {
 public:
  using Pointer = std::shared_ptr<const Value>;
  using Make = std::function<Result<Pointer>()>;
  using Cost = std::function<std::uint64_t(const Key&, const Value&)>;

  SharedLru(std::uint64_t limit, Cost cost) : cost_(std::move(cost)), limit_(limit) {}

  // Null where it is not there.
  [[nodiscard]] Pointer find(const Key& key) {
    const std::lock_guard lock(mutex_);
    return find_locked(key);
  }

  // Of those that want a missing value at the same time one makes it, without the lock, and the others wait for it.
  // When it cannot be made, each of them learns so by trying itself.
  [[nodiscard]] Result<Pointer> find_or_make(const Key& key, const Make& make) {
    const auto mine = std::make_shared<Making>(Making{.key = key, .value = nullptr});
    {
      std::unique_lock lock(mutex_);
      while (true) {
        if (Pointer value = find_locked(key); value != nullptr) return value;
        const auto at = std::ranges::find_if(making_, [&](const auto& other) { return other->key == key; });
        if (at == making_.end()) break;
        const std::shared_ptr<Making> theirs = *at;
        ended_.wait(lock, [&] { return theirs->ended; });
        // Not out of what is kept, where it may have no room.
        if (theirs->value != nullptr) return theirs->value;
      }
      making_.push_back(mine);
    }
    Result<Pointer> made = Pointer();
    try {
      made = make();
    } catch (...) {
      end(*mine, nullptr);
      throw;
    }
    end(*mine, made ? *made : nullptr);
    return made;
  }

  // Forgets this value, if it is still the key's.
  void erase(const Key& key, const Pointer& value) {
    Entries dropped;
    const std::lock_guard lock(mutex_);
    if (const auto at = by_key_.find(key); at != by_key_.end() && at->second->value == value) drop(at->second, dropped);
  }

  // Another bound, before there is anything to keep.
  void set_limit(std::uint64_t limit) {
    const std::lock_guard lock(mutex_);
    limit_ = limit;
  }

  [[nodiscard]] std::uint64_t used() const {
    const std::lock_guard lock(mutex_);
    return used_;
  }

 private:
  struct Entry {
    Key key;
    Pointer value;
    std::uint64_t cost = 0;
  };
  using Entries = std::list<Entry>;
  // A value that somebody makes at present.
  struct Making {
    Key key;
    Pointer value;  // null until it is made
    bool ended = false;
  };

  [[nodiscard]] Pointer find_locked(const Key& key) REQUIRES(mutex_) {
    const auto at = by_key_.find(key);
    if (at == by_key_.end()) return nullptr;
    entries_.splice(entries_.begin(), entries_, at->second);
    return at->second->value;
  }

  void end(Making& making, Pointer value) {
    Entries dropped;  // their values go without the lock
    {
      const std::lock_guard lock(mutex_);
      making.ended = true;
      making.value = value;
      std::erase_if(making_, [&](const auto& other) { return other.get() == &making; });
      // Before what may throw: they have the value in any case.
      ended_.notify_all();
      if (value != nullptr) insert(making.key, std::move(value), dropped);
    }
  }

  void insert(const Key& key, Pointer value, Entries& dropped) REQUIRES(mutex_) {
    const std::uint64_t cost = cost_(key, *value);
    if (const auto at = by_key_.find(key); at != by_key_.end()) drop(at->second, dropped);
    if (cost > limit_) return;
    while (used_ + cost > limit_) drop(std::prev(entries_.end()), dropped);
    entries_.push_front({.key = key, .value = std::move(value), .cost = cost});
    by_key_.emplace(key, entries_.begin());
    used_ += cost;
  }

  void drop(typename Entries::iterator at, Entries& dropped) REQUIRES(mutex_) {
    used_ -= at->cost;
    by_key_.erase(at->key);
    dropped.splice(dropped.end(), entries_, at);
  }

  const Cost cost_;
  mutable std::mutex mutex_;
  std::uint64_t limit_ GUARDED_BY(mutex_);
  Entries entries_ GUARDED_BY(mutex_);  // most recently used first
  std::map<Key, typename Entries::iterator> by_key_ GUARDED_BY(mutex_);
  std::uint64_t used_ GUARDED_BY(mutex_) = 0;
  std::condition_variable ended_;
  std::list<std::shared_ptr<Making>> making_ GUARDED_BY(mutex_);  // no more than there are threads
};

}  // namespace stoker
