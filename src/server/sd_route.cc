#include "server/sd_route.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include <nlohmann/json.hpp>

#include "server/entity_tag.h"
#include "server/json_response.h"

namespace serverspace::server {
namespace {

using metrics::Desc;
using metrics::Type;
using nlohmann::json;

constexpr Desc kRequests = {
    "serverspace_sd_requests_total",
    Type::kCounter,
    "Requests for service discovery that were answered, by HTTP status.",
    {"code"}};
constexpr Desc kSkipped = {
    "serverspace_sd_targets_skipped",
    Type::kGauge,
    "Servers that service discovery left out, as they have no IPv4 address in "
    "the network asked for; of several questions the most. Absent until "
    "somebody asks.",
    {"project"}};

constexpr const Desc* kDescs[] = {&kRequests, &kSkipped};

/// More than one server takes, as a rule. What is not written costs no memory.
constexpr std::size_t kGroupBytes = 768;

// Names and tags come from the API; should one be no UTF-8, that is no reason
// to fail.
std::string Dump(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace

std::string RenderTargets(const SdSelection& selection) {
  if (selection.targets.empty()) return "[]\n";
  std::string text;
  text.reserve(selection.targets.size() * kGroupBytes + 4);
  text += "[";
  std::string_view separator = "\n";
  for (const SdTarget& target : selection.targets) {
    text += separator;
    separator = ",\n";
    text += Dump({{"targets", json::array({target.address})},
                  {"labels", LabelsOf(target)}});
  }
  text += "\n]\n";
  return text;
}

std::span<const Desc* const> SdRoute::Describe() { return kDescs; }

SdRoute::SdRoute(Source source, const Clock& clock)
    : source_(std::move(source)), cache_(clock) {}

Response SdRoute::Answer(const Request& request) {
  Response response = Decide(request);
  const auto index = static_cast<std::size_t>(
      std::ranges::find(kStatuses, response.status) - kStatuses.begin());
  answers_.at(index).fetch_add(1, std::memory_order_relaxed);
  return response;
}

Response SdRoute::Decide(const Request& request) {
  const auto filter = ParseSdFilter(request.query);
  if (!filter.ok()) return JsonError(400, filter.error().message);
  const auto projects = ChooseProjects(source_(), filter.value());
  if (!projects.ok()) return JsonError(400, projects.error().message);
  if (const auto why = WhyNotKnown(projects.value()))
    return JsonError(503, *why);

  SdCache::Page page = cache_.Find(filter.value(), projects.value());
  if (page == nullptr) {
    SdSelection selection = SelectTargets(projects.value(), filter.value());
    std::string text = RenderTargets(selection);
    page = std::make_shared<const SdPage>(std::move(text),
                                          std::move(selection.skipped));
    cache_.Put(filter.value(), projects.value(), page);
  }
  const bool known = NamesEntityTag(request.if_none_match, page->entity_tag());
  Response response = JsonResponse(known ? 304 : 200, {});
  // To be kept by whoever asked, and asked for again each time.
  response.headers = {{"ETag", page->entity_tag()},
                      {"Cache-Control", "private, no-cache"}};
  if (!known) response.body = SdPage::AsBody(std::move(page));
  return response;
}

void SdRoute::SetProjects(std::set<std::string, std::less<>> names) {
  std::lock_guard lock(mutex_);
  projects_ = std::move(names);
}

void SdRoute::AddMetrics(metrics::SampleSet& out) {
  for (std::size_t i = 0; i < kStatuses.size(); ++i) {
    out.Add(kRequests, {std::to_string(kStatuses.at(i))},
            answers_.at(i).load(std::memory_order_relaxed));
  }
  std::lock_guard lock(mutex_);
  for (const auto& [project, count] : cache_.Skipped()) {
    if (!projects_ || projects_->contains(project))
      out.Add(kSkipped, {project}, count);
  }
}

Route SdRoute::MakeRoute() {
  return {.path = "/sd",
          .methods = {Method::kGet},
          .handler = [this](const Request& request) { return Answer(request); },
          .offload = [](const Request&) { return true; }};
}

}  // namespace serverspace::server
