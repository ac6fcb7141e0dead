#pragma once

#include "policy/pin.h"
#include "policy/splice.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

/// What the guard says of a statement. The words are the same for both engines.
namespace fairlead::policy {

/// Why a statement was refused. `rule` is a stable id ("session-setting", "unknown-table",
/// "catalogue-activity"), listed in docs; `position` is a 1-based character offset into the statement, 0 if
/// it is about the whole.
struct Refusal {
    std::string rule;
    std::string message;  // what happened: "LISTEN is refused for tenants of shared tables"
    std::string hint;     // what to do instead
    std::string sqlstate = "42501";
    std::uint32_t position = 0;
};

/// What a statement does to the transaction it runs in, as far as a pooler must know before the server
/// answers.
enum class TransactionEffect : std::uint8_t {
    none,
    begin,            // BEGIN / START TRANSACTION in any spelling
    characteristics,  // SET TRANSACTION ...: must stay the first statement, so no context may be put before
                      // it
    commit,           // COMMIT / END
    rollback,         // ROLLBACK / ABORT, the whole transaction
    savepoint,        // SAVEPOINT, RELEASE
    rollback_to,      // ROLLBACK TO SAVEPOINT
};

/// One change of a session setting that the proxy must remember for this client and restore on other
/// connections.
struct SettingChange {
    enum class Kind : std::uint8_t { set, reset, reset_all };
    Kind kind = Kind::set;
    bool local = false;  // ends with the transaction: need not be remembered
    std::string name;    // lower case, canonical ("time zone" -> "timezone")
    std::string value;   // text as set_config() takes it (lists already joined); empty for reset
};

/// SQL-level prepared statements and DISCARD, which the proxy answers or rewrites for transaction pooling.
enum class SessionCommand : std::uint8_t {
    none,
    prepare,     // PREPARE name ... AS ...
    execute,     // EXECUTE name(...)
    deallocate,  // DEALLOCATE name
    deallocate_all,
    discard_all,
    set_tenant,       // SET fairlead.tenant = '...', SET @fairlead_tenant = '...'
    use_database,     // USE name (MySQL)
    kill_connection,  // KILL id (MySQL)
    kill_query,       // KILL QUERY id
};

/// As `fairlead explain` prints it; empty for none.
std::string_view to_string(SessionCommand command);

/// What of the statement before it a statement asks about (MySQL); bits.
enum class Previous : std::uint8_t {
    none = 0,
    last_insert_id = 1,  // LAST_INSERT_ID(), @@last_insert_id, @@identity
    row_count = 2,       // ROW_COUNT()
    found_rows = 4,      // FOUND_ROWS()
    diagnostics = 8,     // SHOW WARNINGS, SHOW ERRORS, GET DIAGNOSTICS, @@warning_count, @@error_count
};
constexpr Previous operator|(Previous a, Previous b) {
    return static_cast<Previous>(static_cast<std::uint8_t>(a) | static_cast<std::uint8_t>(b));
}
constexpr bool has(Previous set, Previous one) {
    return (static_cast<std::uint8_t>(set) & static_cast<std::uint8_t>(one)) != 0;
}

/// The guard's decision on one statement text (which may hold several statements). Immutable and shared
/// between clients; a refused one has no effect on the server.
struct Verdict {
    bool refused = false;
    Refusal refusal;  // when refused

    /// Touches or may touch data: the tenant context must be in force. False only for what `transaction`
    /// names, and for empty statements.
    bool needs_context = true;
    bool multiple_statements = false;
    /// Of the only statement, or of the last one with an effect in a multi-statement text.
    TransactionEffect transaction = TransactionEffect::none;
    std::vector<SettingChange> settings;
    /// Causes to keep the client on its server connection from here on.
    PinSet pins;
    /// The kinds of cause that end with this text, when it succeeds (MySQL: without a warning) and is not
    /// rolled back. Whether there are others is for the session to know.
    PinSet ends;
    /// Of `ends` only one cause (DROP TEMPORARY TABLE a); otherwise all of these kinds (UNLISTEN *).
    bool ends_one = false;

    /// When not `none` the text is exactly this one command.
    SessionCommand command = SessionCommand::none;
    std::string
        command_name;  // the prepared statement's name (canonical case), the tenant, the database, the id
    std::uint32_t name_begin = 0;  // byte range of that name in the text, for splicing another one in
    std::uint32_t name_end = 0;

    /// May change rows, and so run triggers, or run other code that is stored on the server. True unless the
    /// guard knows better.
    bool writes = true;

    // MySQL.
    std::vector<Splice> splices;  // ascending, not overlapping; empty: sent as it is
    Previous reads_previous = Previous::none;
    bool local_infile = false;  // LOAD DATA LOCAL: the server may ask for a file, once
    /// CALL, stored functions, SET STATEMENT: ask the server for sql_mode before lexing again.
    bool may_change_mode = false;
    bool uses_user_variables = false;  // reads @a: the client's variables must be in place
    /// May give LAST_INSERT_ID() another value without calling it. True unless the guard knows better.
    bool inserts = true;
    /// A value of the text was compared with the tenant's id: the verdict must not be given to another
    /// tenant.
    bool depends_on_tenant = false;
    /// A name of the text was compared with that of the database on the server. True unless the guard knows
    /// better, which lets tenants with databases of their own share verdicts.
    bool depends_on_database = true;
};

using VerdictPtr = std::shared_ptr<const Verdict>;

}  // namespace fairlead::policy
