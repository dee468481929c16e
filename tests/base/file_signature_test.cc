#include "base/file_signature.h"

#include <filesystem>
#include <fstream>
#include <string>
#include <sys/stat.h>

#include <gtest/gtest.h>

#include "base/scratch_directory.h"

namespace serverspace {
namespace {

class FileSignatureTest : public testing::Test {
 protected:
  void Write(const std::string& text) const { std::ofstream(path()) << text; }
  std::string path() const { return directory_.Path("file"); }

 private:
  const ScratchDirectory directory_;
};

TEST_F(FileSignatureTest, StaysWhileTheFileDoes) {
  Write("a");
  const auto before = FileSignature::Of(path());
  EXPECT_TRUE(before.exists());
  std::ifstream(path()).get();
  EXPECT_EQ(FileSignature::Of(path()), before);
}

TEST_F(FileSignatureTest, TellsContentsApart) {
  Write("a");
  const auto before = FileSignature::Of(path());
  Write("ab");
  EXPECT_NE(FileSignature::Of(path()), before) << "grown";
  // Of the same size and with the old times, as by `cp --preserve`.
  Write("a");
  const auto now = FileSignature::Of(path());
  std::filesystem::copy_file(path(), path() + ".new");
  std::filesystem::last_write_time(path() + ".new",
                                   std::filesystem::last_write_time(path()));
  std::filesystem::rename(path() + ".new", path());
  EXPECT_NE(FileSignature::Of(path()), now) << "replaced";
}

TEST_F(FileSignatureTest, SeesThatAFileBecameReadable) {
  Write("a");
  ASSERT_EQ(::chmod(path().c_str(), 0), 0);
  const auto before = FileSignature::Of(path());
  ASSERT_EQ(::chmod(path().c_str(), 0600), 0);
  EXPECT_NE(FileSignature::Of(path()), before);
}

TEST_F(FileSignatureTest, OfWhatIsNotThereIsWithoutValues) {
  EXPECT_EQ(FileSignature::Of(path()), FileSignature());
  EXPECT_FALSE(FileSignature::Of(path()).exists());
}

}  // namespace
}  // namespace serverspace
