#pragma once

#include <filesystem>
#include <fstream>
#include <stdlib.h>
#include <string>
#include <string_view>
#include <sys/stat.h>

#include <gtest/gtest.h>

namespace serverspace::config {

/// A directory of one test; it goes with everything in it.
class TempDir {
 public:
  TempDir() {
    std::string pattern =
        (std::filesystem::temp_directory_path() / "config_test.XXXXXX")
            .string();
    if (::mkdtemp(pattern.data()) == nullptr)
      ADD_FAILURE() << "cannot make " << pattern;
    path_ = pattern;
  }
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;
  ~TempDir() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  std::string Path(std::string_view name) const {
    return path_ + "/" + std::string(name);
  }

  /// Makes the directories on the way; readable by the owner alone. Returns the
  /// path.
  std::string Write(std::string_view name, std::string_view content,
                    mode_t mode = 0600) const {
    const std::string path = Path(name);
    std::filesystem::create_directories(
        std::filesystem::path(path).parent_path());
    std::ofstream(path, std::ios::binary | std::ios::trunc) << content;
    EXPECT_EQ(::chmod(path.c_str(), mode), 0) << path;
    return path;
  }

 private:
  std::string path_;
};

}  // namespace serverspace::config
