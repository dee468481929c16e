#include "base/file.h"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <filesystem>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

#include "base/unique_fd.h"

namespace serverspace {
namespace {

Error SystemError(const std::string& what, const std::string& path) {
  return {ErrorCode::kInvalidInput,
          what + " " + path + ": " + std::generic_category().message(errno)};
}

Error NotWritten(const std::string& path, const std::string& why) {
  return {ErrorCode::kInvalidInput, "cannot write " + path + ": " + why};
}

Result<void> WriteAll(int fd, std::string_view content,
                      const std::string& path) {
  while (!content.empty()) {
    const ssize_t written = ::write(fd, content.data(), content.size());
    if (written < 0) {
      if (errno == EINTR) continue;
      return SystemError("cannot write", path);
    }
    content.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

Result<void> WriteWhole(int fd, std::string_view content, mode_t mode,
                        const std::string& path) {
  // The umask has cut the mode that the file was made with.
  if (::fchmod(fd, mode) != 0)
    return SystemError("cannot set the mode of", path);
  if (auto written = WriteAll(fd, content, path); !written.ok()) return written;
  if (::fsync(fd) != 0) return SystemError("cannot sync", path);
  return {};
}

/// For what a rename would destroy: a terminal, /dev/null, a pipe.
Result<void> WriteThrough(const std::string& path, std::string_view content) {
  // Otherwise a pipe that nobody reads would block for ever.
  const UniqueFd fd(
      ::open(path.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
  if (fd.get() < 0) return SystemError("cannot open", path);
  if (::fcntl(fd.get(), F_SETFL, 0) != 0)
    return SystemError("cannot write", path);
  return WriteAll(fd.get(), content, path);
}

Result<void> Replace(const std::string& path, std::string_view content,
                     mode_t mode) {
  const std::string temporary = path + ".tmp." + std::to_string(::getpid());
  // Left by a crash, or put there by somebody: neither followed nor written to.
  ::unlink(temporary.c_str());
  {
    const UniqueFd fd(::open(temporary.c_str(),
                             O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode));
    if (fd.get() < 0) return SystemError("cannot create", temporary);
    auto written = WriteWhole(fd.get(), content, mode, temporary);
    if (!written.ok()) {
      ::unlink(temporary.c_str());
      return written;
    }
  }
  if (::rename(temporary.c_str(), path.c_str()) != 0) {
    auto error = SystemError("cannot replace", path);
    ::unlink(temporary.c_str());
    return error;
  }
  const std::filesystem::path parent =
      std::filesystem::path(path).parent_path();
  const UniqueFd directory(::open(parent.empty() ? "." : parent.c_str(),
                                  O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (directory.get() < 0 || ::fsync(directory.get()) != 0)
    return SystemError("cannot sync the directory of", path);
  return {};
}

}  // namespace

Result<std::string> ReadFile(const std::string& path, std::size_t limit) {
  // Without O_NONBLOCK, opening a named pipe would block for ever.
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (fd.get() < 0) return SystemError("cannot open", path);
  struct stat status = {};
  if (::fstat(fd.get(), &status) != 0) return SystemError("cannot read", path);
  if (!S_ISREG(status.st_mode))
    return Error{ErrorCode::kInvalidInput, path + " is not a regular file"};
  // The size is a hint only: the file may grow meanwhile, and those of procfs
  // say 0.
  constexpr std::size_t kLeast = 4096;
  std::string content(
      std::min(limit,
               std::max(kLeast, static_cast<std::size_t>(status.st_size))) +
          1,
      '\0');
  std::size_t size = 0;
  while (size < content.size()) {
    const ssize_t got =
        ::read(fd.get(), content.data() + size, content.size() - size);
    if (got < 0) {
      if (errno == EINTR) continue;
      return SystemError("cannot read", path);
    }
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
    if (size == content.size()) content.resize(std::min(limit, 2 * size) + 1);
  }
  if (size > limit) {
    return Error{ErrorCode::kInvalidInput,
                 path + " is larger than " + std::to_string(limit) + " bytes"};
  }
  content.resize(size);
  return content;
}

Result<void> WriteFileAtomically(const std::string& path,
                                 std::string_view content, unsigned mode) {
  const auto permissions = static_cast<mode_t>(mode);
  struct stat status = {};
  if (::lstat(path.c_str(), &status) != 0)
    return Replace(path, content, permissions);
  const bool is_link = S_ISLNK(status.st_mode);
  if (is_link && ::stat(path.c_str(), &status) != 0)
    return SystemError("cannot follow the link", path);
  if (S_ISCHR(status.st_mode) || S_ISFIFO(status.st_mode))
    return WriteThrough(path, content);
  if (!S_ISREG(status.st_mode))
    return NotWritten(path, "it is there and no regular file");
  if (!is_link) return Replace(path, content, permissions);
  std::error_code failure;
  const auto target = std::filesystem::canonical(path, failure);
  if (failure) return NotWritten(path, failure.message());
  return Replace(target.string(), content, permissions);
}

}  // namespace serverspace
