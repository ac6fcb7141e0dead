// The MySQL logins on blocking sockets, for tests against real servers and real client libraries.
//   mysql_login connect HOST PORT USER DATABASE TLS_MODE        password in PASSWORD; prints one line of JSON
//   mysql_login serve FLAVOUR TLS_MODE CERT KEY METHOD NAME=PASSWORD...     prints its port, then a line for
//   each login
// What is served is a server that answers every SELECT with who logged in, and everything else with OK.
#include "proxy/session/mysql/client_login.h"
#include "proxy/session/mysql/server_login.h"
#include "proxy/wire/mysql/commands.h"
#include "proxy/wire/mysql/ok_packet.h"
#include "proxy/wire/mysql/result_set.h"

#include <nlohmann/json.hpp>
#include <openssl/ssl.h>

#include <arpa/inet.h>
#include <csignal>
#include <iostream>
#include <map>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace {

using namespace fairlead;
using namespace fairlead::proxy;
using namespace fairlead::proxy::mysql;
using config::TlsMode;

/// A connection that blocks, with or without TLS.
class stream {
public:
    explicit stream(int socket) : socket_(socket) {}
    ~stream() {
        SSL_free(ssl_);
        ::close(socket_);
    }
    stream(const stream&) = delete;
    stream& operator=(const stream&) = delete;

    bool start_tls(SSL_CTX* context, bool accepts) {
        ssl_ = SSL_new(context);
        SSL_set_fd(ssl_, socket_);
        return (accepts ? SSL_accept(ssl_) : SSL_connect(ssl_)) == 1;
    }
    /// Appends what comes, at most `limit`; false at the end.
    bool read(std::string& into, std::size_t limit = 16384) {
        char buffer[16384];
        limit = std::min(limit, sizeof buffer);
        int size = ssl_ != nullptr ? SSL_read(ssl_, buffer, static_cast<int>(limit))
                                   : static_cast<int>(::read(socket_, buffer, limit));
        if (size > 0) into.append(buffer, static_cast<std::size_t>(size));
        return size > 0;
    }
    void write(std::string& bytes) {
        for (std::size_t sent = 0; sent < bytes.size();) {
            auto left = bytes.size() - sent;
            long size = ssl_ != nullptr ? SSL_write(ssl_, bytes.data() + sent, static_cast<int>(left))
                                        : ::write(socket_, bytes.data() + sent, left);
            if (size <= 0) break;
            sent += static_cast<std::size_t>(size);
        }
        bytes.clear();
    }

private:
    int socket_;
    SSL* ssl_ = nullptr;
};

const std::map<std::string, TlsMode> modes = {
    {"disable", TlsMode::disable}, {"prefer", TlsMode::prefer}, {"require", TlsMode::require}};

sockaddr_in address_of(const char* host, int port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    inet_pton(AF_INET, host, &address.sin_addr);
    return address;
}

/// Runs either login to its end. Returns its last word.
template <typename Login>
auto run(Login& login, stream& peer, SSL_CTX* tls, bool accepts, std::string& pending) {
    std::string out;
    auto step = login.start(out);
    for (;;) {
        peer.write(out);
        if (step.what == Login::next::start_tls) {
            if (!peer.start_tls(tls, accepts)) return step.what;
            step = login.on_tls_established({}, out);
            continue;
        }
        std::size_t limit = 16384;
        if constexpr (requires { login.read_limit(Bytes()); }) limit = login.read_limit(as_bytes(pending));
        if (step.what != Login::next::read_more || !peer.read(pending, limit)) return step.what;
        step = login.on_bytes(as_bytes(pending), out);
        pending.erase(0, step.consumed);
    }
}

