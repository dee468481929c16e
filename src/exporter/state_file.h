#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/log.h"
#include "base/result.h"

namespace serverspace::exporter {

/// Replaces the file at a path by a text, whole or not at all.
using FileWriter =
    std::function<Result<void>(const std::string& path, std::string_view text)>;

/// One file of the state. What was there and cannot be used is never written
/// over: it is moved aside first, to `FILE.corrupt-20261125T090000Z`, and the
/// newest five of those stay. One thread at a time.
class StateFile {
 public:
  /// Enough for more than half a million things; a larger file is not ours.
  static constexpr std::size_t kMaxBytes = 32UL << 20;

  /// `clock` and `log` outlive the file.
  StateFile(std::string path, FileWriter write, const Clock& clock,
            Logger& log);

  /// The content; nothing if there is no file, or none that can be read.
  /// Changes nothing on disk.
  std::optional<std::string> Read();

  /// Says that the content cannot be used; logged with `reason`.
  void Refuse(std::string_view reason);

  /// Blocks until the text is on disk.
  Result<void> Write(std::string_view text);

  const std::string& path() const { return path_; }

 private:
  Result<void> MoveAside();
  /// Those of writers that were killed: the names hold their process ids.
  void RemoveTemporaries() const;

  const std::string path_;
  const FileWriter write_;
  const Clock& clock_;
  Logger& log_;
  bool refused_ = false;  // and still there
  bool tidied_ = false;
};

}  // namespace serverspace::exporter
