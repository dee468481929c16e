#pragma once

#include <cstdint>
#include <ctime>
#include <string>
#include <sys/types.h>

namespace serverspace {

/// What tells one content of a path from another without reading it. Of a file
/// that cannot be seen it is the one without values.
struct FileSignature {
  static FileSignature Of(const std::string& path);

  bool exists() const { return size >= 0; }
  friend bool operator==(const FileSignature&, const FileSignature&) = default;

  dev_t device = 0;
  ino_t inode = 0;
  mode_t mode = 0;  // a chmod can make a file readable
  off_t size = -1;
  std::time_t modified_seconds = 0;
  std::int64_t modified_nanoseconds = 0;
  std::time_t changed_seconds = 0;
  std::int64_t changed_nanoseconds = 0;
};

}  // namespace serverspace
