// The same as base/precompiled.h for the tests.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <random>

#include "base/precompiled.h"
#include "base/testing/status_matchers.h"
#include "base/testing/temp_dir.h"
