#include "http/httplib_transport.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

#include "http/connection.h"
#include "http/exchange_limits.h"
#include "http/failure.h"

namespace serverspace::http {
namespace {

/// Anything else could end a header or a request line and begin another.
bool IsVisibleAscii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c > ' ' && c <= '~'; });
}

TransportError InvalidInput(std::string_view cause) {
  return Failure(Stage::kExchange, ErrorCode::kInvalidInput, cause);
}

}  // namespace

Result<std::unique_ptr<HttplibTransport>> HttplibTransport::Create(
    Options options, Clock& clock, std::shared_ptr<Resolver> resolver) {
  std::unique_ptr<HttplibTransport> transport(
      new HttplibTransport(clock, std::move(resolver)));
  auto configured = transport->Reconfigure(std::move(options));
  if (!configured.ok()) return std::move(configured).error();
  return transport;
}

HttplibTransport::HttplibTransport(Clock& clock,
                                   std::shared_ptr<Resolver> resolver)
    : clock_(clock),
      addresses_(std::move(resolver), clock),
      answers_(std::make_shared<MemoryBudget>(kAnswers, clock)) {}

Result<void> HttplibTransport::Reconfigure(Options options) {
  Dialer::Route route{.proxy = std::nullopt,
                      .no_proxy = NoProxyList(options.no_proxy),
                      .connect_timeout = options.connect_timeout};
  if (!options.proxy_url.empty()) {
    auto proxy = ParseProxy(options.proxy_url);
    if (!proxy.ok()) return std::move(proxy).error();
    route.proxy = std::move(proxy).value();
  }
  if (!std::ranges::all_of(options.user_agent,
                           [](char c) { return c >= ' ' && c <= '~'; })) {
    return Error{ErrorCode::kInvalidInput,
                 "user_agent has a character that no header may have"};
  }
  auto trust = TlsContext::Load(options.ca_file);
  if (!trust.ok()) return std::move(trust).error();
  std::shared_ptr<Generation> generation(new Generation{
      .options = options,
      .trust = std::move(trust).value(),
      .dialer = {addresses_, std::move(route), clock_},
      .pool = {clock_, options.idle_timeout, options.max_idle_per_host}});
  std::lock_guard lock(mutex_);
  // The old one goes after the lock, or with the last exchange that uses it.
  generation_.swap(generation);
  return {};
}

Result<Response, TransportError> HttplibTransport::Get(const Request& request) {
  auto response = Perform(request);
  if (response.ok()) return response;
  return WithContext(std::move(response).error(), request.base.Authority());
}

Result<Response, TransportError> HttplibTransport::Perform(
    const Request& request) {
  if (request.api_key.empty() || !IsVisibleAscii(request.api_key.Reveal()))
    return InvalidInput("the API key is empty or has a character it cannot");
  const std::string path = request.base.path + request.path;
  if (!path.starts_with('/') || !IsVisibleAscii(path))
    return InvalidInput("the path has a character it cannot have");

  auto limits = ExchangeLimits::Create(clock_, request.deadline, request.stop);
  if (!limits.ok()) return std::move(limits).error();
  const auto exceeded = limits.value()->Exceeded();
  if (exceeded.has_value()) return Interrupted(Stage::kExchange, *exceeded);

  std::shared_ptr<Generation> generation;
  {
    std::lock_guard lock(mutex_);
    generation = generation_;
  }
  const std::string authority = request.base.Authority();
  const Connection::Call call{.path = path,
                              .host_header = authority,
                              .api_key = request.api_key,
                              .user_agent = generation->options.user_agent,
                              .max_body_bytes = request.max_body_bytes,
                              .bodies = answers_};

  auto connection = generation->pool.Take(authority);
  if (connection != nullptr) {
    auto response = connection->Get(call, *limits.value());
    if (response.ok()) {
      if (connection->Reusable())
        generation->pool.Put(authority, std::move(connection));
      return response;
    }
    // The server may close a connection at rest just as we write to it. That is
    // no failure of the host, and the request has had no effect.
    if (!connection->FailedSilently() ||
        response.error().error.code != ErrorCode::kNetwork) {
      return response;
    }
  }
  auto channel =
      generation->dialer.Dial(request.base, generation->trust, *limits.value());
  if (!channel.ok()) return std::move(channel).error();
  connection = std::make_unique<Connection>(std::move(channel).value());
  auto response = connection->Get(call, *limits.value());
  if (response.ok() && connection->Reusable())
    generation->pool.Put(authority, std::move(connection));
  return response;
}

}  // namespace serverspace::http
