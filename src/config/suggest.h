#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace serverspace::config {

/// The known word that somebody likely meant; nothing where none is near.
std::optional<std::string> Nearest(std::string_view word,
                                   std::span<const std::string> known);

/// The end of an error about a word that is not known: `: did you mean
/// "timeout"?` where one is near, else `; known here: a, b`.
std::string Suggest(std::string_view word, std::span<const std::string> known);

}  // namespace serverspace::config
