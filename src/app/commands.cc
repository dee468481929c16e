#include "app/commands.h"

#include <algorithm>

#include "config/options.h"

namespace serverspace::app {
namespace {

// What has to be known to ask a running exporter.
constexpr std::string_view kWhereItListens[] = {"web.listen-address",
                                                "web.config.file"};

constexpr FlagDoc kServeFlags[] = {
    {"web.port-file", "path", "none",
     "Where to write the bound addresses, one a line, for scripts that listen "
     "on port 0."},
};

constexpr FlagDoc kCheckConfigFlags[] = {
    {"online", "", "",
     "Ask the API too: read each project and its servers once, with its key."},
    {"servers", "number, 0 to 100000", "10",
     "How many servers to assume in each project whose number is not known."},
};

constexpr FlagDoc kOnceFlags[] = {
    {"output", "path", "standard output",
     "The file to replace at once with what was read."},
    {"sd", "path", "none",
     "The file to replace at once with the servers as targets for Prometheus' "
     "file_sd_configs. Without --output nothing else is read or written."},
    {"sd.query", "query", "all servers, by public address and port 9100",
     "Which servers, as for /sd: "
     "port=9100&network=private&project=a&tag=b&powered=on."},
    {"timeout", "duration, 1s to 1h", "2m",
     "The most that all of it may take."},
};

constexpr FlagDoc kCheckBalanceFlags[] = {
    {"warning", "number", "as configured",
     "The balance below which the status is WARNING."},
    {"critical", "number", "as configured",
     "The balance below which the status is CRITICAL."},
    {"project", "text", "the only one",
     "The project to ask for, by its configured name."},
};

constexpr FlagDoc kHealthcheckFlags[] = {
    {"url", "URL", "by --web.listen-address",
     "The page to ask for, as in http://127.0.0.1:10066/-/healthy, or with "
     "https."},
};

constexpr FlagDoc kLogFlags[] = {
    {"log.level", "debug|info|warn|error",
     "info; warn for once, error for check-balance and healthcheck",
     "The least important lines to log."},
    {"log.format", "logfmt|json", "logfmt", "How lines are written."},
};

constexpr StatusDoc kServeStatuses[] = {
    {0, "Stopped by SIGTERM or SIGINT."},
    {1, "Cannot listen, or another fault of the system."},
    {2, "The configuration or a flag is wrong; standard error says where."},
};
constexpr StatusDoc kCheckConfigStatuses[] = {
    {0, "All is well."},
    {1, "The configuration is good, but a project could not be read online."},
    {2, "The configuration or a flag is wrong; standard error says where."},
};
constexpr StatusDoc kOnceStatuses[] = {
    {0, "All was read and written."},
    {1,
     "Something could not be read or written; what was read is written all "
     "the same, with serverspace_up 0 for a project that could not be. The "
     "file of targets stays as it was unless every list of servers was read."},
    {2, "The configuration or a flag is wrong; standard error says where."},
};
constexpr StatusDoc kCheckBalanceStatuses[] = {
    {0, "OK."},
    {1, "WARNING: the balance is below the first threshold."},
    {2, "CRITICAL: the balance is below the second threshold."},
    {3,
     "UNKNOWN: the balance could not be read, or the configuration or a "
     "flag is wrong."},
};
constexpr StatusDoc kHealthcheckStatuses[] = {
    {0, "The exporter is healthy."},
    {1, "It is not, or it does not answer."},
    {2, "A flag, a variable or the web configuration is wrong."},
};

constexpr CommandDoc kCommands[] = {
    {.command = Command::kServe,
     .name = "",
     .summary = "Watch the projects and serve their metrics.",
     .text = "Polls the API in the background and serves what it said, until "
             "SIGTERM or SIGINT.",
     .flags = kServeFlags,
     .statuses = kServeStatuses},
    {.command = Command::kCheckConfig,
     .name = "check-config",
     .summary = "Check the configuration and show what it will cost.",
     .text =
         "Names every mistake with its place, else shows what is on and the "
         "plan: API calls per minute for each project and host, and about "
         "how many series to expect. Keys are never shown. Without --online "
         "nothing is asked of the API.",
     .flags = kCheckConfigFlags,
     .statuses = kCheckConfigStatuses},
    {.command = Command::kOnce,
     .name = "once",
     .summary = "Read everything once and write it as metrics.",
     .text =
         "Runs each collector that is on once and writes the text format, "
         "without metrics of the process: for the textfile collector of "
         "node_exporter, from a timer. Totals go on counting from run to run "
         "only with a state file.",
     .flags = kOnceFlags,
     .statuses = kOnceStatuses},
    {.command = Command::kCheckBalance,
     .name = "check-balance",
     .summary = "Check a project's balance as a monitoring plugin.",
     .text =
         "Asks for the balance with one request and ends within 10 seconds, "
         "for Icinga, Nagios and their like. Thresholds that are not given are "
         "those of the configuration.",
     .flags = kCheckBalanceFlags,
     .statuses = kCheckBalanceStatuses},
    {.command = Command::kHealthcheck,
     .name = "healthcheck",
     .summary = "Ask a running exporter whether it is healthy.",
     .text = "For container health checks: needs no other program, no "
             "configuration file, no key and no password. Where the exporter "
             "has a web configuration the check needs that file, and asks as "
             "it says. Ends within 5 seconds.",
     .flags = kHealthcheckFlags,
     .statuses = kHealthcheckStatuses,
     .all_settings = false},
};

}  // namespace

std::span<const CommandDoc> Commands() { return kCommands; }

const CommandDoc& FindCommand(Command command) {
  return *std::ranges::find(kCommands, command, &CommandDoc::command);
}

std::vector<FlagDoc> FlagsOf(const CommandDoc& command) {
  std::vector<FlagDoc> flags(command.flags.begin(), command.flags.end());
  flags.insert(flags.end(), std::begin(kLogFlags), std::end(kLogFlags));
  for (const config::OptionDoc& option : config::Options()) {
    if (option.flag.empty()) continue;
    if (!command.all_settings &&
        std::ranges::find(kWhereItListens, option.flag) ==
            std::end(kWhereItListens)) {
      continue;
    }
    const bool is_switch = option.type == "bool";
    flags.push_back({.name = option.flag,
                     .type = is_switch ? std::string_view() : option.type,
                     .fallback = option.fallback,
                     .help = option.help,
                     .negatable = is_switch,
                     .list = option.list,
                     .setting = true});
  }
  return flags;
}

std::vector<std::string> ExpandName(
    std::string_view flag,
    std::span<const config::CollectorDefaults> collectors) {
  if (flag.find(config::kAnyCollector) == std::string_view::npos)
    return {std::string(flag)};
  std::vector<std::string> names;
  for (const config::CollectorDefaults& collector : collectors)
    names.push_back(config::ForCollector(flag, collector.name));
  return names;
}

std::vector<std::string_view> WordsOf(std::string_view type) {
  std::vector<std::string_view> words;
  if (type.find('|') == std::string_view::npos) return words;
  for (;;) {
    const std::size_t bar = type.find('|');
    words.push_back(type.substr(0, bar));
    if (bar == std::string_view::npos) return words;
    type.remove_prefix(bar + 1);
  }
}

}  // namespace serverspace::app
