#pragma once

#include "common/result.h"
#include "proxy/auth/random_source.h"
#include "proxy/auth/scram_key_cache.h"

#include <string>
#include <string_view>

namespace fairlead::proxy::auth {

/// The client's half of one SCRAM-SHA-256 or SCRAM-SHA-256-PLUS exchange, for our logins to servers. Nothing
/// the server sends is trusted before its signature is checked: sizes and the iteration count are bounded.
class scram_client {
public:
    struct parameters {
        std::string password;
        std::string end_point_hash;       // of the server's certificate; empty: we cannot bind
        bool plus = false;                // the server offers SCRAM-SHA-256-PLUS and we use it
        scram_key_cache* keys = nullptr;  // null: derive anew; else must outlive this object
        std::uint32_t max_iterations = 1'000'000;
        random_source random = &system_random;
    };

    static constexpr std::size_t max_nonce = 512;
    static constexpr std::size_t max_salt = 1024;

    explicit scram_client(parameters p) : parameters_(std::move(p)) {}
    ~scram_client();
    scram_client(const scram_client&) = delete;
    scram_client& operator=(const scram_client&) = delete;

    std::string_view mechanism() const;
    /// client-first-message.
    Result<std::string> first();
    /// server-first-message to client-final-message. Runs the key derivation when the cache does not have it.
    Result<std::string> respond(std::string_view server_first);
    /// server-final-message: does the server know the password too?
    Status verify(std::string_view server_final);

private:
    struct challenge {
        std::string_view nonce;
        std::string salt;
        std::uint32_t iterations = 0;
    };

    Result<challenge> read_challenge(std::string_view server_first) const;
    std::string binding() const;
    std::string_view gs2_header() const;

    parameters parameters_;
    std::string nonce_;
    std::string client_first_bare_;
    sha256_digest server_signature_{};
    bool responded_ = false;
};

}  // namespace fairlead::proxy::auth
