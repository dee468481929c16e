#pragma once

#include <string>

#include "base/result.h"

namespace serverspace::exporter {

/// Makes sure that a state has one owner: an flock on a file of its own, since
/// the state's files are replaced with every write. The kernel gives the lock
/// back however the process ends; the file stays. One thread at a time.
class StateLock {
 public:
  /// The lock file need not exist.
  explicit StateLock(std::string path);
  StateLock(const StateLock&) = delete;
  StateLock& operator=(const StateLock&) = delete;
  ~StateLock();

  /// Never waits; does nothing if the lock was taken already. kForbidden if
  /// somebody else has it. A file system that knows no locks counts as free.
  Result<void> Take();

 private:
  const std::string path_;
  int fd_ = -1;
};

}  // namespace serverspace::exporter
