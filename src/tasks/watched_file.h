#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string_view>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/result.h"
#include "tasks/watched_task.h"

namespace serverspace::tasks {

/// What the last system call failed of.
Error SystemError();
WallTime Modified(const struct stat& status);

/// Reads one file as it grows, line by line, and each line once. A file that
/// was cut or written anew is read from its beginning. One thread at a time.
class WatchedFile {
 public:
  /// One line without its end; of one that is too long, its beginning.
  using TakeLine = std::function<void(std::string_view line)>;

  /// Goes on at `position`.
  explicit WatchedFile(FilePosition position);

  /// Takes what came since, at most a share of a large file, and on a stop no
  /// further line. `fd` is the file. Whether to come again though nothing
  /// changes.
  Result<bool> Read(int fd, const Clock& clock, const TakeLine& take,
                    const std::stop_token& stop = {});

  const FilePosition& position() const { return position_; }
  void set_path(std::string_view path) { position_.path = path; }

 private:
  /// Whether the file is not the one that was read so far.
  static Result<bool> WasRewritten(int fd, const FilePosition& position,
                                   std::uint64_t size);
  void StartOver();
  /// Takes the lines of `text`, which stands at the offset, and moves on.
  void TakeLines(std::string_view text, const TakeLine& take,
                 const std::stop_token& stop);
  /// A line without an end may be in the middle of being written, and half an
  /// id is another one: only one that stays as it is counts.
  bool TakeRest(std::string_view rest, WallTime modified, const Clock& clock,
                const TakeLine& take);

  FilePosition position_;
  bool skipping_ = false;  // the rest of a line that is too long
  std::uint64_t rest_size_ = 0;
  MonoTime rest_since_{};
};

}  // namespace serverspace::tasks
