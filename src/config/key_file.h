#pragma once

#include <mutex>
#include <optional>
#include <string>

#include "base/file_signature.h"
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
  const std::string path_;
  mutable std::mutex mutex_;  // guards everything below
  Secret key_;
  FileSignature seen_;  // of the last reading, whether it went well or not
  std::optional<Error> last_error_;
};

}  // namespace serverspace::config
