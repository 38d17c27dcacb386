// A report as people read it.
#pragma once

#include <string>
#include <string_view>

#include "reports/report/report.h"

namespace stoker::reports {

// Every line with its newline; rules are 70 characters wide.
[[nodiscard]] std::string to_text(const Report& report);

// The parts of it, which the report on a submission uses as well.
[[nodiscard]] std::string heading(std::string_view title);  // between two rules
[[nodiscard]] std::string badge(rules::Category category);  // "[CLOSED]"

// Adds a line. What result files bring into it is shown with its control characters spelled out, line feeds among them:
// a name in a file can neither steer the terminal nor add lines of its own.
void put_line(std::string& text, std::string_view line);

// For terminals: the badges that lines begin with in their ANSI colours.
[[nodiscard]] std::string with_colours(std::string_view text);

// Adds the findings that are not CLOSED as a list, each with its remedy below it. False when there is none.
bool put_findings(std::string& text, const rules::Judgement& judgement, std::string_view indent);
// Why something could not be read, without the path of the run that stands above it anyway.
[[nodiscard]] std::string reason_text(const ProcessingError& error);

// A metric's value. A name with percentage or pct: one decimal and %; with bytes: scaled by 1024 (B to PiB), one
// decimal; other numbers: thousands separators, and two decimals unless they are whole numbers in the file; lists
// joined by commas.
[[nodiscard]] std::string metric_text(std::string_view name, const results::Json& value);

}  // namespace stoker::reports
