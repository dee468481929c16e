#include "config/key_file.h"

#include <utility>

#include "config/key.h"

namespace serverspace::config {

KeyFile::KeyFile(KeySource source)
    : path_(std::move(source.file)), key_(std::move(source.key)) {}

Secret KeyFile::Current() {
  std::lock_guard lock(mutex_);
  if (path_.empty()) return key_;
  // Looked at before the reading: what is written in between is seen next time.
  const FileSignature now = FileSignature::Of(path_);
  if (now.exists() && now == seen_) return key_;
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

}  // namespace serverspace::config
