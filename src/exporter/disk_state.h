#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "base/result.h"
#include "exporter/state_file.h"
#include "exporter/state_format.h"
#include "exporter/state_lock.h"
#include "exporter/state_store.h"

namespace serverspace::exporter {

/// Keeps the state in three files, for it is of three natures: money is small,
/// changes with every poll and must be on disk before it is shown; times of
/// first sight are many, change seldom and may follow later; watched tasks can
/// be many too, and their totals are shown once they are on disk. One thread
/// writes all, never with a lock held.
///
/// `FILE` holds money and is written at once, then at most every 2 s.
/// `FILE.seen` holds the times, `FILE.tasks` the tasks, once there is one; the
/// larger they are, the rarer they are written.
/// `FILE.lock` stays locked as long as the store lives. A write that fails is
/// tried again; meanwhile values are shown all the same, and the stats tell.
/// Projects that nobody asks for any more are remembered for 90 days.
class DiskState final : public StateStore {
 public:
  static constexpr std::size_t kMaxUnused = 1000;

  /// Reads what is there and writes it once, so that the stats are right from
  /// the start. Files that cannot be used are reported and moved aside; only
  /// another owner is an error. `clock` and `log` outlive the store.
  static Result<std::unique_ptr<DiskState>> Open(const std::string& path,
                                                 const FileWriter& write,
                                                 Clock& clock, Logger& log);
  /// Writes what is still to be written.
  ~DiskState() override;

  std::optional<SavedMoney> LoadMoney(const std::string& project) override;
  void SaveMoney(const std::string& project, const SavedMoney& money,
                 std::function<void()> kept) override;
  void AwaitKept() override;
  SeenByKind LoadFirstSeen(const std::string& project) override;
  void SaveFirstSeen(const std::string& project, SeenByKind seen) override;
  SavedTasks LoadTasks(const std::string& project) override;
  void SaveTasks(const std::string& project, SavedTasks tasks,
                 std::function<void()> kept) override;
  SavedFiles LoadTaskFiles() override;
  void SaveTaskFiles(SavedFiles files) override;
  StateStats stats() const override;

 private:
  /// A document and the file that it belongs in.
  template <typename Document>
  struct Part {
    StateFile file;  // the writer's alone
    std::string (*encode)(const Document&);
    Document document{};
    std::vector<std::function<void()>> waiting{};  // for the next write
    bool changed = false;                          // since its last write
    std::uint64_t failures = 0;                    // in a row
    std::optional<MonoTime> reported{};  // when these were last logged
    MonoTime next_write{};

    MonoTime due() const { return changed ? next_write : MonoTime::max(); }
  };

  DiskState(const std::string& path, const FileWriter& write, Clock& clock,
            Logger& log);

  void Run(const std::stop_token& stop);
  // Those below are called with `lock` held, which they release while writing.
  /// Writes the part, then calls those who wait for that.
  template <typename Document>
  void Write(Part<Document>& part, std::unique_lock<std::mutex>& lock);
  template <typename Document>
  void WriteDocument(Part<Document>& part, std::unique_lock<std::mutex>& lock);
  template <typename Document>
  void Report(Part<Document>& part, const Error* failure,
              std::unique_lock<std::mutex>& lock);
  /// Notes the day for the projects in use, and drops what nobody asks for.
  template <typename Document>
  void ForgetUnused(Document& document) const;
  /// `text` once this process owns the state.
  Result<void> WriteOwned(StateFile& file, std::string_view text);

  Clock& clock_;
  Logger& log_;
  StateLock lock_file_;       // the writer's alone
  mutable std::mutex mutex_;  // guards everything below
  std::condition_variable_any changed_;
  std::set<std::string> used_;  // projects that were asked for or saved
  bool saved_ = false;          // anything, so that all projects have asked
  Part<MoneyDocument> money_;
  Part<FirstSeenDocument> first_seen_;
  Part<TasksDocument> tasks_;
  std::size_t owed_ = 0;  // calls to come, those of a write included
  std::condition_variable all_kept_;  // owed_ is 0
  std::uint64_t write_errors_ = 0;
  std::optional<WallTime> last_write_;
  std::jthread writer_;
};

/// The store for a path as it is configured: in memory if it is empty.
Result<std::unique_ptr<StateStore>> OpenState(const std::string& path,
                                              Clock& clock, Logger& log);

}  // namespace serverspace::exporter
