#include "tasks/watcher.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <exception>
#include <fcntl.h>
#include <filesystem>
#include <sys/stat.h>
#include <system_error>
#include <utility>

namespace serverspace::tasks {
namespace {

using namespace std::chrono_literals;

constexpr Duration kPause = 1s;
/// Looking takes no more than this share of the time.
constexpr int kPauseShare = 20;
/// Each file costs a look a second and a line of the state.
constexpr std::size_t kMostFiles = 4096;
/// Those that changed last; one that was rotated has to be among them.
constexpr std::size_t kMostOpen = 64;
/// Somebody who has the old file open may still write to it.
constexpr Duration kReadGoneFor = 1min;

/// Files of one directory that a bad line is told of in this time: where each
/// id has a file of its own, all of them may be bad.
constexpr std::size_t kMostToldOf = 10;
constexpr Duration kTellAgainAfter = 1h;

constexpr std::string_view kNoFile = "it is not there yet";

/// Hidden files and those that editors leave are somebody's who has not
/// finished.
bool IsPassedOver(std::string_view name) {
  return name.starts_with('.') || name.ends_with('~');
}

std::string Parent(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

std::string Join(const std::string& directory, std::string_view name) {
  std::string path = directory;
  path.append("/").append(name);
  return path;
}

/// The names of a directory, in order.
Result<std::vector<std::string>> Names(const std::string& directory) {
  std::vector<std::string> names;
  std::error_code error;
  for (std::filesystem::directory_iterator entry(directory, error), end;
       !error && entry != end; entry.increment(error)) {
    std::string name = entry->path().filename().string();
    if (!IsPassedOver(name)) names.push_back(std::move(name));
    if (names.size() > kMostFiles) break;
  }
  if (error) return Error{ErrorCode::kInvalidInput, error.message()};
  std::ranges::sort(names);
  return names;
}

}  // namespace

Watcher::Watcher(std::vector<std::string> paths, const Positions& positions,
                 TakeLine take, Clock& clock, Logger& log)
    : paths_(std::move(paths)),
      take_(std::move(take)),
      clock_(clock),
      log_(log),
      positions_(positions) {
  for (const FilePosition& position : *positions) {
    files_.try_emplace(Identity{position.device, position.inode},
                       Tracked(position));
  }
}

Watcher::~Watcher() = default;

void Watcher::Start() {
  thread_ = std::jthread([this](const std::stop_token& stop) { Run(stop); });
}

void Watcher::Stop() { thread_ = std::jthread(); }

void Watcher::Run(const std::stop_token& stop) {
  MonoTime next{};
  do {
    const MonoTime started = clock_.Mono();
    try {
      Look(stop);
    } catch (const std::exception&) {
      // Only memory can run out here; positions tell what was taken.
      log_.Error("could not read watched files; trying again");
    }
    const MonoTime now = clock_.Mono();
    next = now + std::max(kPause, (now - started) * kPauseShare);
  } while (clock_.SleepUntil(next, stop));
}

void Watcher::Look(const std::stop_token& stop) {
  ++round_;
  opened_ = 0;
  std::vector<PathStatus> status;
  for (const std::string& path : paths_)
    status.push_back({path, LookAt(path, stop)});
  if (round_ == 1) FindRenamed(stop);
  ReadGone(stop);
  if (stop.stop_requested()) {
    // Of what was not looked at, nothing is known.
    Publish(std::move(status));
    return;
  }
  CloseSome();
  // A path that is not met any more has no trouble.
  std::erase_if(told_, [this](const auto& trouble) {
    return trouble.second.round != round_;
  });
  Publish(std::move(status));
}

void Watcher::LookAtAll(MonoTime end) {
  Positions before;
  do {
    before = positions();
    Look();
  } while (positions() != before && clock_.Mono() < end);
}

bool Watcher::LookAt(const std::string& path, const std::stop_token& stop) {
  struct stat status = {};
  if (::stat(path.c_str(), &status) != 0) {
    Tell(path, errno == ENOENT ? std::string(kNoFile) : SystemError().message);
    return false;
  }
  if (S_ISDIR(status.st_mode)) return LookInto(path, stop);
  if (S_ISREG(status.st_mode)) return LookAtFile(path, status, stop);
  Tell(path, "it is neither a file nor a directory");
  return false;
}

bool Watcher::LookInto(const std::string& directory,
                       const std::stop_token& stop) {
  auto names = Names(directory);
  if (!names.ok()) {
    Tell(directory, names.error().message);
    return false;
  }
  const bool too_many = names.value().size() > kMostFiles;
  Tell(directory, too_many ? "it has more than " + std::to_string(kMostFiles) +
                                 " files, of which the others are not read; "
                                 "remove old ones"
                           : "");
  bool readable = !too_many;
  for (const std::string& name : names.value()) {
    if (stop.stop_requested()) break;
    const std::string path = Join(directory, name);
    struct stat status = {};
    if (::lstat(path.c_str(), &status) != 0) {
      // It may be gone since its name was read.
      if (errno == ENOENT) continue;
      Tell(path, SystemError().message);
      readable = false;
      continue;
    }
    // A link could make us read what is not meant for us.
    if (!S_ISREG(status.st_mode)) continue;
    if (!LookAtFile(path, status, stop)) readable = false;
  }
  return readable;
}

bool Watcher::LookAtFile(const std::string& path, const struct stat& status,
                         const std::stop_token& stop) {
  const Identity identity{status.st_dev, status.st_ino};
  auto found = files_.find(identity);
  if (found == files_.end()) {
    found = files_
                .try_emplace(identity, FilePosition{.path = path,
                                                    .device = identity.device,
                                                    .inode = identity.inode})
                .first;
  }
  Tracked& file = found->second;
  file.reader.set_path(path);
  file.seen = round_;
  file.gone.reset();
  const Sight sight{.size = status.st_size, .modified = Modified(status)};
  if (sight != file.sight) {
    file.sight = sight;
    file.changed = clock_.Mono();
    file.again = true;
  }
  if (!file.again) return true;
  const Result<void> outcome = [&]() -> Result<void> {
    auto open = Open(file, path);
    return open.ok() ? Read(file, stop) : open;
  }();
  CloseIfMany(file);
  Tell(path, outcome.ok() ? "" : outcome.error().message);
  return outcome.ok();
}

Result<void> Watcher::Open(Tracked& file, const std::string& path) {
  if (file.fd.valid()) return {};
  // Without O_NONBLOCK, a named pipe put in its place would block for ever.
  UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!fd.valid()) return SystemError();
  struct stat status = {};
  if (::fstat(fd.get(), &status) != 0) return SystemError();
  const FilePosition& position = file.reader.position();
  if (!S_ISREG(status.st_mode) || status.st_dev != position.device ||
      status.st_ino != position.inode) {
    return Error{ErrorCode::kInvalidInput, "it was replaced just now"};
  }
  file.fd = std::move(fd);
  ++opened_;
  file.opened = round_;
  return {};
}

void Watcher::CloseIfMany(Tracked& file) {
  if (opened_ > kMostOpen && file.opened == round_) file.fd = UniqueFd();
}

Result<void> Watcher::Read(Tracked& file, const std::stop_token& stop) {
  const auto again = file.reader.Read(
      file.fd.get(), clock_,
      [&](std::string_view line) { TakeFrom(file, line); }, stop);
  if (!again.ok()) return again.error();
  file.again = again.value();
  return {};
}

void Watcher::TakeFrom(Tracked& file, std::string_view line) {
  const Verdict verdict = take_(line);
  if (!IsRefusal(verdict)) return;
  // The line itself stays out of the log: it could be anything.
  log_.Log(IsNews(file) ? LogLevel::kWarn : LogLevel::kDebug,
           "a line of a watched file is left out",
           {{"file", file.reader.position().path},
            {"near_byte", file.reader.position().offset},
            {"reason", RefusalText(verdict)}});
}

bool Watcher::IsNews(Tracked& file) {
  if (file.told) return false;
  const MonoTime now = clock_.Mono();
  const auto [found, is_new] =
      bad_lines_.try_emplace(Parent(file.reader.position().path));
  BadLines& lines = found->second;
  if (is_new || now - lines.since >= kTellAgainAfter) lines = {.since = now};
  if (lines.told >= kMostToldOf) return false;
  ++lines.told;
  file.told = true;
  return true;
}

void Watcher::FindRenamed(const std::stop_token& stop) {
  std::map<std::string, std::map<Identity, Tracked*>> by_directory;
  for (auto& [identity, file] : files_) {
    if (file.seen != round_)
      by_directory[Parent(file.reader.position().path)][identity] = &file;
  }
  for (const auto& [directory, files] : by_directory) {
    if (stop.stop_requested()) return;
    const auto names = Names(directory);
    if (!names.ok()) continue;
    for (const std::string& name : names.value()) {
      if (stop.stop_requested()) return;
      const std::string path = Join(directory, name);
      struct stat status = {};
      if (::lstat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode))
        continue;
      const auto found = files.find({status.st_dev, status.st_ino});
      if (found != files.end()) found->second->reader.set_path(path);
    }
  }
}

