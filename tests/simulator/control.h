#pragma once

#include <functional>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "simulator/message.h"
#include "simulator/router.h"

namespace serverspace::sim {

class FaultBook;
class Listener;
class RequestLog;
class SimClock;
class World;
struct Fault;

/// The interface by which tests and scripts steer the simulator: JSON under
/// `/_sim/`, no key. README.md lists it. Thread-safe. Borrows everything.
class Control {
 public:
  Control(World& world, SimClock& clock, FaultBook& faults, RequestLog& log);

  void set_listener(Listener* listener) { listener_ = listener; }

  Reply Handle(const Request& request, const Target& target);

  /// Puts a fault in force, wherever its kind belongs; its id, 0 for a refused
  /// port.
  std::uint64_t AddFault(Fault fault);
  /// Removes all faults, and lets go whatever hangs in one.
  void ClearFaults();

 private:
  struct Call;
  using Action = Reply (Control::*)(const Call&);
  struct Row;
  static const Row kRows[];

  Reply GetRequests(const Call& call);
  Reply ClearRequests(const Call& call);
  Reply GetFaults(const Call& call);
  Reply PostFault(const Call& call);
  Reply PutFaults(const Call& call);
  Reply DeleteFaults(const Call& call);
  Reply DeleteFault(const Call& call);
  Reply GetState(const Call& call);
  Reply GetLedger(const Call& call);
  Reply PatchProject(const Call& call);
  Reply PostTopup(const Call& call);
  Reply PostServers(const Call& call);
  Reply PatchObject(const Call& call);
  Reply DeleteObject(const Call& call);
  Reply GetTasks(const Call& call);
  Reply PostTask(const Call& call);
  Reply PatchTask(const Call& call);
  Reply DeleteTask(const Call& call);
  Reply PostFate(const Call& call);
  Reply PatchSettings(const Call& call);
  Reply PostTime(const Call& call);
  Reply CloseIdle(const Call& call);

  World& world_;
  SimClock& clock_;
  FaultBook& faults_;
  RequestLog& log_;
  Listener* listener_ = nullptr;
};

}  // namespace serverspace::sim
