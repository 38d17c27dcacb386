// A report as people read it.
#pragma once

#include <string>
#include <string_view>

#include "reports/report.h"

namespace stoker::reports {

// Every line with its newline; rules are 70 characters wide. `colours`: badges in ANSI colours, for terminals only.
[[nodiscard]] std::string to_text(const Report& report, bool colours);

// The parts of it, which the report on a submission uses as well.
[[nodiscard]] std::string heading(std::string_view title);  // between two rules
[[nodiscard]] std::string badge(rules::Category category, bool colours);

// "parameter: message", or the message alone where it names the parameter itself or there is none.
[[nodiscard]] std::string message_text(const rules::Finding& finding);
// Why something could not be read, without the path of the run that stands above it anyway.
[[nodiscard]] std::string reason_text(const ProcessingError& error);

// A metric's value. A name with percentage or pct: one decimal and %; with bytes: scaled, one decimal; other numbers
// two decimals and thousands separators; lists joined by commas.
[[nodiscard]] std::string metric_text(std::string_view name, const results::Json& value);

}  // namespace stoker::reports
