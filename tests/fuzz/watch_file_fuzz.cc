// A watched file that grows in pieces: each of its lines is taken once, whole
// and in order, however the pieces are cut.

#include <vector>

#include "base/fake_clock.h"
#include "fuzz/input.h"
#include "fuzz/memory_file.h"
#include "tasks/task_id.h"
#include "tasks/watch_line.h"
#include "tasks/watched_file.h"

namespace {

using serverspace::fuzz::Input;
using serverspace::fuzz::Require;
namespace tasks = serverspace::tasks;
using Lines = std::vector<std::string>;

std::string Clip(std::string_view line) {
  return std::string(line.substr(0, tasks::kMaxLineBytes + 1));
}

/// All at once: what ends, and what is too long to be waited for.
Lines Split(std::string_view text) {
  Lines lines;
  for (;;) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) break;
    lines.push_back(Clip(text.substr(0, end)));
    text.remove_prefix(end + 1);
  }
  if (text.size() > tasks::kMaxLineBytes) lines.push_back(Clip(text));
  return lines;
}

Lines ReadInPieces(std::string_view text, std::size_t piece) {
  const serverspace::FakeClock clock;
  tasks::WatchedFile file({});
  Lines lines;
  serverspace::fuzz::MemoryFile written;
  for (std::size_t at = 0; at < text.size(); at += piece) {
    written.Append(text.substr(at, piece));
    const auto read =
        file.Read(written.fd(), clock,
                  [&](std::string_view line) { lines.emplace_back(line); });
    Require(read.ok(), "a file can be read");
  }
  return lines;
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t kMaxPieces = 64;
  Input input(data, size);
  const std::size_t times = std::size_t{input.Byte()} % 16 + 1;
  const std::size_t wanted = std::size_t{input.Byte()} * 8 + 1;
  std::string text;
  for (std::size_t i = 0; i < times; ++i) text += input.Rest();
  const std::size_t piece = std::max(wanted, text.size() / kMaxPieces + 1);
  const Lines lines = Split(text);
  Require(ReadInPieces(text, piece) == lines, "each line once, and in order");
  for (const std::string& line : lines) {
    const tasks::WatchLine parsed = tasks::ParseWatchLine(line);
    Require(parsed.task_id.size() + parsed.project.size() <= line.size(),
            "a line's parts are in it");
    tasks::IsNoTask(parsed.task_id);
    Require(
        !tasks::IsTaskId(parsed.task_id) ||
            parsed.task_id.find_first_of(" \t\n\"\\") == std::string_view::npos,
        "an id is plain");
  }
  return 0;
}
