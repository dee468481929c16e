#include "app/notices.h"

namespace serverspace::app {

std::vector<server::Trouble> MakeNotices(std::optional<WallTime> reload_refused,
                                         std::optional<WallTime> web_refused,
                                         bool keeps_state,
                                         const exporter::StateStats& state,
                                         WallTime now) {
  std::vector<server::Trouble> notices;
  if (reload_refused) {
    notices.push_back(
        {server::Health::kWarning,
         "configuration: the last reload was refused, " +
             server::SpanText(now - *reload_refused) +
             " ago; the one before stays in force, and the log says what is "
             "wrong"});
  }
  if (web_refused) {
    notices.push_back(
        {server::Health::kWarning,
         "web configuration: it or its certificate was changed, " +
             server::SpanText(now - *web_refused) +
             " ago, and cannot be used; the one before stays in force, and the "
             "log says what is wrong"});
  }
  if (keeps_state && !state.persistent) {
    notices.push_back(
        {server::Health::kWarning,
         "state: its file cannot be written, so a restart would lose what "
         "changed since the last write; the log says why"});
  }
  return notices;
}

}  // namespace serverspace::app
