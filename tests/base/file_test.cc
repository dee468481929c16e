#include "base/file.h"

#include <atomic>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

#include <gtest/gtest.h>

namespace serverspace {
namespace {

namespace fs = std::filesystem;

class FileTest : public testing::Test {
 protected:
  FileTest() {
    std::string name =
        (fs::temp_directory_path() / "file_test.XXXXXX").string();
    directory_ = ::mkdtemp(name.data());
  }
  ~FileTest() override { fs::remove_all(directory_); }

  std::string Path(std::string_view name) const { return directory_ / name; }

  std::string Create(std::string_view name, std::string_view content) const {
    std::ofstream(Path(name), std::ios::binary) << content;
    return Path(name);
  }

  int Entries() const {
    return static_cast<int>(std::distance(fs::directory_iterator(directory_),
                                          fs::directory_iterator()));
  }

  static unsigned Mode(const std::string& path) {
    return static_cast<unsigned>(fs::status(path).permissions());
  }

  fs::path directory_;
};

TEST_F(FileTest, ReadsTheWhole) {
  const std::string content = std::string("a\0b\n\xFF", 5);
  const auto read = ReadFile(Create("f", content), 100);
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read.value(), content);
}

TEST_F(FileTest, ReadsUpToTheLimit) {
  const std::string path = Create("f", "12345");
  EXPECT_TRUE(ReadFile(path, 5).ok());
  const auto read = ReadFile(path, 4);
  ASSERT_FALSE(read.ok());
  EXPECT_EQ(read.error().message, path + " is larger than 4 bytes");
}

TEST_F(FileTest, ReadsAnEmptyFile) {
  const auto read = ReadFile(Create("f", ""), 0);
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read.value(), "");
}

// Such files say that they have no bytes.
TEST_F(FileTest, ReadsFilesOfTheKernel) {
  const auto read = ReadFile("/proc/self/stat", 1 << 20);
  ASSERT_TRUE(read.ok());
  EXPECT_FALSE(read.value().empty());
}

TEST_F(FileTest, NamesTheMissingFile) {
  const auto read = ReadFile(Path("absent"), 10);
  ASSERT_FALSE(read.ok());
  EXPECT_EQ(read.error().code, ErrorCode::kInvalidInput);
  EXPECT_EQ(read.error().message,
            "cannot open " + Path("absent") + ": No such file or directory");
}

TEST_F(FileTest, DoesNotReadADirectory) {
  const auto read = ReadFile(directory_, 10);
  ASSERT_FALSE(read.ok());
  EXPECT_EQ(read.error().message,
            directory_.string() + " is not a regular file");
}

TEST_F(FileTest, DoesNotHangOnANamedPipe) {
  const std::string path = Path("pipe");
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  const auto read = ReadFile(path, 10);
  ASSERT_FALSE(read.ok());
  EXPECT_EQ(read.error().message, path + " is not a regular file");
}

TEST_F(FileTest, DoesNotReadADevice) {
  EXPECT_FALSE(ReadFile("/dev/zero", 10).ok());
}

TEST_F(FileTest, WritesANewFile) {
  ASSERT_TRUE(WriteFileAtomically(Path("f"), "content\n", 0640).ok());
  EXPECT_EQ(ReadFile(Path("f"), 100).value(), "content\n");
  EXPECT_EQ(Mode(Path("f")), 0640U);
  EXPECT_EQ(Entries(), 1);
}

TEST_F(FileTest, WritesAnEmptyFile) {
  ASSERT_TRUE(WriteFileAtomically(Path("f"), "", 0600).ok());
  EXPECT_EQ(ReadFile(Path("f"), 100).value(), "");
}

// A service with UMask=0077 must still be able to write a file for others.
TEST_F(FileTest, TheModeIsNotCutByTheUmask) {
  const mode_t before = ::umask(0077);
  const auto written = WriteFileAtomically(Path("f"), "x", 0644);
  ::umask(before);
  ASSERT_TRUE(written.ok());
  EXPECT_EQ(Mode(Path("f")), 0644U);
}

TEST_F(FileTest, ReplacesTheOldFile) {
  const std::string path = Create("f", "old and longer");
  ASSERT_TRUE(WriteFileAtomically(path, "new", 0600).ok());
  EXPECT_EQ(ReadFile(path, 100).value(), "new");
  EXPECT_EQ(Mode(path), 0600U);
  EXPECT_EQ(Entries(), 1);
}

