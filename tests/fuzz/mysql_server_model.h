#pragma once

#include "fuzz/require.h"
#include "proxy/session/mysql/session_settings.h"
#include "proxy/wire/mysql/commands.h"
#include "proxy/wire/mysql/err_packet.h"
#include "proxy/wire/mysql/field.h"
#include "proxy/wire/mysql/packet.h"
#include "proxy/wire/mysql/result_set.h"
#include "proxy/wire/mysql/session_track.h"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>

namespace fairlead::fuzz {

/// What a session has and its statements depend on; one for each client (as it should be) and for each server
/// (as it is).
struct mysql_state {
    std::string x;  // a variable; empty: never set
    std::uint64_t insert_id = 0;
    bool in_transaction = false;
    bool operator==(const mysql_state&) const = default;
};

/// A client as the model knows it.
struct mysql_client_model {
    std::string database;
    mysql_state state;
};

/// A MySQL server as far as a relay can tell: commands in, answers out, one by one. Statements are
/// "<client> <verb> <serial>"; the serial comes back in the answer, so that an answer that is lost, doubled
/// or somebody else's is seen. It is strict: a client's statement on another state than that client's ends
/// the run.
class mysql_server_model {
public:
    explicit mysql_server_model(std::map<char, mysql_client_model>& clients) : clients_(clients) {}

    char client = 0;  // whose link this is; 0: nobody's
    bool fail_next = false;
    bool use_fails = false;

    void receive(std::string_view bytes) { input_ += bytes; }
    bool has_work() const { return !input_.empty(); }

    /// Answers the next whole command.
    void work(std::string& out) {
        auto packet = proxy::mysql::read_packet(as_bytes(input_));
        if (!packet) return;
        require(packet->header.sequence == 0, "a command begins with sequence 0");
        std::string body(as_text(packet->payload));
        input_.erase(0, packet->header.total());
        sequence_ = static_cast<std::uint8_t>(packet->header.sequence + 1);
        require(!body.empty(), "no empty command reaches the server");
        run(static_cast<proxy::mysql::command>(body[0]), std::string_view(body).substr(1), out);
    }

    /// The connection is given back: nothing of a client may be left that the next one could meet.
    bool clean() const { return !state_.in_transaction && cursors_.empty() && long_data_.empty(); }

private:
    using command = proxy::mysql::command;
    struct statement {
        std::string text;
        std::string database;
        bool typed = false;
    };

    void run(command what, std::string_view body, std::string& out) {
        if (what != command::stmt_prepare && what != command::stmt_execute) behind_prepare_ = false;
        switch (what) {
            case command::query:
                return run_query(body, out);
            case command::stmt_prepare:
                return prepare(body, out);
            case command::stmt_execute:
                execute(body, out);
                behind_prepare_ = false;
                return;
            case command::stmt_fetch:
                return fetch(body, out);
            case command::stmt_send_long_data:
                long_data_[find(body)] = true;
                return;
            case command::stmt_close:
                cursors_.erase(find(body));
                long_data_.erase(find(body));
                statements_.erase(find(body));
                return;
            case command::stmt_reset:
                cursors_.erase(find(body));
                long_data_.erase(find(body));
                return ok(out, 0);
            case command::reset_connection:
                state_ = {};
                statements_.clear();
                cursors_.clear();
                long_data_.clear();
                return ok(out, 0);
            default:
                require(false, "only commands that concern it reach the server");
        }
    }

    void run_query(std::string_view text, std::string& out) {
        for (;;) {
            // Statements of clients hold no semicolon, so what is joined by them is ours.
            std::size_t end = text.find(';');
            more_ = end != std::string_view::npos;
            if (!run_one(text.substr(0, end), out) || !more_) return;
            text.remove_prefix(end + 1);
        }
    }

