// Pages made of pieces: after any sequence of changes the compressed page is
// one gzip member that says what the plain page says.

#include <array>
#include <optional>
#include <zlib.h>

#include "fuzz/input.h"
#include "metrics/page_store.h"
#include "metrics/sample_set.h"

namespace {

using serverspace::fuzz::Input;
using serverspace::fuzz::Require;
namespace metrics = serverspace::metrics;

constexpr metrics::Desc kDescs[] = {
    {"fuzz_a", metrics::Type::kGauge, "A.", {"id"}},
    {"fuzz_b_total", metrics::Type::kCounter, "B.", {"id"}},
    {"fuzz_c_info", metrics::Type::kInfo, "C.", {"id"}},
};

std::string Join(const metrics::Page::Body& body) {
  std::string text;
  for (const std::string_view part : body.parts) text += part;
  Require(text.size() == body.size_bytes, "the size of a body");
  return text;
}

/// The content of exactly one gzip member.
std::optional<std::string> Gunzip(std::string bytes) {
  constexpr int kGzipOnly = 15 + 16;
  z_stream stream = {};
  if (::inflateInit2(&stream, kGzipOnly) != Z_OK) return std::nullopt;
  stream.next_in = reinterpret_cast<Bytef*>(bytes.data());
  stream.avail_in = static_cast<uInt>(bytes.size());
  std::string text;
  int state = Z_OK;
  while (state == Z_OK) {
    std::array<char, 65536> room;
    stream.next_out = reinterpret_cast<Bytef*>(room.data());
    stream.avail_out = static_cast<uInt>(room.size());
    state = ::inflate(&stream, Z_NO_FLUSH);
    text.append(room.data(), room.size() - stream.avail_out);
  }
  const bool whole = state == Z_STREAM_END && stream.avail_in == 0;
  ::inflateEnd(&stream);
  if (!whole) return std::nullopt;
  return text;
}

metrics::Fragment MakeFragment(Input& input, const std::string& project) {
  metrics::SampleSet samples(project);
  // Long texts are cut into segments; one length byte makes many lines.
  for (int family = 0; family < 3; ++family) {
    const std::size_t lines = std::size_t{input.Byte()} * 8;
    const std::string tail(input.Text());
    for (std::size_t i = 0; i < lines; ++i)
      samples.Add(kDescs[family], {std::to_string(i) + tail}, i);
  }
  return std::move(samples).Render();
}

void Check(const metrics::Page& page) {
  for (const auto format :
       {metrics::Format::kText, metrics::Format::kOpenMetrics}) {
    const auto plain = Gunzip(Join(page.Get(format, metrics::Encoding::kGzip)));
    Require(plain.has_value(), "a page is one gzip member");
    Require(*plain == Join(page.Get(format, metrics::Encoding::kIdentity)),
            "both forms say the same");
  }
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr int kMaxSteps = 12;
  Input input(data, size);
  metrics::PageStore store;
  for (int step = 0; step < kMaxSteps && !input.empty(); ++step) {
    const std::uint8_t what = input.Byte();
    const std::string project(1, static_cast<char>('a' + what % 4));
    const std::string collector(1, static_cast<char>('a' + what / 4 % 4));
    switch (what / 16 % 8) {
      case 0:
        store.Remove(project, collector);
        break;
      case 1:
        store.RemoveProject(project);
        break;
      case 2:
        Check(*store.Current()->Filter({collector}, {}));
        break;
      default:
        store.Put(project, collector, MakeFragment(input, project));
    }
    if (what < 128) continue;
    store.Rebuild();
    Check(*store.Current());
  }
  store.Rebuild();
  Check(*store.Current());
  return 0;
}
