#include "app/help.h"

#include <algorithm>

#include "base/text.h"
#include "config/values.h"

namespace serverspace::app {
namespace {

constexpr std::size_t kWidth = 79;

/// The words of `text` in lines of at most the width, each after `indent`
/// spaces.
std::string Wrap(std::string_view text, std::size_t indent) {
  std::string out;
  std::size_t column = 0;
  while (!text.empty()) {
    const std::size_t space = std::min(text.find(' '), text.size());
    const std::string_view word = text.substr(0, space);
    text.remove_prefix(std::min(space + 1, text.size()));
    if (column > 0 && column + 1 + word.size() > kWidth) {
      out += '\n';
      column = 0;
    }
    if (column == 0) {
      out.append(indent, ' ');
      column = indent;
    } else {
      out += ' ';
      ++column;
    }
    out += word;
    column += word.size();
  }
  return out + "\n";
}

void AppendFlags(std::string& out, std::string_view title,
                 const std::vector<FlagDoc>& flags, bool settings) {
  std::string text;
  for (const FlagDoc& flag : flags) {
    if (flag.setting != settings) continue;
    text += "  " + FlagUsage(flag) + "\n" + Wrap(FlagText(flag), 6);
  }
  if (text.empty()) return;
  out += "\n";
  out += title;
  out += ":\n" + text;
}

void AppendCommands(std::string& out) {
  out += "\nCommands:\n";
  for (const CommandDoc& command : Commands()) {
    std::string name(command.name.empty() ? "(none)" : command.name);
    name.resize(16, ' ');
    out += "  " + name + std::string(command.summary) + "\n";
  }
}

std::string CollectorList(
    std::span<const config::CollectorDefaults> collectors) {
  std::string list;
  for (const config::CollectorDefaults& collector : collectors) {
    if (!list.empty()) list += ", ";
    list += collector.name + " (" + (collector.enabled ? "on" : "off") + ", " +
            config::FormatDuration(collector.interval) + ")";
  }
  return list;
}

}  // namespace

std::string UsageName(const CommandDoc& command) {
  std::string name(kProgram);
  if (!command.name.empty()) name += " " + std::string(command.name);
  return name;
}

std::string FlagUsage(const FlagDoc& flag) {
  std::string usage(flag.negatable ? "--[no-]" : "--");
  usage += flag.name;
  if (flag.type.empty()) return usage;
  usage += "=";
  if (!WordsOf(flag.type).empty()) return usage + std::string(flag.type);
  std::string_view kind = flag.type.substr(0, flag.type.find(','));
  kind = kind.substr(0, kind.find(" or "));
  // `list of HOST:PORT`, `http:// URL`: what it is stands last.
  kind.remove_prefix(kind.rfind(' ') + 1);
  return usage + ToUpper(kind);
}

std::string FlagText(const FlagDoc& flag) {
  std::string text(flag.help);
  if (const std::size_t comma = flag.type.find(", ");
      comma != std::string_view::npos)
    text += " Range: " + std::string(flag.type.substr(comma + 2)) + ".";
  if (flag.list) text += " May be repeated.";
  if (!flag.fallback.empty())
    text += " Default: " + std::string(flag.fallback) + ".";
  return text;
}

std::string HelpText(const CommandDoc& command,
                     std::span<const config::CollectorDefaults> collectors) {
  std::string out;
  if (command.name.empty()) {
    out += std::string(kPurpose) + "\n\nUsage: " + std::string(kProgram) +
           " [FLAG]... [COMMAND [FLAG]...]\n";
    AppendCommands(out);
    out += "\n" +
           Wrap(
               "Each command has its own --help. Flags of settings may stand "
               "before or after its name.",
               0);
  } else {
    out += std::string(command.summary) + "\n\nUsage: " + UsageName(command) +
           " [FLAG]...\n";
  }
  out += "\n" + Wrap(command.text, 0);

  const std::vector<FlagDoc> flags = FlagsOf(command);
  AppendFlags(out, "Flags", flags, false);
  out += "  --help, -h\n      Show this text.\n";
  if (command.name.empty()) {
    out += "  --version\n      Show what this program was built from.\n";
  }
  AppendFlags(out, "Settings", flags, true);
  if (command.all_settings) {
    out +=
        "\n" + Wrap(
                   "NAME is one of these collectors (by default on or off, and "
                   "how often): " +
                       CollectorList(collectors) + ".",
                   0);
    out += "\n" +
           Wrap(std::string(kWhereSettingsGo) + " See serverspace_exporter(1).",
                0);
  }
  out += "\nExit status:\n";
  for (const StatusDoc& status : command.statuses) {
    std::string lines = Wrap(status.meaning, 5);
    lines.replace(2, 1, std::to_string(status.status));
    out += lines;
  }
  return out;
}

}  // namespace serverspace::app
