#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <sys/stat.h>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "base/result.h"
#include "base/unique_fd.h"
#include "tasks/verdict.h"
#include "tasks/watched_file.h"
#include "tasks/watched_task.h"

namespace serverspace::tasks {

/// Reads ids out of files and directories by looking at them about once a
/// second, on a thread of its own: a file system that hangs holds nobody else,
/// and one that tells of no changes, such as NFS, is read all the same.
///
/// A file is known by its inode, so that it is read once under whatever name,
/// and kept open for a while, so that what was written before a rotation is
/// not lost by it. Nothing is ever changed in what is watched.
class Watcher {
 public:
  /// What becomes of a line. Called on the watcher's thread.
  using TakeLine = std::function<Verdict(std::string_view line)>;
  using Positions = std::shared_ptr<const std::vector<FilePosition>>;

  struct PathStatus {
    std::string path;
    bool readable = false;
  };

  /// Goes on at `positions`. `clock` and `log` outlive the watcher.
  Watcher(std::vector<std::string> paths, const Positions& positions,
          TakeLine take, Clock& clock, Logger& log);
  Watcher(const Watcher&) = delete;
  Watcher& operator=(const Watcher&) = delete;
  ~Watcher();

  void Start();
  /// Waits for the look in progress.
  void Stop();
  /// One look at everything, which takes a share of large files and ends early
  /// on a stop; instead of Start().
  void Look(const std::stop_token& stop = {});
  /// Looks until all is read, or until `end`.
  void LookAtAll(MonoTime end);

  /// How far all was read: the lines before it have been taken. Equal pointers
  /// mean that nothing changed.
  Positions positions() const;
  std::vector<PathStatus> status() const;

 private:
  struct Identity {
    std::uint64_t device = 0;
    std::uint64_t inode = 0;
    auto operator<=>(const Identity&) const = default;
  };
  /// What a file looked like; equal again, it need not be read.
  struct Sight {
    std::int64_t size = -1;
    WallTime modified;
    auto operator<=>(const Sight&) const = default;
  };
  struct Tracked {
    explicit Tracked(FilePosition position) : reader(std::move(position)) {}

    WatchedFile reader;
    UniqueFd fd;
    Sight sight{};
    bool again = true;               // there is more to read
    MonoTime changed{};              // when it last was
    std::uint64_t seen = 0;          // in which round
    std::uint64_t opened = 0;        // likewise
    std::optional<MonoTime> gone{};  // since when it has no name that we watch
    bool told = false;               // of a bad line in it
  };

  void Run(const std::stop_token& stop);
  /// Whether the path and all in it can be read.
  bool LookAt(const std::string& path, const std::stop_token& stop);
  bool LookInto(const std::string& directory, const std::stop_token& stop);
  /// `status` is what the name at the path stands for.
  bool LookAtFile(const std::string& path, const struct stat& status,
                  const std::stop_token& stop);
  Result<void> Open(Tracked& file, const std::string& path);
  Result<void> Read(Tracked& file, const std::stop_token& stop);
  /// A look opens any number of files; those it need not keep it gives back.
  void CloseIfMany(Tracked& file);
  void TakeFrom(Tracked& file, std::string_view line);
  /// Whether a bad line of this file is worth a warning.
  bool IsNews(Tracked& file);
  /// Looks for files that were renamed while nobody watched.
  void FindRenamed(const std::stop_token& stop);
  void ReadGone(const std::stop_token& stop);
  void CloseSome();
  void Publish(std::vector<PathStatus> status);
  /// Tells of a trouble with a path once; empty: there is none any more.
  void Tell(const std::string& path, const std::string& trouble);

  const std::vector<std::string> paths_;
  const TakeLine take_;
  Clock& clock_;
  Logger& log_;
  // Those down to bad_lines_ are the thread's alone.
  std::map<Identity, Tracked> files_;
  std::uint64_t round_ = 0;
  std::size_t opened_ = 0;  // in this round
  struct Trouble {
    std::string text;
    std::uint64_t round = 0;  // when it was last met
  };
  std::map<std::string, Trouble> told_;  // by path
  struct BadLines {
    MonoTime since{};
    std::size_t told = 0;  // since then
  };
  std::map<std::string, BadLines> bad_lines_;  // by directory
  mutable std::mutex mutex_;                   // guards the next two
  Positions positions_;
  std::vector<PathStatus> status_;
  std::jthread thread_;
};

}  // namespace serverspace::tasks
