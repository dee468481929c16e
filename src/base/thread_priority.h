#pragma once

namespace serverspace {

/// Lets other threads go before the calling one: what it does can wait. A step
/// is one of nice(2). A sandbox may forbid it; then nothing changes.
void LowerOwnPriority(int steps);

}  // namespace serverspace
