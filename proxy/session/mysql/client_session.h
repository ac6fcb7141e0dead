#pragma once

#include "proxy/session/client_error.h"
#include "proxy/session/mysql/placement_scope.h"
#include "proxy/session/mysql/previous_statement.h"
#include "proxy/session/mysql/server_session.h"
#include "proxy/session/mysql/statement_judge.h"
#include "proxy/session/mysql/text_statements.h"
#include "proxy/session/observer.h"
#include "proxy/session/pins.h"
#include "proxy/session/step.h"
#include "proxy/wire/mysql/commands.h"
#include "proxy/wire/mysql/err_packet.h"
#include "proxy/wire/mysql/packet.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace fairlead::proxy::mysql {

/// What the sessions of one worker share.
struct session_services {
    statement_judge& judge;
    statement_registry& statements;
    std::uint64_t max_statement_bytes = 1 << 20;
    std::uint32_t max_client_statements = 1000;
    std::uint64_t next_session = 1;
    std::string text{};       // room for the statement that is being sent
    std::string assembled{};  // room for a command of several packets
};

/// Who the session belongs to and where it lives.
struct session_identity {
    std::string tenant;
    std::string database;             // on the server
    std::string exposed;              // the name by which the client knows it; may be the same
    std::uint32_t connection_id = 0;  // as the handshake told the client
    const placement_slot* slot = nullptr;
};

/// KILL of one of our ids; never a server's thread id.
struct kill_request {
    std::uint64_t connection_id = 0;
    bool query_only = false;
};

/// One client in the command phase. Sans-I/O: takes bytes of the client and of its server connection, says
/// what to write to whom. The caller owns sockets, pooling, compression and time. Not thread-safe.
class client_session {
public:
    /// `capabilities`: as negotiated with this client. `startup_settings`: what the login said, from
    /// startup_settings() (session_settings.h).
    client_session(session_services& services, session_identity identity, session_observer& observer,
                   capability_set capabilities, settings_ptr startup_settings);

    client_step on_client(Bytes input, server_session* server, outgoing& to_client, outgoing& to_server);
    /// A connection was lent. Sends nothing: this client's state goes out together with its command.
    void on_linked(server_session& server, outgoing& to_server);
    /// The link is gone (released, or the server died).
    void on_unlinked();

    /// No link could be had: the command at the front of `input` that asked for it gets `error`. Returns how
    /// much of the input is done with.
    std::size_t fail_waiting(Bytes input, const client_error& error, outgoing& to_client);

    /// Sequence id of an ERR packet that ends the connection: the one that the client waits for. Drivers take
    /// any other for packets out of order and never show the message.
    std::uint8_t next_sequence() const { return next_sequence_; }

    bool pinned() const { return pin() != policy::Pin::none; }
    policy::Pin pin() const;
    const session_identity& identity() const { return identity_; }

    const std::string& requested_tenant() const { return requested_tenant_; }
    /// Another tenant from now on; everything of the session is reset.
    void change_identity(session_identity identity);
    /// Answers the SET @fairlead_tenant that asked for it.
    void finish_set_tenant(outgoing& to_client);
    void reject_set_tenant(const client_error& error, outgoing& to_client);

    const kill_request& requested_kill() const { return requested_kill_; }
    /// `found`: there is such a connection and it is of the same tenant.
    void finish_kill(bool found, outgoing& to_client);

private:
    friend class reply_reader;

    struct client_statement {
        statement_ptr statement;  // as servers get it
        policy::VerdictPtr verdict;
        std::shared_ptr<const placement_scope> scope;  // the verdict was made under
        std::string sql;                               // as the client sent it, to judge it again
        policy::mysql::lex_mode mode;
        std::uint16_t parameters = 0;
        /// Types of the parameters as last bound; servers elsewhere do not know them. Null: not yet.
        std::shared_ptr<const std::string> types{};
        bool failed_long_data = false;
    };
    enum class body_mode : std::uint8_t { forward, discard };

