#include "app/cli/error_text.h"

#include <gtest/gtest.h>

namespace stoker::cli {
namespace {

TEST(FormatError, HasNumberPlaceAndHint) {
  Error error{.code = Code::kConfig,
              .message = "reader.read_thread: unknown key",
              .hint = "did you mean 'read_threads'?",
              .where = SourcePos{.file = "unet3d_h100.yaml", .line = 18, .column = 3}};
  EXPECT_EQ(format_error(error, Numbers::kShown),
            "stoker: error: [E102] reader.read_thread: unknown key\n"
            "  --> unet3d_h100.yaml:18:3\n"
            "  hint: did you mean 'read_threads'?\n");
  EXPECT_EQ(format_error(error, Numbers::kHidden).substr(0, 27), "stoker: error: reader.read_");
  error.number = ErrorNumber::kConfigFile;
  error.where = SourcePos{.file = "override"};
  error.hint.clear();
  EXPECT_EQ(format_error(error, Numbers::kShown),
            "stoker: error: [E103] reader.read_thread: unknown key\n  --> override\n");
  EXPECT_EQ(format_error(make_error(Code::kIo, "x"), Numbers::kShown, true),
            "\x1b[1;31mstoker: error:\x1b[0m [E405] x\n");
}

TEST(FormatError, SpellsOutWhatIsNotPrintable) {
  const Error error{.code = Code::kIo,
                    .message = "a\nstoker: error: b\x1b[2J\xff\n c: cannot be read",
                    .hint = "look at a\nb",
                    .where = SourcePos{.file = "x\n\u202ey.yaml"}};
  EXPECT_EQ(format_error(error, Numbers::kHidden),
            "stoker: error: a\\x0astoker: error: b\\x1b[2J\\xff\\x0a c: cannot be read\n"
            "  --> x\\x0a\\u202ey.yaml\n"
            "  hint: look at a\\x0ab\n");
}

TEST(FormatError, KeepsTheLinesOfAList) {
  Error error = make_error(Code::kConfig, "2 things of a\n  hint: forged");
  error.list = {"1. a\nb", "   hint: b"};
  EXPECT_EQ(format_error(error, Numbers::kHidden),
            "stoker: error: 2 things of a\\x0a  hint: forged\n  1. a\\x0ab\n     hint: b\n");
}

}  // namespace
}  // namespace stoker::cli
