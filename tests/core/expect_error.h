// EXPECT_ERROR(kUsage, "the whole message", expression)
#pragma once

#include <gtest/gtest.h>

#include "harness/core/error.h"

#define EXPECT_ERROR(exit_code, message, ...)                   \
  try {                                                         \
    (void)(__VA_ARGS__);                                        \
    ADD_FAILURE() << "no Error from " #__VA_ARGS__;             \
  } catch (const ::cachegauge::Error& error) {                  \
    EXPECT_EQ(error.code(), ::cachegauge::ExitCode::exit_code); \
    EXPECT_STREQ(error.what(), message);                        \
  }
