#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "simulator/fault.h"
#include "simulator/message.h"
#include "simulator/options.h"
#include "simulator/request_log.h"
#include "simulator/world.h"

namespace serverspace::sim {

/// The fake Serverspace API: real HTTPS on a certificate authority of its own,
/// a world of projects behind it, and faults on demand. Thread-safe; owns all
/// its threads. The same may be steered over HTTP under `/_sim/`.
class Simulator {
 public:
  /// Throws std::runtime_error if OpenSSL refuses. A clock that is given is
  /// borrowed, and then simulated time is its.
  explicit Simulator(const Options& options, const Clock* clock = nullptr);
  ~Simulator();
  Simulator(const Simulator&) = delete;
  Simulator& operator=(const Simulator&) = delete;

  /// Binds and serves. Throws std::runtime_error if the address is not to be
  /// had.
  void Start();
  /// Ends every connection, hanging ones included. Called by the destructor
  /// too.
  void Stop();

  std::uint16_t port() const;
  /// `https://127.0.0.1:PORT` or what was asked to listen on.
  std::string base_url() const;
  const std::string& ca_pem() const;
  /// A temporary file with the CA certificate, removed with the simulator.
  const std::string& ca_file();
  std::string api_key(std::size_t project = 0) const;

  std::uint64_t AddFault(Fault fault);
  void ClearFaults();
  FaultBook& faults();
  RequestLog& requests();
  void CloseIdleConnections();

  void AdvanceTime(std::chrono::milliseconds by);
  void SetDateSkew(std::chrono::seconds skew);

  /// Changes or reads a project under the world's lock; whatever the function
  /// does to its objects is served next.
  void Edit(std::size_t project,
            const std::function<void(World&, Project&)>& change);
  void SetBalance(std::size_t project, std::string_view amount);

  /// A call of the control interface without the network: `Control("GET",
  /// "/_sim/state", "")`.
  Reply Control(std::string_view method, std::string_view target,
                std::string_view body);

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace serverspace::sim