int connect_to(char** arguments) {
    server_login_parameters parameters;
    parameters.user = arguments[2];
    parameters.database = arguments[3];
    parameters.tls = modes.at(arguments[4]);
    parameters.password = getenv("PASSWORD");
    parameters.setup = "SET NAMES utf8mb4, session_track_system_variables='*'; SET @fairlead_probe=1";
    int socket = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address = address_of(arguments[0], atoi(arguments[1]));
    if (::connect(socket, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) return 1;
    stream peer(socket);
    server_login login(std::move(parameters));
    std::string pending;
    auto last = run(login, peer, SSL_CTX_new(TLS_client_method()), false, pending);
    nlohmann::json said = {{"ready", last == server_login::next::ready}};
    if (last == server_login::next::ready) {
        const server_identity& who = login.identity();
        said.update({{"plugin", login.auth_plugin()},
                     {"tls", login.has_tls()},
                     {"version", who.version.number},
                     {"text", who.version_text},
                     {"mariadb", who.version.flavour == policy::mysql::flavour::mariadb},
                     {"sql_mode", who.sql_mode},
                     {"thread", who.thread_id},
                     {"max_allowed_packet", who.max_allowed_packet},
                     {"left", pending.size()},
                     {"session_track", has(login.capabilities(), capability::session_track)}});
    } else {
        said.update({{"sqlstate", login.failure().sqlstate},
                     {"message", login.failure().message},
                     {"from_server", login.failure().from_server}});
    }
    std::cout << said.dump() << std::endl;
    return 0;
}

/// What clients of one served port share.
struct service {
    client_login_context context;
    SSL_CTX* tls = nullptr;
};

/// A client after its login, with or without compression.
class served_client {
public:
    served_client(service& host, stream& peer, client_login& login, std::string pending)
        : service_(host),
          peer_(peer),
          codec_(login.compression()),
          packed_(login.compression().method != compression_method::none),
          raw_(std::move(pending)) {
        take_over(login);
    }

    void run() {
        for (;;) {
            auto packet = read_packet(as_bytes(plain_));
            if (packet) {
                std::string payload(as_text(packet->payload));
                bool goes_on = payload.empty() || answer(payload, packet->header.total());
                if (!goes_on) return;
                continue;
            }
            if (!fill()) return;
        }
    }

private:
    bool fill() {
        if (raw_.empty() && !peer_.read(raw_)) return false;
        if (!packed_) {
            plain_ += std::exchange(raw_, {});
            return true;
        }
        auto step = codec_.read(as_bytes(raw_), plain_, 1 << 20);
        raw_.erase(0, step.consumed);
        if (step.what == frame_codec::status::malformed) return false;
        return step.what == frame_codec::status::output_full || step.consumed > 0 || peer_.read(raw_);
    }
    void write(std::string bytes) {
        std::string out;
        if (packed_)
            codec_.append(out, as_bytes(bytes), workspace_);
        else
            out = std::move(bytes);
        peer_.write(out);
    }
    void take_over(const client_login& login) {
        capabilities_ = login.capabilities();
        scramble_ = login.scramble();
        const client_parameters& asked = login.parameters();
        who_ = {login.user()->name, login.label(), asked.database.value_or(""), asked.tenant.value_or("")};
    }
    bool answer(const std::string& payload, std::size_t size) {
        auto what = static_cast<command>(payload[0]);
        if (what == command::change_user) return change_user();
        plain_.erase(0, size);
        if (what == command::quit) return false;
        std::string out;
        std::uint8_t sequence = 1;
        bool asks = what == command::query && payload.find("SELECT") != std::string::npos;
        if (asks) {
            std::vector<column_definition> columns(4);
            constexpr std::array<std::string_view, 4> names = {"user", "label", "db", "tenant"};
            for (std::size_t i = 0; i < columns.size(); ++i) columns[i].name = names[i];
            std::vector<text_row> rows = {{who_[0], who_[1], who_[2], who_[3]}};
            rows.insert(rows.end(), payload.find("MANY") == std::string::npos ? 0 : 1000, rows[0]);
            append_text_result(out, sequence, columns, rows, {}, capabilities_);
        } else {
            append_ok(out, sequence, {}, capabilities_);
        }
        write(std::move(out));
        return true;
    }
    bool change_user() {
        client_login login(service_.context, 1,
                           {.capabilities = capabilities_, .scramble = scramble_, .tls = {}});
        std::string out;
        login.start(out);
        for (;;) {
            client_login_step step = login.on_bytes(as_bytes(plain_), out);
            plain_.erase(0, step.consumed);
            if (step.what == client_login_next::authenticated) login.finish(out);
            write(std::exchange(out, {}));
            if (step.what == client_login_next::authenticated) {
                take_over_user(login);
                return true;
            }
            if (step.what != client_login_next::read_more || !fill()) return false;
        }
    }
    void take_over_user(const client_login& login) {
        capability_set kept = capabilities_;
        take_over(login);
        capabilities_ = kept;
    }

    service& service_;
    stream& peer_;
    frame_codec codec_;
    compression_workspace workspace_;
    bool packed_;
    capability_set capabilities_ = 0;
    std::array<std::string, 4> who_;
    std::string scramble_;
    std::string raw_, plain_;
};

void serve_one(service& host, int socket) {
    stream peer(socket);
    client_login login(host.context, 4242);
    std::string pending, ok;
    auto last = run(login, peer, host.tls, true, pending);
    bool authenticated = last == client_login_next::authenticated;
    nlohmann::json said = {{"authenticated", authenticated},
                           {"user", login.parameters().user},
                           {"tls", login.has_tls()},
                           {"reason", login.failure_reason()}};
    std::cout << said.dump() << std::endl;
    if (!authenticated) return;
    login.finish(ok);
    peer.write(ok);
    served_client(host, peer, login, std::move(pending)).run();
}

int serve(int count, char** arguments) {
    std::vector<config::User> users;
    for (int i = 5; i < count; ++i) {
        std::string_view pair = arguments[i];
        config::User& user = users.emplace_back();
        user.name = pair.substr(0, pair.find('='));
        user.password = pair.substr(pair.find('=') + 1);
    }
    auth::lazy_rsa_key rsa;
    auth::caching_sha2_cache cache;
    service host;
    host.context.credentials =
        std::move(auth::credential_store::build(std::make_shared<config::Snapshot>(
                      config::Settings{}, std::vector<config::Tenant>{}, std::move(users), 1)))
            .value();
    bool mariadb = std::string_view(arguments[0]) == "mariadb";
    host.context.flavour = mariadb ? policy::mysql::flavour::mariadb : policy::mysql::flavour::mysql;
    host.context.server_version = mariadb ? "10.11.14-MariaDB" : "8.0.36";
    host.context.tls = modes.at(arguments[1]);
    host.context.method =
        std::string_view(arguments[4]) == "password" ? auth_method::password : auth_method::automatic;
    host.context.rsa = &rsa;
    host.context.cache = &cache;
    host.tls = SSL_CTX_new(TLS_server_method());
    if (host.context.tls != TlsMode::disable &&
        (SSL_CTX_use_certificate_chain_file(host.tls, arguments[2]) != 1 ||
         SSL_CTX_use_PrivateKey_file(host.tls, arguments[3], SSL_FILETYPE_PEM) != 1))
        return 1;
    int listener = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address = address_of("127.0.0.1", 0);
    socklen_t size = sizeof address;
    if (::bind(listener, reinterpret_cast<sockaddr*>(&address), size) != 0 || ::listen(listener, 16) != 0)
        return 1;
    ::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size);
    std::cout << ntohs(address.sin_port) << std::endl;
    for (;;) serve_one(host, ::accept(listener, nullptr, nullptr));
}

}  // namespace

int main(int count, char** arguments) {
    std::signal(SIGPIPE, SIG_IGN);
    std::string_view what = count > 1 ? arguments[1] : "";
    if (what == "connect" && count == 7) return connect_to(arguments + 2);
    if (what == "serve" && count > 7) return serve(count - 2, arguments + 2);
    std::cerr << "usage: see the top of tests/support/mysql_login.cpp\n";
    return 2;
}
