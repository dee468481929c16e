#pragma once

#include <string_view>
#include <vector>

#include "base/redact.h"
#include "base/result.h"
#include "base/text.h"
#include "config/problem.h"
#include "fuzz/input.h"

namespace serverspace::fuzz {

/// What every message must be that people or a log are given.
inline void RequireFit(std::string_view message) {
  Require(!message.empty(), "a message says something");
  Require(IsValidUtf8(message), "a message is UTF-8");
  Require(message.find('\n') == std::string_view::npos,
          "a message is one line");
  Require(!HoldsKey(message), "a message holds no key");
}

template <typename Value>
void RequireFitMessage(const Result<Value>& parsed) {
  if (!parsed.ok()) RequireFit(parsed.error().message);
}

inline void RequireFit(const std::vector<config::Problem>& problems) {
  for (const config::Problem& problem : problems)
    RequireFit(problem.ToString());
}

}  // namespace serverspace::fuzz
