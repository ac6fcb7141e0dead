#include "proxy/auth/scram_client.h"

#include "proxy/auth/base64.h"
#include "proxy/auth/scram_attributes.h"
#include "proxy/auth/scram_server.h"

#include <array>
#include <charconv>

namespace fairlead::proxy::auth {
namespace {

constexpr std::size_t nonce_bytes = 18;

Error malformed(std::string_view what) {
    return {"the server sent a malformed SCRAM message: " + std::string(what), {}};
}

}  // namespace

scram_client::~scram_client() {
    wipe(parameters_.password);
}

std::string_view scram_client::mechanism() const {
    return parameters_.plus ? scram_sha_256_plus : scram_sha_256;
}

/// 'y' tells a server that did offer -PLUS that somebody took the offer out on the way.
std::string_view scram_client::gs2_header() const {
    if (parameters_.plus) return "p=tls-server-end-point,,";
    return parameters_.end_point_hash.empty() ? "n,," : "y,,";
}

Result<std::string> scram_client::first() {
    std::array<std::uint8_t, nonce_bytes> random;
    if (!parameters_.random(random)) return Error{"no random bytes for a login nonce", {}};
    nonce_ = base64_encode(as_text(Bytes(random)));
    // The name is empty: the server takes it from the start-up packet.
    client_first_bare_ = "n=,r=" + nonce_;
    return std::string(gs2_header()) + client_first_bare_;
}

Result<scram_client::challenge> scram_client::read_challenge(std::string_view server_first) const {
    if (server_first.size() > max_scram_message) return malformed("longer than any real one");
    scram_attributes attributes(server_first);
    std::optional<std::string_view> nonce = attributes.expect('r');
    std::optional<std::string_view> salt = nonce ? attributes.expect('s') : std::nullopt;
    std::optional<std::string_view> count = salt ? attributes.expect('i') : std::nullopt;
    if (!count || !attributes.at_end()) return malformed("expected nonce, salt and iteration count");

    challenge read;
    if (!is_scram_nonce(*nonce) || nonce->size() > max_nonce || nonce->size() <= nonce_.size() ||
        !nonce->starts_with(nonce_))
        return malformed("bad nonce");
    read.nonce = *nonce;
    std::optional<std::string> raw_salt = base64_decode(*salt);
    if (!raw_salt || raw_salt->empty() || raw_salt->size() > max_salt) return malformed("bad salt");
    read.salt = std::move(*raw_salt);
    auto [end, error] = std::from_chars(count->data(), count->data() + count->size(), read.iterations);
    if (error != std::errc{} || end != count->data() + count->size() || read.iterations == 0)
        return malformed("bad iteration count");
    if (read.iterations > parameters_.max_iterations)
        return Error{"the server asks for " + std::to_string(read.iterations) +
                         " SCRAM iterations, more than the " + std::to_string(parameters_.max_iterations) +
                         " that are accepted",
                     {}};
    return read;
}

std::string scram_client::binding() const {
    std::string data(gs2_header());
    if (parameters_.plus) data += parameters_.end_point_hash;
    return base64_encode(data);
}

Result<std::string> scram_client::respond(std::string_view server_first) {
    if (nonce_.empty() || responded_) return malformed("out of order");
    Result<challenge> read = read_challenge(server_first);
    if (!read) return read.error();
    auto keys = parameters_.keys != nullptr
                    ? parameters_.keys->keys(parameters_.password, read->salt, read->iterations)
                    : derive_scram_keys(parameters_.password, read->salt, read->iterations);
    if (!keys) return Error{"SCRAM key derivation failed in the crypto library", {}};

    std::string message = "c=" + binding() + ",r=";
    message += read->nonce;
    std::string auth_message = client_first_bare_ + ",";
    auth_message.append(server_first).append(",").append(message);
    auto stored_key = sha256(text_of(keys->client_key));
    auto signature = stored_key ? hmac_sha256(text_of(*stored_key), auth_message) : std::nullopt;
    auto server_signature = hmac_sha256(text_of(keys->server_key), auth_message);
    if (!signature || !server_signature) return Error{"SCRAM signature failed in the crypto library", {}};
    sha256_digest proof;
    for (std::size_t i = 0; i < proof.size(); ++i) proof[i] = keys->client_key[i] ^ (*signature)[i];
    wipe(&*keys, sizeof *keys);
    server_signature_ = *server_signature;
    responded_ = true;
    return message + ",p=" + base64_encode(text_of(proof));
}

Status scram_client::verify(std::string_view server_final) {
    if (!responded_ || server_final.size() > max_scram_message) return malformed("out of order");
    responded_ = false;
    scram_attributes attributes(server_final);
    std::optional<scram_attributes::attribute> only = attributes.any();
    if (!only || !attributes.at_end()) return malformed("expected a signature");
    if (only->name == 'e') return Error{"the server refused the SCRAM exchange", {}};
    std::optional<std::string> signature = base64_decode(only->value);
    if (only->name != 'v' || !signature) return malformed("expected a signature");
    if (!constant_time_equal(*signature, text_of(server_signature_)))
        return Error{"the server's SCRAM signature is wrong: it does not know this password", {}};
    return {};
}

}  // namespace fairlead::proxy::auth