TEST_F(FileTest, AFailedWriteLeavesNothingBehind) {
  ASSERT_TRUE(fs::create_directory(Path("taken")));
  const auto written = WriteFileAtomically(Path("taken"), "x", 0600);
  ASSERT_FALSE(written.ok());
  EXPECT_NE(written.error().message.find(Path("taken")), std::string::npos);
  EXPECT_TRUE(fs::is_directory(Path("taken")));
  EXPECT_EQ(Entries(), 1);
}

TEST_F(FileTest, NamesTheMissingDirectory) {
  const auto written = WriteFileAtomically(Path("no/f"), "x", 0600);
  ASSERT_FALSE(written.ok());
  EXPECT_NE(written.error().message.find("No such file or directory"),
            std::string::npos);
}

// Whatever stands at the temporary name is neither followed nor written to nor
// waited for.
TEST_F(FileTest, WhatStandsInTheWayIsReplaced) {
  const std::string temporary =
      Path("f") + ".tmp." + std::to_string(::getpid());
  const std::string other = Create("other", "untouched");
  fs::create_symlink(other, temporary);
  ASSERT_TRUE(WriteFileAtomically(Path("f"), "one", 0600).ok());
  fs::create_hard_link(other, temporary);
  ASSERT_TRUE(WriteFileAtomically(Path("f"), "two", 0600).ok());
  ASSERT_EQ(::mkfifo(temporary.c_str(), 0600), 0);
  ASSERT_TRUE(WriteFileAtomically(Path("f"), "three", 0600).ok());
  EXPECT_EQ(ReadFile(Path("f"), 100).value(), "three");
  EXPECT_EQ(ReadFile(other, 100).value(), "untouched");
}

TEST_F(FileTest, WritesBehindALink) {
  fs::create_directory(Path("far"));
  const std::string real = Create("far/real", "old");
  fs::create_symlink("far/real", Path("near"));
  fs::create_symlink("near", Path("f"));
  ASSERT_TRUE(WriteFileAtomically(Path("f"), "new", 0600).ok());
  EXPECT_EQ(ReadFile(real, 100).value(), "new");
  EXPECT_EQ(Mode(real), 0600U);
  EXPECT_TRUE(fs::is_symlink(Path("f")));
  EXPECT_TRUE(fs::is_symlink(Path("near")));
  EXPECT_EQ(Entries(), 3);
}

TEST_F(FileTest, WritesToADeviceAndLeavesIt) {
  fs::create_symlink("/dev/null", Path("f"));
  ASSERT_TRUE(WriteFileAtomically(Path("f"), "x", 0600).ok());
  EXPECT_TRUE(fs::is_symlink(Path("f")));
  EXPECT_TRUE(fs::is_character_file("/dev/null"));
  EXPECT_FALSE(WriteFileAtomically("/dev/full", "x", 0600).ok());
}

TEST_F(FileTest, WritesToAPipeThatSomebodyReads) {
  const std::string path = Path("pipe");
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  EXPECT_FALSE(WriteFileAtomically(path, "x", 0600).ok());
  const int reader = ::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  ASSERT_GE(reader, 0);
  EXPECT_TRUE(WriteFileAtomically(path, "x", 0600).ok());
  char got = 0;
  EXPECT_EQ(::read(reader, &got, 1), 1);
  EXPECT_EQ(got, 'x');
  ::close(reader);
  EXPECT_TRUE(fs::is_fifo(path));
  EXPECT_EQ(Entries(), 1);
}

TEST_F(FileTest, RefusesALinkThatLeadsNowhere) {
  fs::create_symlink("absent", Path("f"));
  const auto written = WriteFileAtomically(Path("f"), "x", 0600);
  ASSERT_FALSE(written.ok());
  EXPECT_EQ(written.error().message, "cannot follow the link " + Path("f") +
                                         ": No such file or directory");
  EXPECT_TRUE(fs::is_symlink(Path("f")));
  EXPECT_EQ(Entries(), 1);
}

TEST_F(FileTest, AReaderSeesTheOldOrTheNewContent) {
  const std::string old_content(64 * 1024, 'a');
  const std::string new_content(96 * 1024, 'b');
  const std::string path = Create("f", old_content);
  std::atomic<bool> done = false;
  std::jthread writer([&] {
    for (int i = 0; i < 50; ++i) {
      EXPECT_TRUE(WriteFileAtomically(
                      path, i % 2 == 0 ? new_content : old_content, 0600)
                      .ok());
    }
    done = true;
  });
  while (!done) {
    const auto read = ReadFile(path, 1 << 20);
    ASSERT_TRUE(read.ok());
    ASSERT_TRUE(read.value() == old_content || read.value() == new_content);
  }
}

}  // namespace
}  // namespace serverspace
