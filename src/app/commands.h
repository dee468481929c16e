#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.h"

namespace serverspace::app {

enum class Command { kServe, kCheckConfig, kOnce, kCheckBalance, kHealthcheck };

/// A flag as people read of it. A type of words with bars between them
/// (`debug|info`) takes one of these words, no type makes it a switch.
struct FlagDoc {
  std::string_view name;  ///< Without the dashes. `NAME` is any collector.
  std::string_view type;
  std::string_view fallback;  ///< The default as one would write it; may be
                              ///< empty.
  std::string_view help;      ///< Plain sentences.
  bool negatable = false;     ///< A switch with a `no-` form.
  bool list = false;          ///< May be repeated.
  bool setting = false;       ///< One of `config::Options()`.
};

/// What an exit status means.
struct StatusDoc {
  int status;
  std::string_view meaning;
};

/// One thing that the program does. Parser, help, manual page, completion and
/// reference are all made of this.
struct CommandDoc {
  Command command;
  std::string_view name;     ///< Empty for what is done without a command.
  std::string_view summary;  ///< One line.
  std::string_view text;     ///< What else there is to know; one paragraph.
  std::span<const FlagDoc> flags;  ///< Its own, beside settings and logging.
  std::span<const StatusDoc> statuses;
  bool all_settings = true;  ///< Else only where the exporter listens.
};

/// Serving first.
std::span<const CommandDoc> Commands();
const CommandDoc& FindCommand(Command command);

/// All flags of a command: its own, logging, settings.
std::vector<FlagDoc> FlagsOf(const CommandDoc& command);

/// The names that a flag stands for: one for each collector if it has `NAME` in
/// it, else its own.
std::vector<std::string> ExpandName(
    std::string_view flag,
    std::span<const config::CollectorDefaults> collectors);

/// `debug|info` as its words; nothing for other types.
std::vector<std::string_view> WordsOf(std::string_view type);

}  // namespace serverspace::app
