#pragma once

#include "proxy/auth/random_source.h"
#include "proxy/auth/scram_verifier.h"

#include <string>
#include <string_view>

namespace fairlead::proxy::auth {

inline constexpr std::string_view scram_sha_256 = "SCRAM-SHA-256";
inline constexpr std::string_view scram_sha_256_plus = "SCRAM-SHA-256-PLUS";

enum class scram_outcome : std::uint8_t {
    ok,
    malformed,    // not a SCRAM message, or not in order
    unsupported,  // authorization identity, mandatory extension, channel binding type or mechanism unknown
    downgrade,    // the client thinks we do not offer channel binding, but we did: someone stands between
    binding_mismatch,  // channel binding data of another TLS connection
    wrong_password,
    failed  // no randomness, crypto library
};

/// The server's half of one SCRAM-SHA-256 or SCRAM-SHA-256-PLUS exchange (RFC 5802, RFC 7677, RFC 5929
/// tls-server-end-point). After anything but `ok` the object is spent.
class scram_server {
public:
    struct parameters {
        scram_verifier verifier;
        std::string end_point_hash;  // not empty: SCRAM-SHA-256-PLUS was offered
        bool doomed = false;         // goes the whole way and then fails: unknown user
        random_source random = &system_random;
    };

    explicit scram_server(parameters p) : parameters_(std::move(p)) {}

    /// `mechanism` and client-first-message; appends the server-first-message.
    scram_outcome first(std::string_view mechanism, std::string_view message, std::string& reply);
    /// client-final-message; appends the server-final-message when ok.
    scram_outcome last(std::string_view message, std::string& reply);

private:
    enum class state : std::uint8_t { start, challenged, done };

    scram_outcome read_gs2_header(std::string_view message, std::size_t& header_size);
    bool make_challenge(std::string_view client_nonce);
    scram_outcome check_binding(std::string_view encoded) const;
    scram_outcome check_proof(std::string_view without_proof, std::string_view proof, std::string& reply);

    parameters parameters_;
    std::string gs2_header_;
    std::string client_first_bare_;
    std::string nonce_;  // client's part, then ours
    std::string server_first_;
    state state_ = state::start;
    bool plus_ = false;
};

}  // namespace fairlead::proxy::auth
