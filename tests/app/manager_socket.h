#pragma once

#include <string>

namespace serverspace::app {

/// A service manager's socket, as far as a service sees it.
class ManagerSocket {
 public:
  enum class Kind { kPath, kAbstract };

  explicit ManagerSocket(Kind kind = Kind::kAbstract);
  ManagerSocket(const ManagerSocket&) = delete;
  ManagerSocket& operator=(const ManagerSocket&) = delete;
  ~ManagerSocket();

  /// As in NOTIFY_SOCKET.
  const std::string& address() const { return address_; }
  /// The next message; waits for it, 30 s at most, and is empty then.
  std::string Receive() const;

 private:
  int socket_ = -1;
  std::string directory_;  // of a path
  std::string address_;
};

}  // namespace serverspace::app
