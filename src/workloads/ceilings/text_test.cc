#include "workloads/ceilings/text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace stoker::ceilings {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(StorageText, MarksTheKneeAndShowsFioBesideIt) {
  results::StorageCeiling s{.data_folder = "/d", .file_system = "ext4", .storage = "posix"};
  s.reads = {{.direct = true, .depth = 1, .threads = 1, .bytes_per_second = 1 << 20, .p50_ms = 2},
             {.direct = true, .depth = 8, .threads = 1, .bytes_per_second = 8 << 20, .knee = true}};
  s.notes = {"something"};
  std::string text = storage_text(s);
  EXPECT_THAT(text, AllOf(HasSubstr("/d: posix on ext4"), HasSubstr("8.0 MiB/s"), HasSubstr("<- knee\n"),
                          HasSubstr("note  something"), Not(HasSubstr("fio")), Not(HasSubstr("writing"))));
  s.reads[0].fio = results::FioPoint{.bytes_per_second = 3 << 20};
  text = storage_text(s);
  EXPECT_THAT(text, AllOf(HasSubstr("fio"), HasSubstr("3.0 MiB/s")));
}

TEST(ClientText, SaysHowManyAcceleratorsACoreCanFeed) {
  results::ClientCeiling c{.figures = {{.name = "decode", .bytes_per_second = 1 << 30, .spread = 0.012, .runs = 3}}};
  c.direct = {.bytes_per_second = 1 << 30, .samples_per_second = 5, .accelerators = 2.5};
  c.batch_size = 7;
  c.step_seconds = 0.5;
  const std::string text = client_text(c);
  EXPECT_THAT(text, AllOf(HasSubstr("decode"), HasSubstr("1.2 %"), HasSubstr("2.50 accelerators (batches of 7"),
                          HasSubstr("no limit, as steps take no time")));
}

}  // namespace
}  // namespace stoker::ceilings