    // False: it failed, and what stands behind it is not run.
    bool run_one(std::string_view sql, std::string& out) {
        if (sql.starts_with("USE `")) {
            if (std::exchange(use_fails, false)) return error(out, 1049, "0");
            database_ = sql.substr(5, sql.size() - 6);
        } else if (sql.starts_with("SET @@session.last_insert_id=")) {
            state_.insert_id = std::stoull(std::string(sql.substr(29)));
        } else if (sql.starts_with("SET @@session.x=")) {
            std::string_view value = sql.substr(16);
            state_.x = value == "DEFAULT" ? "" : value;
        } else if (sql == "ROLLBACK") {
            state_.in_transaction = false;
        } else if (sql.find("session_track_system_variables") != std::string_view::npos) {
        } else if (sql.starts_with("SELECT @@character_set_client")) {
            rows(out, {{"utf8mb4", "utf8mb4", "utf8mb4_general_ci", "", std::to_string(state_.insert_id),
                        database_}});
            return true;
        } else if (sql == "SHOW WARNINGS") {
            rows(out, {{"Warning", "1265", std::to_string(warned_)}}, 3);
            return true;
        } else if (sql == "SELECT @@last_insert_id") {
            rows(out, {{std::to_string(state_.insert_id)}});
            return true;
        } else if (sql == "SELECT LAST_INSERT_ID()") {  // a client's
            require(client != 0 && state_.x == clients_[client].state.x,
                    "it runs under its client's settings");
            rows(out, {{std::to_string(state_.insert_id)}});
            return true;
        } else if (sql == "SELECT FOUND_ROWS()") {
            require(client != 0, "only behind a client's statement");
            rows(out, {{"7"}});
            return true;
        } else if (sql == "SELECT @@sql_mode") {
            rows(out, {{""}});
            return true;
        } else {
            return run_clients(sql, false, out);
        }
        ok(out, 0);
        return true;
    }

    bool run_clients(std::string_view sql, bool prepared, std::string& out) {
        require(client != 0, "nobody's connection runs no client's statement");
        require(!sql.empty() && sql[0] == client, "a client's statement runs on its own link");
        mysql_client_model& self = clients_[client];
        require(prepared || database_ == self.database, "a statement runs in its client's database");
        require(state_.x == self.state.x, "a statement runs under its client's settings");
        std::string_view verb = sql.substr(2, sql.find(' ', 2) - 2);
        std::string_view tail = sql.substr(std::min(sql.size(), sql.rfind(' ') + 1));
        std::string serial(tail);
        if (verb == "LID")
            require(state_.insert_id == self.state.insert_id, "LAST_INSERT_ID() is the client's");
        if (std::exchange(fail_next, false) || verb == "FAIL") return error(out, 1105, serial);
        perform(verb, serial, self, out);
        return true;
    }

    void perform(std::string_view verb, const std::string& serial, mysql_client_model& self,
                 std::string& out) {
        if (verb == "ROWS" || verb == "CALC" || verb == "LID") return rows(out, {{serial}, {serial}});
        if (verb == "BOTH") {
            bool more = std::exchange(more_, true);
            rows(out, {{serial}});
            more_ = more;
            return ok(out, std::stoull(serial));
        }
        if (verb == "BEGIN") state_.in_transaction = self.state.in_transaction = true;
        if (verb == "COMMIT") state_.in_transaction = self.state.in_transaction = false;
        if (verb == "SETX") state_.x = self.state.x = serial;
        if (verb == "WARN") warned_ = std::stoull(serial);
        if (verb == "INSERT") state_.insert_id = self.state.insert_id = 1000 + std::stoull(serial);
        ok(out, std::stoull(serial), verb == "INSERT" ? state_.insert_id : 0, verb == "WARN" ? 1 : 0);
    }

    void prepare(std::string_view text, std::string& out) {
        require(client != 0 && database_ == clients_[client].database, "prepared in its client's database");
        std::uint32_t id = next_++;  // one is taken by what fails, too, as MariaDB does it
        behind_prepare_ = true;
        if (std::exchange(fail_next, false)) {
            error(out, 1146, "0");
            return;
        }
        statements_[id] = {std::string(text), database_, false};
        require(statements_.size() < 8, "a server connection holds a bounded number of statements");
        proxy::mysql::append_packet(out, sequence_, [&](std::string& body) {
            proxy::mysql::field_writer writer(body);
            writer.u8(0);
            writer.u32(id);
            writer.u16(0);
            writer.u16(1);
            writer.u8(0);
            writer.u16(0);
        });
        proxy::mysql::append_column(out, sequence_, {.name = "?"});
    }

