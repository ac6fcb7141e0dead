#pragma once

#include "proxy/session/postgres/expectation.h"
#include "proxy/session/settings.h"
#include "proxy/wire/outgoing.h"

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fairlead::proxy::postgres {

// Shared by both engines; callers here say postgres::no_settings().
using proxy::apply_change;
using proxy::find_setting;
using proxy::no_settings;
using proxy::settings_ptr;
using proxy::with_setting;

using parameter_list = std::vector<std::pair<std::string, std::string>>;

/// Statements of ours on every server connection, prepared at login.
inline constexpr std::string_view set_local_statement = "fairlead_set_local";
inline constexpr std::string_view set_session_statement = "fairlead_set_session";
inline constexpr std::string_view reset_all_statement = "fairlead_reset_all";
/// Never prepared: a Bind to it fails, which is how a refused message gets the effect of an error.
inline constexpr std::string_view poison_statement = "fairlead_refused";

/// Appends the Parse messages of the statements above (no Sync).
void append_own_statements(std::string& out);

/// Protocol state of one logged-in server connection: what is outstanding, what is prepared, what is set.
/// Sans-I/O.
class server_session {
public:
    // From the login.
    std::int32_t pid = 0;
    std::int64_t connection_tag = 0;
    std::string cancel_key;
    parameter_list parameters;  // as reported; kept current by ParameterStatus

    char status = 'I';  // of the last ReadyForQuery
    std::deque<expectation> expected;
    prepared_set prepared;
    std::size_t max_prepared = 200;

    /// Session settings as they are on the server now and at the start of the transaction; nullopt: unknown.
    std::optional<settings_ptr> applied;
    std::optional<settings_ptr> applied_before;

    /// Our context was executed in the transaction that is open now.
    bool context_in_force = false;
    bool copy_in = false;          // the server takes CopyData
    bool simple_query = false;     // a simple Query (or FunctionCall) is outstanding
    bool sent_since_sync = false;  // extended-protocol messages of the client that no Sync has followed yet
    bool error_in_segment = false;
    bool rolled_back = false;       // last command tag was ROLLBACK
    bool needs_full_reset = false;  // a pin or stale plans left something behind
    /// Serial of the client's unnamed statement that the server holds for certain; 0: none of a client's.
    std::uint64_t unnamed_owner = 0;
    /// The one whose Parse was sent since the last Sync: if that fails, so does all that follows up to the
    /// next. Behind that Sync it must not be taken for granted: the server may hold what another client left.
    std::uint64_t unnamed_sent = 0;

    /// Nothing outstanding, no transaction: can be lent to anybody.
    bool idle() const { return expected.empty() && status == 'I' && !copy_in && !sent_since_sync; }

    void expect(reply_kind kind, own_purpose purpose = own_purpose::none,
                std::shared_ptr<const reply_effect> effect = nullptr) {
        expected.push_back({kind, purpose, std::move(effect)});
    }

    void expect_unnamed(std::uint64_t serial, own_purpose purpose) {
        expect(reply_kind::parse, purpose);
        expected.back().unnamed = serial;
        unnamed_owner = 0;
        unnamed_sent = serial;
    }
    bool has_unnamed(std::uint64_t serial) const { return unnamed_owner == serial || unnamed_sent == serial; }

    void note_parameter(std::string_view name, std::string_view value);

    // Maintenance without a client; each ends with a ReadyForQuery that leaves the connection idle().
    void start_rollback(outgoing& to_server);
    /// DISCARD ALL and our own statements again: after pins and session pooling.
    void start_full_reset(outgoing& to_server);
};

}  // namespace fairlead::proxy::postgres
