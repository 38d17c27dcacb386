// What `stoker data verify` prints.
#pragma once

#include <string>
#include <vector>

#include "data/audit/verify.h"

namespace stoker::audit {

// A line per fault of one file, and one more when it was not read to its end.
[[nodiscard]] std::string fault_lines(const ExpectedFile& file, const FileCheck& check);

// That a data set is incomplete, as a line; empty otherwise.
[[nodiscard]] std::string set_fault_line(const ExpectedFiles& files);

// What cannot be said of these files, whatever is found; each a sentence.
[[nodiscard]] std::vector<std::string> limits(const ExpectedFiles& files);

// The last line: how many files of how many, what was looked at, and what was found.
[[nodiscard]] std::string summary_line(const VerifyRequest& request, const Verified& verified);

}  // namespace stoker::audit
