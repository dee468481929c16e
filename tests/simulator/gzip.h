#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace serverspace::sim {

/// One gzip member.
std::string Gzip(std::string_view text);

/// A gzip member of a JSON object with one string of `bytes` characters; never
/// held in memory unpacked.
std::string GzipBomb(std::size_t bytes);

}  // namespace serverspace::sim
