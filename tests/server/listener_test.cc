#include "server/listener.h"

#include <chrono>
#include <deque>
#include <future>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "server/listener_client.h"
#include "server/listener_fixture.h"

namespace serverspace::server {
namespace {

using std::chrono::seconds;

class ListenerTest : public ListenerFixture {};

TEST_F(ListenerTest, ServesARoute) {
  Start();
  ListenerClient client(port());
  ASSERT_TRUE(client.Get("/hello?x=1"));
  const auto answer = client.Read();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(answer->body, "hello x=1 from 127.0.0.1\n");
  EXPECT_EQ(answer->headers.at("x-content-type-options"), "nosniff");
  EXPECT_EQ(answer->headers.at("connection"), "keep-alive");
}

TEST_F(ListenerTest, AnswersWhatItDoesNotServe) {
  Start();
  ListenerClient client(port());
  const struct {
    const char* method;
    const char* target;
    int status;
  } kCases[] = {
      {"GET", "/nothing", 404},       {"GET", "/hello/", 404},
      {"POST", "/hello", 405},        {"DELETE", "/hello", 405},
      {"OPTIONS", "/nothing", 404},   {"GET", "/post", 405},
      {"GET", "http://x/hello", 200},
  };
  for (const auto& test : kCases) {
    ASSERT_TRUE(client.Get(test.target, "", test.method));
    const auto answer = client.Read();
    ASSERT_TRUE(answer) << test.target;
    EXPECT_EQ(answer->status, test.status) << test.method << test.target;
    EXPECT_EQ(answer->headers.contains("allow"), test.status == 405);
  }
}

TEST_F(ListenerTest, HeadAnswersAsGetWithoutTheBody) {
  Start();
  ListenerClient client(port());
  ASSERT_TRUE(client.Get("/big"));
  const auto get = client.Read();
  ASSERT_TRUE(client.Get("/big", "", "HEAD"));
  const auto head = client.Read(true);
  ASSERT_TRUE(get && head);
  EXPECT_EQ(head->status, 200);
  EXPECT_EQ(head->headers.at("content-length"),
            get->headers.at("content-length"));
  // The stream is still in step.
  ASSERT_TRUE(client.Get("/hello"));
  EXPECT_TRUE(client.Read());
}

TEST_F(ListenerTest, ServesPipelinedRequestsInOrder) {
  Start();
  ListenerClient client(port());
  std::string requests;
  for (int i = 0; i < 300; ++i) {
    requests += "GET /hello?" + std::to_string(i) +
                " HTTP/1.1\r\nHost: localhost\r\n\r\n";
  }
  ASSERT_TRUE(client.Send(requests));
  for (int i = 0; i < 300; ++i) {
    const auto answer = client.Read();
    ASSERT_TRUE(answer) << i;
    EXPECT_EQ(answer->body, "hello " + std::to_string(i) + " from 127.0.0.1\n");
  }
  EXPECT_EQ(listener_->stats().requests, 300U);
  EXPECT_EQ(listener_->stats().accepted, 1U);
}

TEST_F(ListenerTest, ServesPipelinedBigPagesByteExact) {
  Start();
  ListenerClient client(port());
  for (int i = 0; i < 4; ++i) ASSERT_TRUE(client.Get("/big"));
  for (int i = 0; i < 4; ++i) {
    const auto answer = client.Read();
    ASSERT_TRUE(answer);
    EXPECT_TRUE(answer->body == big_->Text());
  }
}

TEST_F(ListenerTest, ClosesWhenAsked) {
  Start();
  for (const char* request :
       {"GET /hello HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
        "GET /hello HTTP/1.0\r\n\r\n"}) {
    ListenerClient client(port());
    ASSERT_TRUE(client.Send(request));
    const auto answer = client.Read();
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->headers.at("connection"), "close");
    EXPECT_TRUE(client.AtEnd());
  }
}

TEST_F(ListenerTest, OldClientsMayKeepTheConnection) {
  Start();
  ListenerClient client(port());
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(
        client.Send("GET /hello HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"));
    const auto answer = client.Read();
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->headers.at("connection"), "keep-alive");
  }
}

