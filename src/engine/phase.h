// What an epoch is for.
#pragma once

namespace stoker::engine {

enum class Phase { kTrain, kEval };

}  // namespace stoker::engine
