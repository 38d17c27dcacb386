// What an epoch is for.
#pragma once

namespace stoker::training {

enum class Phase { kTrain, kEval };

}  // namespace stoker::training
