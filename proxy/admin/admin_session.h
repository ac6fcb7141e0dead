#pragma once

#include "proxy/admin/admin_route.h"
#include "proxy/admin/admin_server.h"

#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include <array>
#include <functional>
#include <memory>
#include <optional>

namespace fairlead::proxy::admin {

/// One connection: reads one request, answers it, closes. Keeps itself alive through its pending operation.
class admin_session : public std::enable_shared_from_this<admin_session> {
public:
    using finished = std::function<void(admin_session&)>;

    /// `routes` is shared with the server, since a session may outlive it by the operation that is being
    /// cancelled.
    admin_session(boost::asio::ip::tcp::socket socket, std::shared_ptr<const admin_routes> routes,
                  const admin_limits& limits, finished when_finished);

    void start();
    /// Cuts the connection; `when_finished` is called later, from the operation that ends by it.
    void close();

private:
    void on_request(boost::beast::error_code error);
    void respond(admin_response answer);
    void on_response(boost::beast::error_code error);
    void drain();
    void finish();
    admin_response answer_to(
        const boost::beast::http::request<boost::beast::http::empty_body>& request) const;
    admin_response index() const;

    boost::beast::tcp_stream stream_;
    std::shared_ptr<const admin_routes> routes_;
    admin_limits limits_;
    finished when_finished_;
    boost::beast::flat_buffer buffer_;
    boost::beast::http::request_parser<boost::beast::http::empty_body> parser_;
    std::optional<boost::beast::http::response<boost::beast::http::string_body>> response_;
    std::array<char, 4096> discarded_;
    std::size_t drained_ = 0;
};

}  // namespace fairlead::proxy::admin
