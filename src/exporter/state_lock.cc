#include "exporter/state_lock.h"

#include <cerrno>
#include <fcntl.h>
#include <sys/file.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace serverspace::exporter {
namespace {

constexpr mode_t kMode = 0600;

Error SystemError(const std::string& what, int number) {
  return {ErrorCode::kOther,
          what + ": " + std::generic_category().message(number)};
}

}  // namespace

StateLock::StateLock(std::string path) : path_(std::move(path)) {}

StateLock::~StateLock() {
  if (fd_ >= 0) ::close(fd_);
}

Result<void> StateLock::Take() {
  if (fd_ >= 0) return {};
  const int fd =
      ::open(path_.c_str(),
             O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, kMode);
  if (fd < 0) return SystemError("cannot open " + path_, errno);
  while (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
    const int number = errno;
    if (number == EINTR) continue;
    if (number == EOPNOTSUPP || number == ENOSYS || number == ENOLCK) break;
    ::close(fd);
    if (number == EWOULDBLOCK)
      return Error{ErrorCode::kForbidden,
                   path_ + " is locked by another process"};
    return SystemError("cannot lock " + path_, number);
  }
  fd_ = fd;
  return {};
}

}  // namespace serverspace::exporter
