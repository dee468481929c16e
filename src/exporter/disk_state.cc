#include "exporter/disk_state.h"

#include <algorithm>
#include <chrono>
#include <exception>
#include <functional>
#include <utility>

#include "base/file.h"

namespace serverspace::exporter {
namespace {

using namespace std::chrono_literals;

constexpr Duration kLeastGap = 2s;
/// A disk is not worn out for times that change somewhere in a large fleet with
/// every poll: on average no more than this is written.
constexpr double kBytesPerSecond = 64 * 1024;
constexpr Duration kKeepUnused = 90 * 24h;
/// The same failure is told again after this long.
constexpr Duration kReportAgainAfter = 1h;
constexpr unsigned kPrivateFile = 0600;

Duration GapAfter(std::size_t size_bytes) {
  return std::max(kLeastGap, FromSeconds(static_cast<double>(size_bytes) /
                                         kBytesPerSecond));
}

template <typename Document>
Document Load(StateFile& file, Result<Document> (*decode)(std::string_view)) {
  const auto text = file.Read();
  if (!text) return {};
  auto document = decode(*text);
  if (document.ok()) return std::move(document).value();
  file.Refuse("it " + document.error().message);
  return {};
}

}  // namespace

DiskState::DiskState(const std::string& path, const FileWriter& write,
                     Clock& clock, Logger& log)
    : clock_(clock),
      log_(log),
      lock_file_(path + ".lock"),
      money_{.file = StateFile(path, write, clock, log), .encode = EncodeMoney},
      first_seen_{.file = StateFile(path + ".seen", write, clock, log),
                  .encode = EncodeFirstSeen},
      tasks_{.file = StateFile(path + ".tasks", write, clock, log),
             .encode = EncodeTasks} {}

Result<std::unique_ptr<DiskState>> DiskState::Open(const std::string& path,
                                                   const FileWriter& write,
                                                   Clock& clock, Logger& log) {
  std::unique_ptr<DiskState> state(new DiskState(path, write, clock, log));
  const auto owned = state->lock_file_.Take();
  if (!owned.ok() && owned.error().code == ErrorCode::kForbidden) {
    return Error{ErrorCode::kForbidden,
                 "the state file " + path +
                     " belongs to another exporter that is running: " +
                     owned.error().message +
                     ". End that one, or give this one a state_file of its "
                     "own"};
  }
  state->money_.document = Load(state->money_.file, DecodeMoney);
  state->first_seen_.document = Load(state->first_seen_.file, DecodeFirstSeen);
  state->tasks_.document = Load(state->tasks_.file, DecodeTasks);
  {
    std::unique_lock lock(state->mutex_);
    state->Write(state->money_, lock);
    state->Write(state->first_seen_, lock);
    // That was no change: the first one is not to wait.
    if (!state->money_.changed) state->money_.next_write = {};
    if (!state->first_seen_.changed) state->first_seen_.next_write = {};
  }
  state->writer_ = std::jthread(
      [raw = state.get()](const std::stop_token& stop) { raw->Run(stop); });
  return state;
}

DiskState::~DiskState() {
  writer_ = std::jthread();
  std::unique_lock lock(mutex_);
  if (money_.changed) Write(money_, lock);
  if (first_seen_.changed) Write(first_seen_, lock);
  if (tasks_.changed) Write(tasks_, lock);
}

std::optional<SavedMoney> DiskState::LoadMoney(const std::string& project) {
  std::lock_guard lock(mutex_);
  used_.insert(project);
  const auto found = money_.document.projects.find(project);
  if (found == money_.document.projects.end()) return std::nullopt;
  return found->second.value;
}

void DiskState::SaveMoney(const std::string& project, const SavedMoney& money,
                          std::function<void()> kept) {
  std::lock_guard lock(mutex_);
  used_.insert(project);
  money_.document.projects[project].value = money;
  money_.changed = saved_ = true;
  money_.waiting.push_back(std::move(kept));
  ++owed_;
  changed_.notify_all();
}

void DiskState::AwaitKept() {
  std::unique_lock lock(mutex_);
  all_kept_.wait(lock, [this] { return owed_ == 0; });
}

SeenByKind DiskState::LoadFirstSeen(const std::string& project) {
  std::lock_guard lock(mutex_);
  used_.insert(project);
  const auto found = first_seen_.document.projects.find(project);
  if (found == first_seen_.document.projects.end()) return {};
  return found->second.value;
}

void DiskState::SaveFirstSeen(const std::string& project, SeenByKind seen) {
  std::lock_guard lock(mutex_);
  used_.insert(project);
  first_seen_.document.projects[project].value = std::move(seen);
  first_seen_.changed = saved_ = true;
  changed_.notify_all();
}

SavedTasks DiskState::LoadTasks(const std::string& project) {
  std::lock_guard lock(mutex_);
  used_.insert(project);
  const auto found = tasks_.document.projects.find(project);
  if (found == tasks_.document.projects.end())
    return std::make_shared<const tasks::Ledger>();
  return found->second.value;
}

void DiskState::SaveTasks(const std::string& project, SavedTasks tasks,
                          std::function<void()> kept) {
  std::lock_guard lock(mutex_);
  used_.insert(project);
  tasks_.document.projects[project].value = std::move(tasks);
  tasks_.changed = saved_ = true;
  tasks_.waiting.push_back(std::move(kept));
  ++owed_;
  changed_.notify_all();
}

SavedFiles DiskState::LoadTaskFiles() {
  std::lock_guard lock(mutex_);
  return tasks_.document.files;
}

void DiskState::SaveTaskFiles(SavedFiles files) {
  std::lock_guard lock(mutex_);
  tasks_.document.files = std::move(files);
  tasks_.changed = true;
  changed_.notify_all();
}

StateStats DiskState::stats() const {
  std::lock_guard lock(mutex_);
  return {.persistent = money_.failures == 0 && first_seen_.failures == 0 &&
                        tasks_.failures == 0,
          .write_errors = write_errors_,
          .last_write = last_write_};
}

void DiskState::Run(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested()) {
    try {
      const MonoTime now = clock_.Mono();
      if (money_.due() <= now) {
        Write(money_, lock);
      } else if (first_seen_.due() <= now) {
        Write(first_seen_, lock);
      } else if (tasks_.due() <= now) {
        Write(tasks_, lock);
      } else {
        clock_.Wait(changed_, lock, stop,
                    std::min({money_.due(), first_seen_.due(), tasks_.due()}));
      }
    } catch (const std::exception&) {
      // Only memory can run out here; what was to be written still is.
      if (!lock.owns_lock()) lock.lock();
    }
  }
}

