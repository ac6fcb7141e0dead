#include "proxy/session/mysql/server_login.h"

#include "proxy/auth/crypto.h"
#include "proxy/wire/mysql/commands.h"
#include "proxy/wire/mysql/field.h"
#include "proxy/wire/mysql/ok_packet.h"

#include <charconv>

namespace fairlead::proxy::mysql {
namespace {

constexpr std::string_view cannot_connect = "08001";
constexpr std::string_view protocol_violation = "08S01";
constexpr std::size_t identity_columns = 6;
constexpr std::string_view identity_query =
    "SELECT @@version,@@version_comment,@@sql_mode,@@lower_case_table_names,@@max_allowed_packet,"
    "CONNECTION_ID()";

void append_query(std::string& out, std::string_view sql) {
    std::uint8_t sequence = 0;
    append_packet(out, sequence, [&](std::string& body) {
        body.push_back(static_cast<char>(command::query));
        body += sql;
    });
}

std::optional<std::uint64_t> to_number(const std::optional<std::string>& text) {
    std::uint64_t value = 0;
    if (!text) return std::nullopt;
    auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
    if (error != std::errc() || end != text->data() + text->size()) return std::nullopt;
    return value;
}

}  // namespace

server_login::server_login(server_login_parameters parameters) : parameters_(std::move(parameters)) {}
server_login::~server_login() {
    auth::wipe(parameters_.password);
}

bool server_login::fail(std::string_view sqlstate, std::string message) {
    failure_ = {std::string(sqlstate), std::move(message), false};
    state_ = state::done;
    failed_ = true;
    return false;
}

server_login::step server_login::fail_step(std::string_view sqlstate, std::string message) {
    fail(sqlstate, std::move(message));
    return {next::failed, 0};
}

bool server_login::on_error(const err_packet& err) {
    std::string_view text =
        err.message.empty() ? "the server refused the login without saying why" : err.message;
    fail(err.sqlstate, std::string(text.substr(0, max_failure_text)));
    failure_.from_server = true;
    return false;
}

server_login::step server_login::start(std::string&) {
    if (state_ != state::created) return fail_step(protocol_violation, "the login was started twice");
    state_ = state::greeting;
    return {next::read_more, 0};
}

server_login::step server_login::on_bytes(Bytes input, std::string& out) {
    std::size_t consumed = 0;
    while (state_ != state::done) {
        if (state_ == state::tls || state_ == state::created)
            return input.size() == consumed ? step{next::read_more, consumed}
                                            : fail_step(protocol_violation, "the server spoke out of turn");
        Bytes rest = input.subspan(consumed);
        std::optional<packet_header> header = read_packet_header(rest);
        if (!header) return {next::read_more, consumed};
        if (header->length > max_packet || header->sequence != sequence_)
            return fail_step(protocol_violation, "the server sent an oversized packet, or one out of order");
        if (rest.size() < header->total()) return {next::read_more, consumed};
        received_ += header->total();
        if (received_ > max_total) return fail_step(protocol_violation, "the server's login does not end");
        ++sequence_;
        if (!on_packet(rest.subspan(packet_header_size, header->length), out))
            return {next::failed, input.size()};
        consumed += header->total();
        if (!starts_tls_) continue;
        starts_tls_ = false;
        // What stands behind the greeting came in clear text and must not be taken for what comes inside TLS.
        if (input.size() != consumed)
            return fail_step(protocol_violation, "the server sent more than its greeting before TLS");
        return {next::start_tls, consumed};
    }
    return {failed_ ? next::failed : next::ready, consumed};
}

bool server_login::on_packet(Bytes payload, std::string& out) {
    if (payload.empty()) return fail(protocol_violation, "the server sent an empty packet during login");
    // A row may begin with any byte; nothing else that is expected here begins with 0xff.
    if (payload[0] == err_header && state_ != state::row) {
        std::optional<err_packet> err = parse_err(payload);
        return err ? on_error(*err) : fail(protocol_violation, "the server sent a malformed error");
    }
    switch (state_) {
        case state::greeting:
            return on_greeting(payload, out);
        case state::authentication:
        case state::full:
            return on_authentication(payload, out);
        case state::setup:
            return on_setup(payload);
        default:
            return on_identity(payload);
    }
}

bool server_login::on_greeting(Bytes payload, std::string& out) {
    std::optional<greeting> hello = parse_greeting(payload);
    if (!hello || hello->scramble.size() != scramble_size)
        return fail(protocol_violation, "the server's greeting is not MySQL's");
    if (!has(hello->capabilities, required))
        return fail(cannot_connect, "server version " + hello->server_version.substr(0, 64) +
                                        " lacks session tracking or other capabilities that pooling needs "
                                        "(MariaDB 10.2, MySQL 5.7 and later have them)");
    scramble_ = hello->scramble;
    plugin_ = hello->plugin;
    capability_set wanted = parameters_.capabilities | required;
    if (!parameters_.database.empty()) wanted |= capability::connect_with_db;
    bool tls = asks_for_tls(parameters_.tls) && has(hello->capabilities, capability::ssl);
    if (!tls && insists_on_tls(parameters_.tls))
        return fail(cannot_connect, "the server does not support TLS, but tls.mode requires it");
    if (tls) wanted |= capability::ssl;
    capabilities_ = wanted & hello->capabilities;
    if (!tls) {
        send_response(out);
        return !failed_;
    }
    append_ssl_request(out, sequence_, response());
    starts_tls_ = true;
    state_ = state::tls;
    return true;
}

server_login::step server_login::on_tls_established(auth::tls_peer peer, std::string& out) {
    if (state_ != state::tls) return fail_step(protocol_violation, "TLS is not expected here");
    tls_ = std::move(peer);
    has_tls_ = true;
    send_response(out);
    return {failed_ ? next::failed : next::read_more, 0};
}

bool server_login::on_authentication(Bytes payload, std::string& out) {
    switch (payload[0]) {
        case ok_header: {
            std::optional<ok_packet> ok = parse_ok(payload, capabilities_);
            if (!ok) return fail(protocol_violation, "the server sent a malformed OK");
            status_ = ok->status;
            begin_setup(out);
            return true;
        }
        case auth_switch_header:
            return on_auth_switch(payload, out);
        case auth_more_header:
            return on_auth_more(as_text(payload.subspan(1)), out);
        default:
            return fail(protocol_violation, "the server sent an unexpected packet during authentication");
    }
}

/// Both texts in one write; the server takes them one after the other.
void server_login::begin_setup(std::string& out) {
    if (!parameters_.setup.empty()) append_query(out, parameters_.setup);
    append_query(out, identity_query);
    state_ = parameters_.setup.empty() ? state::columns : state::setup;
    sequence_ = 1;
}

bool server_login::on_setup(Bytes payload) {
    std::optional<ok_packet> ok = payload[0] == ok_header ? parse_ok(payload, capabilities_) : std::nullopt;
    if (!ok) return fail(protocol_violation, "the server did not answer the set-up with OK");
    status_ = ok->status;
    if ((ok->status & status::more_results) == 0) {
        state_ = state::columns;
        sequence_ = 1;
    }
    return true;
}

/// One row of six columns, with `deprecate_eof`: count, six definitions, the row, the end.
bool server_login::on_identity(Bytes payload) {
    switch (state_) {
        case state::columns:
            if (columns_ == 0) {
                columns_ = identity_columns;
                return (payload.size() == 1 && payload[0] == identity_columns) ||
                       fail(protocol_violation, "the server did not say what it is");
            }
            if (--columns_ == 0) state_ = state::row;
            return parse_column(payload).has_value() ||
                   fail(protocol_violation, "the server sent a malformed column");
        case state::row: {
            std::optional<text_row> row = parse_text_row(payload, identity_columns);
            state_ = state::end;
            return (row && take_identity(*row)) ||
                   fail(protocol_violation, "the server says of itself what is not understood");
        }
        default: {
            std::optional<ok_packet> end = is_end_of_rows(payload[0], payload.size(), capabilities_)
                                               ? parse_ok(payload, capabilities_)
                                               : std::nullopt;
            if (!end || (end->status & (status::more_results | status::in_transaction)) != 0)
                return fail(protocol_violation, "the server is not idle at the end of the login");
            status_ = end->status;
            state_ = state::done;
            return true;
        }
    }
}

bool server_login::take_identity(const text_row& row) {
    std::optional<server_version> version =
        row[0] ? parse_server_version(*row[0], row[1].value_or("")) : std::nullopt;
    std::optional<std::uint64_t> table_names = to_number(row[3]);
    std::optional<std::uint64_t> packet = to_number(row[4]);
    std::optional<std::uint64_t> thread = to_number(row[5]);
    if (!version || !row[2] || !table_names || !packet || !thread) return false;
    identity_ = {*version, *row[0], row[1].value_or(""), *row[2], *table_names, *packet, *thread};
    return true;
}

}  // namespace fairlead::proxy::mysql