TEST_F(ListenerTest, ServesAClientThatHasClosedItsSide) {
  Start();
  ListenerClient client(port());
  ASSERT_TRUE(client.Get("/big"));
  client.CloseSend();
  const auto answer = client.Read();
  ASSERT_TRUE(answer);
  EXPECT_TRUE(answer->body == big_->Text());
  EXPECT_TRUE(client.AtEnd());
}

TEST_F(ListenerTest, WritesABigPageToASlowReaderByteExact) {
  Start();
  ListenerClient slow(port(), 4096);
  ASSERT_TRUE(slow.Get("/big"));
  std::string text;
  const std::size_t size = big_->Text().size();
  // While it reads in small pieces, others are served.
  std::size_t next_check = 0;
  while (text.size() < size) {
    const std::string more = slow.ReadSome(2000);
    ASSERT_FALSE(more.empty()) << text.size();
    text += more;
    if (text.size() >= next_check) {
      next_check += 1024 * 1024;
      ListenerClient other(port());
      ASSERT_TRUE(other.Get("/hello"));
      EXPECT_TRUE(other.Read());
    }
    if (text.starts_with("HTTP")) {
      const std::size_t end = text.find("\r\n\r\n");
      if (end != text.npos) text.erase(0, end + 4);
    }
  }
  EXPECT_TRUE(text == big_->Text());
}

