#pragma once

#include <span>
#include <string>
#include <string_view>

#include "app/commands.h"

namespace serverspace::app {

inline constexpr std::string_view kProgram = "serverspace_exporter";
inline constexpr std::string_view kPurpose =
    "Prometheus exporter for the Serverspace cloud.";
/// Where a setting can be given; which of them can is in the tables.
inline constexpr std::string_view kWhereSettingsGo =
    "The configuration file takes all settings but --config.file, --shard.* "
    "and --web.*. Environment variables take all but thresholds by currency "
    "and a list of projects, of which they describe one.";

/// `serverspace_exporter once`.
std::string UsageName(const CommandDoc& command);

/// `--no-collector.NAME`-style spelling of a flag with its value:
/// `--[no-]collector.NAME`, `--api.timeout=DURATION`.
std::string FlagUsage(const FlagDoc& flag);

/// The help with a sentence about range and default: what `type` says beyond
/// its first word.
std::string FlagText(const FlagDoc& flag);

/// What --help prints for the command.
std::string HelpText(const CommandDoc& command,
                     std::span<const config::CollectorDefaults> collectors);

}  // namespace serverspace::app
