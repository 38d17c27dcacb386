// What happened, for people: lines on stderr (spdlog), with the rank in front when there are several. Results go to
// stdout, never through here.
#pragma once

#include <spdlog/spdlog.h>

#include <string_view>

namespace stoker {

// Sets level and pattern of the process's logger. Call once, before threads start. Level names: debug, info, warning,
// error, critical (those of DLIO_LOG_LEVEL); an unknown name is taken as warning.
void init_log(std::string_view level);

// spdlog::info and friends are safe from any thread; rank threads put "rank N: " in their texts themselves where it
// matters.

}  // namespace stoker