TEST_F(ListenerTest, AnswersBadRequestsAndCloses) {
  Start();
  const struct {
    std::string text;
    int status;
    RejectReason reason;
  } kCases[] = {
      {"nonsense\r\n\r\n", 400, RejectReason::kBadRequest},
      {"GET / HTTP/1.1\r\n\r\n", 400, RejectReason::kBadRequest},
      {"GET /" + std::string(9000, 'a') + " HTTP/1.1\r\nHost: a\r\n\r\n", 414,
       RejectReason::kHeadTooLarge},
      {"GET / HTTP/1.1\r\nX: " + std::string(100'000, 'a'), 431,
       RejectReason::kHeadTooLarge},
      {"POST /post HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" +
           std::string(40'000, 'a'),
       411, RejectReason::kBodyRefused},
      {"GET /hello HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nabcde", 413,
       RejectReason::kBodyRefused},
      {"POST /post HTTP/1.1\r\nHost: a\r\nContent-Length: 101\r\n\r\n" +
           std::string(101, 'a'),
       413, RejectReason::kBodyRefused},
      {"POST /post HTTP/1.1\r\nHost: a\r\nContent-Length: "
       "18446744073709551615\r\n\r\n",
       413, RejectReason::kBodyRefused},
  };
  for (const auto& test : kCases) {
    const std::uint64_t before = listener_->stats().Rejected(test.reason);
    ListenerClient client(port());
    ASSERT_TRUE(client.Send(test.text));
    const auto answer = client.Read();
    ASSERT_TRUE(answer) << test.text.substr(0, 60);
    EXPECT_EQ(answer->status, test.status);
    EXPECT_EQ(answer->headers.at("connection"), "close");
    EXPECT_TRUE(answer->headers.at("content-type").starts_with("text/plain"));
    client.CloseSend();
    client.AtEnd();
    EXPECT_EQ(listener_->stats().Rejected(test.reason), before + 1);
  }
}

TEST_F(ListenerTest, ReadsABodyWhereOneIsTaken) {
  Start();
  ListenerClient client(port());
  for (const std::size_t size : {0U, 1U, 99U, 100U}) {
    ASSERT_TRUE(
        client.Send("POST /post HTTP/1.1\r\nHost: a\r\nContent-Length: " +
                    std::to_string(size) + "\r\n\r\n"));
    ASSERT_TRUE(client.Send(std::string(size / 2, 'x')));
    ASSERT_TRUE(client.Send(std::string(size - size / 2, 'y')));
    const auto answer = client.Read();
    ASSERT_TRUE(answer) << size;
    EXPECT_EQ(answer->body, std::string(size / 2, 'x') +
                                std::string(size - size / 2, 'y') + "\n");
  }
}

TEST_F(ListenerTest, AsksForABodyThatWaitsToBeAsked) {
  Start();
  ListenerClient client(port());
  ASSERT_TRUE(
      client.Send("POST /post HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n"
                  "Expect: 100-continue\r\n\r\n"));
  EXPECT_EQ(client.Read()->status, 100);
  ASSERT_TRUE(client.Send("abc"));
  EXPECT_EQ(client.Read()->body, "abc\n");
}

TEST_F(ListenerTest, ABodyOnAnUnknownPathIsNotReadAsARequest) {
  Start();
  ListenerClient client(port());
  const std::string smuggled = "GET /hello HTTP/1.1\r\nHost: a\r\n\r\n";
  ASSERT_TRUE(
      client.Send("POST /nothing HTTP/1.1\r\nHost: a\r\nContent-Length: " +
                  std::to_string(smuggled.size()) + "\r\n\r\n" + smuggled));
  EXPECT_EQ(client.Read()->status, 404);
  EXPECT_FALSE(client.Read());
  EXPECT_EQ(listener_->stats().requests, 1U);
}

TEST_F(ListenerTest, AThrowingHandlerIsA500WithoutItsText) {
  Start();
  ListenerClient client(port());
  for (const char* path : {"/throw", "/throw-offloaded", "/throw-choosing",
                           "/split", "/mis-sized"}) {
    ASSERT_TRUE(client.Get(path));
    const auto answer = client.Read();
    ASSERT_TRUE(answer) << path;
    EXPECT_EQ(answer->status, 500) << path;
    EXPECT_EQ(answer->body, "internal error\n") << path;
  }
  EXPECT_EQ(listener_->stats().Rejected(RejectReason::kHandlerError), 5U);
  ASSERT_TRUE(client.Get("/hello"));
  EXPECT_EQ(client.Read()->status, 200);
}

TEST_F(ListenerTest, OffloadedHandlersHoldUpNobodyAndAreLimited) {
  options_.helper_queue = 1;
  Start();
  ListenerClient working(port());
  ASSERT_TRUE(working.Get("/wait"));
  waiting_.get_future().wait();
  ListenerClient queued(port());
  ASSERT_TRUE(queued.Get("/throw-offloaded"));
  AwaitRequests(2);

  ListenerClient refused(port());
  ASSERT_TRUE(refused.Get("/throw-offloaded"));
  const auto busy = refused.Read();
  ASSERT_TRUE(busy);
  EXPECT_EQ(busy->status, 503);
  EXPECT_TRUE(busy->headers.contains("retry-after"));
  EXPECT_EQ(listener_->stats().Rejected(RejectReason::kHelperBusy), 1U);
  ASSERT_TRUE(refused.Get("/hello"));
  EXPECT_EQ(refused.Read()->status, 200);

  release_.set_value();
  EXPECT_EQ(working.Read()->status, 200);
  EXPECT_EQ(queued.Read()->status, 500);
}

TEST_F(ListenerTest, AccessIsCheckedBeforeAnythingElse) {
  options_.access.at_once = [](const Request& request) {
    if (request.authorization == "known") return Admission::kAdmitted;
    if (request.authorization == "open") return Admission::kOpen;
    if (request.authorization == "throw now")
      throw std::runtime_error("secret");
    return request.authorization.empty() ? Admission::kRefused
                                         : Admission::kUndecided;
  };
  options_.access.slowly = [](const Request& request) {
    if (request.authorization == "throw") throw std::runtime_error("secret");
    return request.authorization == "good";
  };
  Start();
  ListenerClient client(port());
  const struct {
    const char* target;
    const char* authorization;
    int status;
  } kCases[] = {{"/hello", "known", 200},     {"/hello", "good", 200},
                {"/hello", "bad", 401},       {"/hello", "", 401},
                {"/nothing", "bad", 401},     {"/nothing", "good", 404},
                {"/hello", "throw", 500},     {"/hello", "throw now", 500},
                {"/protected", "known", 200}, {"/protected", "good", 200},
                {"/hello", "open", 200},      {"/protected", "open", 403}};
  for (const auto& test : kCases) {
    ASSERT_TRUE(client.Get(test.target, std::string("Authorization: ") +
                                            test.authorization + "\r\n"));
    const auto answer = client.Read();
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, test.status)
        << test.target << ' ' << test.authorization;
    EXPECT_EQ(answer->headers.contains("www-authenticate"), test.status == 401);
  }
  EXPECT_EQ(listener_->stats().Rejected(RejectReason::kUnauthorized), 3U);
  ASSERT_TRUE(client.Send(
      "POST /post HTTP/1.1\r\nHost: a\r\nContent-Length: 50\r\n\r\n"));
  EXPECT_EQ(client.Read()->status, 401);
}

TEST_F(ListenerTest, GuessesHoldUpNobodyWhoIsKnown) {
  std::promise<void> checking;
  std::promise<void> release;
  options_.access_queue = 2;
  options_.access.at_once = [](const Request& request) {
    return request.authorization == "known" ? Admission::kAdmitted
                                            : Admission::kUndecided;
  };
  options_.access.slowly = [&](const Request& request) {
    if (request.authorization == "first") {
      checking.set_value();
      release.get_future().wait();
    }
    return false;
  };
  Start();
  ListenerClient first(port());
  ASSERT_TRUE(first.Get("/hello", "Authorization: first\r\n"));
  checking.get_future().wait();
  std::deque<ListenerClient> guessing;
  for (int i = 0; i < 5; ++i) {
    guessing.emplace_back(port());
    ASSERT_TRUE(guessing.back().Get("/hello", "Authorization: guess\r\n"));
  }
  AwaitRequests(6);
  for (int i = 0; i < 10; ++i) {
    ListenerClient good(port());
    ASSERT_TRUE(good.Get("/hello", "Authorization: known\r\n"));
    const auto answer = good.Read();
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 200);
  }
  AwaitRejected(RejectReason::kHelperBusy, 3);
  release.set_value();
  EXPECT_EQ(first.Read()->status, 401);
  int busy = 0;
  for (ListenerClient& client : guessing) {
    const auto answer = client.Read();
    ASSERT_TRUE(answer);
    EXPECT_TRUE(answer->status == 401 || answer->status == 503);
    busy += answer->status == 503 ? 1 : 0;
  }
  EXPECT_EQ(busy, 3);
}

