#pragma once

#include "fairlead/row_stream.h"
#include "fairlead/value.h"

#include <array>
#include <optional>
#include <span>
#include <string_view>
#include <tuple>

namespace fairlead {

/// A text and its values.
///
/// Errors: none here; the call has them. Threads: any number may read it. Lifetime: a view; text and values
/// must live until the call returns.
struct Statement {
    std::string_view sql;                   ///< exactly one statement
    std::span<const Argument> arguments{};  ///< for its placeholders, in their order or by name
};

/// The calls that a Tenant, a Transaction and a Session have in common. `Target` has
///     ResultSet run(const Statement&, Diagnostics&);
///     RowStream open_stream(const Statement&, Diagnostics&);
/// which do not throw. Every call exists twice: with a Diagnostics first it does not throw for failures of
/// database and network, but fills it and returns an empty value; without, it throws the matching
/// DatabaseError.
///
/// Placeholders are the engine's own ($1 or ?), or `:name` with named() arguments on both. One statement a
/// call. A statement that begins or ends a transaction is refused here: use transaction().
///
/// Errors: every class of error.h: the guard's (StatementRefused, and nothing was sent), the pool's
/// (PoolTimeout), the caller's own (DeadlineExceeded, CallCancelled), the connection's (ConnectionFailed,
/// OutcomeUnknown), those of the server by their SQLSTATE, ConfigurationError where the tenant or its
/// placement cannot be served, UsageError for a call without meaning. Threads: as the Target: any number on a
/// Tenant, one at a time on a Transaction or Session. Lifetime: results are independent of the Target; texts
/// and values need to live only until the call returns.
template <typename Target>
class Queries {
public:
    /// Runs a statement and keeps its whole result in memory.
    template <typename... Arguments>
    ResultSet execute(std::string_view sql, const Arguments&... arguments) {
        return throwing([&](Diagnostics& failed) { return execute(failed, sql, arguments...); });
    }
    /// The same, not throwing.
    template <typename... Arguments>
    ResultSet execute(Diagnostics& failed, std::string_view sql, const Arguments&... arguments) {
        const std::array<Argument, sizeof...(Arguments)> values{Argument(arguments)...};
        return target().run({sql, values}, failed);
    }
    /// With values whose number is known only when the program runs.
    ResultSet execute(const Statement& statement) {
        return throwing([&](Diagnostics& failed) { return execute(failed, statement); });
    }
    /// The same, not throwing.
    ResultSet execute(Diagnostics& failed, const Statement& statement) {
        return target().run(statement, failed);
    }

    /// Rows as tuples. UsageError: the result has another number of columns.
    template <typename... Columns, typename... Arguments>
    TypedRows<Columns...> query(std::string_view sql, const Arguments&... arguments) {
        return TypedRows<Columns...>(execute(sql, arguments...));
    }
    /// The same, not throwing for failures of database and network.
    template <typename... Columns, typename... Arguments>
    TypedRows<Columns...> query(Diagnostics& failed, std::string_view sql, const Arguments&... arguments) {
        ResultSet result = execute(failed, sql, arguments...);
        return failed ? TypedRows<Columns...>() : TypedRows<Columns...>(std::move(result));
    }

    /// The only row; none: nullopt. More than one is a UsageError.
    template <typename... Columns, typename... Arguments>
    std::optional<std::tuple<Columns...>> query_row(std::string_view sql, const Arguments&... arguments) {
        return detail::only_row(query<Columns...>(sql, arguments...));
    }
    /// The only value of the only row.
    template <typename T, typename... Arguments>
    T query_value(std::string_view sql, const Arguments&... arguments) {
        return detail::only_value(query<T>(sql, arguments...));
    }

    /// Rows one after the other as the server sends them, in bounded memory whatever their number. The
    /// connection is lent to the stream until it is at its end or destroyed.
    template <typename... Arguments>
    RowStream stream(std::string_view sql, const Arguments&... arguments) {
        return throwing([&](Diagnostics& failed) { return stream(failed, sql, arguments...); });
    }
    /// The same, not throwing.
    template <typename... Arguments>
    RowStream stream(Diagnostics& failed, std::string_view sql, const Arguments&... arguments) {
        const std::array<Argument, sizeof...(Arguments)> values{Argument(arguments)...};
        return target().open_stream({sql, values}, failed);
    }
    /// With values whose number is known only when the program runs.
    RowStream stream(const Statement& statement) {
        return throwing([&](Diagnostics& failed) { return stream(failed, statement); });
    }
    /// The same, not throwing.
    RowStream stream(Diagnostics& failed, const Statement& statement) {
        return target().open_stream(statement, failed);
    }

private:
    Target& target() { return static_cast<Target&>(*this); }
    template <typename Call>
    static auto throwing(Call call) {
        Diagnostics failed;
        auto result = call(failed);
        if (failed) throw_error(std::move(failed));
        return result;
    }
};

}  // namespace fairlead
