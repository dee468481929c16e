#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <unordered_set>
#include <vector>

#include <openssl/types.h>

namespace serverspace::sim {

class Connection;

/// Accepts TLS connections and serves each on a thread of its own, so that
/// hanging clients never starve others. Thread-safe. Stop() interrupts whatever
/// a connection waits for, and returns when every thread has ended.
class Listener {
 public:
  /// What to do with a fresh connection before its TLS handshake.
  enum class Admission { kServe, kReset, kHangInHandshake };
  struct Counts {
    std::uint64_t accepted = 0;
    std::uint64_t handshakes = 0;
    std::size_t open = 0;
  };

  /// `serve` runs on the connection's thread and returns when the connection is
  /// to be closed.
  Listener(SSL_CTX* context, std::function<Admission()> admit,
           std::function<void(Connection&)> serve);
  ~Listener();
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  /// Binds to `HOST:PORT` (or `[v6]:PORT`; port 0 picks a free one) and starts.
  /// Throws std::runtime_error.
  void Start(const std::string& address);
  void Stop();

  std::uint16_t port() const { return port_; }

  /// Closes the port, so that a client gets "connection refused", for a time or
  /// until Reopen().
  void Refuse(std::optional<std::chrono::milliseconds> duration);
  void Reopen();
  /// Ends the connections that wait for their next request, as a server does
  /// with its idle ones.
  void CloseIdle();
  /// Ends the connections that hang in a fault.
  void CloseHanging();

  Counts counts() const;

  /// Tells what a connection is doing, for CloseIdle() and CloseHanging().
  /// Scoped by the serving thread.
  class Phase {
   public:
    enum Kind { kIdle, kHanging };
    Phase(Listener& listener, Connection& connection, Kind kind);
    ~Phase();
    Phase(const Phase&) = delete;
    Phase& operator=(const Phase&) = delete;

   private:
    Listener& listener_;
    Connection& connection_;
    const Kind kind_;
  };

 private:
  struct Worker {
    std::jthread thread;
    std::atomic<bool> finished = false;
  };

  int Bind();
  void Listen();
  void AcceptLoop(const std::stop_token& stop);
  void AcceptOne();
  void ReopenLocked();
  int MillisecondsToReopen() const;
  void Run(int descriptor);
  void Reap();
  void InterruptAll(const std::unordered_set<Connection*>& connections);

  SSL_CTX* const context_;
  const std::function<Admission()> admit_;
  const std::function<void(Connection&)> serve_;
  std::string host_;
  std::uint16_t port_ = 0;
  int wake_descriptor_ = -1;

  mutable std::mutex mutex_;  // guards all below, and keeps a Connection alive
                              // while another thread interrupts it
  int listen_descriptor_ = -1;
  bool refusing_ = false;
  bool stopping_ = false;
  std::optional<std::chrono::steady_clock::time_point> reopen_at_;
  std::unordered_set<Connection*> open_;
  std::unordered_set<Connection*> idle_;
  std::unordered_set<Connection*> hanging_;
  Counts counts_;

  std::list<Worker> workers_;  // of the accepting thread alone
  std::jthread acceptor_;
};

}  // namespace serverspace::sim
