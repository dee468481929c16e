#pragma once

#include <ctime>
#include <mutex>
#include <optional>
#include <string>
#include <sys/types.h>

#include "base/result.h"
#include "base/secret.h"
#include "config/config.h"

namespace serverspace::config {

/// A project's key while the program runs: a file is read again when it was
/// changed or replaced, a key that was given itself stays as it is. A key of
/// another brand does not move the project to the other address; that takes a
/// reload. Threads may share one.
class KeyFile {
 public:
  explicit KeyFile(KeySource source);
  KeyFile(const KeyFile&) = delete;
  KeyFile& operator=(const KeyFile&) = delete;

  /// The newest key that could be read. Costs one stat() where the file is as
  /// before.
  Secret Current();

  /// Why the file as it is now gives no key, so that `Current()` answers the
  /// one before. Nothing if all is well; as of the last `Current()`.
  std::optional<Error> last_error() const;

 private:
  /// What tells one content of a path from another without reading it.
  struct Signature {
    dev_t device = 0;
    ino_t inode = 0;
    off_t size = -1;
    std::timespec modified{};
    std::timespec changed{};  // a chmod can make a file readable
  };

  static Signature Look(const std::string& path);
  static bool Same(const Signature& a, const Signature& b);

  const std::string path_;
  mutable std::mutex mutex_;  // guards everything below
  Secret key_;
  Signature seen_;  // of the last reading, whether it went well or not
  std::optional<Error> last_error_;
};

}  // namespace serverspace::config
