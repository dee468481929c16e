#pragma once

#include <cstddef>
#include <functional>
#include <initializer_list>
#include <string>
#include <vector>

#include "server/http_message.h"

namespace serverspace::server {

/// Answers one request. Runs on the event loop (or on the helper thread if its
/// route is offloaded), on several threads at once if the listener has several,
/// so it must not block. What it throws becomes a 500 with a fixed text.
using Handler = std::function<Response(const Request&)>;

/// The methods that a route offers. HEAD comes with GET.
class Methods {
 public:
  Methods(std::initializer_list<Method> methods);
  bool Has(Method method) const;
  /// The value of the Allow header: `GET, HEAD`.
  std::string Allow() const;

 private:
  unsigned bits_ = 0;
};

struct Route {
  std::string path;  ///< Exact.
  Methods methods;
  Handler handler;
  std::size_t max_body_bytes = 0;  ///< 0: a body is refused.
  /// Whether this request's handler takes its time: then it runs on the one
  /// helper thread behind a short queue, with 503 when that is full. None:
  /// never.
  std::function<bool(const Request&)> offload = {};
  /// Whether it answers 403 to a peer that is not authenticated, as all are
  /// without a web configuration that asks for a password or a certificate.
  bool needs_authentication = false;
};

/// Finds the route of a path. Immutable once built, so threads may share it.
class Router {
 public:
  explicit Router(std::vector<Route> routes);

  /// The route, or null with `refusal` set: 404 for an unknown path, 405 with
  /// Allow for a method it does not offer, 403 if it needs authentication and
  /// the request has none.
  const Route* Find(const Request& request, Response& refusal) const;

 private:
  std::vector<Route> routes_;
};

}  // namespace serverspace::server