    /// One call of on_client(): where its output goes.
    struct turn {
        server_session* server;
        outgoing& to_client;
        outgoing& to_server;
        client_next result = client_next::read_more;
        std::size_t consumed = 0;  // by the command at hand, when it is done with
    };
    enum class handled : std::uint8_t { yes, incomplete, stop };
    /// The answer to a command that has to be read to its end first.
    struct late_error {
        std::uint16_t code = 0;  // 0: none, the command has no answer
        std::string sqlstate{};
        std::string text{};
        static late_error of(error_number number, std::string text) {
            return {number.code, std::string(number.sqlstate), std::move(text)};
        }
    };

    /// A command that is all there.
    struct whole_command {
        Bytes message;  // with its headers
        std::string_view body;
    };

    // client_commands.cpp
    bool must_wait(const turn& t) const;
    std::size_t continue_body(turn& t, Bytes input);
    void end_body(turn& t);
    std::size_t continue_infile(turn& t, Bytes input);
    handled start_body(turn& t, const packet_header& header, std::size_t taken, Bytes available,
                       body_mode mode);
    handled handle(turn& t, const packet_header& header, Bytes available);
    handled read_whole(turn& t, Bytes available, whole_command& whole);
    handled on_too_long(turn& t, const packet_header& header, Bytes available);
    handled on_complete(turn& t, command what, const whole_command& whole);
    handled on_simple(turn& t, command what, const whole_command& whole);
    handled on_set_option(turn& t, std::string_view argument);
    handled on_statistics(turn& t, const whole_command& whole);
    handled on_reset_connection(turn& t, const whole_command& whole);
    handled on_field_list(turn& t, const whole_command& whole);
    handled change_database(turn& t, std::string_view name, const whole_command& whole);
    handled refuse_later(turn& t, const packet_header& header, Bytes available, late_error error);
    handled violation(turn& t, error_number number, std::string_view text);

    // client_query.cpp
    handled on_query(turn& t, const whole_command& whole);
    handled on_session_command(turn& t, const whole_command& whole, std::string_view sql,
                               const policy::VerdictPtr& verdict);
    handled ask_tenant(turn& t, const policy::Verdict& verdict);
    handled ask_kill(turn& t, std::string_view id, bool query_only);
    enum class previous_answer : std::uint8_t { not_asked, answered, wait, forward, refused };
    previous_answer answer_previous(turn& t, std::string_view sql, const policy::Verdict& verdict);
    bool previous_on_link(const turn& t, policy::Previous asked) const;
    bool ask_previous(server_session& server, bool conditions, outgoing& to_server);
    bool ready_link(turn& t, const policy::VerdictPtr& verdict, bool alone, bool with_state);
    bool runs_alone(const policy::Verdict& verdict) const;
    handled send_query(turn& t, const whole_command& whole, std::string_view sql,
                       const policy::VerdictPtr& verdict);
    handled send_unread(turn& t, const packet_header& header, Bytes available);

    // client_statements.cpp
    handled on_prepare(turn& t, std::string_view sql);
    handled send_prepare(turn& t);
    void finish_prepare(server_session& server, const std::string& kept, std::uint8_t sequence,
                        outgoing& to_client);
    bool recheck(client_statement& statement, late_error& error);
    bool intern(client_statement& statement);
    void remember(std::uint32_t id, std::uint16_t parameters);
    handled on_long_data(turn& t, const packet_header& header, Bytes available);
    handled on_fetch(turn& t, const whole_command& whole);
    handled on_statement_reset(turn& t, const whole_command& whole);
    handled on_statement_close(turn& t, std::string_view argument);
    enum class readiness : std::uint8_t { ready, unprepared, stop, failed };
    /// Judged again, its state and itself on the server. `unprepared`: all but itself. `failed`: `error` says
    /// why.
    readiness ready_statement(turn& t, std::uint32_t id, client_statement& statement,
                              server_session::server_statement*& on_server, late_error& error);
    expectation& append_preparation(turn& t, const statement_ptr& statement, own_purpose purpose);
    handled prepare_first(turn& t, const client_statement& statement);
    bool may_run(const turn& t, client_statement& statement, late_error& error);
    bool in_use(std::uint32_t id) const;
    /// `id` becomes the real one where it says "the last".
    client_statement* find_statement(std::uint32_t& id);

