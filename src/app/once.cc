#include "app/once.h"

#include <algorithm>
#include <filesystem>
#include <random>
#include <system_error>
#include <utility>

#include "app/exporter_options.h"
#include "app/report.h"
#include "base/file.h"
#include "base/random.h"
#include "exporter/disk_state.h"
#include "http/httplib_transport.h"
#include "metrics/page.h"

namespace serverspace::app {
namespace {

/// node_exporter runs as another user.
constexpr unsigned kPublicFile = 0644;

bool AllSucceeded(const exporter::Status& status) {
  return std::ranges::all_of(status.projects, [](const auto& project) {
    return std::ranges::all_of(project.collectors, [](const auto& collector) {
      return collector.state.success.value_or(false);
    });
  });
}

/// Without every list that it needs the file stays as it is.
bool WriteTargets(const OncePage& page, const TargetsFile& targets,
                  Logger& log) {
  const auto text = MakeTargets(page.servers, targets.filter);
  if (!text.ok()) {
    log.Error("the targets stay as they were",
              {{"error", text.error().message}});
    return false;
  }
  const auto written =
      WriteFileAtomically(targets.path, text.value(), kPublicFile);
  if (!written.ok())
    log.Error("cannot write the targets", {{"error", written.error().message}});
  return written.ok();
}

/// Also by two names, and before it is there.
bool AreSameFile(const std::string& one, const std::string& other) {
  namespace fs = std::filesystem;
  if (one.empty() || other.empty()) return false;
  std::error_code failure;
  const fs::file_status status = fs::status(one, failure);
  if (fs::is_character_file(status) || fs::is_fifo(status)) return false;
  const auto place = [&failure](const std::string& path) {
    const fs::path absolute = fs::absolute(path, failure);
    const fs::path real = fs::weakly_canonical(absolute, failure);
    return failure ? absolute.lexically_normal() : real;
  };
  return place(one) == place(other);
}

}  // namespace

OncePage ReadOnce(const config::Config& config,
                  const exporter::ExporterContext& context, Duration limit) {
  exporter::Exporter exporter(MakeExporterOptions(config), context);
  exporter.RunOnce(limit);
  OncePage result{.complete = AllSucceeded(exporter.GetStatus()),
                  .text = {},
                  .servers = exporter.GetServerLists()};
  const auto page = exporter.page();
  for (const std::string_view part :
       page->Get(metrics::Format::kText, metrics::Encoding::kIdentity).parts)
    result.text += part;
  return result;
}

std::optional<config::Problem> WhyNotWritten(const std::string& output,
                                             const TargetsFile& targets,
                                             const std::string& state_file) {
  if (AreSameFile(output, targets.path)) {
    return config::Problem{"", 0, 0, "--output",
                           "is the same file as --sd: choose another"};
  }
  for (const auto& [flag, path] :
       {std::pair("--output", &output), std::pair("--sd", &targets.path)}) {
    if (AreSameFile(*path, state_file)) {
      return config::Problem{"", 0, 0, flag,
                             "is the same file as state_file: choose another"};
    }
  }
  return std::nullopt;
}

int Once(const config::Config& whole_config, const std::string& output,
         const TargetsFile& targets, Duration limit, Logger& log) {
  const bool wants_targets = !targets.path.empty();
  const bool wants_page = !output.empty() || !wants_targets;
  const config::Config config =
      wants_page ? whole_config
                 : ConfigForTargets(whole_config, targets.filter);
  SystemClock clock;
  Random random(std::random_device{}());
  const auto store = exporter::OpenState(config.state_file, clock, log);
  if (!store.ok())
    return Fail(log, "cannot keep the state", store.error(), kBadSetup);
  const auto transport =
      http::HttplibTransport::Create(MakeTransportOptions(config), clock);
  if (!transport.ok()) {
    return Fail(log, "cannot prepare requests to the API", transport.error(),
                kBadSetup);
  }
  const OncePage page = ReadOnce(config,
                                 {.transport = *transport.value(),
                                  .store = *store.value(),
                                  .clock = clock,
                                  .random = random,
                                  .log = log},
                                 limit);
  bool complete = page.complete || !wants_page;
  if (wants_targets) complete = WriteTargets(page, targets, log) && complete;
  if (!output.empty()) {
    const auto written = WriteFileAtomically(output, page.text, kPublicFile);
    if (!written.ok())
      return Fail(log, "cannot write the output", written.error(), kFailed);
  } else if (wants_page) {
    const auto written = WriteToStdout(page.text);
    if (!written.ok())
      return Fail(log, "cannot write the output", written.error(), kFailed);
  }
  return complete ? 0 : kFailed;
}

}  // namespace serverspace::app
