#pragma once

#include "common/bytes.h"
#include "proxy/session/mysql/expectation.h"
#include "proxy/session/settings.h"
#include "proxy/wire/mysql/capabilities.h"
#include "proxy/wire/mysql/result_set.h"
#include "proxy/wire/mysql/status_flags.h"
#include "proxy/wire/outgoing.h"

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace fairlead::proxy::mysql {

/// Where in an answer the server is. Lives between calls of reply_reader.
struct reply_progress {
    enum class phase : std::uint8_t { first, columns, rows };
    phase at = phase::first;
    std::uint64_t columns = 0;  // still to come
    std::size_t width = 0;      // columns of the result
    std::uint64_t rows = 0;     // of this result
    bool started = false;       // the client got something of it
    bool continued = false;     // the next packet goes on with the message of the last one
    bool eof_due = false;       // the client still gets the EOF behind column definitions
    bool infile_denied = false;
    std::uint8_t shift = 0;  // from the server's sequence ids to the client's
    // Of an answer that is kept instead of forwarded.
    std::string kept;
    std::vector<text_row> kept_rows;
};

/// Protocol state of one logged-in server connection: what is outstanding, what is prepared, what is set.
/// Sans-I/O; not thread-safe.
///
/// After the login fill in `thread_id`, `capabilities` (which must hold deprecate_eof, session_track and
/// multi_statements) and `database`, then let it be cleaned with start_full_reset(), as after a pin: that
/// sets our own variables and learns from the server what a fresh session of it has.
class server_session {
public:
    // From the login.
    std::uint32_t thread_id = 0;  // for KILL QUERY over a side connection
    capability_set capabilities = asked_of_servers;
    std::string database;  // current; empty: none, or not known (then `applied` is not either)

    std::uint16_t status = status::autocommit;  // of the last OK or EOF
    std::deque<expectation> expected;
    reply_progress reply;

    /// Session settings as they are on the server; nullopt: unknown.
    std::optional<settings_ptr> applied;
    /// Those of a session that set nothing: character sets and sql_mode. Null before the first set-up.
    settings_ptr baseline;
    /// @@last_insert_id as far as known.
    std::optional<std::uint64_t> last_insert_id;

    /// Whose hidden code may have left user variables here that the server does not report: the session's
    /// number; 0: nobody's.
    std::uint64_t hidden_code_of = 0;

    /// A fresh login is not set up yet.
    bool needs_full_reset = true;
    bool multi_statements = true;     // COM_SET_OPTION
    bool infile = false;              // the server takes the packets of a file
    bool error_in_reply = false;      // the last command of the client failed
    bool command_incomplete = false;  // the client's command was not sent to its end yet

    struct server_statement {
        std::uint32_t id = 0;
        /// As bound by the last execution; null: unknown, must be sent.
        std::shared_ptr<const std::string> types;
    };
    prepared_set prepared;
    std::unordered_map<std::uint64_t, server_statement> statements;  // by prepared_statement::id
    std::size_t max_prepared = 200;
    /// Taken out of the above while a cursor or pieces of parameters hang on them, so that nobody else who
    /// prepared the same text meets them; by the client's id.
    struct held_statement {
        statement_ptr statement;
        server_statement on_server;
    };
    std::unordered_map<std::uint32_t, held_statement> held;

    /// The id that the server will give to the statement prepared next; nullopt: it gives them in no order
    /// that we know. No statement that we know of has it: what is executed under it is the one that was
    /// meant, or none.
    std::optional<std::uint32_t> guess_id() const;
    /// The answer to a preparation whose execution is on its way.
    void note_given(early_execution& early, std::uint32_t id);

    /// Nothing outstanding, no transaction: can be lent to anybody.
    bool idle() const {
        return expected.empty() && (status & status::in_transaction) == 0 && !infile && !command_incomplete;
    }
    bool autocommit() const { return (status & status::autocommit) != 0; }

    /// Whatever is sent must be expected, in the same order.
    expectation& expect(reply_kind kind, own_purpose purpose = own_purpose::none) {
        expectation& added = expected.emplace_back();
        added.kind = kind;
        added.purpose = purpose;
        return added;
    }
    /// A text of ours as a COM_QUERY, expected as `purpose`.
    void send_query(std::string_view sql, own_purpose purpose, outgoing& to_server);
    void send_multi_statements(bool on, own_purpose purpose, outgoing& to_server);
    /// `rest`: of the command, behind the id.
    static void send_execution(std::uint32_t id, std::string_view rest, outgoing& to_server);

    void add_statement(const statement_ptr& statement, std::uint32_t id);
    server_statement* find_statement(const prepared_statement& statement);
    /// Closes it (COM_STMT_CLOSE has no answer).
    void close_statement(const prepared_statement& statement, outgoing& to_server);
    /// The one that is held for the client's statement, or that all share.
    server_statement* find_statement(const prepared_statement& statement, std::uint32_t client_id);
    server_statement& hold_statement(const statement_ptr& statement, std::uint32_t client_id);
    /// Nothing hangs on it any more: back to the others, or closed if one has taken its place.
    void unhold_statement(std::uint32_t client_id, bool close, outgoing& to_server);
    /// Closes the least recently used ones until one more fits.
    void make_room(outgoing& to_server);

    // Maintenance without a client; each leaves the connection idle() when all is answered.
    void start_rollback(outgoing& to_server);
    /// COM_RESET_CONNECTION and our own variables: after login, pins and session pooling.
    void start_full_reset(outgoing& to_server);
    /// The answer to our set-up: what a fresh session has. False: not what was asked for.
    bool take_baseline(const std::vector<text_row>& rows);
    /// COM_RESET_CONNECTION was answered.
    void after_reset();

private:
    std::uint32_t highest_id_ = 0;  // that the server gave since none was left
    unsigned wrong_guesses_ = 0;    // in a row
};

}  // namespace fairlead::proxy::mysql
