#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/log.h"
#include "base/result.h"
#include "config/problem.h"

namespace serverspace::app {

/// How the program ends, unless a command has statuses of its own.
inline constexpr int kFailed = 1;
inline constexpr int kBadSetup = 2;

/// What a command has to say, and the status it ends with.
struct Report {
  int status = 0;
  std::string text;         ///< Whole lines for standard output.
  int unprinted = kFailed;  ///< The least status if they cannot be printed.
};

/// All of it, or an error that says why not.
Result<void> WriteToStdout(std::string_view text);

/// Prints the text, without what looks like a key. Answers the exit status.
int Print(const Report& report);

/// Prints to standard error all that is wrong with the configuration, a line
/// each. Answers kBadSetup.
int Refuse(const std::vector<config::Problem>& problems);

/// Logs why something failed. Answers the status.
int Fail(Logger& log, std::string_view what, const Error& error, int status);

}  // namespace serverspace::app
