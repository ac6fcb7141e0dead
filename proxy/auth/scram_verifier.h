#pragma once

#include "proxy/auth/crypto.h"

#include <optional>
#include <string>
#include <string_view>

namespace fairlead::proxy::auth {

inline constexpr std::uint32_t scram_default_iterations = 4096;
inline constexpr std::size_t scram_default_salt_size = 16;

/// What a server must know to check a SCRAM-SHA-256 login; the password cannot be had back from it.
struct scram_verifier {
    std::uint32_t iterations = scram_default_iterations;
    std::string salt;  // raw bytes, any length above zero
    sha256_digest stored_key{};
    sha256_digest server_key{};
};

/// The two keys a client proves itself with, and checks the server with.
struct scram_keys {
    sha256_digest client_key{};
    sha256_digest server_key{};
};

/// Does the secret start as a SCRAM verifier does ("SCRAM-SHA-256$")? It may still be malformed.
bool looks_like_scram_verifier(std::string_view secret);

/// "SCRAM-SHA-256$iterations:salt$stored_key:server_key", as pg_authid holds it; nullopt when anything is
/// amiss.
std::optional<scram_verifier> parse_scram_verifier(std::string_view secret);
std::string to_string(const scram_verifier& verifier);

/// Takes the password as it was typed and prepares it (saslprep.h): every use of a plain password with SCRAM
/// comes through here. Costs `iterations` hash rounds (2.5 ms at 4096): not on the data path.
std::optional<scram_verifier> derive_scram_verifier(std::string_view password, std::string_view salt,
                                                    std::uint32_t iterations);
std::optional<scram_keys> derive_scram_keys(std::string_view password, std::string_view salt,
                                            std::uint32_t iterations);

/// A verifier for a name that does not exist: the same name gives the same salt as long as `secret` lives, so
/// a client cannot tell it from a real one by asking twice. No password satisfies it.
std::optional<scram_verifier> mock_scram_verifier(std::string_view secret, std::string_view name,
                                                  std::uint32_t iterations, std::size_t salt_size);

/// Checks a clear-text password, prepared like any other; costs `iterations` hash rounds.
bool verify_password(const scram_verifier& verifier, std::string_view password);

}  // namespace fairlead::proxy::auth
