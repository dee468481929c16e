#pragma once

#include <string>
#include <string_view>
#include <sys/mman.h>
#include <unistd.h>

#include "fuzz/input.h"

namespace serverspace::fuzz {

/// A file in memory that has a path.
class MemoryFile {
 public:
  explicit MemoryFile(std::string_view content = {})
      : fd_(::memfd_create("fuzz", MFD_CLOEXEC)) {
    Append(content);
  }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;
  ~MemoryFile() { ::close(fd_); }

  void Append(std::string_view content) {
    const ssize_t written = ::write(fd_, content.data(), content.size());
    Require(written == static_cast<ssize_t>(content.size()),
            "a file in memory");
  }

  int fd() const { return fd_; }
  std::string path() const { return "/proc/self/fd/" + std::to_string(fd_); }

 private:
  int fd_;
};

}  // namespace serverspace::fuzz
