#pragma once

#include "fuzz/require.h"
#include "proxy/session/postgres/server_session.h"
#include "proxy/wire/postgres/build.h"
#include "proxy/wire/postgres/frame.h"

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace fairlead::fuzz {

/// The statements that clients send and the model understands.
inline bool ends_block(std::string_view sql) {
    return sql.starts_with("COMMIT") || sql.starts_with("ROLLBACK");
}
inline bool needs_context(std::string_view sql) {
    return !sql.empty() && !ends_block(sql) && !sql.starts_with("BEGIN");
}

/// A PostgreSQL backend as far as a relay can tell: messages in, answers out, with transactions, aborted
/// ones, what is skipped up to Sync, prepared statements, portals, COPY IN and the variable that carries the
/// tenant. It is strict: what a relay must never send ends the run.
class relay_server_model {
public:
    /// Whose link this is: the context that statements must run under. Empty: nobody's (cleaning).
    std::string tenant;
    bool wants_context = true;
    /// The next statement to run fails (a cancel, out of memory, a constraint), whoever's it is.
    bool fail_next = false;
    /// Syncs that were swallowed in copy mode: no ReadyForQuery answers them.
    int ignored_syncs = 0;

    relay_server_model() {
        // What a login leaves behind. The answers stay here.
        std::string setup, answers;
        proxy::postgres::append_own_statements(setup);
        proxy::postgres::append_sync(setup);
        receive(setup);
        work(answers);
    }

    void receive(std::string_view bytes) { input_.append(bytes); }
    bool has_work() const { return !input_.empty(); }
    bool idle() const { return input_.empty() && status_ == 'I' && !copy_in_ && !skipping_ && !in_segment_; }
    bool gone() const { return gone_; }
    bool copy_in() const { return copy_in_; }
    bool has_context() const { return !context_.empty(); }

    /// Answers every whole message that has arrived; half a one stays.
    void work(std::string& out) {
        std::size_t at = 0;
        while (true) {
            proxy::postgres::FrameHeader header;
            Bytes rest = as_bytes(std::string_view(input_).substr(at));
            auto decoded = read_header(rest, header);
            require(decoded != proxy::postgres::Decode::malformed, "the server gets well-formed frames");
            if (decoded == proxy::postgres::Decode::need_more || rest.size() < header.total()) break;
            at += header.total();
            message(header.type, rest.subspan(5, header.body_length), out);
        }
        input_.erase(0, at);
    }

private:
    struct portal {
        std::string sql;
        std::vector<std::string> parameters;
        bool done = false;
    };

    void message(char type, Bytes body, std::string& out) {
        if (gone_) return;
        require(!poisoned_ || type == 'S', "nothing of a client follows a refusal before Sync");
        if (copy_in_) return in_copy(type, out);
        if (type == 'S') return sync(out);
        if (type == 'd' || type == 'c' || type == 'f') return;  // ignored outside of copy mode
        parse_failed_ |= skipping_ && type == 'P';
        if (skipping_ || type == 'H') return;
        if (type == 'Q') return simple(body, out);
        in_segment_ = true;
        switch (type) {
            case 'P':
                return parse(body, out);
            case 'B':
                return bind(body, out);
            case 'D':
                return describe(body, out);
            case 'E':
                return execute(body, out);
            case 'C':
                return close(body, out);
            default:
                require(false, "only known messages reach the server");
        }
    }

    static std::string text(ByteReader& reader) {
        auto value = reader.cstring();
        require(value.has_value(), "names and texts end with NUL");
        return std::string(*value);
    }

    void fail(std::string& out, std::string_view sqlstate) {
        proxy::postgres::append_error(out, {.sqlstate = sqlstate, .message = "no"});
        fail_next = copy_in_ = false;
        if (status_ == 'T') status_ = 'E';
        end_transaction();
        if (simple_) return;
        skipping_ = true;
    }

    void end_transaction() {
        context_.clear();
        portals_.clear();
    }

    void sync(std::string& out) {
        skipping_ = poisoned_ = in_segment_ = false;
        if (status_ == 'I') end_transaction();
        proxy::postgres::append_ready_for_query(out, status_);
    }

    void in_copy(char type, std::string& out) {
        if (type == 'S' && !simple_) ++ignored_syncs;
        if (type == 'd' || type == 'H' || type == 'S') return;
        copy_in_ = false;
        if (type == 'c') {
            proxy::postgres::append_command_complete(out, "COPY 1");
        } else {
            require(type == 'f' || !simple_, "a Query waits for the end of the COPY before it");
            gone_ =
                type != 'f';  // PostgreSQL: "protocol synchronization was lost", and it ends the connection
            fail(out, gone_ ? "08P01" : "57014");
        }
        if (simple_) end_simple(out);
    }

    void parse(Bytes body, std::string& out) {
        ByteReader reader(body);
        std::string name = text(reader);
        std::string sql = text(reader);
        require(!sql.starts_with("LISTEN"), "a refused text never reaches the server");
        bool aborted = status_ == 'E' && !ends_block(sql);
        if (aborted || fail_next || sql.starts_with("SYNTAX")) {
            parse_failed_ = true;
            if (aborted) return fail(out, "25P02");
            return fail(out, "42601");
        }
        if (!name.empty() && prepared_.contains(name)) {
            // Ours are there twice when the DISCARD ALL in front of them failed: the relay must notice.
            require(name.starts_with("fairlead_"), "a name is prepared once on a server");
            return fail(out, "42P05");
        }
        if (name == proxy::postgres::set_local_statement) sql = "own: set local";
        if (name == proxy::postgres::set_session_statement) sql = "own: set session";
        if (name == proxy::postgres::reset_all_statement) sql = "own: RESET ALL";
        prepared_[name] = sql;
        proxy::postgres::append_empty(out, '1');
    }

    void bind(Bytes body, std::string& out) {
        ByteReader reader(body);
        std::string name = text(reader);
        std::string statement = text(reader);
        if (statement == proxy::postgres::poison_statement) poisoned_ = true;
        portal made;
        auto formats = reader.u16();
        for (int i = 0; formats && i < *formats; ++i) reader.u16();
        auto count = reader.u16();
        for (int i = 0; count && i < *count; ++i) {
            auto length = reader.u32();
            require(length && *length <= reader.rest().size(), "parameters are whole");
            auto value = reader.rest().first(*length);
            made.parameters.emplace_back(as_text(value));
            reader = ByteReader(reader.rest().subspan(*length));
        }
        auto found = prepared_.find(statement);
        if (found == prepared_.end()) {
            // A client may have sent its Bind before it heard that its Parse had failed.
            require(statement.empty() || poisoned_ || parse_failed_,
                    "a named statement is there when it is bound");
            return fail(out, "26000");
        }
        made.sql = found->second;
        if (status_ == 'E' && !ends_block(made.sql)) return fail(out, "25P02");
        if (fail_next) return fail(out, "53200");
        check_context(made.sql);
        if (!name.empty() && portals_.contains(name)) return fail(out, "42P03");
        portals_[name] = std::move(made);
        proxy::postgres::append_empty(out, '2');
    }

    void describe(Bytes body, std::string& out) {
        ByteReader reader(body);
        char kind = static_cast<char>(*reader.u8());
        std::string name = text(reader);
        bool known = kind == 'S' ? prepared_.contains(name) : portals_.contains(name);
        if (status_ == 'E' || !known) return fail(out, status_ == 'E' ? "25P02" : "26000");
        if (kind == 'S') out.append("t\0\0\0\6\0\0", 7);
        proxy::postgres::append_empty(out, 'n');
    }

    void execute(Bytes body, std::string& out) {
        ByteReader reader(body);
        auto found = portals_.find(text(reader));
        if (found == portals_.end()) return fail(out, "34000");
        if (std::exchange(found->second.done, true)) {  // rows are at their end; a command cannot run twice
            if (!found->second.sql.starts_with("SELECT")) return fail(out, "55000");
            return proxy::postgres::append_command_complete(out, "SELECT 0");
        }
        portal running = found->second;
        run(running.sql, running.parameters, out);
    }

    void close(Bytes body, std::string& out) {
        ByteReader reader(body);
        char kind = static_cast<char>(*reader.u8());
        std::string name = text(reader);
        kind == 'S' ? prepared_.erase(name) : portals_.erase(name);
        proxy::postgres::append_empty(out, '3');
    }

    void simple(Bytes body, std::string& out) {
        ByteReader reader(body);
        std::string sql = text(reader);
        prepared_.erase("");
        simple_ = true;
        run(sql, {}, out);
        if (!copy_in_) end_simple(out);
    }
    void end_simple(std::string& out) {
        simple_ = false;
        in_segment_ = false;
        if (status_ == 'I') end_transaction();
        proxy::postgres::append_ready_for_query(out, status_);
    }

    void check_context(std::string_view sql) const {
        if (tenant.empty() || !wants_context || sql.starts_with("own: ") || !needs_context(sql)) return;
        if (context_ != tenant) std::fprintf(stderr, "%.*s\n", static_cast<int>(sql.size()), sql.data());
        require(context_ == tenant, "statements of tenants run under their own context");
    }

    void run(const std::string& sql, const std::vector<std::string>& parameters, std::string& out) {
        require(!sql.starts_with("LISTEN"), "a refused text never reaches the server");
        if (status_ == 'E' && !ends_block(sql)) return fail(out, "25P02");
        if (fail_next || sql.starts_with("FAIL")) return fail(out, "22012");
        check_context(sql);
        if (sql.empty()) return proxy::postgres::append_empty(out, 'I');
        if (sql == "own: set local") {
            require(parameters.size() == 2 && parameters[0] == "app.tenant",
                    "the context has a name and a value");
            require(tenant.empty() || parameters[1] == tenant, "the context is this tenant's");
            context_ = parameters[1];
        }
        if (sql.ends_with("RESET ALL")) context_.clear();
        if (sql.starts_with("COPY")) {
            out.append("G\0\0\0\7\0\0\0", 8);
            copy_in_ = true;
            return;
        }
        if (sql.starts_with("PREPARE ") && !prepare(sql)) return fail(out, "42P05");
        if (sql.starts_with("EXECUTE "))
            require(prepared_.contains(sql.substr(8)), "an EXECUTE names what this server has");
        if (sql.starts_with("DISCARD ALL")) prepared_.clear();
        complete(sql, out);
    }

    bool prepare(std::string_view sql) {
        std::string name(sql.substr(8, sql.find(' ', 8) - 8));
        require(!prepared_.contains(name), "a name is prepared once on a server");
        prepared_[name] = sql;
        return true;
    }

    void complete(std::string_view sql, std::string& out) {
        std::string tag = "SELECT 1";
        if (sql.starts_with("BEGIN")) {
            status_ = 'T';
            tag = "BEGIN";
        } else if (ends_block(sql)) {
            tag = sql.starts_with("COMMIT") && status_ != 'E' ? "COMMIT" : "ROLLBACK";
            status_ = 'I';
            end_transaction();
        } else if (sql.starts_with("SET ")) {
            tag = "SET";
            proxy::postgres::append_parameter_status(out, "TimeZone", "UTC");
        } else {
            out.append("D\0\0\0\6\0\0", 7);
        }
        proxy::postgres::append_command_complete(out, tag);
    }

    std::string input_, context_;
    std::map<std::string, std::string> prepared_;
    std::map<std::string, portal> portals_;
    char status_ = 'I';
    bool skipping_ = false, poisoned_ = false, copy_in_ = false, simple_ = false, in_segment_ = false,
         parse_failed_ = false, gone_ = false;
};

}  // namespace fairlead::fuzz
