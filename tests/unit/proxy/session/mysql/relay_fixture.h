#pragma once

#include "proxy/session/mysql/client_session.h"
#include "proxy/session/mysql/reply_reader.h"
#include "proxy/session/mysql/session_settings.h"
#include "proxy/wire/mysql/field.h"
#include "proxy/wire/mysql/session_track.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace fairlead::proxy::mysql {

/// A guard that knows a few words: what the session does with a verdict is tested here, not verdicts.
class word_judge final : public statement_judge {
public:
    policy::VerdictPtr check(const policy::mysql::GuardScope&, const policy::mysql::Speaker& speaker,
                             std::string_view sql) override {
        modes.push_back(speaker.mode);
        auto verdict = std::make_shared<policy::Verdict>();
        auto starts = [&](std::string_view word) { return sql.starts_with(word); };
        using policy::Previous;
        using policy::SessionCommand;
        using policy::TransactionEffect;
        verdict->refused = starts("REPLACE") || (starts("PREPARE ") && refuses_prepare);
        verdict->refusal = {
            .rule = "upsert-unique-key", .message = "REPLACE is refused", .hint = "use INSERT"};
        if (starts("BEGIN")) verdict->transaction = TransactionEffect::begin;
        if (starts("COMMIT")) verdict->transaction = TransactionEffect::commit;
        if (starts("SAVEPOINT")) verdict->transaction = TransactionEffect::savepoint;
        if (starts("SET TRANSACTION")) verdict->transaction = TransactionEffect::characteristics;
        bool reads = starts("SELECT") || starts("SHOW");
        verdict->writes = !reads && verdict->transaction == TransactionEffect::none;
        verdict->inserts = verdict->writes && !starts("SET") && !starts("UPDATE");
        verdict->needs_context = !starts("SET") && verdict->transaction == TransactionEffect::none;
        if (starts("SET x = "))
            verdict->settings.push_back({.name = "x", .value = std::string(sql.substr(8))});
        if (starts("SET sql_mode = "))
            verdict->settings.push_back({.name = "sql_mode", .value = std::string(sql.substr(15))});
        if (starts("CALL")) verdict->may_change_mode = true;
        if (starts("CALL") && calls_pin) verdict->pins = policy::Pin::user_variable;
        if (starts("LOAD DATA LOCAL")) verdict->local_infile = true;
        if (starts("LOCK TABLES")) verdict->pins = policy::Pin::table_lock;
        if (starts("SELECT SQL_CALC_FOUND_ROWS")) verdict->pins = policy::Pin::found_rows;
        auto asks = [&](std::string_view word, Previous what) {
            if (sql.find(word) != std::string_view::npos)
                verdict->reads_previous = verdict->reads_previous | what;
        };
        asks("LAST_INSERT_ID()", Previous::last_insert_id);
        asks("ROW_COUNT()", Previous::row_count);
        asks("FOUND_ROWS()", Previous::found_rows);
        asks("SHOW WARNINGS", Previous::diagnostics);
        auto command = [&](SessionCommand what, std::size_t from) {
            verdict->command = what;
            verdict->command_name = sql.substr(from);
        };
        if (starts("USE ")) command(SessionCommand::use_database, 4);
        if (starts("SET @fairlead_tenant = ")) command(SessionCommand::set_tenant, 23);
        if (starts("KILL QUERY ")) command(SessionCommand::kill_query, 11);
        if (starts("EXECUTE ")) command(SessionCommand::execute, 8);
        if (starts("DEALLOCATE PREPARE ")) command(SessionCommand::deallocate, 19);
        if (starts("PREPARE ")) {
            command(SessionCommand::prepare, 8);
            verdict->command_name.resize(verdict->command_name.find(' '));
            verdict->pins = policy::Pin::text_prepare;
            verdict->splices.push_back({3, 4, rewritten});
        }
        if (sql.find("{tenant}") != std::string_view::npos)
            verdict->splices.push_back({0, 0, std::string(1, policy::tenant_mark)});
        return verdict;
    }
    bool render(const policy::Verdict&, const policy::mysql::Speaker& speaker, std::uint32_t,
                std::string_view sql, std::string& out) override {
        std::size_t at = sql.find("{tenant}");
        if (at == std::string_view::npos) {
            out.append(sql);
            return renders;
        }
        out.append(sql.substr(0, at))
            .append("'")
            .append(speaker.tenant)
            .append("'")
            .append(sql.substr(at + 8));
        return renders;
    }
    std::vector<policy::mysql::lex_mode> modes;
    bool renders = true;
    bool calls_pin = false;
    bool refuses_prepare = false;
    std::string rewritten = "'SELECT 1'";  // what PREPARE becomes
};

