#include "app/reference.h"

#include <algorithm>
#include <span>
#include <vector>

#include "app/commands.h"
#include "app/exporter_options.h"
#include "app/help.h"
#include "app/plan.h"
#include "collectors/registry.h"
#include "config/options.h"
#include "config/values.h"

namespace serverspace::app {
namespace {

constexpr std::string_view kBegin = "<!-- generated: begin -->\n";
constexpr std::string_view kEnd = "<!-- generated: end -->\n";

std::string Replace(std::string text, std::string_view what,
                    std::string_view with) {
  for (std::size_t at = text.find(what); at != std::string::npos;
       at = text.find(what, at + with.size()))
    text.replace(at, what.size(), with);
  return text;
}

/// Fit for a line of the man macros.
std::string Roff(std::string_view text) {
  std::string escaped = Replace(std::string(text), "\\", "\\e");
  escaped = Replace(std::move(escaped), "-", "\\-");
  if (escaped.starts_with('.') || escaped.starts_with('\''))
    escaped.insert(0, "\\&");
  return escaped;
}

std::string Bold(std::string_view text) {
  return ".B " + Replace(Roff(text), "\"", "\\(dq") + "\n";
}

std::string Section(std::string_view title) {
  return ".SH " + std::string(title) + "\n";
}

std::string Entry(std::string_view term, std::string_view text) {
  return ".TP\n" + Bold(term) + Roff(text) + "\n";
}

std::string FlagEntries(const std::vector<FlagDoc>& flags, bool settings) {
  std::string out;
  for (const FlagDoc& flag : flags) {
    if (flag.setting == settings) out += Entry(FlagUsage(flag), FlagText(flag));
  }
  return out;
}

/// Flags that are documented once for all commands.
bool IsLogFlag(const FlagDoc& flag) { return flag.name.starts_with("log."); }

std::string CommandPart(const CommandDoc& command) {
  std::string out = ".SS " +
                    (command.name.empty() ? std::string("(no command)")
                                          : Roff(command.name)) +
                    "\n";
  out += Roff(std::string(command.summary) + " " + std::string(command.text)) +
         "\n";
  std::vector<FlagDoc> own = FlagsOf(command);
  std::erase_if(own, IsLogFlag);
  out += FlagEntries(own, false);
  out += ".PP\nExit status:\n";
  for (const StatusDoc& status : command.statuses)
    out += Entry(std::to_string(status.status), status.meaning);
  return out;
}

std::string VariableEntries() {
  std::string out;
  for (const config::OptionDoc& option : config::Options()) {
    if (!option.env.empty()) out += Entry(option.env, option.help);
  }
  return out;
}

std::string_view OnOrOff(const collectors::CollectorRow& row) {
  return row.presence == collectors::Presence::kOff ? "off" : "on";
}

std::string CollectorEntries() {
  std::string out;
  for (const collectors::CollectorRow& row : collectors::AllCollectors()) {
    out += Entry(row.name, std::string(row.help) + ". Default: " +
                               std::string(OnOrOff(row)) + ", every " +
                               config::FormatDuration(row.interval) + ".");
  }
  return out;
}

/// A cell of a Markdown table.
std::string Cell(std::string_view text) {
  std::string cell = Replace(std::string(text), "|", "\\|");
  cell = Replace(std::move(cell), "<", "&lt;");
  return Replace(std::move(cell), "[]", "\\[\\]");
}

std::string Code(std::string_view text) {
  return text.empty() ? "" : "`" + Replace(std::string(text), "|", "\\|") + "`";
}

std::string FlagCell(const config::OptionDoc& option) {
  if (option.flag.empty()) return "";
  const std::string_view prefix = option.type == "bool" ? "--[no-]" : "--";
  return Code(std::string(prefix) + std::string(option.flag));
}

/// Words to complete, quoted for bash: none of ours holds a quote.
std::string WordList(const std::vector<std::string>& words) {
  std::string list;
  for (const std::string& word : words) {
    if (!list.empty()) list += ' ';
    list += word;
  }
  return "'" + list + "'";
}

/// `--a | --b` for a case of bash.
std::string Pattern(const std::vector<std::string>& words) {
  std::string pattern;
  for (const std::string& word : words) {
    if (!pattern.empty()) pattern += " | ";
    pattern += word;
  }
  return pattern;
}

void AddUnique(std::vector<std::string>& words, std::string word) {
  if (std::ranges::find(words, word) == words.end())
    words.push_back(std::move(word));
}

/// The flags of all commands by how their values are completed.
struct Completion {
  std::vector<std::string> paths;
  std::vector<std::string> others;  ///< Take a value that nobody can guess.
  std::vector<std::pair<std::string, std::string_view>> choices;
};

Completion ValueCompletion(
    std::span<const config::CollectorDefaults> collectors) {
  Completion completion;
  for (const CommandDoc& command : Commands()) {
    for (const FlagDoc& flag : FlagsOf(command)) {
      for (const std::string& name : ExpandName(flag.name, collectors)) {
        const std::string word = "--" + name;
        const bool is_path = flag.type.starts_with("path") ||
                             flag.type.starts_with("list of paths");
        if (flag.type.empty()) continue;
        if (is_path) {
          AddUnique(completion.paths, word);
        } else if (WordsOf(flag.type).empty()) {
          AddUnique(completion.others, word);
        } else if (std::ranges::find(
                       completion.choices, word,
                       &std::pair<std::string, std::string_view>::first) ==
                   completion.choices.end()) {
          completion.choices.emplace_back(word, flag.type);
        }
      }
    }
  }
  return completion;
}

std::vector<std::string> FlagWords(
    const CommandDoc& command,
    std::span<const config::CollectorDefaults> collectors) {
  std::vector<std::string> words = {"--help"};
  if (command.name.empty()) words.emplace_back("--version");
  for (const FlagDoc& flag : FlagsOf(command)) {
    for (const std::string& name : ExpandName(flag.name, collectors)) {
      words.push_back("--" + name + (flag.type.empty() ? "" : "="));
      if (flag.negatable) words.push_back("--no-" + name);
    }
  }
  return words;
}

}  // namespace

std::string ManPage() {
  std::string out =
      ".\\\" Generated from the program's own tables; see CONTRIBUTING.md.\n"
      ".TH SERVERSPACE_EXPORTER 1\n";
  out += Section("NAME");
  out +=
      "serverspace_exporter \\- Prometheus exporter for the Serverspace "
      "cloud\n";
  out += Section("SYNOPSIS");
  for (const CommandDoc& command : Commands()) {
    if (!command.name.empty()) out += ".br\n";
    out += ".B " + Roff(UsageName(command)) + "\n.RI [ FLAG ]...\n";
  }
  out += Section("DESCRIPTION");
  out +=
      "Reads the balance, the servers and more of any number of projects "
      "from the API of\nthe Serverspace cloud, with GET requests only, and "
      "serves them as metrics.\n";
  out += Section("COMMANDS");
  for (const CommandDoc& command : Commands()) out += CommandPart(command);

  out += Section("LOGGING");
  std::vector<FlagDoc> flags = FlagsOf(FindCommand(Command::kServe));
  for (const FlagDoc& flag : flags) {
    if (IsLogFlag(flag)) out += Entry(FlagUsage(flag), FlagText(flag));
  }
  out += Section("SETTINGS");
  out +=
      "A flag beats the environment variable, the variable beats the file, "
      "the file beats\nthe default.\n";
  out += FlagEntries(flags, true);
  out += Section("COLLECTORS");
  out += ".I NAME\nis one of:\n" + CollectorEntries();
  out += Section("ENVIRONMENT");
  out += Roff(kWhereSettingsGo) +
         "\nIn a name,\n.I NAME\nis a collector in "
         "upper case.\n";
  out += VariableEntries();
  out += Entry("STATE_DIRECTORY",
               "Set by systemd: where state.json is kept unless the state "
               "file is set.");
  out += Entry("CREDENTIALS_DIRECTORY",
               "Set by systemd: its file api-key is the key if nothing else "
               "names one, and each file api-key_NAME is the key of the "
               "project NAME.");
  out += Section("SIGNALS");
  out += Entry("SIGHUP", "Loads the configuration again.");
  out += Entry("SIGTERM, SIGINT", "Ends the program.");
  out += Section("EXAMPLES");
  for (const auto& [text, line] :
       {std::pair<std::string_view, std::string_view>{
            "Check a file before a reload:",
            "serverspace_exporter check-config --config.file=/etc/"
            "serverspace-exporter/config.yml"},
        {"Metrics for the textfile collector of node_exporter:",
         "serverspace_exporter once --output=/var/lib/node_exporter/"
         "serverspace.prom"},
        {"A check for Icinga or Nagios:",
         "serverspace_exporter check-balance --warning=50 --critical=10"}}) {
    out += ".PP\n" + Roff(text) + "\n.PP\n.nf\n.RS\n" + Roff(line) +
           "\n.RE\n.fi\n";
  }
  return out;
}

std::string BashCompletion() {
  const std::vector<config::CollectorDefaults> collectors = CollectorDefaults();
  const Completion values = ValueCompletion(collectors);
  std::vector<std::string> names;
  for (const CommandDoc& command : Commands()) {
    if (!command.name.empty()) names.emplace_back(command.name);
  }

  std::string out =
      "# bash completion for serverspace_exporter. Generated from the "
      "program's own\n# tables; see CONTRIBUTING.md.\n"
      "# shellcheck shell=bash\n\n"
      "_serverspace_exporter() {\n"
      "  local current=${COMP_WORDS[COMP_CWORD]} flag='' command='' words='' "
      "i\n"
      "  COMPREPLY=()\n\n"
      "  # Readline takes the = of --flag=value for a word of its own.\n"
      "  if [[ $current == '=' ]]; then\n"
      "    flag=${COMP_WORDS[COMP_CWORD - 1]}\n"
      "    current=''\n"
      "  elif ((COMP_CWORD > 2)) && [[ ${COMP_WORDS[COMP_CWORD - 1]} == '=' "
      "]]; then\n"
      "    flag=${COMP_WORDS[COMP_CWORD - 2]}\n"
      "  else\n"
      "    flag=${COMP_WORDS[COMP_CWORD - 1]}\n"
      "  fi\n"
      "  case $flag in\n"
      "    " +
      Pattern(values.paths) +
      ")\n"
      "      mapfile -t COMPREPLY < <(compgen -f -- \"$current\")\n"
      "      compopt -o filenames\n"
      "      return\n"
      "      ;;\n";
  for (const auto& [flag, type] : values.choices) {
    std::vector<std::string> words;
    for (const std::string_view word : WordsOf(type)) words.emplace_back(word);
    out += "    " + flag +
           ")\n"
           "      mapfile -t COMPREPLY < <(compgen -W " +
           WordList(words) +
           " -- \"$current\")\n"
           "      return\n"
           "      ;;\n";
  }
  out += "    " + Pattern(values.others) +
         ")\n"
         "      return\n"
         "      ;;\n"
         "  esac\n\n"
         "  for ((i = 1; i < COMP_CWORD; i++)); do\n"
         "    case ${COMP_WORDS[i]} in\n"
         "      " +
         Pattern(names) +
         ") command=${COMP_WORDS[i]} ;;\n"
         "    esac\n"
         "  done\n"
         "  case $command in\n";
  for (const CommandDoc& command : Commands()) {
    std::vector<std::string> words = FlagWords(command, collectors);
    if (command.name.empty())
      words.insert(words.begin(), names.begin(), names.end());
    out += "    " + (command.name.empty() ? "''" : std::string(command.name)) +
           ") words=" + WordList(words) + " ;;\n";
  }
  out +=
      "  esac\n"
      "  mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$current\")\n"
      "  if ((${#COMPREPLY[@]} == 1)) && [[ ${COMPREPLY[0]} == *= ]]; then\n"
      "    compopt -o nospace\n"
      "  fi\n"
      "}\n"
      "complete -F _serverspace_exporter serverspace_exporter\n";
  return out;
}

std::string SettingsReference() {
  std::string out =
      "### Settings\n\n" + std::string(kWhereSettingsGo) +
      "\n\n"
      "| in the file | variable | flag | value | default | meaning |\n"
      "| --- | --- | --- | --- | --- | --- |\n";
  for (const config::OptionDoc& option : config::Options()) {
    out += "| " + Code(option.key) + " | " + Code(option.env) + " | " +
           FlagCell(option) + " | " + Cell(option.type) + " | " +
           Cell(option.fallback) + " | " + Cell(option.help) + " |\n";
  }
  out +=
      "\n### Collectors\n\n"
      "| `NAME` | default | interval | calls of a run | what it tells |\n"
      "| --- | --- | --- | --- | --- |\n";
  for (const collectors::CollectorRow& row : collectors::AllCollectors()) {
    out += "| " + Code(row.name) + " | " + std::string(OnOrOff(row)) + " | " +
           config::FormatDuration(row.interval) + " | " + CallsText(row.calls) +
           " | " + Cell(row.help) + " |\n";
  }
  return out;
}

std::optional<std::string> ReplaceGenerated(std::string_view page,
                                            std::string_view generated) {
  const std::size_t begin = page.find(kBegin);
  const std::size_t end = page.find(kEnd);
  if (begin == page.npos || end == page.npos || end < begin ||
      page.find(kBegin, begin + 1) != page.npos ||
      page.find(kEnd, end + 1) != page.npos) {
    return std::nullopt;
  }
  return std::string(page.substr(0, begin + kBegin.size())) + "\n" +
         std::string(generated) + "\n" + std::string(page.substr(end));
}

}  // namespace serverspace::app
