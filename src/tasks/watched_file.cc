#include "tasks/watched_file.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <span>
#include <string>
#include <system_error>
#include <unistd.h>
#include <utility>

#include "tasks/watch_line.h"

namespace serverspace::tasks {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kChunkBytes = 64 * 1024;
/// More of one file waits for the next look, so that a huge one neither takes
/// all time nor keeps others waiting.
constexpr std::uint64_t kMostBytes = 1 << 20;
constexpr std::size_t kTailBytes = 64;
constexpr Duration kRestSettles = 5s;

/// As much as there is, up to the size of `buffer`.
Result<std::string_view> ReadAt(int fd, std::uint64_t offset,
                                std::span<char> buffer) {
  std::size_t size = 0;
  while (size < buffer.size()) {
    const ssize_t got = ::pread(fd, buffer.data() + size, buffer.size() - size,
                                static_cast<off_t>(offset + size));
    if (got < 0) {
      if (errno == EINTR) continue;
      return SystemError();
    }
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
  }
  return std::string_view(buffer.data(), size);
}

/// FNV-1a, without the highest bit: a number of JSON that everybody can read.
std::uint64_t Hash(std::string_view text) {
  constexpr std::uint64_t kBasis = 14'695'981'039'346'656'037U;
  constexpr std::uint64_t kPrime = 1'099'511'628'211U;
  std::uint64_t hash = kBasis;
  for (const char c : text) {
    hash ^= static_cast<unsigned char>(c);
    hash *= kPrime;
  }
  return hash >> 1U;
}

/// Of the bytes before `offset`.
Result<std::uint64_t> TailHash(int fd, std::uint64_t offset) {
  std::array<char, kTailBytes> buffer{};
  const std::size_t size = std::min<std::uint64_t>(kTailBytes, offset);
  const auto tail = ReadAt(fd, offset - size, std::span(buffer).first(size));
  if (!tail.ok()) return tail.error();
  return Hash(tail.value());
}

}  // namespace

Error SystemError() {
  return {ErrorCode::kInvalidInput, std::generic_category().message(errno)};
}

WallTime Modified(const struct stat& status) {
  return WallTime(std::chrono::seconds(status.st_mtim.tv_sec) +
                  std::chrono::nanoseconds(status.st_mtim.tv_nsec));
}

WatchedFile::WatchedFile(FilePosition position)
    : position_(std::move(position)) {}

Result<bool> WatchedFile::WasRewritten(int fd, const FilePosition& position,
                                       std::uint64_t size) {
  if (size < position.offset) return true;
  const auto hash = TailHash(fd, position.offset);
  if (!hash.ok()) return hash.error();
  return hash.value() != position.tail_hash;
}

void WatchedFile::StartOver() {
  position_.offset = 0;
  skipping_ = false;
  rest_size_ = 0;
}

Result<bool> WatchedFile::Read(int fd, const Clock& clock, const TakeLine& take,
                               const std::stop_token& stop) {
  struct stat status = {};
  if (::fstat(fd, &status) != 0) return SystemError();
  const auto size = static_cast<std::uint64_t>(status.st_size);
  if (position_.offset > 0) {
    const auto rewritten = WasRewritten(fd, position_, size);
    if (!rewritten.ok()) return rewritten.error();
    if (rewritten.value()) StartOver();
  }
  std::string buffer(kChunkBytes, '\0');
  const std::uint64_t most = position_.offset + kMostBytes;
  bool again = false;
  for (;;) {
    // What is written from now on is for the next look.
    const std::uint64_t left = size - std::min(size, position_.offset);
    const auto chunk = ReadAt(
        fd, position_.offset,
        std::span(buffer).first(std::min<std::uint64_t>(left, kChunkBytes)));
    if (!chunk.ok()) return chunk.error();
    if (chunk.value().empty()) break;
    const std::uint64_t before = position_.offset;
    TakeLines(chunk.value(), take, stop);
    if (stop.stop_requested()) {
      again = true;
      break;
    }
    if (position_.offset == before) {
      again = TakeRest(chunk.value(), Modified(status), clock, take);
      break;
    }
    if (position_.offset >= most) {
      again = true;
      break;
    }
  }
  const auto hash = TailHash(fd, position_.offset);
  if (!hash.ok()) return hash.error();
  position_.tail_hash = hash.value();
  return again;
}

void WatchedFile::TakeLines(std::string_view text, const TakeLine& take,
                            const std::stop_token& stop) {
  while (!text.empty() && !stop.stop_requested()) {
    const std::size_t end = text.find('\n');
    std::size_t size = end + 1;
    if (end == std::string_view::npos) {
      size = text.size();
      if (!skipping_) {
        if (size <= kMaxLineBytes) return;
        take(text.substr(0, kMaxLineBytes + 1));
      }
      skipping_ = true;
    } else if (!std::exchange(skipping_, false)) {
      take(text.substr(0, std::min(end, kMaxLineBytes + 1)));
    }
    position_.offset += size;
    text.remove_prefix(size);
    rest_size_ = 0;
  }
}

bool WatchedFile::TakeRest(std::string_view rest, WallTime modified,
                           const Clock& clock, const TakeLine& take) {
  const MonoTime now = clock.Mono();
  if (std::exchange(rest_size_, rest.size()) != rest.size()) rest_since_ = now;
  if (now - rest_since_ < kRestSettles &&
      clock.Wall() - modified < kRestSettles) {
    return true;
  }
  take(rest);
  position_.offset += rest.size();
  rest_size_ = 0;
  return false;
}

}  // namespace serverspace::tasks
