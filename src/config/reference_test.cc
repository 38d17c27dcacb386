#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>

#include "config/fields.h"
#include "config/load.h"

namespace stoker::config {
namespace {

constexpr const char* kPath = STOKER_SOURCE_DIR "/docs/config.md";

TEST(Reference, IsTheCommittedFile) {
  const std::string text = reference_markdown();
  if (std::getenv("STOKER_UPDATE_GOLDEN") != nullptr) std::ofstream(kPath) << text;
  std::ifstream in(kPath);
  const std::string committed{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  EXPECT_TRUE(committed == text) << "docs/config.md is not what the field table says; run this test once with "
                                    "STOKER_UPDATE_GOLDEN=1 in the environment and commit the file";
}

TEST(Reference, NamesEveryKey) {
  const std::string text = reference_markdown();
  for (const Field& field : fields()) {
    EXPECT_NE(text.find("| `" + std::string(field.key) + "` |"), std::string::npos) << field.key;
    for (const Alias& alias : field.aliases) EXPECT_NE(text.find(alias.key), std::string::npos) << alias.key;
  }
}

}  // namespace
}  // namespace stoker::config
