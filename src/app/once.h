#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/targets.h"
#include "base/clock.h"
#include "base/log.h"
#include "config/config.h"
#include "config/problem.h"
#include "exporter/exporter.h"

namespace serverspace::app {

/// What one pass over everything came to.
struct OncePage {
  bool complete = false;  ///< Every collector of every project succeeded.
  std::string text;       ///< In the text format.
  std::vector<exporter::ServerLists> servers;
};

/// Runs each collector of each project once, by the exporter's own means, all
/// of it within `limit`.
OncePage ReadOnce(const config::Config& config,
                  const exporter::ExporterContext& context, Duration limit);

/// What speaks against these files, if anything: two of them are the same one,
/// so that one would destroy the other. Devices and pipes may be shared.
std::optional<config::Problem> WhyNotWritten(const std::string& output,
                                             const TargetsFile& targets,
                                             const std::string& state_file);

/// The whole command: reads, and writes the page to the file `output`, or to
/// standard output if that is empty, and the targets to their file. With that
/// file alone nothing but the servers is read, and there is no page. Answers
/// the exit status.
int Once(const config::Config& config, const std::string& output,
         const TargetsFile& targets, Duration limit, Logger& log);

}  // namespace serverspace::app
