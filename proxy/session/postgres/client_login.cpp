#include "proxy/session/postgres/client_login.h"

#include "proxy/auth/md5_secret.h"
#include "proxy/auth/scram_server.h"
#include "proxy/session/postgres/login_codes.h"
#include "proxy/wire/postgres/build.h"
#include "proxy/wire/postgres/frame.h"

#include <algorithm>

namespace fairlead::proxy::postgres {
namespace {

using auth::scram_outcome;
using namespace sqlstates;

constexpr std::size_t max_reply = 65'535;  // body of a password or SASL message, as on the server

}  // namespace

client_login::client_login(login_context context) : context_(std::move(context)) {}
client_login::~client_login() = default;

client_login::step client_login::on_bytes(Bytes input, std::string& out) {
    std::size_t consumed = 0;
    for (;;) {
        Bytes rest = input.subspan(consumed);
        step made = state_ == state::startup ? on_startup(rest, out) : on_reply(rest, out);
        consumed += made.consumed;
        if (made.what == next::close) return {next::close, input.size()};
        if (made.what != next::read_more || made.consumed == 0) return {made.what, consumed};
    }
}

client_login::step client_login::on_startup(Bytes input, std::string& out) {
    startup_packet packet;
    switch (read_startup_packet(input, packet)) {
        case Decode::need_more:
            return {next::read_more, 0};
        case Decode::malformed:
            return refuse(out, protocol_violation, "invalid length of startup packet",
                          "malformed startup packet");
        case Decode::ok:
            break;
    }
    switch (packet.kind) {
        case startup_kind::ssl_request:
        case startup_kind::gssenc_request:
            return on_encryption_request(packet, input, out);
        case startup_kind::cancel_request:
            return on_cancel(packet);
        case startup_kind::startup:
            return on_startup_message(packet, out);
    }
    return {next::close, 0};
}

client_login::step client_login::on_encryption_request(const startup_packet& packet, Bytes input,
                                                       std::string& out) {
    bool ssl = packet.kind == startup_kind::ssl_request;
    bool& asked = ssl ? asked_ssl_ : asked_gssenc_;
    if (asked || has_tls_)
        return refuse(out, protocol_violation, "encryption is requested a second time",
                      "repeated SSLRequest");
    asked = true;
    // A client waits for our answer. Bytes that are here already were put there by somebody in between, and
    // would be taken for the first ones inside TLS (CVE-2021-23214).
    if (input.size() > packet.total)
        return refuse(
            out, protocol_violation, "received unencrypted data after an encryption request",
            "clear text behind SSLRequest",
            "This could be either a client-software bug or evidence of an attempted man-in-the-middle "
            "attack.");
    if (ssl && context_.tls != config::TlsMode::disable) {
        out += 'S';
        state_ = state::tls;
        return {next::start_tls, packet.total};
    }
    out += 'N';
    return {next::read_more, packet.total};
}

client_login::step client_login::on_tls_established(auth::tls_peer peer, std::string& out) {
    bool direct = state_ == state::startup && !has_tls_ && !asked_ssl_ && !asked_gssenc_;
    if ((!direct && state_ != state::tls) || context_.tls == config::TlsMode::disable)
        return refuse(out, protocol_violation, "TLS is not expected here", "unexpected TLS");
    tls_ = std::move(peer);
    has_tls_ = true;
    state_ = state::startup;
    return {next::read_more, 0};
}

client_login::step client_login::on_cancel(const startup_packet& packet) {
    // In clear text even where TLS is required: libpq before 17 sends it no other way, and it carries its own
    // secret.
    ByteReader reader(packet.body);
    cancel_.pid = reader.u32().value_or(0);
    cancel_.key = as_text(reader.rest());
    state_ = state::done;
    return {next::cancel, packet.total};
}

client_login::step client_login::on_startup_message(const startup_packet& packet, std::string& out) {
    if (packet.major() != protocol_major)
        return refuse(out, not_supported,
                      "unsupported frontend protocol " + std::to_string(packet.major()) + "." +
                          std::to_string(packet.minor()) + ": server supports 3.0 to 3.2",
                      "unsupported protocol");
    if (requires_tls(context_.tls) && !has_tls_)
        return refuse(out, invalid_authorization,
                      "this connection is not encrypted, and TLS is required here", "TLS required",
                      "Connect with sslmode=require or stricter.");
    if (requires_certificate(context_.tls) && !tls_.certificate_verified)
        return refuse(out, invalid_authorization, "connection requires a valid client certificate",
                      "no client certificate", "Connect with sslcert and sslkey.");

    auto parsed = parse_startup_parameters(packet.body);
    if (!parsed) {
        const startup_error& error = parsed.error();
        return refuse(out, error.sqlstate, error.message, "refused startup parameter", error.hint);
    }
    parameters_ = std::move(*parsed);
    negotiate(packet, out);
    return begin_authentication(packet.total, out);
}

/// One NegotiateProtocolVersion where the client asks for what we do not speak; it goes on with what we do.
void client_login::negotiate(const startup_packet& packet, std::string& out) {
    protocol_minor_ = packet.minor() >= newest_protocol_minor ? newest_protocol_minor : 0;
    if (packet.minor() == protocol_minor_ && parameters_.protocol_options.empty()) return;
    append_negotiate_protocol_version(out, protocol_3_0 | protocol_minor_, parameters_.protocol_options);
}

client_login::step client_login::begin_authentication(std::size_t consumed, std::string& out) {
    if (context_.method == auth_method::password && !has_tls_)
        return refuse(out, invalid_authorization, "password authentication is only possible over TLS",
                      "password without TLS", "Connect with sslmode=require or stricter.");
    credential_ = context_.credentials->find(parameters_.user);
    if (accepted_by_certificate(context_.tls, credential_, tls_)) {
        by_certificate_ = true;
        return finish(consumed, out);
    }
    if (context_.method == auth_method::password) {
        append_authentication(out, authentication_cleartext);
        state_ = state::password;
    } else if (credential_.kind == auth::secret_kind::md5) {
        if (!context_.random(md5_salt_)) return refuse_internal(out);
        append_authentication(out, authentication_md5, as_text(Bytes(md5_salt_)));
        state_ = state::md5;
    } else {
        ask_sasl(out);
    }
    return {next::read_more, consumed};
}

void client_login::ask_sasl(std::string& out) {
    std::string mechanisms;
    ByteWriter writer(mechanisms);
    if (offers_channel_binding()) writer.cstring(auth::scram_sha_256_plus);
    writer.cstring(auth::scram_sha_256);
    writer.u8(0);
    append_authentication(out, authentication_sasl, mechanisms);
    scram_ = std::make_unique<auth::scram_server>(auth::scram_server::parameters{
        std::move(credential_.verifier), tls_.end_point_hash, !credential_.has_secret, context_.random});
    state_ = state::sasl_initial;
}

client_login::step client_login::on_reply(Bytes input, std::string& out) {
    if (state_ == state::done || state_ == state::tls)
        return refuse(out, protocol_violation, "bytes outside the login", "input after the login");
    // The type is judged before the length: whatever a stray client sends, its length is not waited for.
    if (!input.empty() && input[0] == 'X') return close_quietly();
    if (!input.empty() && input[0] != 'p')
        return refuse(out, protocol_violation, "expected a password response", "unexpected message");
    FrameHeader header;
    Decode read = read_header(input, header);
    if (read == Decode::need_more) return {next::read_more, 0};
    if (read == Decode::malformed || header.body_length > max_reply)
        return refuse(out, protocol_violation, "invalid length of password message",
                      "malformed password message");
    if (input.size() < header.total()) return {next::read_more, 0};
    Bytes body = input.subspan(header_size, header.body_length);
    switch (state_) {
        case state::sasl_initial:
            return on_sasl_initial(body, header.total(), out);
        case state::sasl_response:
            return on_sasl_response(body, header.total(), out);
        default:
            return on_password(body, header.total(), out);
    }
}

client_login::step client_login::on_sasl_initial(Bytes body, std::size_t consumed, std::string& out) {
    ByteReader reader(body);
    std::optional<std::string_view> mechanism = reader.cstring();
    std::optional<std::uint32_t> length = reader.u32();
    // A client may leave the initial response out (length -1); SCRAM has one always, as libpq knows.
    if (!length || *length != reader.rest().size())
        return refuse(out, protocol_violation, "malformed SASL message", "malformed SASL message");
    std::string reply;
    scram_outcome outcome = scram_->first(*mechanism, as_text(reader.rest()), reply);
    if (outcome != scram_outcome::ok) return refuse_scram(out, outcome);
    append_authentication(out, authentication_sasl_continue, reply);
    state_ = state::sasl_response;
    return {next::read_more, consumed};
}

client_login::step client_login::on_sasl_response(Bytes body, std::size_t consumed, std::string& out) {
    std::string reply;
    scram_outcome outcome = scram_->last(as_text(body), reply);
    if (outcome != scram_outcome::ok) return refuse_scram(out, outcome);
    append_authentication(out, authentication_sasl_final, reply);
    return finish(consumed, out);
}

client_login::step client_login::on_password(Bytes body, std::size_t consumed, std::string& out) {
    ByteReader reader(body);
    std::optional<std::string_view> password = reader.cstring();
    if (!password || !reader.at_end())
        return refuse(out, protocol_violation, "invalid password packet size", "malformed password message");
    bool matches = state_ == state::md5 ? md5_matches(*password)
                                        : auth::password_matches(credential_, parameters_.user, *password);
    if (!matches || !credential_.has_secret) return refuse_password(out);
    return finish(consumed, out);
}

bool client_login::md5_matches(std::string_view response) const {
    auto expected = auth::md5_response(credential_.md5_secret, md5_salt_);
    return expected && auth::constant_time_equal(*expected, response);
}

client_login::step client_login::finish(std::size_t consumed, std::string& out) {
    append_authentication(out, authentication_ok);
    scram_.reset();
    state_ = state::done;
    return {next::authenticated, consumed};
}

client_login::step client_login::refuse(std::string& out, std::string_view sqlstate, std::string_view message,
                                        std::string_view reason, std::string_view hint) {
    append_error(out,
                 {.severity = "FATAL", .sqlstate = sqlstate, .message = message, .detail = {}, .hint = hint});
    failure_reason_ = reason;
    std::copy_n(sqlstate.begin(), std::min(sqlstate.size(), failure_sqlstate_.size()),
                failure_sqlstate_.begin());
    scram_.reset();
    state_ = state::done;
    return {next::close, 0};
}

client_login::step client_login::close_quietly() {
    failure_reason_ = "client gave up";
    state_ = state::done;
    return {next::close, 0};
}

client_login::step client_login::refuse_internal(std::string& out) {
    return refuse(out, "XX000", "authentication failed for want of random bytes or memory",
                  "internal failure");
}

/// One text for a stranger, a wrong password, and a secret that cannot be checked; only the log knows which.
client_login::step client_login::refuse_password(std::string& out) {
    std::string_view reason = refusal_reason(credential_);
    if (credential_.has_secret && state_ != state::password) {
        if (credential_.kind == auth::secret_kind::native)
            reason = "the secret is of mysql_native_password, which PostgreSQL's methods cannot check";
        if (credential_.kind == auth::secret_kind::md5 && !credential_.label.empty())
            reason = "wrong password, or tenant suffix with an md5 secret, which is bound to the plain name";
    }
    return refuse(out, invalid_password,
                  "password authentication failed for user \"" + parameters_.user + "\"", reason);
}

client_login::step client_login::refuse_scram(std::string& out, scram_outcome outcome) {
    switch (outcome) {
        case scram_outcome::wrong_password:
            return refuse_password(out);
        case scram_outcome::downgrade:
            return refuse(
                out, invalid_authorization, "SCRAM channel binding negotiation error",
                "channel binding downgrade",
                "The client supports SCRAM channel binding but thinks the server does not. However, this "
                "server does support channel binding.");
        case scram_outcome::binding_mismatch:
            return refuse(out, invalid_authorization, "SCRAM channel binding check failed",
                          "channel binding mismatch");
        case scram_outcome::unsupported:
            return refuse(out, not_supported, "the SASL mechanism or SCRAM extension is not supported",
                          "unsupported SASL request");
        case scram_outcome::failed:
            return refuse_internal(out);
        default:
            return refuse(out, protocol_violation, "malformed SCRAM message", "malformed SCRAM message");
    }
}

}  // namespace fairlead::proxy::postgres
