#include "base/errno_error.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>

namespace stoker {
namespace {

TEST(ErrnoError, TellsApartWhatACallerActsOn) {
  const std::pair<int, Code> table[] = {
      {ENOENT, Code::kNotFound},  {ENOTDIR, Code::kNotFound}, {EACCES, Code::kPermission}, {EPERM, Code::kPermission},
      {EROFS, Code::kPermission}, {ENOSPC, Code::kNoSpace},   {EDQUOT, Code::kNoSpace},    {EIO, Code::kIo},
      {ESTALE, Code::kIo},        {EMFILE, Code::kLimit},     {EISDIR, Code::kIo},         {ENFILE, Code::kLimit},
      {ENOMEM, Code::kLimit},
  };
  for (const auto& [error_number, code] : table) {
    EXPECT_EQ(static_cast<int>(errno_error("f", "open", error_number).code), static_cast<int>(code)) << error_number;
  }
}

TEST(ErrnoError, NamesPathActionAndSystemText) {
  const Error error = errno_error("/data/train/img_0_of_8.npz", "write of 5 bytes at offset 7", ENOSPC);
  EXPECT_EQ(error.message, "/data/train/img_0_of_8.npz: write of 5 bytes at offset 7: No space left on device");
  EXPECT_THAT(error.hint, ::testing::HasSubstr("free some space"));
  EXPECT_THAT(errno_error("f", "open", EMFILE).hint, ::testing::HasSubstr("ulimit -n"));
  EXPECT_EQ(errno_error("f", "open", EIO).hint, "");
}

}  // namespace
}  // namespace stoker
