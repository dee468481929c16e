#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <openssl/types.h>

#include "base/unique_fd.h"

namespace serverspace::http {

class TestServer;

/// One accepted connection in the hands of a test's script.
class TestSession {
 public:
  TestSession(TestServer& server, UniqueFd socket, int number);
  ~TestSession();
  TestSession(const TestSession&) = delete;
  TestSession& operator=(const TestSession&) = delete;

  /// Blocks until the client has sent something, which stays to be read.
  void AwaitData();
  /// From here on reads and writes are encrypted. False if the client refused.
  bool Handshake(SSL_CTX* context);
  /// The next request's head; empty when the client has left.
  std::string ReadRequest();
  /// False when the client has left.
  bool Write(std::string_view bytes);
  /// The end as an honest server does it; without it the client sees a cut.
  void SayGoodbye();
  /// Tells the test that the script is where it waits for, and waits itself for
  /// the client to leave.
  void Hang();
  /// Writes the piece every few milliseconds until the client leaves.
  void Drip(std::string_view piece);
  /// Passes bytes between this connection and a local port until one side ends.
  void RelayTo(std::uint16_t port);

  /// Counts from 1.
  int number() const { return number_; }
  std::string server_name() const;

 private:
  TestServer& server_;
  UniqueFd socket_;
  const int number_;
  std::shared_ptr<SSL> ssl_;
};

/// Accepts on a free port of the loopback interface and runs a script on a
/// thread for each connection. Everything ends with it.
class TestServer {
 public:
  using Script = std::function<void(TestSession&)>;

  explicit TestServer(Script script);
  ~TestServer();
  TestServer(const TestServer&) = delete;
  TestServer& operator=(const TestServer&) = delete;

  std::uint16_t port() const { return port_; }
  int connections() const { return connections_; }
  int handshakes() const { return handshakes_; }
  std::vector<std::string> requests() const;

  /// Blocks until a session hangs.
  void AwaitHang();

 private:
  friend class TestSession;

  void Accept();

  const Script script_;
  UniqueFd listener_;
  std::uint16_t port_ = 0;
  std::atomic<int> connections_ = 0;
  std::atomic<int> handshakes_ = 0;
  mutable std::mutex mutex_;  // guards everything below
  std::condition_variable changed_;
  bool stopping_ = false;
  bool hanging_ = false;
  std::vector<std::string> requests_;
  std::vector<int> open_;
  std::list<std::jthread> threads_;
  std::jthread acceptor_;
};

/// A complete answer with a length.
std::string Answer(std::string_view body, std::string_view headers = "",
                   std::string_view status = "200 OK");

/// A script that answers every request on every connection.
TestServer::Script Answering(
    std::shared_ptr<SSL_CTX> context,
    std::function<std::string(const std::string& request)> answer);

/// A script that reads a request, writes `bytes` and leaves, in order or not.
enum class Leaving { kInOrder, kCut, kNever };
TestServer::Script Sending(std::shared_ptr<SSL_CTX> context, std::string bytes,
                           Leaving leaving);

std::string Gzip(std::string_view text);

}  // namespace serverspace::http
