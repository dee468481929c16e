#include "exporter/state_file.h"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <sys/stat.h>
#include <system_error>
#include <utility>
#include <vector>

#include "base/file.h"
#include "base/timestamp.h"

namespace serverspace::exporter {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxMovedAside = 5;

/// Paths that are `start` and something after it, in order. None if the
/// directory cannot be read.
std::vector<fs::path> Siblings(const std::string& start) {
  const fs::path first(start);
  const fs::path directory =
      first.has_parent_path() ? first.parent_path() : fs::path(".");
  const std::string name = first.filename();
  std::vector<fs::path> found;
  std::error_code failed;
  for (fs::directory_iterator it(directory, failed), end; !failed && it != end;
       it.increment(failed)) {
    if (it->path().filename().string().starts_with(name))
      found.push_back(it->path());
  }
  std::ranges::sort(found);
  return found;
}

/// `20261125T090000Z`, fit for a file name.
std::string CompactTime(WallTime time) {
  std::string text = FormatTimestamp(time);
  std::erase_if(text, [](char c) { return c == '-' || c == ':'; });
  return text;
}

bool Exists(const std::string& path) {
  struct stat status = {};
  return ::lstat(path.c_str(), &status) == 0 || errno != ENOENT;
}

}  // namespace

StateFile::StateFile(std::string path, FileWriter write, const Clock& clock,
                     Logger& log)
    : path_(std::move(path)),
      write_(std::move(write)),
      clock_(clock),
      log_(log) {}

std::optional<std::string> StateFile::Read() {
  if (!Exists(path_)) return std::nullopt;
  auto text = ReadFile(path_, kMaxBytes);
  if (text.ok()) return std::move(text).value();
  Refuse(text.error().message);
  return std::nullopt;
}

void StateFile::Refuse(std::string_view reason) {
  refused_ = true;
  log_.Error("a state file cannot be used; what it held starts anew",
             {{"file", path_}, {"reason", reason}});
}

Result<void> StateFile::Write(std::string_view text) {
  if (text.size() > kMaxBytes) {
    return Error{ErrorCode::kInvalidInput,
                 "the state exceeds the " + std::to_string(kMaxBytes) +
                     " bytes that may be in " + path_};
  }
  if (refused_) {
    auto moved = MoveAside();
    if (!moved.ok()) return moved;
    refused_ = false;
  }
  if (!std::exchange(tidied_, true)) RemoveTemporaries();
  return write_(path_, text);
}

Result<void> StateFile::MoveAside() {
  if (!Exists(path_)) return {};
  const std::string start = path_ + ".corrupt-";
  std::string target = start + CompactTime(clock_.Wall());
  for (int again = 2; Exists(target); ++again)
    target = start + CompactTime(clock_.Wall()) + "-" + std::to_string(again);
  std::error_code failed;
  fs::rename(path_, target, failed);
  if (failed) {
    return Error{ErrorCode::kOther, "cannot move " + path_ + " to " + target +
                                        ": " + failed.message()};
  }
  log_.Warn("the state file that cannot be used was moved aside",
            {{"file", path_}, {"now", target}});
  std::vector<fs::path> aside = Siblings(start);
  while (aside.size() > kMaxMovedAside) {
    fs::remove(aside.front(), failed);
    aside.erase(aside.begin());
  }
  return {};
}

void StateFile::RemoveTemporaries() const {
  const std::string start = path_ + ".tmp.";
  for (const fs::path& path : Siblings(start)) {
    const std::string rest = path.filename().string().substr(
        fs::path(start).filename().string().size());
    std::error_code failed;
    if (std::ranges::all_of(rest, [](char c) { return c >= '0' && c <= '9'; }))
      fs::remove(path, failed);
  }
}

}  // namespace serverspace::exporter