void Watcher::ReadGone(const std::stop_token& stop) {
  const MonoTime now = clock_.Mono();
  for (auto it = files_.begin();
       it != files_.end() && !stop.stop_requested();) {
    Tracked& file = it->second;
    if (file.seen == round_) {
      ++it;
      continue;
    }
    if (!file.gone) file.gone = now;
    // One that is not open is there only if its new name was found. A failure
    // ends nothing by itself: a path may be out of reach for one look only, and
    // without its position a file would be read anew.
    const bool read =
        Open(file, file.reader.position().path).ok() && Read(file, stop).ok();
    const bool ends = now - *file.gone >= kReadGoneFor && !(read && file.again);
    CloseIfMany(file);
    it = ends ? files_.erase(it) : std::next(it);
  }
}

void Watcher::CloseSome() {
  std::vector<Tracked*> open;
  for (auto& [identity, file] : files_) {
    if (file.fd.valid()) open.push_back(&file);
  }
  if (open.size() <= kMostOpen) return;
  std::ranges::sort(open, std::greater(), &Tracked::changed);
  for (std::size_t i = kMostOpen; i < open.size(); ++i)
    open[i]->fd = UniqueFd();
}

void Watcher::Publish(std::vector<PathStatus> status) {
  std::vector<FilePosition> positions;
  positions.reserve(files_.size());
  for (const auto& [identity, file] : files_)
    positions.push_back(file.reader.position());
  std::lock_guard lock(mutex_);
  status_ = std::move(status);
  if (positions != *positions_) {
    positions_ =
        std::make_shared<const std::vector<FilePosition>>(std::move(positions));
  }
}

void Watcher::Tell(const std::string& path, const std::string& trouble) {
  const auto known = told_.find(path);
  if (trouble.empty()) {
    if (known == told_.end()) return;
    told_.erase(known);
    log_.Info("a watched path is read", {{"path", path}});
    return;
  }
  const bool news = known == told_.end() || known->second.text != trouble;
  told_[path] = {.text = trouble, .round = round_};
  if (!news) return;
  log_.Log(trouble == kNoFile ? LogLevel::kInfo : LogLevel::kWarn,
           "a watched path cannot be read",
           {{"path", path}, {"error", trouble}});
}

Watcher::Positions Watcher::positions() const {
  std::lock_guard lock(mutex_);
  return positions_;
}

std::vector<Watcher::PathStatus> Watcher::status() const {
  std::lock_guard lock(mutex_);
  return status_;
}

}  // namespace serverspace::tasks
