#include "simulator/fault_wire.h"

#include <algorithm>
#include <chrono>
#include <string>

#include "simulator/connection.h"
#include "simulator/gzip.h"
#include "simulator/listener.h"

namespace serverspace::sim {
namespace {

constexpr std::chrono::hours kForEver{24};

std::string Head(const Reply& reply, const std::string& framing) {
  std::string head = "HTTP/1.1 " + std::to_string(reply.status) + " " +
                     std::string(ReasonPhrase(reply.status)) + "\r\n";
  if (!reply.content_type.empty())
    head += "Content-Type: " + reply.content_type + "\r\n";
  for (const auto& [name, value] : reply.headers)
    head.append(name).append(": ").append(value).append("\r\n");
  return head + framing + "\r\n\r\n";
}

std::string Length(std::size_t bytes) {
  return "Content-Length: " + std::to_string(bytes);
}

/// Half of a body, but one byte at least, so that "mid-body" is what it says.
std::string_view FirstHalf(const std::string& body) {
  return std::string_view(body).substr(
      0, std::max<std::size_t>(1, body.size() / 2));
}

void Drip(const Fault& fault, const std::string& bytes,
          Connection& connection) {
  // Ten steps a second, or one byte at a time when that is slower.
  const std::size_t rate = std::max<std::size_t>(1, fault.bytes_per_second);
  const std::size_t step = std::max<std::size_t>(1, rate / 10);
  const std::chrono::milliseconds pause(
      std::max<std::size_t>(1, step * 1000 / rate));
  for (std::size_t sent = 0; sent < bytes.size(); sent += step) {
    if (!connection.Write(std::string_view(bytes).substr(sent, step))) return;
    if (connection.WaitForPeerToLeave(pause)) return;
  }
}

void SendHuge(const Fault& fault, const Reply& reply, Connection& connection) {
  const std::string first = R"({"padding":")";
  const std::string last = R"("})";
  const std::string piece(64 * 1024, 'x');
  if (!connection.Write(
          Head(reply, Length(first.size() + fault.bytes + last.size()))))
    return;
  if (!connection.Write(first)) return;
  for (std::size_t left = fault.bytes; left > 0;) {
    const std::size_t size = std::min(left, piece.size());
    if (!connection.Write(std::string_view(piece).substr(0, size))) return;
    left -= size;
  }
  connection.Write(last);
}

}  // namespace

bool IsWireFault(FaultKind kind) {
  switch (kind) {
    case FaultKind::kHangHeaders:
    case FaultKind::kHangBody:
    case FaultKind::kDrip:
    case FaultKind::kDripAll:
    case FaultKind::kCutLength:
    case FaultKind::kCutChunked:
    case FaultKind::kReset:
    case FaultKind::kResetBody:
    case FaultKind::kHugeBody:
    case FaultKind::kGzipBomb:
    case FaultKind::kCloseAfter:
      return true;
    default:
      return false;
  }
}

void PlayOnWire(const Fault& fault, const FaultBook& book, const Reply& reply,
                Connection& connection, Listener& listener) {
  const Listener::Phase phase(listener, connection, Listener::Phase::kHanging);
  connection.Abandon();
  // After the phase is known: whoever clears the faults from now on ends it.
  if (!book.Has(fault.id)) return;
  const std::string& body = *reply.body;
  switch (fault.kind) {
    case FaultKind::kHangHeaders:
      connection.WaitForPeerToLeave(kForEver);
      break;
    case FaultKind::kHangBody:
      if (connection.Write(
              Head(reply, Length(std::max<std::size_t>(2, body.size()))))) {
        connection.Write(FirstHalf(body));
        connection.WaitForPeerToLeave(kForEver);
      }
      break;
    case FaultKind::kDrip:
      if (connection.Write(Head(reply, Length(body.size()))))
        Drip(fault, body, connection);
      break;
    case FaultKind::kDripAll:
      Drip(fault, Head(reply, Length(body.size())) + body, connection);
      break;
    case FaultKind::kCutLength:
      if (connection.Write(
              Head(reply, Length(std::max<std::size_t>(2, body.size()))))) {
        connection.Write(FirstHalf(body));
      }
      break;
    case FaultKind::kCutChunked:
      if (connection.Write(Head(reply, "Transfer-Encoding: chunked"))) {
        constexpr std::string_view kOneByteChunk = "1\r\n{\r\n";
        connection.Write(kOneByteChunk);
        connection.Write("ffff\r\n");
        connection.Write(FirstHalf(body));
      }
      break;
    case FaultKind::kReset:
      connection.ResetOnClose();
      break;
    case FaultKind::kResetBody:
      connection.Write(
          Head(reply, Length(std::max<std::size_t>(2, body.size()))));
      connection.Write(FirstHalf(body));
      connection.ResetOnClose();
      break;
    case FaultKind::kHugeBody:
      SendHuge(fault, reply, connection);
      break;
    case FaultKind::kGzipBomb: {
      Reply bomb = reply;
      bomb.headers.emplace_back("Content-Encoding", "gzip");
      const std::string packed = GzipBomb(fault.bytes);
      connection.Write(Head(bomb, Length(packed.size())) + packed);
      break;
    }
    case FaultKind::kCloseAfter:
      connection.Write(Head(reply, Length(body.size())) + body);
      break;
    default:
      break;
  }
}

}  // namespace serverspace::sim
