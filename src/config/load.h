#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/environment.h"
#include "base/result.h"
#include "config/config.h"
#include "config/problem.h"

namespace serverspace::config {

/// A setting from the command line: the flag as in `Options()` with the
/// collector's name filled in, and its value (`true` and `false` for switches;
/// a repeated flag is several of these).
struct FlagValue {
  std::string flag;
  std::string value;
};

struct LoadInput {
  std::optional<std::string> config_file;  ///< Else SERVERSPACE_CONFIG_FILE.
  const Environment& environment;
  std::vector<FlagValue> flags;
  std::span<const CollectorDefaults> collectors;
  /// Leaves out every other project, whatever may be wrong with its key.
  std::optional<std::string> only_project = {};
};

struct Loaded {
  Config config;
  std::vector<Problem> warnings;
};

/// Makes the configuration from flags, variables, file and defaults, in this
/// order of weight (see `Options()`), and reads every key once. On failure all
/// problems are returned, in the order of the file. Relative paths in the file
/// start from its directory.
///
/// Projects come from `projects` and `projects_dir`, or, if there are none,
/// one comes from the environment: from SERVERSPACE_API_KEY_FILE,
/// SERVERSPACE_API_KEY or SERVERSPACE_KEY (two that differ are an error), else
/// from the systemd credential `api-key`. A key variable beside other projects
/// is an error, that credential beside them a warning. A credential
/// `api-key_NAME` is the key of the project NAME, which needs no further
/// description.
Result<Loaded, std::vector<Problem>> Load(const LoadInput& input);

/// Where to serve, alone: what has to be known to find a running exporter,
/// without its file and keys.
Result<WebSettings, std::vector<Problem>> LoadWeb(const LoadInput& input);

}  // namespace serverspace::config
