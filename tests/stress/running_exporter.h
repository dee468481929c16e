#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/reload.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/random.h"
#include "config/config.h"
#include "exporter/exporter.h"
#include "exporter/state_store.h"
#include "http/httplib_transport.h"
#include "server/listener.h"
#include "server/listener_client.h"
#include "server/sd_route.h"
#include "stress/page_reader.h"
#include "stress/rated_clock.h"

namespace serverspace::stress {

/// One life of the exporter, with all its parts put together as the program
/// does it, but on a rated clock.
class RunningExporter {
 public:
  /// Throws std::runtime_error if it cannot begin. All but the configuration
  /// outlive it.
  RunningExporter(config::Config config, RatedClock& clock, Random& random,
                  Logger& log);
  RunningExporter(const RunningExporter&) = delete;
  RunningExporter& operator=(const RunningExporter&) = delete;
  ~RunningExporter();

  exporter::Exporter& exporter() { return *exporter_; }
  /// Whether the configuration was taken over.
  bool Reload(config::Config next);
  /// What a client gets, over a connection of its own.
  std::optional<server::Answer> Get(std::string_view target,
                                    std::string_view headers = "") const;

 private:
  config::Config next_;
  SystemClock machine_;
  std::unique_ptr<exporter::StateStore> store_;
  std::unique_ptr<http::HttplibTransport> sockets_;
  std::unique_ptr<RatedTransport> transport_;
  std::unique_ptr<exporter::Exporter> exporter_;
  std::unique_ptr<app::Reloader> reloader_;
  std::unique_ptr<server::SdRoute> discovery_;
  std::unique_ptr<server::Listener> listener_;
};

}  // namespace serverspace::stress