TEST_F(ListenerTest, HandlersDoNotSeeTheAuthorization) {
  options_.access.at_once = [](const Request&) { return Admission::kAdmitted; };
  Start();
  ListenerClient client(port());
  ASSERT_TRUE(client.Get("/authorization", "Authorization: secret\r\n"));
  EXPECT_EQ(client.Read()->body, "\n");
}

TEST_F(ListenerTest, SecurityHeadersMayBeChosen) {
  options_.security_headers = [] {
    return std::make_shared<const std::string>("X-Frame-Options: MAYBE\r\n");
  };
  Start();
  ListenerClient client(port());
  ASSERT_TRUE(client.Get("/hello"));
  const auto answer = client.Read();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->headers.at("x-frame-options"), "MAYBE");
  EXPECT_FALSE(answer->headers.contains("referrer-policy"));
}

TEST_F(ListenerTest, WithoutAnAccessCheckNobodyIsAuthenticated) {
  Start();
  ListenerClient client(port());
  ASSERT_TRUE(client.Get("/protected", "Authorization: known\r\n"));
  const auto answer = client.Read();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 403);
  EXPECT_NE(answer->body.find("--web.config.file"), std::string::npos);
}

TEST_F(ListenerTest, ListensOnSeveralAddresses) {
  options_.addresses = {"127.0.0.1:0", ":0"};
  Start();
  ASSERT_EQ(listener_->ports().size(), 2U);
  for (const std::uint16_t each : listener_->ports()) {
    ListenerClient client(each);
    ASSERT_TRUE(client.Get("/hello"));
    const auto answer = client.Read();
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->body, "hello  from 127.0.0.1\n");
  }
}

