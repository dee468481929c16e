#pragma once

#include <string>
#include <vector>

namespace serverspace::config {

/// Something wrong, or worth a warning, in what an operator wrote: where it
/// stands and what would be right.
struct Problem {
  std::string file;  ///< Empty for variables and flags.
  int line = 0;      ///< From 1; 0 if the whole file is meant.
  int column = 0;
  std::string key;  ///< `projects[1].api_key_file`, a variable or a flag; may
                    ///< be empty.
  std::string message;

  /// `FILE:LINE:COLUMN: KEY: MESSAGE` in one line, without the parts that are
  /// not known, and without what looks like an API key.
  std::string ToString() const;
};

/// The first 20 as texts, then one that counts the rest: a broken file of a
/// thousand projects must flood neither a log nor an answer.
std::vector<std::string> FirstReasons(const std::vector<Problem>& problems);

/// The same, a line each.
std::string JoinFirstReasons(const std::vector<Problem>& problems);

}  // namespace serverspace::config
