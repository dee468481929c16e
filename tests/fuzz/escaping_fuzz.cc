// Label values, targets and texts of pages: a strict reader finds again what
// was said, and nothing breaks out of its place.

#include <vector>

#include <nlohmann/json.hpp>

#include "base/text.h"
#include "fuzz/input.h"
#include "metrics/page_store.h"
#include "metrics/sample_set.h"
#include "server/landing_page.h"
#include "server/sd_route.h"

namespace {

using serverspace::fuzz::Input;
using serverspace::fuzz::Require;
namespace exporter = serverspace::exporter;
namespace metrics = serverspace::metrics;
namespace server = serverspace::server;

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

void ReadTargets(const std::vector<std::string>& values) {
  const serverspace::collectors::InventoryServer found = {
      .id = values[1],
      .name = values[2],
      .tags = {values[1], values[2]},
      .public_ip = "192.0.2.7"};
  const server::SdSelection selection{
      .targets = {{.project = values[0],
                   .server = found,
                   .address = "192.0.2.7:9100"}},
      .skipped = {}};
  const std::string text = server::RenderTargets(selection);
  Require(serverspace::IsValidUtf8(text), "targets are UTF-8");
  const auto tree = nlohmann::json::parse(text, nullptr, false);
  Require(tree.is_array() && tree.size() == 1, "targets are a list");
  Require(tree[0].at("targets").at(0) == "192.0.2.7:9100", "an address");
  const auto& labels = tree[0].at("labels");
  for (const auto& [name, value] : labels.items()) {
    Require(name.starts_with("__meta_serverspace_") &&
                std::ranges::all_of(name,
                                    [](char c) {
                                      return (c >= '0' && c <= '9') ||
                                             (c >= 'a' && c <= 'z') ||
                                             (c >= 'A' && c <= 'Z') || c == '_';
                                    }),
            "a label's name is one");
    Require(value.is_string(), "a label's value is a text");
  }
  for (const auto& [name, value] :
       {std::pair("__meta_serverspace_project", &values[0]),
        {"__meta_serverspace_server_id", &values[1]},
        {"__meta_serverspace_name", &values[2]}}) {
    if (value->empty() || !serverspace::IsValidUtf8(*value)) continue;
    Require(labels.at(name) == *value, "a label's value reads back");
  }
}

/// The page for people with these texts wherever texts of others stand.
std::string MakePage(const std::vector<std::string>& values) {
  exporter::CollectorState state;
  state.last_attempt = serverspace::WallTime();
  state.success = false;
  state.failures = 1;
  state.last_error = values[2];
  // The page knows some states and collectors and shows them in another way:
  // none of these is one.
  const auto unknown = [&values](std::size_t i) { return "an " + values[i]; };
  exporter::ProjectStatus project;
  project.name = values[0];
  project.state = unknown(1);
  project.money = exporter::SavedMoney{.project_id = values[0],
                                       .currency = values[1],
                                       .first_balance = {},
                                       .balance = {}};
  project.thresholds = {{"warning", serverspace::Money::FromMicros(1)}};
  project.servers_by_state = {{unknown(2), 2}};
  project.collectors = {{"project", state}, {unknown(1), state}};
  project.tasks.pending = 1;
  project.tasks.pending_by_state = {{unknown(0), 1}};
  project.tasks.ended = {{unknown(2), 1}};
  exporter::Status status;
  status.unknown_values = {{values[0], 1, {values[1], values[2]}}};
  status.bad_items = {{values[1], 1, {values[2]}}};
  status.projects = {project};
  return server::RenderLandingPage(status, values[0],
                                   {{server::Health::kWarning, values[1]}});
}

/// All that stands between angle brackets, in order.
std::vector<std::string> TagsOf(std::string_view html) {
  std::vector<std::string> tags;
  for (std::size_t at = html.find('<'); at != std::string_view::npos;
       at = html.find('<', at + 1))
    tags.emplace_back(html.substr(at, html.find('>', at) + 1 - at));
  return tags;
}

/// Words in place of the texts change no tag.
void ReadLandingPage(const std::vector<std::string>& values) {
  std::vector<std::string> words;
  for (const std::string& value : values)
    words.emplace_back(value.empty() ? "" : "word");
  Require(TagsOf(MakePage(values)) == TagsOf(MakePage(words)),
          "texts make no tags");
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Input input(data, size);
  ReadHtml(input.Rest());
  std::vector<std::string> values;
  for (int i = 0; i < 3; ++i) values.emplace_back(input.Text());
  ReadPage(values);
  ReadTargets(values);
  ReadLandingPage(values);
  return 0;
}
