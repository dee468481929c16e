#pragma once

#include <string>
#include <string_view>

namespace serverspace {

/// What stands where a key was.
inline constexpr std::string_view kRedacted = "<redacted>";

/// Whether a text is, whole, most likely an API key that was put in the wrong
/// place.
bool LooksLikeKey(std::string_view text);

/// Whether some part of a text looks like a key or a bcrypt hash.
bool HoldsKey(std::string_view text);

/// The text with each part replaced that looks like a key or like the bcrypt
/// hash of a password (`$2b$10$...`): for words that somebody wrote and a
/// message repeats. Redact before anything is cut off, as the front half of a
/// key does not look like one. A checksum in a path may go too; that costs less
/// than a key in a journal.
std::string RedactKeys(std::string_view text);

}  // namespace serverspace
