#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "simulator/message.h"

namespace serverspace::sim {

/// What can go wrong with one answer or connection.
enum class FaultKind {
  kLatency,         // nothing but latency_ms
  kStatus,          // `status` with an error envelope
  kContent,         // 200 with another body than asked for: see `content`
  kRaw,             // exactly `body`, as `content_type`
  kRedirect,        // `status` (302) to `location`
  kHangHeaders,     // no byte of an answer
  kHangBody,        // head and half of the body, then nothing
  kHangHandshake,   // the TLS handshake is never answered
  kDrip,            // the body, `bytes_per_second` slow
  kDripAll,         // the same from the first byte of the head on
  kCutLength,       // fewer bytes than Content-Length says, then the end
  kCutChunked,      // chunks without the last one, then the end
  kReset,           // TCP reset instead of an answer
  kResetHandshake,  // TCP reset instead of a TLS handshake
  kResetBody,       // TCP reset after half of the body
  kRefuse,      // the port is closed for `duration_ms`, or until the faults are
                // cleared
  kHugeBody,    // `bytes` of valid JSON
  kGzipBomb,    // `bytes` of JSON, compressed to next to nothing
  kCloseAfter,  // the ordinary answer, then the connection ends without
                // `Connection: close`
};

/// One fault and the requests it is for. Kinds that strike before a request is
/// read (kHangHandshake, kResetHandshake, kRefuse) ignore project, method and
/// route; kRefuse is the listener's and never in the book.
struct Fault {
  FaultKind kind = FaultKind::kStatus;
  std::string project{};  // empty: all
  std::string method{};   // empty: all
  std::string route{};  // a template such as `/servers/{id}`, a prefix such as
                        // `/vmware/*`, or empty: all
  std::optional<int> count{};  // how often it strikes; without: until removed
  int skip = 0;                // how many matching requests pass first
  int latency_ms = 0;          // before anything else
  std::optional<int> duration_ms{};

  int status = 503;
  std::string envelope = "errors";  // errors, params, strings, message, error,
                                    // code, string, text, html, empty
  int code = -1;
  std::string message = "simulated fault";
  std::optional<int> retry_after_seconds{};
  bool retry_after_as_date = false;

  std::string content = "html";  // html, empty, empty_object, missing_wrapper,
                                 // null_wrapper, empty_list
  std::string content_type = "application/json";
  std::string body{};
  std::string
      location{};  // empty: the simulator itself under another host name
  std::size_t bytes = 64 * 1024 * 1024;
  std::size_t bytes_per_second = 100;
  bool close = false;  // adds `Connection: close` to an ordinary faulty answer

  std::uint64_t id = 0;    // set by the book
  std::uint64_t hits = 0;  // counted by the book
};

/// The names used in JSON: kHangBody is `hang_body`.
std::string_view FaultKindName(FaultKind kind);
std::optional<FaultKind> ParseFaultKind(std::string_view name);

/// All faults in force, in the order they were added; the first that matches
/// strikes. Thread-safe.
class FaultBook {
 public:
  std::uint64_t Add(Fault fault);
  void Clear();
  bool Remove(std::uint64_t id);
  std::vector<Fault> List() const;
  bool Has(std::uint64_t id) const;

  /// The fault for a request, whose count is thereby used.
  std::optional<Fault> Take(std::string_view project, std::string_view method,
                            std::string_view route);
  /// The fault for a new connection.
  std::optional<Fault> TakeForConnection();

 private:
  template <typename Match>
  std::optional<Fault> TakeFirst(const Match& match);

  mutable std::mutex mutex_;  // guards all below
  std::vector<Fault> faults_;
  std::uint64_t next_id_ = 1;
};

/// What a fault that is no matter of the wire makes of the ordinary answer;
/// `wrapper` is the member that holds it.
Reply ApplyToReply(const Fault& fault, Reply reply, std::string_view wrapper);

}  // namespace serverspace::sim
