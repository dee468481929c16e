#pragma once

#include "simulator/fault.h"
#include "simulator/message.h"

namespace serverspace::sim {

class Connection;
class Listener;

/// Whether a fault must be played on the connection itself, past the HTTP
/// library.
bool IsWireFault(FaultKind kind);

/// Answers, or does not answer, as the fault says; blocks as long as that
/// takes. The connection is of no use after.
void PlayOnWire(const Fault& fault, const Reply& reply, Connection& connection,
                Listener& listener);

}  // namespace serverspace::sim
