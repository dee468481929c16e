#include "server/http_request_parser.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <utility>

#include <boost/beast/http/basic_parser.hpp>

#include "base/text.h"
#include "server/http_query.h"

namespace serverspace::server {
namespace {

namespace beast = boost::beast;
namespace http = boost::beast::http;

constexpr std::size_t kMaxTargetBytes = 8 * 1024;

constexpr Refusal kMalformed{400, "malformed request"};
constexpr Refusal kHeadTooLarge{431, "request head too large",
                                RejectReason::kHeadTooLarge};

std::string_view View(beast::string_view text) {
  return {text.data(), text.size()};
}

// Lists may come in several lines (RFC 9110, section 5.3).
void Join(std::string& list, std::string_view value) {
  if (!list.empty()) list += ", ";
  list += value;
}

bool IsHost(std::string_view text) {
  // Of RFC 3986 `host [":" port]`; no user, no path.
  constexpr std::string_view kSymbols = "-._~%!$&'()*+,;=:[]";
  return std::ranges::all_of(text, [&](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
           (c >= 'A' && c <= 'Z') || kSymbols.find(c) != kSymbols.npos;
  });
}

Method ToMethod(http::verb verb) {
  switch (verb) {
    case http::verb::get:
      return Method::kGet;
    case http::verb::head:
      return Method::kHead;
    case http::verb::post:
      return Method::kPost;
    default:
      return Method::kOther;
  }
}

// The path and query of a target in origin form, or in absolute form, which a
// server must take too (RFC 9112, section 3.2.2).
std::optional<std::string_view> PathAndQuery(std::string_view target) {
  if (target.starts_with('/')) return target;
  const std::size_t colon = target.find("://");
  if (colon == target.npos) return std::nullopt;
  const std::string scheme = ToLower(target.substr(0, colon));
  if (scheme != "http" && scheme != "https") return std::nullopt;
  target.remove_prefix(colon + 3);
  const std::size_t path = std::min(target.find_first_of("/?"), target.size());
  if (path == 0 || !IsHost(target.substr(0, path))) return std::nullopt;
  target.remove_prefix(path);
  return target;
}

}  // namespace

// Takes what a request of ours needs and keeps no other header.
class RequestParser::Head final : public http::basic_parser<true> {
 public:
  Head() {
    header_limit(std::numeric_limits<std::uint32_t>::max());
    body_limit(std::numeric_limits<std::uint64_t>::max());
  }

  // What Beast lets pass: the first of our own complaints.
  std::optional<Refusal> refusal;
  Request request;
  bool expects_continue = false;

 private:
  using Code = beast::error_code;

  void Refuse(int status, std::string_view text,
              RejectReason reason = RejectReason::kBadRequest) {
    if (!refusal) refusal = Refusal{status, text, reason};
  }

  void on_request_impl(http::verb verb, beast::string_view /*method*/,
                       beast::string_view target, int version, Code&) override {
    needs_host_ = version >= 11;
    request.method = ToMethod(verb);
    if (target.size() > kMaxTargetBytes)
      return Refuse(414, "address too long", RejectReason::kHeadTooLarge);
    const auto found = PathAndQuery(View(target));
    if (!found || found->find('#') != found->npos)
      return Refuse(400, "unusable request target");
    const std::size_t question = std::min(found->find('?'), found->size());
    auto path = DecodePath(found->substr(0, question));
    if (!path.ok()) return Refuse(400, "unusable request target");
    request.path = path.value().empty() ? "/" : std::move(path).value();
    request.query = found->substr(std::min(question + 1, found->size()));
  }

  void on_response_impl(int, beast::string_view, int, Code&) override {}

  void on_field_impl(http::field field, beast::string_view /*name*/,
                     beast::string_view text, Code&) override {
    const std::string_view value = View(text);
    switch (field) {
      case http::field::host:
        if (++hosts_ > 1 || !IsHost(value)) Refuse(400, "bad Host header");
        break;
      case http::field::transfer_encoding:
        Refuse(411, "a body needs its Content-Length",
               RejectReason::kBodyRefused);
        break;
      case http::field::expect:
        if (ToLower(value) == "100-continue") {
          expects_continue = true;
        } else {
          Refuse(417, "unknown expectation");
        }
        break;
      case http::field::authorization:
        if (!request.authorization.empty())
          Refuse(400, "more than one Authorization header");
        request.authorization = value;
        break;
      case http::field::content_type:
        request.content_type = value;
        break;
      case http::field::accept:
        Join(request.accept, value);
        break;
      case http::field::accept_encoding:
        Join(request.accept_encoding, value);
        break;
      case http::field::if_none_match:
        Join(request.if_none_match, value);
        break;
      default:
        break;
    }
  }

  void on_header_impl(Code&) override {
    if (hosts_ == 0 && needs_host_) Refuse(400, "Host header missing");
  }

  // Never reached: a body is read by the connection, not through here.
  void on_body_init_impl(const boost::optional<std::uint64_t>&,
                         Code&) override {}
  std::size_t on_body_impl(beast::string_view, Code&) override { return 0; }
  void on_chunk_header_impl(std::uint64_t, beast::string_view, Code&) override {
  }
  std::size_t on_chunk_body_impl(std::uint64_t, beast::string_view,
                                 Code&) override {
    return 0;
  }
  void on_finish_impl(Code&) override {}

  int hosts_ = 0;
  bool needs_host_ = true;
};

RequestParser::RequestParser(std::size_t max_head_bytes)
    : max_head_bytes_(max_head_bytes), head_(std::make_unique<Head>()) {}

RequestParser::~RequestParser() = default;

RequestParser::State RequestParser::Put(std::string_view data,
                                        std::size_t& consumed) {
  consumed = 0;
  // One empty line before a request is to be tolerated (RFC 9112, section 2.2).
  if (taken_bytes_ == 0) {
    if (data.starts_with("\r\n")) {
      consumed = taken_bytes_ = 2;
    } else if (data == "\r") {
      return State::kNeedMore;
    }
  }
  data.remove_prefix(consumed);
  if (data.empty()) return State::kNeedMore;

  beast::error_code code;
  const std::size_t taken =
      head_->put(boost::asio::const_buffer(data.data(), data.size()), code);
  consumed += taken;
  taken_bytes_ += taken;
  const bool complete = !code && head_->is_header_done();
  if (taken_bytes_ + (complete ? 0 : data.size() - taken) > max_head_bytes_)
    return Refuse(head_->refusal.value_or(kHeadTooLarge));
  if (code == http::error::need_more || (!code && !complete))
    return State::kNeedMore;
  if (code == http::error::bad_version)
    return Refuse({505, "HTTP/1.1 or HTTP/1.0 expected"});
  if (code) return Refuse(kMalformed);
  if (head_->refusal) return Refuse(*head_->refusal);
  return State::kDone;
}

void RequestParser::Reset() {
  taken_bytes_ = 0;
  head_ = std::make_unique<Head>();
}

Request& RequestParser::request() { return head_->request; }

std::uint64_t RequestParser::content_length() const {
  return head_->content_length().value_or(0);
}

bool RequestParser::keep_alive() const { return head_->keep_alive(); }

bool RequestParser::expects_continue() const { return head_->expects_continue; }

const Refusal& RequestParser::refusal() const { return refusal_; }

RequestParser::State RequestParser::Refuse(const Refusal& refusal) {
  refusal_ = refusal;
  return State::kRefused;
}

}  // namespace serverspace::server
