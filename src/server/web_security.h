#pragma once

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/file_signature.h"
#include "base/log.h"
#include "base/result.h"
#include "config/problem.h"
#include "metrics/desc.h"
#include "metrics/sample_set.h"
#include "server/access_check.h"
#include "server/basic_auth.h"
#include "server/web_config.h"

namespace serverspace::server {

/// The web configuration in force: read at start and again when it, or a file
/// that it names, has changed. What cannot be read changes nothing; that is
/// logged once and shows as a metric. Threads may share one.
class WebSecurity {
 public:
  /// Reads the file and all that it names. `clock` and `log` must outlive it.
  static Result<std::unique_ptr<WebSecurity>, std::vector<config::Problem>>
  Load(std::string path, Clock& clock, Logger& log);

  WebSecurity(const WebSecurity&) = delete;
  WebSecurity& operator=(const WebSecurity&) = delete;
  ~WebSecurity();

  /// Starts looking at the files, once a second on a thread of its own.
  void Watch();
  /// One look. Changed files are taken over when they stay the same for one
  /// more, because a certificate and its key are written one after the other.
  void Look();
  /// Reads everything now. The error names each problem in a line of its own.
  Result<void> Reload();

  /// For as long as it lives.
  bool uses_tls() const;
  /// What secures new connections; null without TLS.
  std::shared_ptr<const TlsServerContext> tls() const;
  /// The lines of the security headers.
  std::shared_ptr<const std::string> header_lines() const;
  /// Asks the users of the moment; must not outlive this object.
  AccessCheck access();

  /// When changed files were refused last; nothing if they were not.
  std::optional<WallTime> refused() const;

  static std::span<const metrics::Desc* const> Describe();
  void AddMetrics(metrics::SampleSet& out) const;

 private:
  struct State;
  using Signature = std::map<std::string, FileSignature>;

  WebSecurity(std::string path, Clock& clock, Logger& log);

  Result<void, std::vector<config::Problem>> TakeOver();
  std::optional<std::string> WhyNot(const State& next) const;
  void WarnOf(const State& next);
  Signature SignatureNow() const;
  void Note(const std::vector<config::Problem>& problems);
  void Run(const std::stop_token& stop);

  const std::string path_;
  Clock& clock_;
  Logger& log_;
  BasicAuth auth_;

  std::mutex reloading_;  // guards the next four and makes reloads take turns
  std::vector<std::string> files_;    // the file and those that it names
  Signature taken_;                   // as of the last attempt
  std::optional<Signature> changed_;  // seen once
  std::string last_error_;

  mutable std::mutex mutex_;  // guards what follows
  std::shared_ptr<const State> state_;
  std::optional<WallTime> refused_;
  WallTime last_success_{};
  std::condition_variable_any wake_;
  std::jthread thread_;  // last: runs on what is above
};

}  // namespace serverspace::server
