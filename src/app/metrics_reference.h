#pragma once

#include <string>

namespace serverspace::app {

/// Every metric family that the program can show, as Markdown: the collectors
/// with their intervals and calls, then a table for each of them and for each
/// part of the exporter itself, all from the descriptors that the exposition is
/// made from.
std::string MetricsReference();

}  // namespace serverspace::app
