#pragma once

#include "common/result.h"

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

/// The sealed context: a token that names the tenant, signed by the proxy and bound to one server connection,
/// which fairlead.tenant() in the database verifies (policy/postgres/policy_ddl.h holds the other side).
///
/// Layout, fixed offsets so that neither side has to search (characters, from 0):
///
///     0   64  HMAC-SHA-256 over everything behind it, lower-case hexadecimal
///     64   1  version, '1'
///     65   8  key id
///     73   8  backend pid, hexadecimal
///     81  16  connection tag, hexadecimal
///     97  16  expiry, microseconds since 2000-01-01 UTC, hexadecimal
///     113     the tenant id, to the end
namespace fairlead::policy::postgres {

using ContextPad = std::array<std::uint8_t, 64>;

/// One signing key of a sealed placement. `id` is public (in the token and in the key table), the rest is
/// secret.
struct ContextKey {
    std::string id;  // the first 8 hexadecimal digits of SHA-256(secret)
    std::array<std::uint8_t, 32> secret;

    /// The HMAC key blocks, as the database stores them: whoever has them can sign.
    ContextPad inner_pad() const;
    ContextPad outer_pad() const;
};

/// Keys from explicit secrets (newest first), or, when there are none, one derived from the backend's
/// password and names so that several proxies agree without sharing a file. PBKDF2-HMAC-SHA-256 with 310,000
/// iterations: about 0.1 s a key, so call it at load time only. Thread-safe. Error: no secret and no
/// password.
Result<std::vector<ContextKey>> context_keys(const std::vector<std::string>& secrets,
                                             std::string_view password, std::string_view user,
                                             std::string_view database);

/// Makes the value of the variable `fairlead.context` for one server connection. Not thread-safe (one per
/// worker); well below a microsecond per call, so a token need not be cached.
class ContextSealer {
public:
    explicit ContextSealer(const ContextKey& key);
    ~ContextSealer();
    ContextSealer(const ContextSealer&) = delete;
    ContextSealer& operator=(const ContextSealer&) = delete;

    /// Appends the token to `out`. `connection_tag`: what `connection_tag_query` answered on this very
    /// connection. `expiry_s`: seconds since 1970, by the proxy's clock; the database compares it with the
    /// start of the transaction, so a transaction that began in time keeps its context to its end.
    void seal(std::string& out, std::string_view tenant, std::int32_t backend_pid,
              std::int64_t connection_tag, std::int64_t expiry_s);

private:
    struct State;
    std::unique_ptr<State> state_;
};

inline constexpr std::string_view context_variable = "fairlead.context";

/// 1-based position (as SQL's substr counts) of the tenant in a token.
inline constexpr std::size_t context_tenant_position = 114;

/// Its one parameter is the token. Transaction-local, so the value leaves with the transaction. For
/// transactions of our own, such as the self-test's.
inline constexpr std::string_view set_context_statement =
    "SELECT pg_catalog.set_config('fairlead.context', $1, true)";

/// For every kind of context: the parameters are variable and value; transaction-local. Goes in front of
/// each transaction, so its answer has neither columns nor rows (PostgreSQL evaluates the filter once,
/// whatever it says), and the value, which may be a token, comes back in no result.
inline constexpr std::string_view set_variable_statement =
    "SELECT WHERE pg_catalog.set_config($1, $2, true) IS NULL";

/// What tells this server connection from a later one that happens to get the same pid: start of the server
/// in microseconds, mixed with the client port that the server sees. Neither can be changed by SQL, and both
/// cost half a microsecond to check; the backend's own start time would cost seven and more with each
/// connection of the server. Asked once per server connection at login, before any client's statement: one
/// row, one bigint.
inline constexpr std::string_view connection_tag_query =
    "SELECT ((pg_catalog.date_part('epoch', pg_catalog.pg_postmaster_start_time())"
    " OPERATOR(pg_catalog.*) 1000000::pg_catalog.float8)::pg_catalog.int8"
    " OPERATOR(pg_catalog.#)"
    " (COALESCE(pg_catalog.inet_client_port(), 0)::pg_catalog.int8 OPERATOR(pg_catalog.<<) 47))";
inline constexpr std::string_view connection_tag_expression =
    connection_tag_query.substr(7);  // without "SELECT "

}  // namespace fairlead::policy::postgres
