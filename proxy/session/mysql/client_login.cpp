#include "proxy/session/mysql/client_login.h"

#include "proxy/wire/mysql/ok_packet.h"

#include <algorithm>
#include <array>

namespace fairlead::proxy::mysql {
namespace {

constexpr std::string_view tenant_attribute = "fairlead_tenant";
constexpr error_number insecure_transport{3159, "HY000"};

}  // namespace

client_login::client_login(client_login_context context, std::uint32_t connection_id)
    : context_(std::move(context)), connection_id_(connection_id) {}

client_login::client_login(client_login_context context, std::uint32_t connection_id, established connection)
    : context_(std::move(context)),
      tls_(std::move(connection.tls)),
      scramble_(std::move(connection.scramble)),
      capabilities_(connection.capabilities),
      connection_id_(connection_id),
      changes_user_(true),
      has_tls_(connection.has_tls) {
    parameters_.collation = connection.collation;
    parameters_.max_packet = connection.max_packet;
}

capability_set client_login::offered() const {
    return offered_to_clients(context_.flavour, context_.tls != config::TlsMode::disable);
}

/// Printable, so no NUL ends it early and no '$' is taken for a separator by old clients.
bool client_login::make_scramble() {
    std::array<std::uint8_t, scramble_size> random;
    if (!context_.random(random)) return false;
    scramble_.clear();
    constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (std::uint8_t byte : random) scramble_ += letters[byte & 63];
    return true;
}

client_login::step client_login::start(std::string& out) {
    if (state_ != state::created) return refuse_internal(out);
    if (changes_user_) {
        state_ = state::change_user;
        return go_on();
    }
    if (!make_scramble()) return refuse_internal(out);
    greeting hello;
    hello.server_version = context_.server_version;
    hello.thread_id = connection_id_;
    hello.scramble = scramble_;
    hello.capabilities = offered();
    hello.collation = context_.collation;
    hello.plugin =
        context_.flavour == policy::mysql::flavour::mysql ? auth_plugin::caching_sha2 : auth_plugin::native;
    append_greeting(out, sequence_, hello);
    state_ = state::response;
    return go_on();
}

client_login::step client_login::on_bytes(Bytes input, std::string& out) {
    std::size_t consumed = 0;
    for (;;) {
        Bytes rest = input.subspan(consumed);
        if (state_ == state::done || state_ == state::tls || state_ == state::created) {
            if (rest.empty()) return {next::read_more, consumed};
            refuse(out, errors::packets_out_of_order, "bytes outside the login", "input outside the login");
            return {next::close, input.size()};
        }
        std::optional<packet_header> header = read_packet_header(rest);
        if (!header) return {next::read_more, consumed};
        if (header_is_wrong(*header, out)) return {next::close, input.size()};
        if (rest.size() < header->total()) return {next::read_more, consumed};
        ++sequence_;
        step made =
            on_packet(rest.subspan(packet_header_size, header->length), rest.size() == header->total(), out);
        if (made.what == next::close) return {next::close, input.size()};
        consumed += header->total();
        if (made.what != next::read_more) return {made.what, consumed};
    }
}

/// Judged before the payload has come: what a stray client sends is not waited for.
bool client_login::header_is_wrong(const packet_header& header, std::string& out) {
    bool in_order = header.sequence == sequence_;
    if (in_order && header.length <= max_payload) return false;
    sequence_ = static_cast<std::uint8_t>(header.sequence + 1);
    if (!in_order)
        refuse(out, errors::packets_out_of_order, "Got packets out of order", "packets out of order");
    else
        refuse(out, errors::packet_too_large, "Got a packet bigger than 'max_allowed_packet' bytes",
               "oversized packet");
    return true;
}

client_login::step client_login::on_packet(Bytes payload, bool last_of_input, std::string& out) {
    switch (state_) {
        case state::response:
            if (is_ssl_request(payload)) return on_ssl_request(last_of_input, out);
            return on_response(payload, out);
        case state::change_user:
            return on_change_user(payload, out);
        case state::full:
            return on_full(as_text(payload), out);
        case state::key_sent:
            return on_encrypted(as_text(payload), out);
        default:
            return on_method_response(as_text(payload), out);
    }
}

client_login::step client_login::on_ssl_request(bool last_of_input, std::string& out) {
    if (has_tls_ || context_.tls == config::TlsMode::disable)
        return refuse(out, errors::bad_handshake, "TLS is not on offer here", "unexpected SSLRequest");
    // The caller has read beyond read_limit(). What is here is either TLS already, or was put there in clear
    // text by somebody in between; it must not be taken for what comes inside TLS.
    if (!last_of_input)
        return refuse(out, errors::bad_handshake, "received unencrypted data after an SSLRequest",
                      "clear text behind SSLRequest");
    state_ = state::tls;
    return {next::start_tls, 0};
}

std::size_t client_login::read_limit(Bytes buffered) const {
    bool tls_may_begin = state_ == state::response && !has_tls_ && context_.tls != config::TlsMode::disable;
    std::size_t whole = max_buffered();
    if (tls_may_begin) {
        std::optional<packet_header> header = read_packet_header(buffered);
        whole = header ? std::min(header->total(), whole) : packet_header_size;
    }
    return buffered.size() < whole ? whole - buffered.size() : 1;
}

client_login::step client_login::on_tls_established(auth::tls_peer peer, std::string& out) {
    if (state_ != state::tls)
        return refuse(out, errors::bad_handshake, "TLS is not expected here", "unexpected TLS");
    tls_ = std::move(peer);
    has_tls_ = true;
    state_ = state::response;
    return go_on();
}

client_login::step client_login::on_response(Bytes payload, std::string& out) {
    if (requires_tls(context_.tls) && !has_tls_)
        return refuse(out, insecure_transport,
                      "Connections using insecure transport are prohibited here; connect with TLS",
                      "TLS required");
    if (requires_certificate(context_.tls) && !tls_.certificate_verified)
        return refuse(out, errors::access_denied, "connection requires a valid client certificate",
                      "no client certificate");
    std::optional<handshake_response> response = parse_handshake_response(payload, offered());
    if (!response) return refuse(out, errors::bad_handshake, "Bad handshake", "malformed HandshakeResponse");
    capabilities_ = response->capabilities & offered();
    compression_ = choose_compression(capabilities_, response->zstd_level);
    parameters_.user = std::move(response->user);
    if (has(capabilities_, capability::connect_with_db)) parameters_.database = std::move(response->database);
    parameters_.max_packet = response->max_packet;
    parameters_.collation = response->collation;
    if (!take_attributes(std::move(response->attributes)))
        return refuse(out, errors::access_denied, "fairlead_tenant is given twice with different values",
                      "contradicting tenant attributes");
    return authenticate(response->plugin, response->auth_response, out);
}

client_login::step client_login::on_change_user(Bytes payload, std::string& out) {
    std::optional<change_user_request> request = parse_change_user(payload, capabilities_);
    if (!request)
        return refuse(out, errors::malformed_packet, "Malformed communication packet",
                      "malformed COM_CHANGE_USER");
    parameters_.user = std::move(request->user);
    if (!request->database.empty()) parameters_.database = std::move(request->database);
    if (request->collation != 0) parameters_.collation = request->collation;
    if (!take_attributes(std::move(request->attributes)))
        return refuse(out, errors::access_denied, "fairlead_tenant is given twice with different values",
                      "contradicting tenant attributes");
    return authenticate(request->plugin, {}, out);
}

/// Two values for one label would mean one thing to us and another to whoever reads only the first.
bool client_login::take_attributes(connection_attributes attributes) {
    parameters_.attributes = std::move(attributes);
    const std::string* tenant = find_attribute(parameters_.attributes, tenant_attribute);
    if (tenant == nullptr) return true;
    parameters_.tenant = *tenant;
    return std::all_of(parameters_.attributes.begin(), parameters_.attributes.end(), [&](const auto& pair) {
        return pair.first != tenant_attribute || pair.second == *tenant;
    });
}

void client_login::finish(std::string& out) {
    append_ok(out, sequence_, {}, capabilities_);
    state_ = state::done;
}

client_login::step client_login::refuse(std::string& out, error_number number, std::string_view message,
                                        std::string_view reason) {
    append_err(out, sequence_, number, message);
    failure_ = number;
    failure_reason_ = reason;
    state_ = state::done;
    return {next::close, 0};
}

client_login::step client_login::refuse_internal(std::string& out) {
    return refuse(out, errors::unknown_error, "authentication failed for want of random bytes or memory",
                  "internal failure");
}

}  // namespace fairlead::proxy::mysql
