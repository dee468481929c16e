#pragma once

#include <optional>

#include "simulator/message.h"
#include "simulator/router.h"

namespace serverspace::sim {

class Connection;
class Control;
class FaultBook;
class Listener;
class RequestLog;
class SimClock;
class World;

/// The way of a request: control interface or key check, route, fault.
/// Thread-safe. Borrows everything.
class Dispatcher {
 public:
  Dispatcher(World& world, SimClock& clock, FaultBook& faults, RequestLog& log,
             Control& control);

  /// Where faults play and redirects lead. To be set before the first request.
  void set_listener(Listener* listener) { listener_ = listener; }

  std::optional<Reply> Handle(const Request& request, Connection& connection);

 private:
  std::optional<Reply> HandleApi(const Request& request, const Target& target,
                                 Connection& connection);
  Reply Answer(const Request& request, const Target& target,
               const Router::Match& match);
  /// With the world's lock held.
  Reply RunRoute(const Request& request, const Target& target,
                 const Router::Match& match, Project& project);
  Reply Compressed(Reply reply) const;

  World& world_;
  SimClock& clock_;
  FaultBook& faults_;
  RequestLog& log_;
  Control& control_;
  Listener* listener_ = nullptr;
  const Router router_;
};

}  // namespace serverspace::sim
