#pragma once

#include <string>
#include <vector>

namespace serverspace::app {

/// Rows of text as columns for people: each as wide as its widest cell, two
/// spaces between, none at the end of a line.
std::string AlignColumns(const std::vector<std::vector<std::string>>& rows);

}  // namespace serverspace::app
