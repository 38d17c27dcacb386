#include "data/pipeline/open_files.h"

#include <gtest/gtest.h>

#include <optional>
#include <thread>
#include <vector>

#include "base/hash.h"
#include "base/testing/status_matchers.h"
#include "data/pipeline/testing/fake_format.h"

namespace stoker::pipeline {
namespace {

using testing::FakeDataset;

struct Opener final : FileOpener {
  explicit Opener(FakeDataset& the_data) : data(the_data) {}
  Result<std::unique_ptr<format::FileReader>> open(std::uint64_t file) override { return open_fake(data, file); }
  FakeDataset& data;
};

// What was open for a moment, and is open no more unless it is kept.
void visit(OpenFiles& files, FakeDataset& data, std::uint64_t file) {
  Opener opener(data);
  const auto open = files.open(file, opener);
  ASSERT_OK(open);
  EXPECT_EQ((*open)->reader->rows(), 10U);
  ASSERT_EQ((*open)->units.size(), 3U);
  EXPECT_EQ((*open)->units[2].first_row, 8U);
  EXPECT_EQ((*open)->units[2].rows, 2U);
}

TEST(OpenFiles, TheLastOnesStayOpen) {
  FakeDataset data;
  OpenFiles files(2);
  for (const std::uint64_t file : {0U, 1U, 0U, 0U, 1U}) visit(files, data, file);
  EXPECT_EQ(data.opens, 2U);
  visit(files, data, 2);
  visit(files, data, 1);
  EXPECT_EQ(data.opens, 3U);
  visit(files, data, 0);
  EXPECT_EQ(data.opens, 4U) << "it was the one that nobody had asked for longest";
  EXPECT_EQ(data.open_now, 2U);
  EXPECT_EQ(data.open_most, 3U) << "with the one that goes";
}

TEST(OpenFiles, WhatIsReadStaysOpenBesides) {
  FakeDataset data;
  OpenFiles files(1);
  Opener opener(data);
  {
    const auto held = files.open(7, opener);
    ASSERT_OK(held);
    visit(files, data, 1);
    visit(files, data, 2);
    EXPECT_EQ(data.open_now, 2U);
  }
  EXPECT_EQ(data.open_now, 1U);
}

TEST(OpenFiles, NothingIsKeptWhereNothingMayBe) {
  FakeDataset data;
  OpenFiles files(0);
  for (int i = 0; i < 3; ++i) visit(files, data, 0);
  EXPECT_EQ(data.opens, 3U);
  EXPECT_EQ(data.open_now, 0U);
}

TEST(OpenFiles, AFileThatWasReplacedIsOpenedAnew) {
  FakeDataset data;
  OpenFiles files(2);
  Opener opener(data);
  visit(files, data, 0);
  data.version = 1;
  visit(files, data, 0);
  EXPECT_EQ(data.opens, 2U);
  visit(files, data, 0);
  EXPECT_EQ(data.opens, 2U);
  // Whoever opens it may find that it must not be read.
  data.version = 2;
  data.fail_open = 0;
  EXPECT_ERROR(files.open(0, opener), Code::kNotFound, "file 0: opening fails on purpose");
  EXPECT_EQ(data.open_now, 0U) << "the old one is not kept either";
}

TEST(OpenFiles, ThreadsHoldTheBound) {
  constexpr std::uint64_t kKept = 3, kThreads = 4;
  FakeDataset data;
  OpenFiles files(kKept);
  {
    std::vector<std::jthread> threads;
    for (std::uint64_t t = 0; t < kThreads; ++t) {
      threads.emplace_back([&, t] {
        for (std::uint64_t i = 0; i < 1000; ++i) visit(files, data, mix64(t * 1000 + i) % 20);
      });
    }
  }
  EXPECT_EQ(data.open_now, kKept);
  // Each thread has at most the file that it visits, and one that it closes.
  EXPECT_LE(data.open_most, kKept + 2 * kThreads);
}

}  // namespace
}  // namespace stoker::pipeline
