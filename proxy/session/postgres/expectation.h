#pragma once

#include "policy/verdict.h"
#include "proxy/session/prepared.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace fairlead::proxy::postgres {

using proxy::prepared_statement;
using proxy::statement_ptr;
using proxy::statement_registry;

/// What the server will answer to one message that was sent to it (or what we answer in its place).
enum class reply_kind : std::uint8_t {
    parse,
    bind,
    close,
    describe,
    execute,
    query,   // everything up to ReadyForQuery
    sync,    // ReadyForQuery
    poison,  // the deliberate error that stands for a refused message
    fake,    // not sent at all: `effect->bytes` goes to the client when its turn comes
};

/// Why the proxy itself sent a message. `none`: it is the client's.
enum class own_purpose : std::uint8_t { none, context, settings, prepare, cleanup };

/// What happens besides forwarding when the answer arrives. Rare, so kept apart and shared.
struct reply_effect {
    policy::VerdictPtr verdict;  // settings, transaction, pins to take into account on success
    statement_ptr statement;     // prepared on this server; forgotten again when it fails
    std::string client_name;     // the client's name for `statement`; forgotten when it fails
    std::string bytes;           // fake: what to say; poison: the error to say
};

struct expectation {
    reply_kind kind;
    own_purpose purpose = own_purpose::none;
    std::shared_ptr<const reply_effect> effect;
    /// parse: the unnamed statement, of this serial (0: ours). It is the server's only once it has said so.
    std::optional<std::uint64_t> unnamed{};
    bool own() const { return purpose != own_purpose::none; }
};

}  // namespace fairlead::proxy::postgres
