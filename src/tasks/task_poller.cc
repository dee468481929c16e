#include "tasks/task_poller.h"

#include <algorithm>
#include <chrono>
#include <limits>
#include <utility>

#include "tasks/task_id.h"

namespace serverspace::tasks {
namespace {

using namespace std::chrono_literals;

/// Of the project's rate; the rest is the collectors' at any moment.
constexpr double kRateShare = 0.5;
/// A round is short, for it holds one of the project's two slots.
constexpr std::size_t kMostQuestions = 5;
constexpr Duration kLongestRound = 2s;
constexpr Duration kLongestQuestion = 10s;
constexpr Duration kFirstBackoff = 5s;
constexpr Duration kLongestBackoff = 1min;
/// The same trouble is told again after this long, even if it comes and goes.
constexpr Duration kReportAgainAfter = 1h;
/// Without a task there is nothing to wait for; an id that comes ends the wait.
constexpr Duration kIdle = 1h;

/// Whether the next question would most likely fail as well.
bool IsOfTheProject(ErrorCode code) {
  switch (code) {
    case ErrorCode::kAuth:
    case ErrorCode::kForbidden:
    case ErrorCode::kRateLimited:
    case ErrorCode::kTimeout:
    case ErrorCode::kNetwork:
    case ErrorCode::kTls:
    case ErrorCode::kServerError:
      return true;
    default:
      return false;
  }
}

/// An API may leave the id out, or name none of a task that ended long ago.
bool IsAbout(const api::Task& answer, std::string_view id) {
  return answer.id.empty() || answer.id == id || IsNoTask(answer.id);
}

}  // namespace

TaskPoller::TaskPoller(std::string project, TaskBook& book, const Clock& clock,
                       Logger& log)
    : project_(std::move(project)), book_(book), clock_(clock), log_(log) {}

std::optional<Duration> TaskPoller::Run(const Round& round) {
  const MonoTime started = clock_.Mono();
  if (started < resume_) return resume_ - started;
  const double per_second = kRateShare * round.max_requests_per_second;
  const std::size_t most =
      round.all ? std::numeric_limits<std::size_t>::max() : kMostQuestions;
  const MonoTime end =
      round.all ? round.call.deadline
                : std::min(round.call.deadline, started + kLongestRound);
  std::size_t questions = 0;
  bool goes_on = true;
  while (goes_on && questions < most && clock_.Mono() < end) {
    // A long round goes by what was due at its beginning: a young task that is
    // due again must not take the turn of one that was not asked for yet.
    const auto id = book_.NextDue(round.all ? started : clock_.Mono());
    if (!id) break;
    ++questions;
    goes_on = Ask(*id, round, per_second);
    if (round.call.stop.stop_requested()) return std::nullopt;
  }
  const MonoTime now = clock_.Mono();
  resume_ = now + backoff_;
  if (backoff_ == Duration::zero()) {
    resume_ = std::max(
        now,
        started + FromSeconds(static_cast<double>(questions) / per_second));
  }
  const auto due = book_.due();
  return due ? std::max(*due, resume_) - now : kIdle;
}

ReasonCounts TaskPoller::errors() const {
  ReasonCounts counts{};
  std::ranges::copy(errors_, counts.begin());
  return counts;
}

bool TaskPoller::Ask(const std::string& id, const Round& round,
                     double per_second) {
  const api::Call call{.deadline = std::min(round.call.deadline,
                                            clock_.Mono() + kLongestQuestion),
                       .stop = round.call.stop};
  auto answer = round.client.GetTask(call, id);
  if (answer.ok() && !IsAbout(answer.value(), id))
    answer = Error{ErrorCode::kBadResponse, "the answer is of another task"};
  if (answer.ok()) {
    Recover();
    book_.Answered(id, std::move(answer).value(), per_second);
    return true;
  }
  const Error& error = answer.error();
  if (error.code == ErrorCode::kCancelled) return false;
  if (error.code == ErrorCode::kNotFound && round.trusts_not_found) {
    Recover();
    if (book_.Missing(id, per_second)) {
      log_.Warn("the API does not know this task any more; it is given up",
                {{"project", project_}, {"task_id", id}});
    }
    return true;
  }
  ++errors_.at(static_cast<std::size_t>(ReasonOf(error.code)));
  book_.Postpone(id, per_second);
  if (!IsOfTheProject(error.code)) {
    // Where nothing is found, the collectors tell of it.
    if (error.code != ErrorCode::kNotFound) TellUnreadable(id, error);
    return true;
  }
  BackOff(error);
  return false;
}

void TaskPoller::Recover() {
  backoff_ = Duration::zero();
  if (!std::exchange(told_failing_, false)) return;
  log_.Info("watched tasks are read again", {{"project", project_}});
}

void TaskPoller::BackOff(const Error& error) {
  const MonoTime now = clock_.Mono();
  if (!told_ || now - *told_ >= kReportAgainAfter) {
    told_ = now;
    told_failing_ = true;
    log_.Warn("watched tasks cannot be read; trying again",
              {{"project", project_},
               {"reason", ReasonName(error.code)},
               {"error", error.message}});
  }
  backoff_ = std::clamp(2 * backoff_, kFirstBackoff, kLongestBackoff);
}

void TaskPoller::TellUnreadable(const std::string& id, const Error& error) {
  const MonoTime now = clock_.Mono();
  if (told_unreadable_ && now - *told_unreadable_ < kReportAgainAfter) return;
  told_unreadable_ = now;
  log_.Warn("a watched task cannot be read and stays pending; trying again",
            {{"project", project_},
             {"task_id", id},
             {"reason", ReasonName(error.code)},
             {"error", error.message}});
}

}  // namespace serverspace::tasks
