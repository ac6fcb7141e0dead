#pragma once

#include "dal/driver/connect_options.h"

#include <chrono>
#include <memory>
#include <optional>
#include <string>

struct st_mysql;  // libmysqlclient's MYSQL; its header stays in the .cpp files of this folder

namespace fairlead::dal::mysql {

struct close_connection {
    void operator()(st_mysql* connection) const;
};
/// Closing says goodbye to the server, and waits for nothing as long as the connection is idle.
using connection_handle = std::unique_ptr<st_mysql, close_connection>;

/// Not connected. Null: no memory. Thread-safe.
connection_handle new_connection();

/// Whether to log in with TLS, and whether to try the other way when the first got no verdict of the server.
struct tls_attempts {
    bool first = false;
    std::optional<bool> second;
};
tls_attempts tls_attempts_of(const ConnectOptions& options);

/// Who compares the name in the server's certificate with the host's. The library can only do so where it
/// connects to a name; a caller that connects to an address compares as soon as there is a certificate.
enum class name_check { by_library, by_caller };

/// Everything about a login that is the same for all connections: character set (utf8mb4), login methods,
/// TLS, how long connecting may take.
void set_login_options(st_mysql* connection, const ConnectOptions& options, bool encrypted,
                       name_check check = name_check::by_library);

/// Where to connect to, as mysql_real_connect() takes it.
class login_address {
public:
    login_address() = default;
    explicit login_address(const ConnectOptions& options);

    /// Before connecting: without it "localhost" would mean a socket at the library's own idea of a place.
    void set_protocol(st_mysql* connection) const;
    const char* host() const { return local_ ? nullptr : host_.c_str(); }
    const char* path() const { return local_ ? path_.c_str() : nullptr; }
    unsigned port() const { return port_; }

private:
    bool local_ = false;
    unsigned port_ = 0;
    std::string host_, path_;
};

/// The library's TLS handshake blocks, also in its non-blocking interface, and leaves the socket blocking
/// (measured: a statement then waited for its answer on the spot). These bound the first as far as it can be,
/// once there is a socket, and undo the second after the login.
void bound_handshake(st_mysql* connection, std::chrono::milliseconds time);
void make_nonblocking(st_mysql* connection);

/// One of the library's options that are a number of seconds, at least one.
void set_seconds(st_mysql* connection, int option, std::chrono::milliseconds time);

/// The library goes on in the clear when the server has no TLS, whatever it was told (measured); to be asked
/// after every login. What has been sent by then is the answer to the server's challenge, not the password.
bool lacks_tls(st_mysql* connection, bool encrypted);
inline constexpr const char* no_tls = "the server does not offer TLS";
inline constexpr const char* no_tls_hint = "see `tls.mode` of the backend";

}  // namespace fairlead::dal::mysql
