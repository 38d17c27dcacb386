#include "config/load.h"

#include <gtest/gtest.h>

#include "base/testing/status_matchers.h"
#include "config/embedded.h"
#include "config/validate.h"

namespace stoker::config {
namespace {

TEST(Embedded, AllLoad) {
  for (const EmbeddedFile& file : embedded_files()) {
    SCOPED_TRACE(file.name);
    const auto loaded = load({.workload = std::string(file.name)});
    ASSERT_OK(loaded);
    for (const std::string& warning : loaded->warnings) std::cout << file.name << ": " << warning << "\n";
  }
}

}  // namespace
}  // namespace stoker::config
