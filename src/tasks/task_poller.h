#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "api/project_client.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/result.h"
#include "tasks/task_book.h"

namespace serverspace::tasks {

/// Asks the API for the tasks of one project that are due, a few at a time, so
/// slowly that others who share the project's rate limit do not notice, and
/// more slowly while the API fails. One thread at a time, but for `errors`.
class TaskPoller {
 public:
  struct Round {
    api::ProjectClient& client;
    double max_requests_per_second = 5;  ///< Of the project.
    /// Whether the project is read well with this key, so that "not found" is
    /// about the task and nothing else.
    bool trusts_not_found = false;
    api::Call call;    ///< All of it ends by that deadline.
    bool all = false;  ///< Everything that is due now, each once.
  };

  /// What is given outlives the poller.
  TaskPoller(std::string project, TaskBook& book, const Clock& clock,
             Logger& log);

  /// Answers how long after this moment there is something to do again, which
  /// new ids may make sooner; nothing if the stop cut it short. May be called
  /// before that time too, and does nothing then but answer.
  std::optional<Duration> Run(const Round& round);

  /// Questions that failed since the start. From any thread.
  ReasonCounts errors() const;

 private:
  /// Whether the questions can go on.
  bool Ask(const std::string& id, const Round& round, double per_second);
  void Recover();
  void BackOff(const Error& error);
  /// Tells that one task cannot be read though others may.
  void TellUnreadable(const std::string& id, const Error& error);

  const std::string project_;
  TaskBook& book_;
  const Clock& clock_;
  Logger& log_;
  MonoTime resume_{};
  std::array<std::atomic<std::uint64_t>, kReasonCount> errors_{};
  Duration backoff_{};            // above 0: the last question failed
  std::optional<MonoTime> told_;  // when a failure was last logged
  bool told_failing_ = false;     // and nothing better since
  std::optional<MonoTime> told_unreadable_;  // when that was last logged
};

}  // namespace serverspace::tasks