    // client_executions.cpp
    handled on_execute(turn& t, const packet_header& header, Bytes available);
    struct execution {
        std::uint32_t id = 0;
        std::size_t head = 0;  // bytes of the message in front of the values
        bool bound = false;    // types are among them
    };
    handled send_execute(turn& t, const packet_header& header, Bytes available, const execution& what,
                         client_statement& statement, server_session::server_statement& on_server);
    void note_types(Bytes available, const execution& what, client_statement& statement) const;
    expectation& expect_execution(turn& t, std::uint32_t id, const client_statement& statement);
    handled on_bulk_execute(turn& t, const packet_header& header, Bytes available);
    bool goes_early(const turn& t, const packet_header& header, Bytes available) const;
    handled send_early(turn& t, const packet_header& header, Bytes available, const execution& what,
                       client_statement& statement);
    /// Forwards a command that begins with a statement's id, with the server's in its place.
    void forward_with_id(turn& t, const packet_header& header, Bytes available, std::uint32_t server_id);

    // client_text_statements.cpp
    handled on_text_statement(turn& t, const whole_command& whole, std::string_view sql,
                              const policy::VerdictPtr& verdict);
    handled on_text_prepare(turn& t, const whole_command& whole, std::string_view sql,
                            const policy::VerdictPtr& verdict);
    policy::VerdictPtr judge_again(text_statements::statement& known);
    void text_statement_sent(server_session& server, std::string_view sql, const policy::VerdictPtr& verdict);
    void text_statement_answered(const policy::Verdict& verdict, bool ok);

    // client_link.cpp
    const placement_scope* scope() const { return identity_.slot->current.get(); }
    policy::mysql::Speaker speaker(bool prepared);
    policy::VerdictPtr check(std::string_view sql, bool prepared);
    policy::VerdictPtr check_once(std::string_view sql, bool prepared);
    handled need_link(turn& t, policy::VerdictPtr verdict = nullptr);
    bool known_state(turn& t);
    bool restore_state(turn& t, bool with_database);
    bool insert_id_differs(const server_session& server) const;
    void restore_insert_id(turn& t, const policy::Verdict& verdict);
    std::size_t append_state(const server_session& server, bool with_database, std::string& sql) const;
    void note_hidden_code(server_session& server, const policy::Verdict& verdict) const;
    void state_sent(server_session& server, bool with_database);
    std::string plan_scope() const;

    // client_state.cpp
    void say_ok(turn& t, std::string_view session_state = {});
    handled say_error(turn& t, error_number number, std::string_view text);
    handled refuse(turn& t, const policy::Refusal& refusal, std::string_view sql);
    std::uint16_t told_status(const turn& t) const;
    void note_result(server_session& server, const ok_packet& ok, bool rows, std::uint64_t row_count,
                     const policy::Verdict* verdict);
    void learn(server_session& server, const ok_packet& ok, const policy::Verdict* verdict);
    void learn_variable(server_session& server, std::string_view name, std::string_view value,
                        const policy::Verdict* verdict);
    void note_failure(std::uint16_t code, std::string message);
    void note_own_failure(server_session& server, const expectation& failed, const err_packet& err);
    void end_command(server_session& server, const expectation& done, const ok_packet* ok,
                     outgoing& to_server);
    void apply_effect(server_session& server, const policy::Verdict& verdict);
    void end_execution(server_session& server, const expectation& done, const ok_packet* ok,
                       outgoing& to_server);
    /// Behind a command: what has to be asked before anything else is sent or the link goes back.
    void append_questions(server_session& server, outgoing& to_server);
    bool take_answer(server_session& server, own_purpose purpose, const std::vector<text_row>& rows);
    void change_one(server_session& server, const policy::SettingChange& change);
    void apply_setting(server_session& server, const policy::SettingChange& change);
    void end_one_statement(const policy::Verdict& verdict);
    void take_pin(policy::PinSet causes, server_session* server, bool more = false);
    void drop_pin();
    void pins_changed(server_session* server);
    void reset_session();

