#pragma once

#include <atomic>

namespace serverspace::server {

// How much unsent text the kernel may hold for a connection. Without a limit,
// peers that do not read fill megabytes each, which no RSS shows.

/// For each connection.
inline constexpr int kMaxUnsentBytes = 128 * 1024;
/// For the few that hold an UnsentRoom.
inline constexpr int kMaxUnsentBytesOfFew = 1024 * 1024;
inline constexpr int kMostUnsentRooms = 16;

/// Sets the limit (TCP_NOTSENT_LOWAT) of a socket.
void LimitUnsent(int socket, int bytes);

/// How many rooms are taken. For any thread.
using UnsentRoomCount = std::atomic<int>;

/// A connection's higher limit, as long as this lives. An answer of megabytes
/// comes to its peer in fewer turns; for many peers that do not read it would
/// be too much, so it is only for those that come first.
class UnsentRoom {
 public:
  explicit UnsentRoom(UnsentRoomCount& taken) : taken_(taken) {}
  UnsentRoom(const UnsentRoom&) = delete;
  UnsentRoom& operator=(const UnsentRoom&) = delete;
  ~UnsentRoom();

  /// Raises the limit of the connection's socket. False if that was done
  /// before, or if there is no room left.
  bool Take(int socket);

 private:
  UnsentRoomCount& taken_;
  bool has_room_ = false;
};

}  // namespace serverspace::server
