#include "proxy/admin/admin_server.h"

#include "proxy/admin/readiness.h"

#include <boost/asio/connect.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <optional>
#include <random>
#include <stdexcept>
#include <thread>

namespace fairlead::proxy::admin {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

// A server on a free loopback port, on its own thread.
class admin_server_test : public testing::Test {
protected:
    void serve(admin_limits limits = {}) {
        admin_routes routes;
        routes.push_back({"/metrics", "numbers", [this] {
                              ++scrapes_;
                              return admin_response{200, "text/plain; version=0.0.4", page_};
                          }});
        routes.push_back({"/healthz", "alive", healthz});
        routes.push_back(
            {"/readyz", "serving", [] { return readyz({.draining = true, .refused_placements = {}}); }});
        routes.push_back({"/broken", "throws", []() -> admin_response { throw std::runtime_error("no"); }});
        server_.emplace(io_, std::move(routes), limits);
        auto port = server_->listen("127.0.0.1:0");
        ASSERT_TRUE(port.ok()) << port.error().message;
        port_ = *port;
        thread_ = std::thread([this] { io_.run(); });
    }

    void TearDown() override {
        if (!thread_.joinable()) return;
        server_.reset();
        work_.reset();
        thread_.join();  // hangs when something of the server never ends
    }

    tcp::socket connect() {
        tcp::socket socket(client_io_);
        socket.connect({asio::ip::address_v4::loopback(), port_});
        return socket;
    }

    // Sends `request` and returns all that comes back until the server closes.
    std::string ask(std::string_view request) {
        tcp::socket socket = connect();
        boost::system::error_code error;
        asio::write(socket, asio::buffer(request), error);
        return rest_of(socket);
    }

    static std::string rest_of(tcp::socket& socket) {
        std::string answer;
        boost::system::error_code error;
        asio::read(socket, asio::dynamic_buffer(answer), error);
        return answer;
    }

    std::string get(std::string_view path) {
        return ask("GET " + std::string(path) + " HTTP/1.1\r\nHost: x\r\n\r\n");
    }

