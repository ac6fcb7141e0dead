#include "dal/driver/mysql/login.h"

#include <mysql.h>

#include <algorithm>
#include <cstdint>
#include <fcntl.h>
#include <filesystem>
#include <mutex>
#include <sys/socket.h>
#include <sys/time.h>

namespace fairlead::dal::mysql {
namespace {

using config::TlsMode;

// Plug-ins that tell the server only what a listener cannot use. Without this list the server chooses, and it
// might ask for the password in clear text, or for a dialogue with the terminal.
constexpr const char* login_methods =
    "mysql_native_password,client_ed25519,caching_sha2_password,sha256_password";
// The last one sends the password as soon as there is TLS, before a caller could look at the certificate.
constexpr const char* login_methods_before_check =
    "mysql_native_password,client_ed25519,caching_sha2_password";

bool is_path(const std::string& host) {
    return host.starts_with('/');
}

/// What was configured is the socket, or the directory that Debian's server puts it in.
std::string socket_path(const std::string& host) {
    std::error_code ignored;
    return std::filesystem::is_directory(host, ignored) ? host + "/mysqld.sock" : host;
}

void set_flag(st_mysql* connection, mysql_option option, bool on) {
    const my_bool value = on ? 1 : 0;
    mysql_options(connection, option, &value);
}

unsigned whole_seconds(std::chrono::milliseconds time) {
    return static_cast<unsigned>(
        std::max<std::int64_t>(std::chrono::ceil<std::chrono::seconds>(time).count(), 1));
}

void set_path(st_mysql* connection, mysql_option option, const std::string& path) {
    if (!path.empty()) mysql_options(connection, option, path.c_str());
}

/// The library checks the server's certificate against `ca` whenever there is one, and its name only when
/// told to.
void set_tls(st_mysql* connection, const config::Tls& tls, bool verify_name) {
    set_flag(connection, MYSQL_OPT_SSL_ENFORCE, true);
    set_flag(connection, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, verify_name);
    set_path(connection, MYSQL_OPT_SSL_CA, tls.ca);
    set_path(connection, MYSQL_OPT_SSL_CERT, tls.cert);
    set_path(connection, MYSQL_OPT_SSL_KEY, tls.key);
}

}  // namespace

void close_connection::operator()(st_mysql* connection) const {
    mysql_close(connection);
}

connection_handle new_connection() {
    static std::once_flag once;  // the library's own start is not thread-safe
    std::call_once(once, [] { mysql_library_init(0, nullptr, nullptr); });
    return connection_handle(mysql_init(nullptr));
}

void set_seconds(st_mysql* connection, int option, std::chrono::milliseconds time) {
    const unsigned value = whole_seconds(time);
    mysql_options(connection, static_cast<mysql_option>(option), &value);
}

tls_attempts tls_attempts_of(const ConnectOptions& options) {
    // A path has no network to be read on: as with PostgreSQL, TLS is for addresses.
    if (is_path(options.host) || options.tls.mode == TlsMode::disable) return {false, std::nullopt};
    if (options.tls.mode == TlsMode::prefer) return {true, false};
    if (options.tls.mode == TlsMode::allow) return {false, true};
    return {true, std::nullopt};
}

void set_login_options(st_mysql* connection, const ConnectOptions& options, bool encrypted,
                       name_check check) {
    const bool by_name = encrypted && options.tls.mode == TlsMode::verify_full;
    const bool later = by_name && check == name_check::by_caller;
    set_seconds(connection, MYSQL_OPT_CONNECT_TIMEOUT, options.connect_timeout);
    mysql_options(connection, MYSQL_SET_CHARSET_NAME, "utf8mb4");
    mysql_options(connection, MARIADB_OPT_RESTRICTED_AUTH,
                  later ? login_methods_before_check : login_methods);
    mysql_options4(connection, MYSQL_OPT_CONNECT_ATTR_ADD, "program_name", options.application_name.c_str());
    if (encrypted) set_tls(connection, options.tls, by_name && !later);
}

login_address::login_address(const ConnectOptions& options)
    : local_(is_path(options.host)),
      port_(local_ ? 0 : options.port),
      host_(local_ ? "" : options.host),
      path_(local_ ? socket_path(options.host) : "") {}

void login_address::set_protocol(st_mysql* connection) const {
    const unsigned protocol = local_ ? MYSQL_PROTOCOL_SOCKET : MYSQL_PROTOCOL_TCP;
    mysql_options(connection, MYSQL_OPT_PROTOCOL, &protocol);
}

void bound_handshake(st_mysql* connection, std::chrono::milliseconds time) {
    const int socket = static_cast<int>(mysql_get_socket(connection));
    const timeval limit{static_cast<time_t>(whole_seconds(time)), 0};
    ::setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    ::setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
}

void make_nonblocking(st_mysql* connection) {
    const int socket = static_cast<int>(mysql_get_socket(connection));
    ::fcntl(socket, F_SETFL, ::fcntl(socket, F_GETFL) | O_NONBLOCK);
}

bool lacks_tls(st_mysql* connection, bool encrypted) {
    return encrypted && mysql_get_ssl_cipher(connection) == nullptr;
}

}  // namespace fairlead::dal::mysql
