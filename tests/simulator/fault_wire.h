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
/// takes. The connection is of no use after. A fault that is no longer in the
/// book has been cleared meanwhile, and only ends the connection.
void PlayOnWire(const Fault& fault, const FaultBook& book, const Reply& reply,
                Connection& connection, Listener& listener);

}  // namespace serverspace::sim
