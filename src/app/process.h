#pragma once

#include <optional>

#include "base/clock.h"

namespace serverspace::app {

/// Makes the process fit to hold keys: no core dump and no debugger of the same
/// user shows its memory. Call it first.
void HideMemory();

/// Makes 0, 1 and 2 taken: a file that got the number of a closed standard
/// stream would be written what is meant for that. Writing to what was closed
/// goes on failing.
void HoldStandardDescriptors();

/// Ignores SIGPIPE and SIGXFSZ: a peer that is gone, or a limit on the size of
/// files, is an error of the write,
/// not an end of the process.
void IgnoreBrokenPipes();

/// Blocks the signals that AwaitSignal waits for, so that no thread started
/// later is interrupted.
void BlockSignals();

/// Waits for SIGTERM, SIGINT or SIGHUP and answers which it was; 0 if none came
/// within `limit`. Of several that came, SIGHUP is the one that is left out.
int AwaitSignal(std::optional<Duration> limit = std::nullopt);

}  // namespace serverspace::app
