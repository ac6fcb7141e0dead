#include "proxy/admin/admin_session.h"

#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>

#include <string_view>
#include <utility>

namespace fairlead::proxy::admin {
namespace {

namespace beast = boost::beast;
namespace http = boost::beast::http;

constexpr std::size_t max_drained_bytes = 64 * 1024;
constexpr std::chrono::seconds drain_timeout{1};

admin_response plain(unsigned status, std::string_view text) {
    return {.status = status, .content_type = "text/plain; charset=utf-8", .body = std::string(text) + "\n"};
}

// Who hung up or timed out before a whole request gets no answer; rubbish and too much get one.
bool deserves_answer(beast::error_code error) {
    return error.category() == beast::error_code(http::error::bad_method).category() &&
           error != http::error::end_of_stream && error != http::error::partial_message;
}

admin_response answer_to_rubbish(beast::error_code error) {
    if (error == http::error::header_limit || error == http::error::buffer_overflow) {
        return plain(431, "request header is too long");
    }
    if (error == http::error::body_limit || error == http::error::unexpected_body) {
        return plain(413, "requests have no body here");
    }
    return plain(400, "not an HTTP request");
}

}  // namespace

admin_session::admin_session(boost::asio::ip::tcp::socket socket, std::shared_ptr<const admin_routes> routes,
                             const admin_limits& limits, finished when_finished)
    : stream_(std::move(socket)),
      routes_(std::move(routes)),
      limits_(limits),
      when_finished_(std::move(when_finished)),
      buffer_(limits.max_request_bytes) {
    parser_.header_limit(static_cast<std::uint32_t>(limits.max_request_bytes));
    parser_.body_limit(0);
}

void admin_session::start() {
    stream_.expires_after(limits_.read_timeout);
    http::async_read(
        stream_, buffer_, parser_,
        [self = shared_from_this()](beast::error_code error, std::size_t) { self->on_request(error); });
}

void admin_session::close() {
    stream_.close();
}

void admin_session::on_request(beast::error_code error) {
    if (!error) return respond(answer_to(parser_.get()));
    if (deserves_answer(error)) return respond(answer_to_rubbish(error));
    finish();
}

admin_response admin_session::answer_to(const http::request<http::empty_body>& request) const {
    if (request.method() != http::verb::get && request.method() != http::verb::head)
        return plain(405, "only GET and HEAD are answered here");
    std::string_view path(request.target().data(), request.target().size());
    path = path.substr(0, path.find('?'));
    for (const admin_route& route : *routes_) {
        if (route.path != path) continue;
        // The one place where foreign code may throw (out of memory while a large page is built): its request
        // fails, the process and its clients do not.
        try {
            return route.answer();
        } catch (const std::exception&) {
            return plain(500, "the page could not be made");
        }
    }
    if (path == "/") return index();
    return plain(404, "no such page; / lists them");
}

admin_response admin_session::index() const {
    admin_response page;
    page.body = "fairlead\n\n";
    for (const admin_route& route : *routes_) page.body += route.path + "  " + route.summary + "\n";
    return page;
}

void admin_session::respond(admin_response answer) {
    auto& response = response_.emplace(static_cast<http::status>(answer.status), 11);
    response.set(http::field::content_type, answer.content_type);
    response.set(http::field::cache_control, "no-store");
    response.set("X-Content-Type-Options", "nosniff");
    if (answer.status == 405) response.set(http::field::allow, "GET, HEAD");
    response.keep_alive(false);
    response.body() = std::move(answer.body);
    response.prepare_payload();
    // Load balancers ask so: what GET would say, without saying it (RFC 9110, 9.3.2).
    if (parser_.get().method() == http::verb::head) response.body().clear();

    stream_.expires_after(limits_.write_timeout);
    http::async_write(stream_, response, [self = shared_from_this()](beast::error_code error, std::size_t) {
        self->on_response(error);
    });
}

void admin_session::on_response(beast::error_code error) {
    if (error) return finish();
    stream_.socket().shutdown(boost::asio::ip::tcp::socket::shutdown_send, error);
    if (error) return finish();
    stream_.expires_after(drain_timeout);
    drain();
}

// Closing with unread bytes makes the kernel send a reset, which can destroy the answer on its way: so what
// the peer still sends is read first, within bounds.
void admin_session::drain() {
    stream_.async_read_some(boost::asio::buffer(discarded_),
                            [self = shared_from_this()](beast::error_code error, std::size_t count) {
                                self->drained_ += count;
                                if (error || self->drained_ > max_drained_bytes) return self->finish();
                                self->drain();
                            });
}

void admin_session::finish() {
    stream_.close();
    if (auto report = std::exchange(when_finished_, nullptr)) report(*this);
}

}  // namespace fairlead::proxy::admin
