#pragma once

#include <string>

namespace serverspace::app {

/// What a command has to say, and the status it ends with.
struct Report {
  int status = 0;
  std::string text;  ///< Whole lines for standard output.
};

}  // namespace serverspace::app
