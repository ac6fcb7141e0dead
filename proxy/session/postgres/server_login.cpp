#include "proxy/session/postgres/server_login.h"

#include "proxy/auth/md5_secret.h"
#include "proxy/auth/scram_client.h"
#include "proxy/auth/scram_server.h"
#include "proxy/session/postgres/login_codes.h"
#include "proxy/wire/postgres/build.h"
#include "proxy/wire/postgres/startup.h"
#include "proxy/wire/sqlstate.h"

#include <algorithm>

namespace fairlead::proxy::postgres {
namespace {

using namespace sqlstates;

constexpr std::size_t min_cancel_key = 4;
constexpr std::size_t max_cancel_key = 256;

std::string with_null(std::string text) {
    text.push_back('\0');
    return text;
}

/// What a server says goes to log lines and clients: five letters and digits, or a general code.
std::string checked_sqlstate(std::string_view code) {
    return std::string(is_sqlstate(code) ? code : cannot_connect);
}

}  // namespace

server_login::server_login(server_login_parameters parameters) : parameters_(std::move(parameters)) {}
server_login::~server_login() {
    auth::wipe(parameters_.password);
}

bool server_login::fail(std::string_view sqlstate, std::string message) {
    failure_ = {std::string(sqlstate), std::move(message), false};
    scram_.reset();
    state_ = state::done;
    failed_ = true;
    return false;
}

server_login::step server_login::fail_step(std::string_view sqlstate, std::string message) {
    fail(sqlstate, std::move(message));
    return {next::failed, 0};
}

server_login::step server_login::start(std::string& out) {
    if (state_ != state::created) return fail_step(protocol_violation, "the login was started twice");
    if (asks_for_tls(parameters_.tls)) {
        append_ssl_request(out);
        state_ = state::ssl_answer;
    } else {
        send_startup(out);
    }
    return {next::read_more, 0};
}

void server_login::send_startup(std::string& out) {
    std::vector<std::pair<std::string, std::string>> pairs = {{"user", parameters_.user},
                                                              {"database", parameters_.database}};
    pairs.insert(pairs.end(), parameters_.settings.begin(), parameters_.settings.end());
    append_startup(out, protocol_3_0 | parameters_.protocol_minor, pairs);
    protocol_minor_ = parameters_.protocol_minor;
    state_ = state::authentication;
}

server_login::step server_login::on_ssl_answer(Bytes input, std::string& out) {
    if (input.empty()) return {next::read_more, 0};
    // Anything behind the one byte came in clear text and must not be taken for what comes inside TLS.
    if (input.size() > 1 && input[0] != 'E')
        return fail_step(protocol_violation, "the server sent more than one byte in answer to SSLRequest");
    switch (input[0]) {
        case 'S':
            state_ = state::tls;
            return {next::start_tls, 1};
        case 'N':
            if (insists_on_tls(parameters_.tls))
                return fail_step(cannot_connect, "the server does not support TLS, but tls.mode requires it");
            send_startup(out);
            return {next::read_more, 1};
        // Its text could be anybody's, so it is not shown.
        case 'E':
            return fail_step(cannot_connect, "the server answered SSLRequest with an error");
        default:
            return fail_step(protocol_violation, "the server's answer to SSLRequest is not PostgreSQL's");
    }
}

server_login::step server_login::on_tls_established(auth::tls_peer peer, std::string& out) {
    if (state_ != state::tls) return fail_step(protocol_violation, "TLS is not expected here");
    tls_ = std::move(peer);
    has_tls_ = true;
    send_startup(out);
    return {next::read_more, 0};
}

server_login::step server_login::on_bytes(Bytes input, std::string& out) {
    std::size_t consumed = 0;
    if (state_ == state::ssl_answer) {
        step made = on_ssl_answer(input, out);
        if (made.what != next::read_more) return made;
        consumed = made.consumed;
    }
    while (state_ != state::done) {
        if (state_ < state::authentication)
            return input.size() == consumed ? step{next::read_more, consumed}
                                            : fail_step(protocol_violation, "the server spoke out of turn");
        Bytes rest = input.subspan(consumed);
        FrameHeader header;
        Decode read = read_header(rest, header);
        if (read == Decode::need_more) return {next::read_more, consumed};
        if (read == Decode::malformed || header.body_length > max_message)
            return fail_step(protocol_violation,
                             "the server sent a malformed or oversized message during login");
        if (rest.size() < header.total()) return {next::read_more, consumed};
        received_ += header.total();
        if (received_ > max_total) return fail_step(protocol_violation, "the server's login does not end");
        if (!on_message(header.type, rest.subspan(header_size, header.body_length), out))
            return {next::failed, input.size()};
        consumed += header.total();
    }
    return {failed_ ? next::failed : next::ready, consumed};
}

bool server_login::on_message(char type, Bytes body, std::string& out) {
    if (type == 'E') return on_error(body);
    if (type == 'N') return true;  // notices are for people at a terminal
    switch (state_) {
        case state::parameters:
            return on_parameters_message(type, body, out);
        case state::setup:
            return on_setup_message(type, body, out);
        default:
            return on_authentication_message(type, body, out);
    }
}

bool server_login::on_authentication_message(char type, Bytes body, std::string& out) {
    if (type == 'v' && state_ == state::authentication && !negotiated_) return on_negotiate(body);
    if (type == 'R') return on_authentication(body, out);
    return fail(protocol_violation, "the server sent an unexpected message during authentication");
}

bool server_login::on_negotiate(Bytes body) {
    ByteReader reader(body);
    std::optional<std::uint32_t> version = reader.u32();
    std::optional<std::uint32_t> options = reader.u32();
    // PostgreSQL sends major and minor; the manual, and whoever follows it, has the minor alone.
    std::uint32_t minor = version.value_or(0);
    if (minor >= protocol_3_0) minor -= protocol_3_0;
    if (!options || minor > parameters_.protocol_minor)
        return fail(protocol_violation, "the server sent a malformed NegotiateProtocolVersion");
    // We ask for no `_pq_.` option, so there is none it could refuse.
    if (*options != 0 || !reader.at_end())
        return fail(protocol_violation, "the server refuses protocol options that were not asked for");
    protocol_minor_ = static_cast<std::uint16_t>(minor);
    negotiated_ = true;
    return true;
}

bool server_login::on_authentication(Bytes body, std::string& out) {
    ByteReader reader(body);
    std::optional<std::uint32_t> code = reader.u32();
    if (!code) return fail(protocol_violation, "the server sent a malformed authentication request");
    if (*code == authentication_ok) return on_authentication_ok(reader.rest());
    if (*code == authentication_sasl_continue && state_ == state::sasl_first)
        return continue_sasl(as_text(reader.rest()), out);
    if (*code == authentication_sasl_final && state_ == state::sasl_final)
        return finish_sasl(as_text(reader.rest()));
    if (state_ != state::authentication)
        return fail(protocol_violation, "the server sent authentication requests out of order");
    bool asks_password =
        *code == authentication_cleartext || *code == authentication_md5 || *code == authentication_sasl;
    if (!asks_password)
        return fail(invalid_authorization, "the server asks for authentication method " +
                                               std::to_string(*code) +
                                               ", which is not supported (SCRAM-SHA-256, md5, password are)");
    if (parameters_.password.empty())
        return fail(invalid_authorization, "the server asks for a password and none is configured");
    if (*code == authentication_sasl) return begin_sasl(reader.rest(), out);
    if (*code == authentication_md5) return send_md5(reader.rest(), out);
    return send_cleartext(reader.rest(), out);
}

bool server_login::on_authentication_ok(Bytes rest) {
    // In the middle of SCRAM the server has not yet shown that it knows the password: this one may be an
    // impostor.
    bool in_order =
        state_ == state::authentication || state_ == state::password_sent || state_ == state::sasl_done;
    if (!in_order || !rest.empty())
        return fail(protocol_violation, "the server ended authentication before it was complete");
    scram_.reset();
    state_ = state::parameters;
    return true;
}

bool server_login::send_cleartext(Bytes rest, std::string& out) {
    if (!rest.empty()) return fail(protocol_violation, "the server sent a malformed authentication request");
    if (auth::is_md5_secret(parameters_.password) || auth::looks_like_scram_verifier(parameters_.password))
        return fail(invalid_authorization,
                    "the server asks for the plain password and only a hash is configured");
    append_password(out, with_null(parameters_.password));
    state_ = state::password_sent;
    return true;
}

bool server_login::send_md5(Bytes salt, std::string& out) {
    if (salt.size() != 4) return fail(protocol_violation, "the server sent a malformed md5 request");
    std::optional<std::string> secret = parameters_.password;
    if (!auth::is_md5_secret(*secret)) secret = auth::make_md5_secret(parameters_.password, parameters_.user);
    auto response = secret ? auth::md5_response(*secret, salt) : std::nullopt;
    if (!response) return fail(invalid_authorization, "the crypto library does not give md5");
    append_password(out, with_null(std::move(*response)));
    state_ = state::password_sent;
    return true;
}

bool server_login::begin_sasl(Bytes mechanisms, std::string& out) {
    ByteReader reader(mechanisms);
    bool has_plain = false;
    bool has_plus = false;
    for (;;) {
        std::optional<std::string_view> name = reader.cstring();
        if (!name) return fail(protocol_violation, "the server sent a malformed list of SASL mechanisms");
        if (name->empty()) break;
        has_plain = has_plain || *name == auth::scram_sha_256;
        has_plus = has_plus || *name == auth::scram_sha_256_plus;
    }
    bool plus = has_plus && has_tls_ && !tls_.end_point_hash.empty();
    if (!reader.at_end())
        return fail(protocol_violation, "the server sent a malformed list of SASL mechanisms");
    if (!plus && !has_plain)
        return fail(invalid_authorization, "the server offers no SASL mechanism that is supported here");
    // Without -PLUS on offer the header says 'y': a server that did offer it then knows that it was taken
    // out.
    scram_ = std::make_unique<auth::scram_client>(auth::scram_client::parameters{
        parameters_.password, has_tls_ ? tls_.end_point_hash : std::string(), plus, parameters_.scram_keys,
        parameters_.max_scram_iterations, parameters_.random});
    Result<std::string> message = scram_->first();
    if (!message) return fail(invalid_authorization, message.error().message);
    std::string body;
    ByteWriter writer(body);
    writer.cstring(scram_->mechanism());
    writer.u32(static_cast<std::uint32_t>(message->size()));
    writer.raw(*message);
    append_password(out, body);
    state_ = state::sasl_first;
    return true;
}

bool server_login::continue_sasl(std::string_view data, std::string& out) {
    Result<std::string> message = scram_->respond(data);
    if (!message) return fail(invalid_authorization, message.error().message);
    append_password(out, *message);
    state_ = state::sasl_final;
    return true;
}

bool server_login::finish_sasl(std::string_view data) {
    Status verified = scram_->verify(data);
    if (!verified) return fail(invalid_authorization, verified.error().message);
    state_ = state::sasl_done;
    return true;
}

bool server_login::on_parameters_message(char type, Bytes body, std::string& out) {
    switch (type) {
        case 'S':
            return on_parameter_status(body);
        case 'K':
            return on_backend_key(body);
        case 'Z':
            return on_ready_for_query(body, out);
        default:
            return fail(protocol_violation, "the server sent an unexpected message after authentication");
    }
}

bool server_login::on_setup_message(char type, Bytes body, std::string& out) {
    switch (type) {
        case 'S':
            return on_parameter_status(body);
        case 'Z':
            return on_ready_for_query(body, out);
        case 'D':
            return has_row_ || on_data_row(body);
        case '1':  // ParseComplete
        case '2':  // BindComplete
        case '3':  // CloseComplete
        case 'A':  // NotificationResponse
        case 'C':  // CommandComplete
        case 'I':  // EmptyQueryResponse
        case 'n':  // NoData
        case 's':  // PortalSuspended
        case 'T':  // RowDescription
        case 't':  // ParameterDescription
            return true;
        default:
            return fail(protocol_violation, "the server sent an unexpected message during set-up");
    }
}

bool server_login::on_parameter_status(Bytes body) {
    ByteReader reader(body);
    std::optional<std::string_view> name = reader.cstring();
    std::optional<std::string_view> value = reader.cstring();
    if (!value || !reader.at_end() || name->empty())
        return fail(protocol_violation, "the server sent a malformed ParameterStatus");
    auto known =
        std::find_if(reported_.begin(), reported_.end(), [&](auto& pair) { return pair.first == *name; });
    if (known != reported_.end()) {
        known->second = *value;
        return true;
    }
    if (reported_.size() == max_parameters)
        return fail(protocol_violation, "the server reports too many parameters");
    reported_.emplace_back(*name, *value);
    return true;
}

bool server_login::on_backend_key(Bytes body) {
    ByteReader reader(body);
    std::optional<std::uint32_t> pid = reader.u32();
    std::size_t size = reader.rest().size();
    bool fits =
        protocol_minor_ >= 2 ? size >= min_cancel_key && size <= max_cancel_key : size == min_cancel_key;
    if (!pid || !fits || !cancel_key_.empty())
        return fail(protocol_violation, "the server sent a malformed or second BackendKeyData");
    pid_ = *pid;
    cancel_key_ = as_text(reader.rest());
    return true;
}

bool server_login::on_ready_for_query(Bytes body, std::string& out) {
    if (body.size() != 1 || body[0] != 'I')
        return fail(protocol_violation, "the server is not idle at the end of login or set-up");
    if (state_ == state::parameters && !parameters_.setup.empty()) {
        out += parameters_.setup;
        state_ = state::setup;
    } else {
        state_ = state::done;
    }
    return true;
}

bool server_login::on_data_row(Bytes body) {
    ByteReader reader(body);
    std::optional<std::uint16_t> columns = reader.u16();
    if (!columns) return fail(protocol_violation, "the server sent a malformed DataRow");
    for (std::uint16_t i = 0; i < *columns; ++i) {
        std::optional<std::int32_t> length = reader.i32();
        if (length && *length == -1) {
            setup_row_.emplace_back();
            continue;
        }
        auto value = length && *length >= 0 ? reader.take(static_cast<std::size_t>(*length)) : std::nullopt;
        if (!value) return fail(protocol_violation, "the server sent a malformed DataRow");
        setup_row_.emplace_back(as_text(*value));
    }
    has_row_ = true;
    return reader.at_end() || fail(protocol_violation, "the server sent a malformed DataRow");
}

/// Fields may be missing: poolers and old servers leave some out.
bool server_login::on_error(Bytes body) {
    ByteReader reader(body);
    std::string_view sqlstate;
    std::string_view message;
    for (;;) {
        std::optional<std::uint8_t> code = reader.u8();
        if (!code || *code == 0) break;
        std::optional<std::string_view> text = reader.cstring();
        if (!text) break;
        if (*code == 'C') sqlstate = *text;
        if (*code == 'M') message = text->substr(0, max_failure_text);
    }
    if (message.empty()) message = "the server refused the login without saying why";
    fail(checked_sqlstate(sqlstate), std::string(message));
    failure_.from_server = true;
    return false;
}

const std::string* server_login::parameter(std::string_view name) const {
    auto found = std::find_if(reported_.begin(), reported_.end(),
                              [&](const auto& pair) { return pair.first == name; });
    return found == reported_.end() ? nullptr : &found->second;
}

}  // namespace fairlead::proxy::postgres
