#include "proxy/auth/scram_server.h"

#include "proxy/auth/base64.h"
#include "proxy/auth/scram_attributes.h"

#include <array>

namespace fairlead::proxy::auth {
namespace {

constexpr std::string_view binding_type = "tls-server-end-point";
constexpr std::size_t nonce_bytes = 18;

bool acceptable(std::string_view message) {
    return message.size() <= max_scram_message && message.find('\0') == std::string_view::npos;
}

/// The nonce of "n=user,r=nonce[,extensions]". The name is not looked at: the start-up packet has said who
/// logs in.
std::optional<std::string_view> read_first_bare(std::string_view bare) {
    scram_attributes attributes(bare);
    if (!attributes.expect('n')) return std::nullopt;
    std::optional<std::string_view> nonce = attributes.expect('r');
    if (!nonce || !is_scram_nonce(*nonce)) return std::nullopt;
    while (!attributes.at_end())
        if (!attributes.any()) return std::nullopt;
    return nonce;
}

}  // namespace

scram_outcome scram_server::first(std::string_view mechanism, std::string_view message, std::string& reply) {
    if (state_ != state::start) return scram_outcome::malformed;
    state_ = state::done;
    plus_ = mechanism == scram_sha_256_plus;
    if (!plus_ && mechanism != scram_sha_256) return scram_outcome::unsupported;
    if (plus_ && parameters_.end_point_hash.empty()) return scram_outcome::unsupported;
    if (!acceptable(message)) return scram_outcome::malformed;

    std::size_t header_size = 0;
    if (scram_outcome outcome = read_gs2_header(message, header_size); outcome != scram_outcome::ok)
        return outcome;
    gs2_header_ = message.substr(0, header_size);
    client_first_bare_ = message.substr(header_size);
    if (client_first_bare_.starts_with("m=")) return scram_outcome::unsupported;
    std::optional<std::string_view> nonce = read_first_bare(client_first_bare_);
    if (!nonce) return scram_outcome::malformed;
    if (!make_challenge(*nonce)) return scram_outcome::failed;
    reply += server_first_;
    state_ = state::challenged;
    return scram_outcome::ok;
}

/// "n,,", "y,,", or "p=tls-server-end-point,,": what the client says about channel binding, and no
/// authorization identity between the commas.
scram_outcome scram_server::read_gs2_header(std::string_view message, std::size_t& header_size) {
    std::size_t comma = message.find(',');
    if (comma == std::string_view::npos) return scram_outcome::malformed;
    std::string_view flag = message.substr(0, comma);
    if (flag == "n" || flag == "y") {
        // A client that chose -PLUS must bind; a client that could bind and believes that we cannot was lied
        // to.
        if (plus_) return scram_outcome::malformed;
        if (flag == "y" && !parameters_.end_point_hash.empty()) return scram_outcome::downgrade;
    } else if (flag.starts_with("p=")) {
        if (!plus_) return scram_outcome::malformed;
        if (flag.substr(2) != binding_type) return scram_outcome::unsupported;
    } else {
        return scram_outcome::malformed;
    }
    std::string_view identity = message.substr(comma + 1);
    if (identity.starts_with("a=")) return scram_outcome::unsupported;
    if (!identity.starts_with(",")) return scram_outcome::malformed;
    header_size = comma + 2;
    return scram_outcome::ok;
}

bool scram_server::make_challenge(std::string_view client_nonce) {
    std::array<std::uint8_t, nonce_bytes> ours;
    if (!parameters_.random(ours)) return false;
    nonce_.assign(client_nonce).append(base64_encode(as_text(Bytes(ours))));
    server_first_ = "r=" + nonce_ + ",s=" + base64_encode(parameters_.verifier.salt) +
                    ",i=" + std::to_string(parameters_.verifier.iterations);
    return true;
}

scram_outcome scram_server::last(std::string_view message, std::string& reply) {
    if (state_ != state::challenged) return scram_outcome::malformed;
    state_ = state::done;
    if (!acceptable(message)) return scram_outcome::malformed;

    scram_attributes attributes(message);
    std::optional<std::string_view> binding = attributes.expect('c');
    std::optional<std::string_view> nonce = binding ? attributes.expect('r') : std::nullopt;
    if (!nonce) return scram_outcome::malformed;
    // Extensions may stand before the proof; the proof is last.
    std::size_t signed_size = 0;
    std::optional<scram_attributes::attribute> next;
    do {
        std::size_t at = message.size() - attributes.rest().size();
        next = attributes.any();
        if (!next) return scram_outcome::malformed;
        if (next->name == 'm') return scram_outcome::unsupported;
        signed_size = at - 1;
    } while (next->name != 'p');
    if (!attributes.at_end()) return scram_outcome::malformed;

    if (scram_outcome outcome = check_binding(*binding); outcome != scram_outcome::ok) return outcome;
    if (!constant_time_equal(*nonce, nonce_)) return scram_outcome::malformed;
    return check_proof(message.substr(0, signed_size), next->value, reply);
}

/// The client repeats its header, and with -PLUS the certificate hash as it saw it, under its signature.
scram_outcome scram_server::check_binding(std::string_view encoded) const {
    std::optional<std::string> said = base64_decode(encoded);
    if (!said || !said->starts_with(gs2_header_)) return scram_outcome::malformed;
    std::string_view data = std::string_view(*said).substr(gs2_header_.size());
    if (!plus_) return data.empty() ? scram_outcome::ok : scram_outcome::malformed;
    return constant_time_equal(data, parameters_.end_point_hash) ? scram_outcome::ok
                                                                 : scram_outcome::binding_mismatch;
}

scram_outcome scram_server::check_proof(std::string_view without_proof, std::string_view proof,
                                        std::string& reply) {
    std::optional<std::string> raw = base64_decode(proof);
    if (!raw || raw->size() != sha256_size) return scram_outcome::malformed;
    std::string auth_message = client_first_bare_ + "," + server_first_ + ",";
    auth_message += without_proof;

    auto client_signature = hmac_sha256(text_of(parameters_.verifier.stored_key), auth_message);
    auto server_signature = hmac_sha256(text_of(parameters_.verifier.server_key), auth_message);
    if (!client_signature || !server_signature) return scram_outcome::failed;
    sha256_digest client_key;
    for (std::size_t i = 0; i < sha256_size; ++i)
        client_key[i] = static_cast<std::uint8_t>((*raw)[i]) ^ (*client_signature)[i];
    auto stored_key = sha256(text_of(client_key));
    wipe(client_key.data(), client_key.size());
    if (!stored_key) return scram_outcome::failed;

    bool equal = constant_time_equal(text_of(*stored_key), text_of(parameters_.verifier.stored_key));
    if (!equal || parameters_.doomed) return scram_outcome::wrong_password;
    reply += "v=" + base64_encode(text_of(*server_signature));
    return scram_outcome::ok;
}

}  // namespace fairlead::proxy::auth
