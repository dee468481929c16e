#pragma once

#include <span>
#include <string>
#include <string_view>

namespace serverspace {

/// ASCII only: other bytes pass unchanged, so UTF-8 stays valid.
std::string ToLower(std::string_view text);
std::string ToUpper(std::string_view text);

/// Without spaces, tabs and line ends at both ends.
std::string_view Trim(std::string_view text);

bool IsValidUtf8(std::string_view text);

/// The text with each invalid byte sequence replaced by U+FFFD; unchanged if it
/// was valid (the usual case costs no copy beyond the move).
std::string ToValidUtf8(std::string text);

/// Cuts to at most `limit` bytes without splitting a UTF-8 sequence.
std::string_view Clip(std::string_view text, std::size_t limit);

/// Remote text made fit for a log line or a page: clipped, valid UTF-8, control
/// characters as spaces.
std::string Printable(std::string_view text, std::size_t limit);

/// Two lower-case digits a byte.
std::string Hex(std::span<const unsigned char> bytes);

/// `<&>"'` as HTML entities.
std::string EscapeHtml(std::string_view text);

}  // namespace serverspace
