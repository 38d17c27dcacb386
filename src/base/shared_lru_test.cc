#include "base/shared_lru.h"

#include <gtest/gtest.h>

#include <atomic>
#include <new>
#include <string>
#include <thread>
#include <vector>

#include "base/hash.h"
#include "base/testing/status_matchers.h"

namespace stoker {
namespace {

using Lru = SharedLru<int, std::string>;

std::uint64_t length(int /*key*/, const std::string& text) {
  return text.size();
}

Lru::Pointer text(const char* value) {
  return std::make_shared<const std::string>(value);
}

void keep(Lru& lru, int key, const char* value) {
  EXPECT_OK(lru.find_or_make(key, [&] { return text(value); }));
}

TEST(SharedLru, KeepsWhatWasUsedLastWithinItsBound) {
  Lru lru(6, length);
  keep(lru, 1, "aa");
  keep(lru, 2, "bb");
  keep(lru, 3, "cc");
  EXPECT_EQ(lru.used(), 6U);
  ASSERT_NE(lru.find(1), nullptr);
  const Lru::Pointer held = lru.find(2);
  keep(lru, 1, "not made, since it is there");
  keep(lru, 4, "ddd");
  EXPECT_EQ(lru.find(3), nullptr);
  EXPECT_EQ(lru.find(2), nullptr) << "one was not enough";
  EXPECT_EQ(*held, "bb") << "who holds it keeps it";
  EXPECT_EQ(*lru.find(1), "aa");
  EXPECT_EQ(lru.used(), 5U);
  keep(lru, 5, "longer than the bound");
  EXPECT_EQ(lru.find(5), nullptr);
  EXPECT_NE(lru.find(4), nullptr) << "what does not fit pushes nothing out";
  lru.set_limit(30);
  keep(lru, 5, "longer than the bound");
  EXPECT_NE(lru.find(5), nullptr);
}

TEST(SharedLru, ForgetsTheValueThatIsMeantAndNoOther) {
  Lru lru(6, length);
  keep(lru, 1, "aa");
  const Lru::Pointer old = lru.find(1);
  lru.erase(1, old);
  EXPECT_EQ(lru.find(1), nullptr);
  EXPECT_EQ(lru.used(), 0U);
  keep(lru, 1, "bbb");
  lru.erase(1, old);
  EXPECT_EQ(*lru.find(1), "bbb");
}

// Whoever comes while a value is being made, or after it, gets that one.
TEST(SharedLru, OneMakesWhatSeveralWant) {
  constexpr int kThreads = 8;
  Lru lru(100, length);
  std::atomic<int> made{0}, asked{0};
  std::vector<Lru::Pointer> got(kThreads);
  const auto make = [&]() -> Result<Lru::Pointer> {
    ++made;
    while (asked < kThreads) std::this_thread::yield();
    return text("value");
  };
  {
    std::vector<std::jthread> threads;
    for (auto& value : got) {
      threads.emplace_back([&] {
        ++asked;
        auto found = lru.find_or_make(1, make);
        ASSERT_OK(found);
        value = *found;
      });
    }
  }
  for (const auto& value : got) EXPECT_EQ(value, got.front());
  EXPECT_EQ(made, 1);
}

TEST(SharedLru, WhatCannotBeMadeIsToldToEach) {
  Lru lru(100, length);
  std::atomic<int> tried{0};
  const auto fail = [&]() -> Result<Lru::Pointer> {
    ++tried;
    std::this_thread::yield();
    return make_error(Code::kIo, "nothing there");
  };
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&] { EXPECT_ERROR(lru.find_or_make(1, fail), Code::kIo, "nothing there"); });
    }
  }
  EXPECT_EQ(tried, 4);
  const auto thrown = [&]() -> Result<Lru::Pointer> { throw std::bad_alloc(); };
  EXPECT_THROW((void)lru.find_or_make(1, thrown), std::bad_alloc);
  keep(lru, 1, "and then it can");
}

TEST(SharedLru, HoldsItsBoundWhateverThreadsDo) {
  constexpr std::uint64_t kBound = 10;
  Lru lru(kBound, length);
  std::vector<std::jthread> threads;
  for (std::uint64_t t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (std::uint64_t i = 0; i < 2000; ++i) {
        const int key = static_cast<int>(mix64(t * 2000 + i) % 30);
        const auto value = lru.find_or_make(key, [&] { return text(key % 2 == 0 ? "a" : "bcd"); });
        ASSERT_OK(value);
        ASSERT_EQ((*value)->size(), key % 2 == 0 ? 1U : 3U);
        if (i % 7 == 0) lru.erase(key, *value);
        ASSERT_LE(lru.used(), kBound);
      }
    });
  }
}

}  // namespace
}  // namespace stoker
