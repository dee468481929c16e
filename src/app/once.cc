#include "app/once.h"

#include <algorithm>
#include <random>

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

}  // namespace

OncePage ReadOnce(const config::Config& config,
                  const exporter::ExporterContext& context, Duration limit) {
  exporter::Exporter exporter(MakeExporterOptions(config), context);
  exporter.RunOnce(limit);
  OncePage result{.complete = AllSucceeded(exporter.GetStatus()), .text = {}};
  const auto page = exporter.page();
  for (const std::string_view part :
       page->Get(metrics::Format::kText, metrics::Encoding::kIdentity).parts)
    result.text += part;
  return result;
}

int Once(const config::Config& config, const std::string& output,
         Duration limit, Logger& log) {
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
  if (!output.empty()) {
    const auto written = WriteFileAtomically(output, page.text, kPublicFile);
    if (!written.ok())
      return Fail(log, "cannot write the output", written.error(), kFailed);
  } else {
    const auto written = WriteToStdout(page.text);
    if (!written.ok())
      return Fail(log, "cannot write the output", written.error(), kFailed);
  }
  return page.complete ? 0 : kFailed;
}

}  // namespace serverspace::app