    session_services& services_;
    session_observer& observer_;
    session_identity identity_;
    std::uint64_t number_;  // of the session, nobody else's; another one after each reset
    capability_set capabilities_;
    settings_ptr startup_;
    settings_ptr settings_;
    std::string database_;  // current, on the server
    /// How texts are read, with the settings it was made from. nullopt: not understood.
    std::optional<policy::mysql::lex_mode> mode_;
    settings_ptr mode_of_;
    const placement_scope* mode_scope_ = nullptr;

    using statement_map = std::unordered_map<std::uint32_t, client_statement>;
    std::unique_ptr<statement_map> statements_;
    std::unique_ptr<client_statement> preparing_;
    std::uint32_t next_statement_ = 1;
    std::uint32_t last_prepared_ = 0;
    /// A preparation of ours that the server refused; its error is the answer to what waits for it.
    struct failed_preparation {
        std::uint64_t statement = 0;
        late_error error;
    };
    std::unique_ptr<failed_preparation> prepare_failed_;
    std::unique_ptr<late_error> restore_failed_;  // likewise, when its state could not be restored

    previous_statement previous_;
    std::string requested_tenant_;
    kill_request requested_kill_;
    policy::VerdictPtr pending_verdict_;  // of the command that waits for a link or for our own commands
    const placement_scope* pending_scope_ = nullptr;

    // The command whose body is passing through.
    std::uint32_t body_left_ = 0;  // of the packet at hand
    bool body_continues_ = false;  // another packet of the same command follows
    bool in_body_ = false;
    body_mode body_mode_ = body_mode::forward;
    late_error late_error_;
    std::uint8_t next_sequence_ = 1;  // of what is answered next
    bool infile_continues_ = false;   // the last packet of the file was a full one
    std::uint8_t infile_shift_ = 0;   // from the client's sequence ids to the server's

    // Of the link.
    pins pins_;
    policy::Pin until_next_ = policy::Pin::none;  // ends with the next statement
    policy::Pin reported_pin_ = policy::Pin::none;
    std::vector<std::uint32_t> cursors_;      // statements with rows to be fetched
    std::vector<std::uint32_t> long_data_;    // statements with pieces of parameters on the server
    std::unique_ptr<text_statements> named_;  // null: none were prepared as text
    bool savepoint_ = false;                  // set with autocommit off: no transaction as the server counts
    bool left_behind_ = false;                // the server has to be reset when the link goes back
    bool fresh_link_ = true;                  // no command of this client ran on it yet
    bool disturbed_ = false;  // our own questions, or answers of ours, came after its last command there
    bool conditions_on_link_ = false;  // its last command left warnings there, not read yet
    bool multi_statements_ = false;
    bool mode_uncertain_ = false;    // ask for sql_mode before anything is read
    bool mode_reported_ = false;     // the answer at hand said what sql_mode became
    bool charset_reported_ = false;  // and the character sets
    bool state_reported_ = false;    // and that something of the session changed, whatever it is

    std::uint16_t last_status_ = status::autocommit;  // as the client was told
};

/// An error of ours as an ERR packet with this sequence id: for a connection that ends, a login that waits.
void append_client_error(std::string& out, std::uint8_t sequence, const client_error& error);

}  // namespace fairlead::proxy::mysql