inline constexpr capability_set full_client =
    asked_of_servers | capability::found_rows | capability::mariadb_bulk_operations;
inline constexpr capability_set old_client =
    full_client & ~(capability::deprecate_eof | capability::session_track);

/// One client and its server connections without sockets: bytes in, bytes out. `cut`: bytes come one by one.
class relay_fixture : public testing::Test, public session_observer {
protected:
    relay_fixture() {
        auto scope = std::make_shared<placement_scope>();
        scope->name = "shared";
        scope->sql_mode = "STRICT_TRANS_TABLES";
        slot_.current = scope;
        make_client(full_client);
        make_server();
    }

    void make_client(capability_set capabilities) {
        session_identity identity;
        identity.tenant = "acme";
        identity.database = "shop_db";
        identity.exposed = "shop";
        identity.connection_id = 77;
        identity.slot = &slot_;
        capabilities_ = capabilities;
        session_ = std::make_unique<client_session>(services_, identity, *this, capabilities,
                                                    startup_settings(45, "STRICT_TRANS_TABLES"));
    }
    void set_model(config::Model model) {
        auto scope = std::make_shared<placement_scope>(*slot_.current);
        scope->guard.model = model;
        slot_.current = scope;
    }

    /// Another connection, as its set-up leaves it.
    void make_server() {
        server_ = std::make_unique<server_session>();
        server_->capabilities = asked_of_servers | capability::mariadb_bulk_operations;
        server_->needs_full_reset = false;
        server_->database = "shop_db";
        server_->applied = server_->baseline = startup_settings(45, "STRICT_TRANS_TABLES");
        server_->last_insert_id = 0;
        stream_ = {};
        linked_ = false;
    }

    /// Gives bytes to the session, linking when it asks for that. Returns what it did last.
    client_next client_says(std::string_view bytes) {
        client_next last = client_next::read_more;
        std::size_t step = cut ? 1 : bytes.size();
        for (std::size_t at = 0; at < bytes.size(); at += step) {
            input_.append(bytes.substr(at, step));
            last = feed_client();
        }
        return last;
    }
    client_next feed_client() {
        for (;;) {
            outgoing to_client, to_server;
            auto step = session_->on_client(as_bytes(input_), linked_ ? server_.get() : nullptr, to_client,
                                            to_server);
            to_client_ += to_client.flatten();
            to_server_ += to_server.flatten();
            input_.erase(0, step.consumed);
            if (step.what == client_next::need_link) {
                EXPECT_FALSE(linked_);
                link();
                continue;
            }
            if (linked_ && server_->idle() && !session_->pinned()) unlink();
            return step.what;
        }
    }
    void link() {
        outgoing to_server;
        linked_ = true;
        session_->on_linked(*server_, to_server);
        EXPECT_TRUE(to_server.empty());
    }
    void unlink() {
        session_->on_unlinked();
        linked_ = false;
    }

    server_next server_says(std::string_view bytes) {
        server_next last = server_next::read_more;
        std::size_t step = cut ? 1 : bytes.size();
        for (std::size_t at = 0; at < bytes.size(); at += step) {
            server_input_.append(bytes.substr(at, step));
            last = feed_server();
        }
        return last;
    }
    server_next feed_server() {
        outgoing to_client, to_server;
        reply_reader reader(*server_, linked_ ? session_.get() : nullptr, *this, to_client, to_server);
        auto step = reader.read(as_bytes(server_input_), stream_);
        to_client_ += to_client.flatten();
        to_server_ += to_server.flatten();
        server_input_.erase(0, step.consumed);
        if (step.what == server_next::broken) return step.what;
        if (step.what == server_next::release && linked_ && !session_->pinned()) unlink();
        if (!input_.empty()) feed_client();
        return step.what;
    }

