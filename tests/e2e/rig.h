#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "base/random.h"
#include "exporter/exporter.h"
#include "exporter/state_store.h"
#include "http/httplib_transport.h"
#include "simulator/simulator.h"

namespace serverspace {

/// Keeps every line, formatted as it would be written.
class LogBook final : public Logger {
 public:
  void Log(LogLevel level, std::string_view message,
           std::initializer_list<LogField> fields) override;
  std::string Text() const;

 private:
  mutable std::mutex mutex_;  // guards text_
  std::string text_;
};

struct RigOptions {
  sim::Options api{};
  Duration interval = std::chrono::milliseconds(100);
  Duration stale_after = std::chrono::hours(1);
  Duration attempt_timeout = std::chrono::milliseconds(400);
  std::vector<exporter::Threshold> thresholds{};
  bool trust_api = true;    ///< Whether the simulator's CA is trusted.
  bool everything = false;  ///< All collectors, not only the core.
  /// Of collectors whose runs grow with the project.
  Duration long_interval = std::chrono::seconds(10);
};

/// The exporter as it is, on the simulator over real HTTPS, with intervals of a
/// fraction of a second.
class Rig {
 public:
  explicit Rig(RigOptions options = {});
  ~Rig();

  sim::Simulator& api() { return api_; }
  exporter::Exporter& exporter() { return *exporter_; }
  /// Begins to poll.
  void Start() { exporter_->Start(); }

  std::string Page() const;
  std::string LogText() const { return log_.Text(); }
  /// Every text that leaves the exporter: pages, log, what people see.
  std::string EverythingSaid() const;

  /// The value of a series as written, without `serverspace_` in front; nothing
  /// if it is not on the page.
  std::optional<std::string> Value(const std::string& series) const;
  double Number(const std::string& series) const;

  /// Waits until the condition holds, at most half a minute; false if it never
  /// did.
  static bool Await(const std::function<bool()>& condition);
  bool AwaitValue(const std::string& series, const std::string& value) const;
  bool AwaitGone(const std::string& series) const;
  /// Waits until each collector of a project has ended a run that began after
  /// this call.
  bool AwaitNextRuns(const std::string& project = "project-0") const;

  /// Requests that the API answered, by route template.
  std::uint64_t Requests(const std::string& route = "");

 private:
  std::unique_ptr<exporter::Exporter> MakeExporter();

  const RigOptions options_;
  SystemClock clock_;
  Random random_{1};
  LogBook log_;
  exporter::MemoryState store_;
  sim::Simulator api_;
  std::unique_ptr<http::HttplibTransport> transport_;
  std::unique_ptr<exporter::Exporter> exporter_;
};

}  // namespace serverspace
