#include "server/listener_unsent.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

namespace serverspace::server {

void LimitUnsent(int socket, int bytes) {
  ::setsockopt(socket, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &bytes, sizeof bytes);
}

UnsentRoom::~UnsentRoom() {
  if (has_room_) --taken_;
}

bool UnsentRoom::Take(int socket) {
  if (has_room_) return false;
  if (++taken_ > kMostUnsentRooms) {
    --taken_;
    return false;
  }
  has_room_ = true;
  LimitUnsent(socket, kMaxUnsentBytesOfFew);
  return true;
}

}  // namespace serverspace::server