    std::string take_to_server() { return std::exchange(to_server_, {}); }
    std::string take_to_client() { return std::exchange(to_client_, {}); }

    static std::string command_of(command what, std::string_view body = {}) {
        std::string out;
        std::uint8_t sequence = 0;
        append_message(out, sequence, std::string(1, static_cast<char>(what)).append(body));
        return out;
    }
    static std::string query(std::string_view sql) { return command_of(command::query, sql); }
    static std::string number(std::uint32_t value) {
        std::string out;
        field_writer(out).u32(value);
        return out;
    }

    static std::string ok(std::uint8_t sequence = 1, ok_packet packet = {}) {
        std::string out;
        append_ok(out, sequence, packet, asked_of_servers);
        return out;
    }
    static ok_packet with_status(std::uint16_t status) {
        ok_packet packet;
        packet.status = status;
        return packet;
    }
    static std::string error(std::uint16_t code, std::string_view message, std::uint8_t sequence = 1) {
        std::string out;
        append_err(out, sequence, err_packet{code, "HY000", message});
        return out;
    }
    /// A result of text columns, as this side takes it; `sequence` becomes that behind it.
    static std::string result(std::uint8_t& sequence, const std::vector<std::string>& names,
                              const std::vector<text_row>& rows, ok_packet end = {},
                              capability_set capabilities = asked_of_servers) {
        std::string out;
        std::vector<column_definition> columns;
        for (const std::string& name : names) columns.push_back({.name = name});
        append_text_result(out, sequence, columns, rows, end, capabilities);
        return out;
    }
    static std::string one_value(const std::string& name, const std::string& value) {
        std::uint8_t sequence = 1;
        return result(sequence, {name}, {{value}});
    }
    /// Sequence ids of the packets in `bytes`, in order.
    static std::vector<int> sequences(std::string_view bytes) {
        std::vector<int> found;
        while (auto packet = read_packet(as_bytes(bytes))) {
            found.push_back(packet->header.sequence);
            bytes.remove_prefix(packet->header.total());
        }
        EXPECT_TRUE(bytes.empty());
        return found;
    }
    static std::string variable(std::string_view name, std::string_view value) {
        std::string state;
        append_session_change(state, {session_change::system_variable, name, value});
        return state;
    }
    /// The answer to COM_STMT_PREPARE.
    static std::string prepared(std::uint32_t id, std::uint16_t parameters, std::uint16_t columns) {
        std::string out;
        std::uint8_t sequence = 1;
        append_packet(out, sequence, [&](std::string& body) {
            field_writer writer(body);
            writer.u8(0);
            writer.u32(id);
            writer.u16(columns);
            writer.u16(parameters);
            writer.u8(0);
            writer.u16(0);
        });
        for (int i = 0; i < parameters + columns; ++i) append_column(out, sequence, {.name = "c"});
        return out;
    }
    /// COM_STMT_EXECUTE with one parameter of eight bytes.
    static std::string execute(std::uint32_t id, bool bound, std::uint8_t flags = 0) {
        std::string body = number(id);
        body.push_back(static_cast<char>(flags));
        body += number(1);
        body.append(1, '\0').append(1, bound ? '\1' : '\0');
        if (bound) body.append("\x08\0", 2);
        return command_of(command::stmt_execute, body.append("12345678"));
    }

    void on_refusal(const policy::Refusal& refusal, std::string_view) override {
        refusals_.push_back(refusal.rule);
    }
    void on_error(std::string_view sqlstate, bool) override { errors_.emplace_back(sqlstate); }
    void on_statement() override { ++statements_; }
    void on_pin(policy::Pin pin) override { pins_.push_back(pin); }
    void on_unpin() override { ++unpins_; }

    word_judge judge_;
    statement_registry registry_;
    session_services services_{judge_, registry_};
    placement_slot slot_;
    capability_set capabilities_ = full_client;
    std::unique_ptr<client_session> session_;
    std::unique_ptr<server_session> server_;
    reply_stream stream_;
    bool linked_ = false;
    bool cut = false;
    std::string input_, server_input_, to_client_, to_server_;
    std::vector<std::string> refusals_, errors_;
    std::vector<policy::Pin> pins_;
    int statements_ = 0, unpins_ = 0;
};

}  // namespace fairlead::proxy::mysql
