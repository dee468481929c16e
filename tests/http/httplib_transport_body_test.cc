#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "http/httplib_transport.h"
#include "http/transport_fixture.h"

namespace serverspace::http {
namespace {

/// What a server may do to the bytes of an answer.
class HttplibTransportBodyTest : public TransportFixture {
 protected:
  Result<Response, TransportError> GetFrom(const std::string& bytes,
                                           Leaving leaving,
                                           std::size_t max_body_bytes = 1000) {
    TestServer server(Sending(Context(), bytes, leaving));
    const auto transport = Make();
    const HttpsUrl url{.host = kHost, .port = server.port(), .path = "/api/v1"};
    return transport->Get({.base = url,
                           .path = "/servers",
                           .api_key = key_,
                           .deadline = clock_.Mono() + kLong,
                           .stop = {},
                           .max_body_bytes = max_body_bytes});
  }
};

const std::string kHead = "HTTP/1.1 200 OK\r\n";
const std::string kChunkedHead = kHead + "Transfer-Encoding: chunked\r\n\r\n";
const std::string kGzipHead = "Content-Encoding: gzip\r\n";

std::string Chunk(const std::string& text) {
  char size[16];
  std::snprintf(size, sizeof size, "%zx", text.size());
  return size + ("\r\n" + text + "\r\n");
}

TEST_F(HttplibTransportBodyTest, ReadsEveryKindOfBody) {
  const std::pair<std::string, Leaving> answers[] = {
      {Answer("{\"a\":1}"), Leaving::kNever},
      {kChunkedHead + Chunk("{\"a") + Chunk("\":1}") + Chunk(""),
       Leaving::kNever},
      {kHead + "Transfer-Encoding: Chunked\r\n\r\n7;x=y\r\n{\"a\":1}\r\n" +
           Chunk(""),
       Leaving::kNever},
      {kHead + "\r\n{\"a\":1}", Leaving::kInOrder},
      {Answer(Gzip("{\"a\":1}"), kGzipHead), Leaving::kNever},
      {kHead + kGzipHead + "Transfer-Encoding: chunked\r\n\r\n" +
           Chunk(Gzip("{\"a\"")) + Chunk(Gzip(":1}")) + Chunk(""),
       Leaving::kNever},
      {Answer("{\"a\":1}", "Content-Encoding: identity\r\n"), Leaving::kNever},
      {"HTTP/1.1 100 Continue\r\n\r\n" + Answer("{\"a\":1}"), Leaving::kNever},
  };
  for (const auto& [bytes, leaving] : answers) {
    const auto response = GetFrom(bytes, leaving);
    ASSERT_TRUE(response.ok()) << response.error().error.message << bytes;
    EXPECT_EQ(response.value().body, "{\"a\":1}");
  }
}

TEST_F(HttplibTransportBodyTest, ReadsAnswersWithoutABody) {
  for (const std::string& bytes :
       {Answer(""), Answer("", kGzipHead), kChunkedHead + Chunk(""),
        std::string("HTTP/1.1 204 No Content\r\n\r\n")}) {
    const auto response = GetFrom(bytes, Leaving::kNever);
    ASSERT_TRUE(response.ok()) << response.error().error.message << bytes;
    EXPECT_EQ(response.value().body, "");
  }
}

TEST_F(HttplibTransportBodyTest, RefusesABodyOverTheCap) {
  const std::string large(1001, ' ');
  for (const std::string& bytes :
       {Answer(large), kHead + "Content-Length: 1001\r\n\r\n",
        kChunkedHead + Chunk(std::string(600, ' ')) +
            Chunk(std::string(401, ' ')),
        kHead + "\r\n" + large, Answer(Gzip(large), kGzipHead)}) {
    ExpectFailure(GetFrom(bytes, Leaving::kNever), ErrorCode::kBadResponse,
                  Stage::kExchange, "larger than 1000 bytes");
  }
  EXPECT_TRUE(GetFrom(Answer(std::string(1000, ' ')), Leaving::kNever).ok());
}

TEST_F(HttplibTransportBodyTest, StopsAGzipBomb) {
  const std::string bomb = Gzip(std::string(100 << 20, ' '));
  ExpectFailure(GetFrom(Answer(bomb, kGzipHead), Leaving::kNever, 1 << 20),
                ErrorCode::kBadResponse, Stage::kExchange, "larger than");
}

TEST_F(HttplibTransportBodyTest, TakesACutBodyForAFailure) {
  const std::string packed = Gzip("{\"a\":1}");
  const std::string cut[] = {
      kHead,
      kHead + "Content-Length: 7\r\n\r\n",
      kHead + "Content-Length: 7\r\n\r\n{\"a\":1",
      kChunkedHead,
      kChunkedHead + "7",
      kChunkedHead + "7\r\n{\"a\"",
      kChunkedHead + "7\r\n{\"a\":1}",
      kChunkedHead + "7\r\n{\"a\":1}\r",
      kChunkedHead + "7\r\n{\"a\":1}\r\n",
      kChunkedHead + "7\r\n{\"a\":1}\r\n0",
      kChunkedHead + "7\r\n{\"a\":1}\r\n0\r\n",
      kChunkedHead + "7\r\n{\"a\":1}\r\n0\r\n\r",
  };
  for (const std::string& bytes : cut) {
    for (const Leaving leaving : {Leaving::kInOrder, Leaving::kCut}) {
      const auto response = GetFrom(bytes, leaving);
      ExpectFailure(response, ErrorCode::kNetwork, Stage::kExchange, "");
    }
  }
  // Without a length only the goodbye tells the end from a cut.
  ExpectFailure(GetFrom(kHead + "\r\n{\"a\"", Leaving::kCut),
                ErrorCode::kNetwork, Stage::kExchange, "");
  // Framed as a whole, but cut before it was framed.
  ExpectFailure(GetFrom(Answer(packed.substr(0, packed.size() - 1), kGzipHead),
                        Leaving::kNever),
                ErrorCode::kBadResponse, Stage::kExchange, "cut short");
}

TEST_F(HttplibTransportBodyTest, RefusesWhatIsNoHttp) {
  const std::string garbage[] = {
      "<html>not found</html>\r\n\r\n",
      "SSH-2.0-OpenSSH_9.2\r\n",
      "HTTP/2 200\r\n\r\n",
      "HTTP/1.1 xyz OK\r\n\r\n",
      std::string("\0\0\0\n", 4),
      kChunkedHead + "xyz\r\n",
      kChunkedHead + "7\r\n{\"a\":1}garbage\r\n",
      kHead + "Content-Length: 7x\r\n\r\n{\"a\":1}",
      kHead + "Content-Length: -1\r\n\r\n{\"a\":1}",
      kHead + "Content-Length: 7\r\nContent-Length: 5\r\n\r\n{\"a\":1}",
      kHead + "Content-Length: 7\r\nTransfer-Encoding: chunked\r\n\r\n{\"a\":1",
      kHead + "Transfer-Encoding: gzip, chunked\r\n\r\n",
      Answer("{}", "Content-Encoding: br\r\n"),
      Answer("no gzip", kGzipHead),
      Answer(Gzip("{}") + "junk", kGzipHead),
  };
  for (const std::string& bytes : garbage) {
    const auto response = GetFrom(bytes, Leaving::kNever);
    ASSERT_FALSE(response.ok()) << bytes;
    EXPECT_EQ(response.error().error.code, ErrorCode::kBadResponse)
        << response.error().error.message << ": " << bytes;
    EXPECT_EQ(response.error().stage, Stage::kExchange);
  }
}

TEST_F(HttplibTransportBodyTest, RefusesAHeadWithoutEnd) {
  std::string many = kHead;
  while (many.size() < 100'000) many += "A: b\r\n";
  for (const std::string& bytes :
       {many, kHead + "A: " + std::string(100'000, 'x'),
        std::string(100'000, 'x'), "HTTP/1.1 200 " + std::string(100'000, 'x'),
        kHead + std::string(100'000, '\n')}) {
    ExpectFailure(GetFrom(bytes, Leaving::kNever), ErrorCode::kBadResponse,
                  Stage::kExchange, "too long");
  }
}

TEST_F(HttplibTransportBodyTest, DropsAHeaderThatDecodesToControlCharacters) {
  const auto response =
      GetFrom(Answer("{}",
                     "Retry-After: 1%0d%0aX: y\r\nDate: b\xC3\xA4"
                     "d\r\n"),
              Leaving::kNever);
  ASSERT_TRUE(response.ok());
  EXPECT_EQ(response.value().retry_after, "");
  EXPECT_EQ(response.value().date, "");
}

TEST_F(HttplibTransportBodyTest, WaitsForRoomWhileLargeAnswersAreKept) {
  const std::string bytes = Answer(Gzip(std::string(40 << 20, '0')), kGzipHead);
  TestServer server(
      Answering(Context(), [&](const std::string&) { return bytes; }));
  const auto transport = Make();
  std::vector<Response> kept;
  const auto get = [&](Duration time) {
    return Get(*transport, server.port(), time);
  };
  for (int n = 0; n < 3; ++n) {
    auto response = get(kLong);
    ASSERT_TRUE(response.ok()) << response.error().error.message;
    kept.push_back(std::move(response).value());
  }
  ExpectFailure(get(std::chrono::milliseconds(500)), ErrorCode::kNoRoom,
                Stage::kExchange, "no room");
  kept.pop_back();
  EXPECT_TRUE(get(kLong).ok());
}

}  // namespace
}  // namespace serverspace::http
