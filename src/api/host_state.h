#pragma once

#include <mutex>
#include <string>
#include <string_view>

#include "api/observer.h"
#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"
#include "http/transport.h"

namespace serverspace::api {

/// What is known of one API host, whichever project asks: whether it can be
/// reached at all. After some failures in a row of DNS, connect or TLS its
/// circuit opens: requests fail at once, but for one probe after each pause,
/// and a request that gets through closes it. Shared by the clients of the
/// host's projects; threads may share it.
class HostState {
 public:
  struct Options {
    int failures_to_open = 5;
    Duration first_pause = std::chrono::seconds(1);
    Duration max_pause = std::chrono::seconds(60);
  };

  /// The right to send one request. Whoever holds it tells how the request
  /// went; if it goes without a word, the request tells nothing about the host.
  class Pass {
   public:
    Pass(Pass&& other) noexcept;
    Pass& operator=(Pass&& other) = delete;
    ~Pass();

    /// The host was reached; a failure after the handshake counts as that too.
    void Reached();
    /// A failure at `stage`.
    void Failed(const Error& error, http::Stage stage);

   private:
    friend class HostState;
    Pass(HostState& host, bool probe) : host_(&host), probe_(probe) {}

    HostState* host_;
    bool probe_;
  };

  /// `name` is the host as metrics show it; the rest must outlive the state.
  HostState(std::string name, const Options& options, Clock& clock,
            Random& random, Observer& observer);
  HostState(const HostState&) = delete;
  HostState& operator=(const HostState&) = delete;

  /// While the circuit is open and no probe is due: the last failure's code.
  Result<Pass> Enter();
  /// Whether Enter() would refuse, without entering.
  Result<void> Check();

  /// Reports the offset of the host's clock from its Date header; garbage is
  /// ignored. `sent` is when the request went out.
  void SawDate(std::string_view date, WallTime sent);

  const std::string& name() const { return name_; }

 private:
  Result<void> CheckLocked() const;
  void Release(bool probe);
  void Close();
  void CountFailure(const Error& error, bool probe);
  Duration NextPause();

  const std::string name_;
  const Options options_;
  Clock& clock_;
  Random& random_;
  Observer& observer_;
  std::mutex mutex_;  // guards everything below
  int failures_ = 0;  // in a row
  bool open_ = false;
  bool probing_ = false;
  MonoTime probe_at_;
  Duration next_pause_{0};  // grows while the circuit is open
  Error last_error_;
};

}  // namespace serverspace::api
