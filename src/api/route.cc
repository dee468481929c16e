#include "api/route.h"

#include <cassert>

#include "base/url.h"

namespace serverspace::api {

Route::Route(std::string_view path_template,
             std::initializer_list<std::string_view> ids)
    : name_(path_template) {
  const auto* id = ids.begin();
  for (;;) {
    const std::size_t brace = path_template.find('{');
    path_ += path_template.substr(0, brace);
    if (brace == std::string_view::npos) break;
    assert(id != ids.end() && !id->empty());
    path_ += PercentEncode(*id++);
    path_template.remove_prefix(path_template.find('}', brace) + 1);
  }
  assert(id == ids.end());
}

}  // namespace serverspace::api
