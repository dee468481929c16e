#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "metrics/family_run.h"

namespace serverspace::metrics {

enum class Format { kText, kOpenMetrics };
enum class Encoding { kIdentity, kGzip };

/// Text format 0.0.4 and OpenMetrics 1.0, for the Content-Type header.
std::string_view ContentType(Format format);

/// One published state of everything, in both formats, plain and as one gzip
/// member (RFC 1952). Immutable: threads share it by `shared_ptr`, which also
/// keeps the bytes that `Get` refers to.
class Page {
 public:
  /// An answer's bytes in order, to be written as a gather list. Plain parts
  /// can be many and small: one per family and source. A small gzip body is one
  /// part.
  struct Body {
    std::vector<std::string_view> parts;
    std::uint64_t size_bytes = 0;
  };

  /// A family's head and its lines, run by run. Never without a run.
  struct Family {
    std::shared_ptr<const FamilyHead> head;
    std::vector<std::shared_ptr<const FamilyRun>> runs;
  };

  /// `families` by name.
  explicit Page(std::vector<Family> families);
  Page(const Page&) = delete;
  Page& operator=(const Page&) = delete;

  const Body& Get(Format format, Encoding encoding) const {
    return bodies_[static_cast<std::size_t>(format)]
                  [static_cast<std::size_t>(encoding)];
  }

  std::size_t series() const { return series_; }
  /// Compressed blocks in it, heads left aside.
  std::size_t blocks() const { return blocks_; }

  /// A page of these collectors and projects only; an empty set means all. The
  /// exporter's own families are never in it. Compresses what cannot be taken
  /// over, up to the whole page: not for an event loop.
  std::shared_ptr<const Page> Filter(
      const std::set<std::string>& collectors,
      const std::set<std::string>& projects) const;

 private:
  Body& MutableBody(Format format, Encoding encoding);
  void FillPlain(Format format);
  void FillGzip(Format format);
  void JoinIfSmall(Format format);

  std::vector<Family> families_;
  // By format, what a gzip body has beside heads and blocks: its end, and all
  // of it if it is small.
  std::array<std::string, 2> gzip_ends_;
  std::array<std::string, 2> joined_;
  std::array<std::array<Body, 2>, 2> bodies_;
  std::size_t series_ = 0;
  std::size_t blocks_ = 0;
};

}  // namespace serverspace::metrics