    static std::uint32_t id_of(std::string_view body) {
        return proxy::mysql::field_reader(as_bytes(body)).u32().value_or(0);
    }
    std::uint32_t find(std::string_view body) const {
        std::uint32_t id = id_of(body);
        require(statements_.contains(id), "only statements that it has are named to a server");
        return id;
    }

    // The parameter is the serial. Behind the id: flags, iterations, the NULL map, whether types follow.
    void execute(std::string_view body, std::string& out) {
        // Under an id that was guessed, while its preparation was on its way; it must not be anybody's then.
        bool guessed = behind_prepare_ && !statements_.contains(id_of(body));
        if (guessed) {
            error(out, 1243, "0");
            return;
        }
        std::uint32_t id = find(body);
        statement& run = statements_[id];
        require(run.database == clients_[client].database, "prepared where its client is at home");
        bool cursor = body[4] != 0;
        bool bound = body[10] == 1;
        std::string_view values = body.substr(bound ? 13 : 11);
        run.typed |= bound;
        require(run.typed, "the types of parameters are known");
        cursors_.erase(id);
        long_data_.erase(id);
        std::uint64_t serial = 0;
        if (values.size() == 8) serial = proxy::mysql::field_reader(as_bytes(values)).u64().value_or(0);
        if (!cursor) {
            run_clients(run.text + " " + std::to_string(serial), true, out);
            return;
        }
        cursors_[id] = serial;
        proxy::mysql::append_column_count(out, sequence_, 1);
        proxy::mysql::append_column(out, sequence_, {.name = "c"});
        end(out, proxy::mysql::status::cursor_exists);
    }

    void fetch(std::string_view body, std::string& out) {
        std::uint32_t id = find(body);
        auto cursor = cursors_.find(id);
        require(cursor != cursors_.end(), "what is fetched from is open");
        proxy::mysql::append_text_row(out, sequence_,
                                      proxy::mysql::text_row{{std::to_string(cursor->second)}});
        cursors_.erase(cursor);
        end(out, proxy::mysql::status::last_row_sent);
    }

    std::uint16_t status() const {
        std::uint16_t status = proxy::mysql::status::autocommit;
        if (state_.in_transaction) status |= proxy::mysql::status::in_transaction;
        if (more_) status |= proxy::mysql::status::more_results;
        return status;
    }
    void ok(std::string& out, std::uint64_t serial, std::uint64_t insert_id = 0, std::uint16_t warnings = 0) {
        proxy::mysql::ok_packet packet;
        packet.affected_rows = serial;
        packet.last_insert_id = insert_id;
        packet.warnings = warnings;
        packet.status = status();
        proxy::mysql::append_ok(out, sequence_, packet, proxy::mysql::asked_of_servers);
    }
    void end(std::string& out, std::uint16_t more_status) {
        proxy::mysql::ok_packet packet;
        packet.status = static_cast<std::uint16_t>(status() | more_status);
        proxy::mysql::append_end_of_rows(out, sequence_, packet, proxy::mysql::asked_of_servers);
    }
    bool error(std::string& out, std::uint16_t code, std::string_view serial) {
        proxy::mysql::append_err(out, sequence_, {code, "HY000", serial});
        more_ = false;
        return false;
    }
    void rows(std::string& out, const std::vector<proxy::mysql::text_row>& rows, std::size_t width = 0) {
        std::vector<proxy::mysql::column_definition> columns(width > 0 ? width : rows.front().size());
        for (auto& column : columns) column.name = "c";
        proxy::mysql::ok_packet packet;
        packet.status = status();
        proxy::mysql::append_text_result(out, sequence_, columns, rows, packet,
                                         proxy::mysql::asked_of_servers);
    }

    std::map<char, mysql_client_model>& clients_;
    std::string input_;
    std::string database_ = "first";
    mysql_state state_;
    std::map<std::uint32_t, statement> statements_;
    std::map<std::uint32_t, std::uint64_t> cursors_;
    std::map<std::uint32_t, bool> long_data_;
    std::uint64_t warned_ = 0;
    std::uint32_t next_ = 1;
    std::uint8_t sequence_ = 1;
    bool behind_prepare_ = false;
    bool more_ = false;
};

}  // namespace fairlead::fuzz
