#include "base/thread_priority.h"

#include <cerrno>
#include <sys/resource.h>
#include <unistd.h>

namespace serverspace {

void LowerOwnPriority(int steps) {
  // On Linux it is the thread's own, not the process' (setpriority(2), NOTES).
  const auto thread = static_cast<id_t>(::gettid());
  errno = 0;
  const int now = ::getpriority(PRIO_PROCESS, thread);
  if (errno == 0) ::setpriority(PRIO_PROCESS, thread, now + steps);
}

}  // namespace serverspace
