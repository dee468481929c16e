#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/secret.h"

namespace serverspace::config {

/// A key as somebody wrote it, made fit for a request header: a byte order
/// mark in front and white space at the ends are dropped, what stays must be
/// printable ASCII without spaces. The error says what is wrong and shows
/// nothing of the text.
Result<Secret> ParseKey(std::string_view text);

/// The key in a file. The error names the path and shows nothing of the
/// content.
Result<Secret> ReadKeyFile(const std::string& path);

/// What to do about a file with secrets that every user of the machine may
/// read; nothing if there is no such danger.
std::optional<std::string> WorldReadableWarning(const std::string& path);

}  // namespace serverspace::config
