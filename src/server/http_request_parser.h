#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "server/http_message.h"
#include "server/listener_stats.h"

namespace serverspace::server {

/// Why a request cannot be served, as an answer. The connection ends after it.
struct Refusal {
  int status = 400;
  std::string_view text;  ///< A constant.
  RejectReason reason = RejectReason::kBadRequest;
};

/// Reads one request head after another from a stream of bytes (RFC 9112,
/// strict where leniency would let a proxy before us read something else). For
/// one connection.
class RequestParser {
 public:
  enum class State { kNeedMore, kDone, kRefused };

  explicit RequestParser(std::size_t max_head_bytes = 16 * 1024);
  RequestParser(const RequestParser&) = delete;
  RequestParser& operator=(const RequestParser&) = delete;
  ~RequestParser();

  /// Reads from the front of `data`; `consumed` bytes need not be given again,
  /// the others must be, with more behind them. At `kDone` the bytes after
  /// `consumed` are the body or the next request.
  State Put(std::string_view data, std::size_t& consumed);
  /// Gets ready for the next head.
  void Reset();

  /// After `kDone`, without body and peer.
  Request& request();
  std::uint64_t content_length() const;
  bool keep_alive() const;
  bool expects_continue() const;

  /// After `kRefused`.
  const Refusal& refusal() const;

 private:
  class Head;
  State Refuse(const Refusal& refusal);

  const std::size_t max_head_bytes_;
  std::size_t taken_bytes_ = 0;
  std::unique_ptr<Head> head_;
  Refusal refusal_;
};

}  // namespace serverspace::server
