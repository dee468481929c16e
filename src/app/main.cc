#include <cstdio>
#include <exception>

#include "app/command_line.h"
#include "app/exporter_options.h"
#include "app/process.h"
#include "app/serve.h"
#include "base/environment.h"

namespace serverspace::app {
namespace {

constexpr int kBadUse = 2;

int Run(int argc, const char* const* argv) {
  const std::vector<config::CollectorDefaults> collectors = CollectorDefaults();
  const auto parsed = ParseCommandLine(argc, argv, collectors);
  if (const auto* exit = std::get_if<EarlyExit>(&parsed)) {
    std::fputs(exit->text.c_str(), exit->status == 0 ? stdout : stderr);
    return exit->status;
  }
  const auto& command = std::get<CommandLine>(parsed);
  const std::unique_ptr<Logger> log =
      MakeStderrLogger(command.log_level, command.log_format);
  const SystemEnvironment environment;
  const Reloader::Loader load = [&] {
    return config::Load({.config_file = command.config_file,
                         .environment = environment,
                         .flags = command.flags,
                         .collectors = collectors});
  };
  const auto loaded = load();
  if (!loaded.ok()) {
    for (const config::Problem& problem : loaded.error())
      std::fprintf(stderr, "%s\n", problem.ToString().c_str());
    return kBadUse;
  }
  for (const config::Problem& warning : loaded.value().warnings)
    log->Warn(warning.ToString());
  return Serve(loaded.value().config, load, command.port_file, *log);
}

}  // namespace
}  // namespace serverspace::app

int main(int argc, char** argv) {
  serverspace::app::HideMemory();
  serverspace::app::BlockSignals();
  try {
    return serverspace::app::Run(argc, argv);
  } catch (const std::exception&) {
    // Only what nobody foresaw comes here; its text may hold anything.
    std::fputs("serverspace_exporter: internal error\n", stderr);
    return 1;
  }
}