TEST_F(ListenerTest, ASecondInstanceFails) {
  Start();
  ListenerOptions options;
  options.addresses = {"127.0.0.1:" + std::to_string(port())};
  const auto second = Listener::Start(options, {}, clock_);
  ASSERT_FALSE(second.ok());
  EXPECT_NE(second.error().message.find("another instance"), std::string::npos);
  ListenerClient client(port());
  ASSERT_TRUE(client.Get("/hello"));
  EXPECT_EQ(client.Read()->status, 200);
}

TEST_F(ListenerTest, NoAddressIsAnError) {
  EXPECT_FALSE(Listener::Start({}, {}, clock_).ok());
}

TEST_F(ListenerTest, StopClosesIdleConnectionsAndEndsTheOthers) {
  Start();
  ListenerClient idle(port());
  ASSERT_TRUE(idle.Get("/hello"));
  ASSERT_TRUE(idle.Read());
  ListenerClient silent(port());
  ListenerClient partial(port());
  ASSERT_TRUE(partial.Send("GET /"));
  ListenerClient not_reading(port(), 4096);
  ASSERT_TRUE(not_reading.Get("/big"));
  ASSERT_FALSE(not_reading.ReadSome(1).empty());
  AwaitConnections(4);
  const auto begin = std::chrono::steady_clock::now();
  listener_->Stop();
  EXPECT_LT(std::chrono::steady_clock::now() - begin, seconds(5));
  EXPECT_TRUE(idle.AtEnd());
  EXPECT_EQ(listener_->stats().connections, 0U);
  EXPECT_FALSE(ListenerClient(port()).connected());
  listener_->Stop();
}

TEST_F(ListenerTest, StopLetsARunningAnswerFinish) {
  Start();
  ListenerClient client(port());
  ASSERT_TRUE(client.Get("/wait"));
  waiting_.get_future().wait();
  std::jthread stopper([this] { listener_->Stop(); });
  release_.set_value();
  const auto answer = client.Read();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 200);
  stopper.join();
}

TEST_F(ListenerTest, StopDoesNotWaitForHandlersInTheQueue) {
  Start();
  ListenerClient first(port());
  ASSERT_TRUE(first.Get("/wait"));
  waiting_.get_future().wait();
  ListenerClient second(port());
  ASSERT_TRUE(second.Get("/throw-offloaded"));
  std::jthread stopper([this] { listener_->Stop(); });
  // The connections are cut after the grace, with their answers unfinished.
  EXPECT_FALSE(second.Read());
  release_.set_value();
  stopper.join();
}

TEST_F(ListenerTest, WorksOnSeveralThreads) {
  options_.io_threads = 3;
  Start();
  std::vector<std::jthread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([this] {
      for (int round = 0; round < 10; ++round) {
        ListenerClient client(port());
        for (int request = 0; request < 10; ++request) {
          ASSERT_TRUE(client.Get(request == 5 ? "/big" : "/hello"));
          const auto answer = client.Read();
          ASSERT_TRUE(answer);
          EXPECT_EQ(answer->status, 200);
          ASSERT_TRUE(client.Get("/throw-offloaded"));
          ASSERT_TRUE(client.Read());
        }
      }
    });
  }
  threads.clear();
  EXPECT_EQ(listener_->stats().requests, 4U * 10U * 20U);
}

}  // namespace
}  // namespace serverspace::server