template <typename Document>
void DiskState::Write(Part<Document>& part,
                      std::unique_lock<std::mutex>& lock) {
  const std::vector<std::function<void()>> kept =
      std::exchange(part.waiting, {});
  WriteDocument(part, lock);
  if (kept.empty()) return;
  lock.unlock();
  for (const auto& call : kept) call();
  lock.lock();
  owed_ -= kept.size();
  if (owed_ == 0) all_kept_.notify_all();
}

template <typename Document>
void DiskState::WriteDocument(Part<Document>& part,
                              std::unique_lock<std::mutex>& lock) {
  const MonoTime started = clock_.Mono();
  part.next_write = started + kLeastGap;
  ForgetUnused(part.document);
  const Document document = part.document;
  part.changed = false;
  lock.unlock();
  std::size_t size_bytes = 0;
  const Result<void> outcome = [&]() -> Result<void> {
    try {
      const std::string text = part.encode(document);
      size_bytes = text.size();
      return WriteOwned(part.file, text);
    } catch (const std::exception&) {
      // Memory ran out, or a file system call of the library failed oddly.
      return Error{ErrorCode::kOther, "internal error"};
    }
  }();
  const WallTime now = clock_.Wall();
  lock.lock();
  part.next_write = started + GapAfter(size_bytes);
  if (outcome.ok()) {
    last_write_ = now;
  } else {
    part.changed = true;
    ++write_errors_;
  }
  Report(part, outcome.ok() ? nullptr : &outcome.error(), lock);
}

template <typename Document>
void DiskState::Report(Part<Document>& part, const Error* failure,
                       std::unique_lock<std::mutex>& lock) {
  const std::string& path = part.file.path();
  if (failure == nullptr) {
    part.reported.reset();
    const std::uint64_t failures = std::exchange(part.failures, 0);
    if (failures == 0) return;
    lock.unlock();
    log_.Info("the state is written again",
              {{"file", path}, {"failures", failures}});
    lock.lock();
    return;
  }
  const std::uint64_t failures = ++part.failures;
  const MonoTime now = clock_.Mono();
  if (part.reported && now - *part.reported < kReportAgainAfter) return;
  part.reported = now;
  lock.unlock();
  log_.Warn(
      "the state cannot be written: totals and times would not survive a "
      "restart; trying again",
      {{"file", path}, {"error", failure->message}, {"failures", failures}});
  lock.lock();
}

template <typename Document>
void DiskState::ForgetUnused(Document& document) const {
  const WallTime now = clock_.Wall();
  std::vector<std::pair<WallTime, std::string>> unused;
  for (auto& [project, entry] : document.projects) {
    if (used_.contains(project)) {
      entry.used = now;
    } else {
      unused.emplace_back(entry.used, project);
    }
  }
  // Until something is saved, those that are configured have yet to ask.
  if (!saved_) return;
  std::ranges::sort(unused, std::greater());
  for (std::size_t i = 0; i < unused.size(); ++i) {
    if (i >= kMaxUnused || now - unused[i].first > kKeepUnused)
      document.projects.erase(unused[i].second);
  }
}

Result<void> DiskState::WriteOwned(StateFile& file, std::string_view text) {
  auto owned = lock_file_.Take();
  if (!owned.ok()) return owned;
  return file.Write(text);
}

Result<std::unique_ptr<StateStore>> OpenState(const std::string& path,
                                              Clock& clock, Logger& log) {
  if (path.empty()) return std::unique_ptr<StateStore>(new MemoryState);
  auto state = DiskState::Open(
      path,
      [](const std::string& file, std::string_view text) {
        return WriteFileAtomically(file, text, kPrivateFile);
      },
      clock, log);
  if (!state.ok()) return std::move(state).error();
  return std::unique_ptr<StateStore>(std::move(state).value());
}

}  // namespace serverspace::exporter
