// Label values and texts of pages: a strict reader finds again what was said,
// and nothing breaks out of its place.

#include <vector>

#include "base/text.h"
#include "fuzz/input.h"
#include "metrics/page_store.h"
#include "metrics/sample_set.h"

namespace {

using serverspace::fuzz::Input;
using serverspace::fuzz::Require;
namespace metrics = serverspace::metrics;

constexpr metrics::Desc kThing = {
    "fuzz_thing_info", metrics::Type::kInfo, "A thing.", {"first", "second"}};

/// Takes `text` off the front of `from`.
void Take(std::string_view& from, std::string_view text) {
  Require(from.starts_with(text), text);
  from.remove_prefix(text.size());
}

/// Takes a quoted label value and undoes its escapes.
std::string TakeValue(std::string_view& from) {
  std::string value;
  Take(from, "\"");
  for (;;) {
    Require(!from.empty() && from.front() != '\n', "a value ends");
    const char c = from.front();
    from.remove_prefix(1);
    if (c == '"') return value;
    if (c != '\\') {
      value += c;
      continue;
    }
    Require(!from.empty(), "an escape ends");
    const char escaped = from.front();
    from.remove_prefix(1);
    Require(escaped == '\\' || escaped == '"' || escaped == 'n',
            "an escape is known");
    value += escaped == 'n' ? '\n' : escaped;
  }
}

void ReadPage(const std::vector<std::string>& values) {
  metrics::SampleSet samples(values[0]);
  samples.Add(kThing, {values[1], values[2]}, 1);
  metrics::PageStore store;
  store.Put("p", "c", std::move(samples).Render());
  store.Rebuild();
  const auto page = store.Current();
  std::string text;
  for (const std::string_view part :
       page->Get(metrics::Format::kOpenMetrics, metrics::Encoding::kIdentity)
           .parts) {
    text += part;
  }
  Require(serverspace::IsValidUtf8(text), "a page is UTF-8");
  std::string_view rest = text;
  Take(rest, "# HELP fuzz_thing A thing.\n# TYPE fuzz_thing info\n");
  Take(rest, "fuzz_thing_info{");
  std::size_t i = 0;
  if (!values[0].empty()) {
    Take(rest, "project=");
    Require(TakeValue(rest) == serverspace::ToValidUtf8(values[0]), "project");
    Take(rest, ",");
  }
  for (const char* name : {"first=", "second="}) {
    if (++i == 2) Take(rest, ",");
    Take(rest, name);
    Require(TakeValue(rest) == serverspace::ToValidUtf8(values[i]), name);
  }
  Take(rest, "} 1\n# EOF\n");
  Require(rest.empty(), "nothing follows");
}

void ReadHtml(std::string_view text) {
  std::string plain;
  const std::string html = serverspace::EscapeHtml(text);
  for (std::string_view rest = html; !rest.empty();) {
    Require(
        std::string_view("<>\"'").find(rest.front()) == std::string_view::npos,
        "no mark of HTML is left");
    constexpr std::pair<std::string_view, char> kEntities[] = {{"&lt;", '<'},
                                                               {"&gt;", '>'},
                                                               {"&amp;", '&'},
                                                               {"&quot;", '"'},
                                                               {"&#39;", '\''}};
    const auto entity =
        std::ranges::find_if(kEntities, [&](const auto& candidate) {
          return rest.starts_with(candidate.first);
        });
    const bool known = entity != std::end(kEntities);
    Require(known || rest.front() != '&', "an entity is known");
    plain += known ? entity->second : rest.front();
    rest.remove_prefix(known ? entity->first.size() : 1);
  }
  Require(plain == text, "HTML reads back");
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Input input(data, size);
  ReadHtml(input.Rest());
  std::vector<std::string> values;
  for (int i = 0; i < 3; ++i) values.emplace_back(input.Text());
  ReadPage(values);
  return 0;
}
