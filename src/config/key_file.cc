#include "config/key_file.h"

#include <sys/stat.h>
#include <utility>

#include "config/key.h"

namespace serverspace::config {
namespace {

bool SameTime(const std::timespec& a, const std::timespec& b) {
  return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

}  // namespace

KeyFile::KeyFile(KeySource source)
    : path_(std::move(source.file)), key_(std::move(source.key)) {}

Secret KeyFile::Current() {
  std::lock_guard lock(mutex_);
  if (path_.empty()) return key_;
  // Looked at before the reading: what is written in between is seen next time.
  const Signature now = Look(path_);
  if (now.size >= 0 && Same(now, seen_)) return key_;
  seen_ = now;
  auto key = ReadKeyFile(path_);
  if (key.ok()) {
    key_ = std::move(key).value();
    last_error_.reset();
  } else {
    last_error_ = key.error();
  }
  return key_;
}

std::optional<Error> KeyFile::last_error() const {
  std::lock_guard lock(mutex_);
  return last_error_;
}

KeyFile::Signature KeyFile::Look(const std::string& path) {
  struct stat status = {};
  if (::stat(path.c_str(), &status) != 0) return {};
  return {status.st_dev, status.st_ino, status.st_size, status.st_mtim,
          status.st_ctim};
}

bool KeyFile::Same(const Signature& a, const Signature& b) {
  return a.device == b.device && a.inode == b.inode && a.size == b.size &&
         SameTime(a.modified, b.modified) && SameTime(a.changed, b.changed);
}

}  // namespace serverspace::config
