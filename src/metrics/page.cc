#include "metrics/page.h"

#include <algorithm>
#include <iterator>
#include <utility>
#include <zlib.h>

#include "metrics/deflater.h"

namespace serverspace::metrics {
namespace {

using namespace std::string_view_literals;

// RFC 1952, section 2.3: deflate, no flags, no time, unknown system.
constexpr std::string_view kGzipHeader =
    "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"sv;
constexpr std::string_view kOpenMetricsEnd = "# EOF\n";
// To hand hundreds of small parts to a socket takes longer than to send what is
// in them. A page of a thousand servers is smaller.
constexpr std::size_t kMaxJoinedBytes = 192 * 1024;
// RFC 1951, section 3.2: the final block, empty with fixed codes, or stored.
constexpr std::string_view kEmptyFinalBlock = "\x03\x00"sv;
constexpr std::string_view kStoredOpenMetricsEnd =
    "\x01\x06\x00\xf9\xff# EOF\n"sv;

void AppendLittleEndian32(std::string& out, std::uint64_t value) {
  for (unsigned shift = 0; shift < 32; shift += 8)
    out += static_cast<char>((value >> shift) & 0xFFU);
}

void AddPart(Page::Body& body, std::string_view part) {
  body.parts.push_back(part);
  body.size_bytes += part.size();
}

}  // namespace

std::string_view ContentType(Format format) {
  return format == Format::kText
             ? "text/plain; version=0.0.4; charset=utf-8"
             : "application/openmetrics-text; version=1.0.0; charset=utf-8";
}

Page::Page(std::vector<Family> families) : families_(std::move(families)) {
  for (const Family& family : families_) {
    for (const auto& run : family.runs) {
      series_ += run->series();
      blocks_ += run->blocks().size();
    }
  }
  for (const Format format : {Format::kText, Format::kOpenMetrics}) {
    FillPlain(format);
    FillGzip(format);
    JoinIfSmall(format);
  }
}

Page::Body& Page::MutableBody(Format format, Encoding encoding) {
  return bodies_[static_cast<std::size_t>(format)]
                [static_cast<std::size_t>(encoding)];
}

void Page::FillPlain(Format format) {
  Body& body = MutableBody(format, Encoding::kIdentity);
  for (const Family& family : families_) {
    AddPart(body, format == Format::kText ? family.head->text
                                          : family.head->open_metrics);
    for (const auto& run : family.runs) {
      for (const FamilyRun::Block& block : run->blocks()) {
        for (const std::string_view text : block.text) AddPart(body, text);
      }
    }
  }
  if (format == Format::kOpenMetrics) AddPart(body, kOpenMetricsEnd);
}

void Page::FillGzip(Format format) {
  Body& body = MutableBody(format, Encoding::kGzip);
  body.parts.reserve(2 + families_.size() + blocks_);
  uLong crc = crc32(0, nullptr, 0);
  const auto add = [&](const Deflated& piece) {
    AddPart(body, piece.bytes);
    crc = crc32_combine(crc, piece.crc32,
                        static_cast<z_off_t>(piece.plain_bytes));
  };

  AddPart(body, kGzipHeader);
  for (const Family& family : families_) {
    add(format == Format::kText ? family.head->text_deflated
                                : family.head->open_metrics_deflated);
    for (const auto& run : family.runs) {
      for (const FamilyRun::Block& block : run->blocks()) add(*block.deflated);
    }
  }

  std::string& end = gzip_ends_[static_cast<std::size_t>(format)];
  if (format == Format::kOpenMetrics) {
    end = kStoredOpenMetricsEnd;
    crc = crc32_z(crc, reinterpret_cast<const Bytef*>(kOpenMetricsEnd.data()),
                  kOpenMetricsEnd.size());
  } else {
    end = kEmptyFinalBlock;
  }
  AppendLittleEndian32(end, crc);
  AppendLittleEndian32(end, Get(format, Encoding::kIdentity).size_bytes);
  AddPart(body, end);
}

void Page::JoinIfSmall(Format format) {
  Body& body = MutableBody(format, Encoding::kGzip);
  if (body.size_bytes > kMaxJoinedBytes) return;
  std::string& joined = joined_[static_cast<std::size_t>(format)];
  joined.reserve(body.size_bytes);
  for (const std::string_view part : body.parts) joined += part;
  body.parts = {joined};
}

std::shared_ptr<const Page> Page::Filter(
    const std::set<std::string>& collectors,
    const std::set<std::string>& projects) const {
  const auto wanted = [&](const FamilyRun::Member& member) {
    const Source& source = *member.source;
    return !source.project.empty() &&
           (collectors.empty() || collectors.contains(source.collector)) &&
           (projects.empty() || projects.contains(source.project));
  };

  Deflater deflater;
  std::vector<Family> families;
  for (const Family& family : families_) {
    Family filtered{family.head, {}};
    for (const auto& run : family.runs) {
      std::vector<FamilyRun::Member> members;
      std::ranges::copy_if(run->members(), std::back_inserter(members), wanted);
      if (members.size() == run->members().size()) {
        filtered.runs.push_back(run);
      } else if (!members.empty()) {
        filtered.runs.push_back(std::make_shared<const FamilyRun>(
            std::move(members), run.get(), deflater));
      }
    }
    if (!filtered.runs.empty()) families.push_back(std::move(filtered));
  }
  return std::make_shared<const Page>(std::move(families));
}

}  // namespace serverspace::metrics
