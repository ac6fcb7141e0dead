#pragma once

#include "policy/verdict.h"
#include "proxy/session/prepared.h"

#include <cstdint>
#include <memory>
#include <string>

namespace fairlead::proxy::mysql {

/// How the answer to a command is built (https://dev.mysql.com/doc/dev/mysql-server/latest/
/// page_protocol_command_phase.html). Commands without an answer are not expected.
enum class reply_kind : std::uint8_t {
    results,     // QUERY, STMT_EXECUTE, STMT_BULK_EXECUTE: OK, ERR or rows; several while MORE_RESULTS
    prepare,     // STMT_PREPARE
    simple,      // one OK, EOF or ERR
    field_list,  // column definitions without a count in front
    rows,        // STMT_FETCH: rows only
    text,        // STATISTICS: one packet that is text
};

/// Why the proxy itself sent a command. `none`: it is the client's.
enum class own_purpose : std::uint8_t {
    none,
    settings,        // the session's state, in front of a command that waits for it
    prepare,         // the client's statement, on a connection that does not have it
    diagnostics,     // SHOW WARNINGS behind the client's command; rows are kept for it
    insert_id,       // sets the session's LAST_INSERT_ID(), in front of a command that does not wait for it
    last_insert_id,  // the session's value, before the link goes back
    found_rows,      // likewise, behind SQL_CALC_FOUND_ROWS
    sql_mode,        // behind what may have changed it unseen
    setup,           // our own variables, after login and reset
    cleanup,         // nobody's: rolling back, resetting
};

/// An execution that went out in one write with the preparation of its statement, under the id that the
/// server was expected to give it (server_session::guess_id()).
struct early_execution {
    std::uint32_t guessed = 0;
    std::uint32_t given = 0;  // by the server; 0: not yet, or it could not be prepared
    std::string rest;         // of the command, behind the id: it is sent again if the guess was wrong

    bool missed() const { return given != guessed; }
};

struct expectation {
    reply_kind kind = reply_kind::simple;
    own_purpose purpose = own_purpose::none;
    /// OK packets of our own statements in front of the client's in the same text, not yet seen.
    std::uint8_t own_results = 0;
    /// Of the first packet of the answer, as the client counts.
    std::uint8_t client_sequence = 1;
    /// The client's own COM_RESET_CONNECTION.
    bool resets = false;
    /// The client's id of the statement that is executed, fetched from or reset; 0: none.
    std::uint32_t client_statement = 0;
    policy::VerdictPtr verdict{};  // of the client's statement; null for other commands
    statement_ptr statement{};     // prepare
    std::unique_ptr<early_execution> early{};

    bool own() const { return purpose != own_purpose::none; }
    /// It may have given LAST_INSERT_ID() another value.
    bool may_insert() const { return verdict != nullptr && verdict->inserts; }
};

}  // namespace fairlead::proxy::mysql
