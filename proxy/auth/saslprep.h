#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace fairlead::proxy::auth {

/// Longer passwords are taken as their bytes: anyone may send one, and ordering a long run of combining marks
/// takes time that grows with the square of its length.
inline constexpr std::size_t max_saslprep_size = 1024;

/// The form of a password (RFC 4013) from which SCRAM keys are derived, so that two spellings of one text
/// give one key; with PostgreSQL's reading of the RFC, since its verifiers and its client library must meet
/// ours. nullopt: the bytes are to be used as they are, because they are ASCII, no UTF-8, longer than
/// `max_saslprep_size`, or what the RFC forbids (PostgreSQL does not refuse such passwords either).
/// Thread-safe. The caller wipes the result.
std::optional<std::string> saslprep(std::string_view password);

}  // namespace fairlead::proxy::auth
