#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"

namespace serverspace {

/// The whole of a regular file, at most `limit` bytes. The error names the path
/// and the system's reason.
Result<std::string> ReadFile(const std::string& path, std::size_t limit);

/// Replaces a file so that a reader, or a crash at any moment, sees the old or
/// the new content and nothing between: written beside it, fsynced, renamed,
/// directory fsynced. `mode` as for chmod, whatever the umask. One writer a
/// path. A symbolic link stays, and the file that it leads to is replaced; a
/// character device or a pipe is written to as it is. Errors, and nothing done:
/// a link that leads nowhere, a pipe that nobody reads, anything else that is
/// no regular file.
Result<void> WriteFileAtomically(const std::string& path,
                                 std::string_view content, unsigned mode);

}  // namespace serverspace