    asio::io_context io_{1};
    asio::io_context client_io_{1};
    std::optional<asio::executor_work_guard<asio::io_context::executor_type>> work_{io_.get_executor()};
    std::optional<admin_server> server_;
    std::thread thread_;
    std::uint16_t port_ = 0;
    std::string page_ = "fairlead_tenants 3\n";
    std::atomic<int> scrapes_ = 0;
};

TEST_F(admin_server_test, answers_pages_with_status_type_and_body) {
    serve();
    const std::string metrics = get("/metrics");
    EXPECT_THAT(metrics, StartsWith("HTTP/1.1 200 OK\r\n"));
    EXPECT_THAT(metrics, HasSubstr("Content-Type: text/plain; version=0.0.4\r\n"));
    EXPECT_THAT(metrics, HasSubstr("\r\n\r\nfairlead_tenants 3\n"));
    EXPECT_THAT(get("/metrics?x=1"), HasSubstr("fairlead_tenants 3"));
    EXPECT_THAT(get("/healthz"), HasSubstr("\r\n\r\nok\n"));
    EXPECT_THAT(get("/readyz"), StartsWith("HTTP/1.1 503 "));
    EXPECT_EQ(scrapes_, 2);
}

TEST_F(admin_server_test, lists_its_pages_and_knows_no_others) {
    serve();
    EXPECT_THAT(get("/"), HasSubstr("/metrics  numbers\n"));
    EXPECT_THAT(get("/nothing"), StartsWith("HTTP/1.1 404 "));
    EXPECT_THAT(get("/metrics/"), StartsWith("HTTP/1.1 404 "));
    EXPECT_THAT(get("/../metrics"), StartsWith("HTTP/1.1 404 "));
}

TEST_F(admin_server_test, answers_head_with_the_header_of_get) {
    serve();
    const std::string header = ask("HEAD /healthz HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_THAT(header, StartsWith("HTTP/1.1 200 OK\r\n"));
    EXPECT_THAT(header, HasSubstr("Content-Length: 3\r\n"));
    EXPECT_EQ(header.find("\r\n\r\n") + 4, header.size());
    EXPECT_THAT(ask("HEAD /readyz HTTP/1.1\r\nHost: x\r\n\r\n"), StartsWith("HTTP/1.1 503 "));
}

TEST_F(admin_server_test, answers_get_and_head_only) {
    serve();
    EXPECT_THAT(ask("POST /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n"),
                StartsWith("HTTP/1.1 405 "));
    EXPECT_THAT(ask("DELETE /metrics HTTP/1.1\r\nHost: x\r\n\r\n"), HasSubstr("Allow: GET, HEAD\r\n"));
    EXPECT_THAT(ask("GET /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello"),
                StartsWith("HTTP/1.1 413 "));
    EXPECT_EQ(scrapes_, 0);
}

TEST_F(admin_server_test, a_page_that_throws_fails_alone) {
    serve();
    EXPECT_THAT(get("/broken"), StartsWith("HTTP/1.1 500 "));
    EXPECT_THAT(get("/healthz"), StartsWith("HTTP/1.1 200 "));
}

TEST_F(admin_server_test, long_headers_are_refused_in_words) {
    serve();
    const std::string request = "GET /healthz HTTP/1.1\r\nX: " + std::string(20'000, 'a') + "\r\n\r\n";
    EXPECT_THAT(ask(request), StartsWith("HTTP/1.1 431 "));
    EXPECT_THAT(ask("GET /" + std::string(20'000, 'a') + " HTTP/1.1\r\n\r\n"), StartsWith("HTTP/1.1 431 "));
}

TEST_F(admin_server_test, rubbish_ends_its_own_connection_only) {
    serve({.read_timeout = std::chrono::milliseconds(200)});
    EXPECT_THAT(ask(std::string("\x00\x00\x00\x08\x04\xd2\x16\x2f", 8)), StartsWith("HTTP/1.1 400 "));
    EXPECT_THAT(ask("GET / HTTP/9.9\r\n\r\n"), StartsWith("HTTP/1.1 400 "));
    std::mt19937 random(7);
    for (int round = 0; round < 300; ++round) {
        std::string bytes(random() % 400, '\0');
        for (char& c : bytes) c = static_cast<char>(random());
        if (round % 3 == 0) bytes = "GET /metrics HTTP/1.1\r\n" + bytes + "\r\n\r\n";
        tcp::socket socket = connect();
        boost::system::error_code error;
        asio::write(socket, asio::buffer(bytes), error);
        socket.shutdown(tcp::socket::shutdown_send, error);
        if (round % 2 == 0) (void)rest_of(socket);
    }
    EXPECT_THAT(get("/healthz"), StartsWith("HTTP/1.1 200 "));
}

TEST_F(admin_server_test, a_silent_connection_is_cut_after_the_time_out) {
    serve({.read_timeout = std::chrono::milliseconds(100)});
    tcp::socket silent = connect();
    tcp::socket slow = connect();
    asio::write(slow, asio::buffer(std::string_view("GET /met")));
    const auto begin = std::chrono::steady_clock::now();
    EXPECT_EQ(rest_of(silent), "");
    EXPECT_EQ(rest_of(slow), "");
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(5));
}

TEST_F(admin_server_test, connections_beyond_the_bound_wait_for_their_turn) {
    serve({.max_connections = 2, .read_timeout = std::chrono::milliseconds(300)});
    tcp::socket first = connect();
    tcp::socket second = connect();
    const auto begin = std::chrono::steady_clock::now();
    EXPECT_THAT(get("/healthz"), StartsWith("HTTP/1.1 200 "));  // after one of the silent ones was cut
    EXPECT_GE(std::chrono::steady_clock::now() - begin, std::chrono::milliseconds(200));
}

TEST_F(admin_server_test, a_large_page_arrives_whole) {
    page_.assign(8u << 20, 'x');
    serve();
    const std::string answer = get("/metrics");
    EXPECT_EQ(answer.size() - answer.find("\r\n\r\n") - 4, page_.size());
}

TEST_F(admin_server_test, a_reader_that_does_not_read_is_cut) {
    page_.assign(64u << 20, 'x');
    serve({.write_timeout = std::chrono::milliseconds(200)});
    tcp::socket stuck = connect();
    asio::write(stuck, asio::buffer(std::string_view("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n")));
    std::this_thread::sleep_for(std::chrono::milliseconds(600));
    EXPECT_LT(rest_of(stuck).size(), page_.size());
}

TEST_F(admin_server_test, stop_closes_listener_and_connections) {
    serve();
    tcp::socket open = connect();
    EXPECT_THAT(get("/healthz"), StartsWith("HTTP/1.1 200 "));  // `open` has been accepted before this one
    server_->stop();
    EXPECT_EQ(rest_of(open), "");
    tcp::socket late(client_io_);
    boost::system::error_code error;
    late.connect({asio::ip::address_v4::loopback(), port_}, error);
    EXPECT_TRUE(error);
}

TEST_F(admin_server_test, a_bad_address_is_an_error_that_says_so) {
    admin_server server(io_, {});
    for (const char* address : {"", "9127", ":", "127.0.0.1:", ":9127", "127.0.0.1:http-none"}) {
        auto port = server.listen(address);
        ASSERT_FALSE(port.ok()) << address;
        EXPECT_THAT(port.error().message, HasSubstr("admin")) << address;
    }
    io_.poll();
}

TEST_F(admin_server_test, a_port_in_use_is_an_error) {
    serve();
    asio::io_context other;
    admin_server second(other, {});
    auto port = second.listen("127.0.0.1:" + std::to_string(port_));
    ASSERT_FALSE(port.ok());
    EXPECT_THAT(port.error().message, HasSubstr(std::to_string(port_)));
    EXPECT_THAT(port.error().hint, HasSubstr("[admin] address"));
}

TEST(readiness, is_ready_with_one_placement_and_lists_what_is_refused) {
    const admin_response ready =
        readyz({.listeners_open = true, .placements_up = 1, .refused_placements = {"silo: superuser"}});
    EXPECT_EQ(ready.status, 200u);
    EXPECT_EQ(ready.body, "ready\nplacement refused: silo: superuser\n");
}

TEST(readiness, says_each_reason_why_not) {
    const admin_response draining =
        readyz({.draining = true, .listeners_open = true, .placements_up = 1, .refused_placements = {}});
    EXPECT_EQ(draining.status, 503u);
    EXPECT_THAT(draining.body, HasSubstr("draining"));
    EXPECT_THAT(draining.body, Not(HasSubstr("placement is up")));
    const admin_response nothing = readyz({});
    EXPECT_EQ(nothing.status, 503u);
    EXPECT_THAT(nothing.body, HasSubstr("no listener is open"));
    EXPECT_THAT(nothing.body, HasSubstr("no placement is up"));
}

}  // namespace
}  // namespace fairlead::proxy::admin
