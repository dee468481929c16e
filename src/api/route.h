#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

namespace serverspace::api {

/// The path of one request and the template it was made from. The template is
/// what metrics and error texts name, so neither ever holds an id.
class Route {
 public:
  /// `path_template` must live on (a literal): `/servers/{id}/snapshots`. Each
  /// braced name is replaced by the next of `ids`, percent-encoded; there must
  /// be as many.
  explicit Route(std::string_view path_template,
                 std::initializer_list<std::string_view> ids = {});

  std::string_view name() const { return name_; }
  const std::string& path() const { return path_; }

 private:
  std::string_view name_;
  std::string path_;
};

}  // namespace serverspace::api
