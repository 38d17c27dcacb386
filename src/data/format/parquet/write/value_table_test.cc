#include "data/format/parquet/write/value_table.h"

#include <gtest/gtest.h>

#include <cstring>
#include <map>
#include <string>

#include "base/hash.h"

namespace stoker::format::parquet {
namespace {

TEST(ValueTable, NumbersFixedWidthsInOrderOfAppearance) {
  const auto check = []<class Key>(Key) {
    ValueTable table;
    table.begin(sizeof(Key), 10);  // grows many times
    std::vector<Key> values;
    for (std::uint64_t i = 0; i < 20000; ++i) values.push_back(static_cast<Key>(mix64(i % 7919)));
    std::vector<std::uint32_t> numbers(values.size());
    table.find_or_add(reinterpret_cast<const std::byte*>(values.data()), numbers);
    std::map<Key, std::uint32_t> expected;
    for (std::size_t i = 0; i < values.size(); ++i) {
      const auto [at, added] = expected.try_emplace(values[i], static_cast<std::uint32_t>(expected.size()));
      ASSERT_EQ(numbers[i], at->second);
    }
    ASSERT_EQ(table.size(), expected.size());
    ASSERT_EQ(table.bytes().size(), expected.size() * sizeof(Key));
    for (std::size_t i = 0; i < values.size(); ++i) {
      ASSERT_EQ(std::memcmp(table.bytes().data() + numbers[i] * sizeof(Key), &values[i], sizeof(Key)), 0);
    }
  };
  check(std::uint16_t{});
  check(std::uint32_t{});
  check(std::uint64_t{});
}

TEST(ValueTable, NumbersStringsAndStartsAfresh) {
  ValueTable table;
  for (int round = 0; round < 2; ++round) {
    table.begin(0, 1);
    std::string all;
    for (std::uint32_t i = 0; i < 5000; ++i) {
      const std::string text = "value " + std::to_string(i) + std::string(i % 40, 'x');
      EXPECT_EQ(table.find_or_add(std::as_bytes(std::span(text))), i);
      all += text;
    }
    EXPECT_EQ(table.size(), 5000U);
    EXPECT_EQ(table.find_or_add(std::as_bytes(std::span(std::string_view("value 17xxxxxxxxxxxxxxxxx")))), 17U);
    ASSERT_EQ(table.bytes().size(), all.size());
    EXPECT_EQ(std::memcmp(table.bytes().data(), all.data(), all.size()), 0);
  }
}

TEST(ValueTable, IndexBits) {
  ValueTable table;
  table.begin(4, 1);
  EXPECT_EQ(table.index_bits(), 1U);
  for (std::uint32_t i = 0; i < 300; ++i) {
    std::uint32_t number = 0;
    table.find_or_add(reinterpret_cast<const std::byte*>(&i), {&number, 1});
    const unsigned bits = table.index_bits();
    EXPECT_GE(std::uint64_t{1} << bits, table.size());
    EXPECT_TRUE(bits == 1 || std::uint64_t{1} << (bits - 1) < table.size());
  }
}

}  // namespace
}  // namespace stoker::format::parquet
