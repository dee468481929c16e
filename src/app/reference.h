#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace serverspace::app {

/// What is generated of the program for its readers, from the tables that the
/// program works by: commands, settings, collectors.

/// The manual page, in the man macros (man(7)).
std::string ManPage();
/// A completion for bash.
std::string BashCompletion();
/// The tables of settings and collectors, in Markdown.
std::string SettingsReference();

/// A page with what stands between its two marker lines replaced; nothing if
/// it has not exactly these two.
std::optional<std::string> ReplaceGenerated(std::string_view page,
                                            std::string_view generated);

}  // namespace serverspace::app
