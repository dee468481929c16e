#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "metrics/fragment.h"
#include "metrics/page.h"

namespace serverspace::metrics {

/// A body's parts as one text.
std::string Join(const Page::Body& body);

/// The content of one gzip member; nothing if the bytes are anything else, be
/// it by a single byte after it.
std::optional<std::string> Gunzip(std::string_view bytes);

/// Continues a raw deflate stream to its end.
std::optional<std::string> InflateRaw(std::string_view bytes);

/// A page made in the most obvious way from whole texts.
class NaivePage {
 public:
  void Put(const std::string& project, const std::string& collector,
           const Fragment& fragment);
  void Remove(const std::string& project, const std::string& collector);
  std::string Render(Format format) const;

 private:
  std::map<Source, std::map<std::string, std::pair<const Desc*, std::string>>>
      texts_;
};

/// Reports a failure unless all four forms of `page` say what `naive` says.
void ExpectSame(const Page& page, const NaivePage& naive);

}  // namespace serverspace::metrics
