// The embedded library as a program, for tests that run through it what they run through the proxy: opens the
// configuration file that its first argument names, then reads one JSON object a line from standard input and
// answers each with one line. With --async behind the file all calls go through the asynchronous API.
//
//   {"do": "run", "tenant": "acme", "database": "shop", "sql": "...", "values": [1, "x", {"bytes": "00ff"}]}
//   {"do": "run", "in": "a", "sql": "..."}           in a transaction or session that was opened as "a"
//   {"do": "stream", ..., "stop_after": 3}           as run; the stream is destroyed after so many rows
//   {"do": "batch", "tenant": "acme", "statements": [{"sql": "...", "values": []}]}
//   {"do": "load", "tenant": "acme", "table": "t", "columns": ["id"], "rows": [[1], [2]]}
//   {"do": "begin" | "session", "tenant": "acme", "as": "a"}, {"do": "commit" | "rollback" | "close", "in":
//   "a"}
//   {"do": "pools"}, {"do": "reload"}, {"do": "reopen"}
//
// "timeout" (milliseconds) and "prepare" (false: not kept) are options of a call. The answer: columns, rows
// (texts, null), affected, insert_id, or error {kind, sqlstate, code, rule, message, hint, server}.
#include "fairlead/data_source.h"
#include "tests/support/waited_calls.h"

#include <nlohmann/json.hpp>

#include <iostream>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

using fairlead::Argument;
using fairlead::Diagnostics;
using nlohmann::json;

const char* class_of(fairlead::errc kind) {
    using fairlead::errc;
    switch (kind) {
        case errc::configuration:
            return "ConfigurationError";
        case errc::refused:
            return "StatementRefused";
        case errc::pool_timeout:
            return "PoolTimeout";
        case errc::deadline:
            return "DeadlineExceeded";
        case errc::cancelled:
            return "CallCancelled";
        case errc::connection:
            return "ConnectionFailed";
        case errc::outcome_unknown:
            return "OutcomeUnknown";
        case errc::data:
            return "DataError";
        case errc::integrity:
            return "IntegrityError";
        case errc::transaction_state:
            return "TransactionStateError";
        case errc::serialization:
            return "SerializationError";
        case errc::syntax_or_access:
            return "SyntaxOrAccessError";
        case errc::resources:
            return "ResourceError";
        case errc::server:
            return "ServerError";
        case errc::usage:
            return "UsageError";
        case errc::conversion:
            return "ConversionError";
    }
    return "unknown";
}

json told(const Diagnostics& failed) {
    return {{"error",
             {{"kind", class_of(failed.kind())},
              {"sqlstate", failed.sqlstate},
              {"code", failed.server_code},
              {"rule", failed.rule},
              {"message", failed.message},
              {"hint", failed.hint},
              {"server", failed.server_text}}}};
}

/// Owns what the arguments point to.
class values {
public:
    explicit values(const json& from) {
        if (from.is_object()) {
            for (const auto& [name, value] : from.items()) {
                names_.push_back(name);
                texts_.push_back(text_of(value));
                given_.push_back(value);
            }
        } else {
            for (const json& value : from) {
                texts_.push_back(text_of(value));
                given_.push_back(value);
            }
        }
        for (std::size_t i = 0; i < given_.size(); ++i) {
            Argument made = argument(given_[i], texts_[i]);
            arguments_.push_back(names_.empty() ? made : fairlead::named(names_[i], made));
        }
    }
    const std::vector<Argument>& arguments() const { return arguments_; }

private:
    static std::string text_of(const json& value) {
        if (value.is_string()) return value;
        std::string bytes;
        if (!value.is_object()) return bytes;
        const std::string digits = value.at("bytes");
        for (std::size_t at = 0; at + 1 < digits.size(); at += 2)
            bytes.push_back(static_cast<char>(std::stoi(digits.substr(at, 2), nullptr, 16)));
        return bytes;
    }
    static Argument argument(const json& value, const std::string& text) {
        if (value.is_boolean()) return value.get<bool>();
        if (value.is_number_unsigned()) return value.get<std::uint64_t>();
        if (value.is_number_integer()) return value.get<std::int64_t>();
        if (value.is_number()) return value.get<double>();
        if (value.is_string()) return text;
        if (value.is_object()) return fairlead::BytesView(std::as_bytes(std::span(text)));
        return nullptr;
    }

    std::vector<std::string> names_;
    std::vector<std::string> texts_;
    std::vector<json> given_;
    std::vector<Argument> arguments_;
};

json row_of(const fairlead::Row& row) {
    json cells = json::array();
    for (std::size_t i = 0; i < row.size(); ++i)
        cells.push_back(row[i].is_null() ? json() : json(std::string(row[i].text())));
    return cells;
}

json result_of(const fairlead::ResultSet& result) {
    json columns = json::array(), rows = json::array();
    for (std::size_t i = 0; i < result.columns(); ++i) columns.push_back(std::string(result.column_name(i)));
    for (const fairlead::Row& row : result) rows.push_back(row_of(row));
    return {{"columns", columns},
            {"rows", rows},
            {"affected", result.affected()},
            {"insert_id", result.insert_id()}};
}

template <typename Stream>
json stream_of(Stream stream, const json& question, Diagnostics& failed) {
    const std::size_t stop = question.value("stop_after", std::size_t(-1));
    json rows = json::array();
    while (rows.size() < stop && stream.next(failed)) rows.push_back(row_of(stream.row()));
    return {{"rows", rows}};
}

/// The library's calls as they are.
struct blocking_calls {
    using transaction = fairlead::Transaction;
    using session = fairlead::Session;

    static fairlead::Tenant of(fairlead::Tenant tenant) { return tenant; }
};

/// The asynchronous ones.
struct waited_calls {
    using transaction = fairlead::test::waited_transaction;
    using session = fairlead::test::waited_session;

    fairlead::test::waited_tenant of(fairlead::Tenant tenant) {
        return fairlead::test::waited_tenant(fairlead::AsyncTenant(std::move(tenant), thread.executor()));
    }
    fairlead::test::call_thread thread;
};

template <typename Calls>
class client {
public:
    explicit client(std::string config_file) : config_file_(std::move(config_file)) {}

    json open() {
        Diagnostics failed;
        db_ = fairlead::DataSource();
        db_ = fairlead::DataSource::open(failed, config_file_);
        return failed ? told(failed) : json::object();
    }

    json answer(const json& question) {
        const std::string what = question.at("do");
        if (what == "pools") return pools();
        if (what == "reopen") return open();
        Diagnostics failed;
        json out = json::object();
        if (what == "reload") {
            db_.reload(failed);
        } else if (what == "begin" || what == "session") {
            begin(question, what == "begin", failed);
        } else if (what == "run" || what == "stream") {
            out = run(question, what == "stream", failed);
        } else if (what == "batch") {
            out = batch(question, failed);
        } else if (what == "load") {
            out = load(question, failed);
        } else {
            end(question.at("in"), what, failed);
        }
        if (failed) out.update(told(failed));
        return out;
    }

private:
    fairlead::Tenant tenant(const json& question, Diagnostics& failed) const {
        fairlead::Tenant found =
            db_.tenant(failed, question.at("tenant").get<std::string>(), question.value("database", ""));
        if (failed) return found;
        fairlead::CallOptions options;
        options.timeout = std::chrono::milliseconds(question.value("timeout", 0));
        options.prepare = question.value("prepare", true);
        return found.with(options);
    }

    void begin(const json& question, bool transaction, Diagnostics& failed) {
        const fairlead::Tenant found = tenant(question, failed);
        if (failed) return;
        const auto of = calls_.of(found);
        const std::string name = question.at("as");
        if (transaction) {
            transactions_.insert_or_assign(name, of.begin());
        } else {
            sessions_.insert_or_assign(name, of.session());
        }
    }

    json run(const json& question, bool stream, Diagnostics& failed) {
        const std::string name = question.value("in", "");
        if (const auto found = transactions_.find(name); found != transactions_.end())
            return run_on(found->second, question, stream, failed);
        if (const auto found = sessions_.find(name); found != sessions_.end())
            return run_on(found->second, question, stream, failed);
        const fairlead::Tenant found = tenant(question, failed);
        if (failed) return json::object();
        auto of = calls_.of(found);
        return run_on(of, question, stream, failed);
    }

    template <typename Target>
    static json run_on(Target& target, const json& question, bool stream, Diagnostics& failed) {
        const std::string sql = question.at("sql");
        const values given(question.value("values", json::array()));
        const fairlead::Statement statement{sql, given.arguments()};
        if (stream) {
            auto rows = target.stream(failed, statement);
            return failed ? json::object() : stream_of(std::move(rows), question, failed);
        }
        const fairlead::ResultSet result = target.execute(failed, statement);
        return failed ? json::object() : result_of(result);
    }

    json batch(const json& question, Diagnostics& failed) {
        const fairlead::Tenant found = tenant(question, failed);
        if (failed) return json::object();
        fairlead::Batch statements;
        for (const json& each : question.at("statements")) {
            const values given(each.value("values", json::array()));
            statements.add(fairlead::BoundStatement(each.at("sql").get<std::string>(), given.arguments()));
        }
        json results = json::array();
        for (const fairlead::ResultSet& result : calls_.of(found).run(statements, failed))
            results.push_back(result_of(result));
        return {{"results", results}};
    }

    json load(const json& question, Diagnostics& failed) {
        const fairlead::Tenant found = tenant(question, failed);
        if (failed) return json::object();
        const std::vector<std::string> names = question.at("columns");
        const std::vector<std::string_view> columns(names.begin(), names.end());
        try {
            auto rows = calls_.of(found).bulk_load(question.at("table").get<std::string>(), columns);
            for (const json& row : question.at("rows")) rows.add(values(row).arguments());
            return {{"affected", rows.finish()}};
        } catch (const fairlead::DatabaseError& error) {
            failed = error.diagnostics();
            return json::object();
        }
    }

    void end(const std::string& name, const std::string& how, Diagnostics& failed) {
        const auto transaction = transactions_.find(name);
        if (transaction != transactions_.end()) {
            if (how == "commit") transaction->second.commit(failed);
            if (how == "rollback") transaction->second.rollback();
            transactions_.erase(transaction);
        }
        sessions_.erase(name);
    }

    json pools() const {
        json out = json::object();
        for (const fairlead::PoolState& pool : db_.pools()) {
            out[pool.backend] = {{"connecting", pool.connecting},
                                 {"idle", pool.idle},
                                 {"lent", pool.lent},
                                 {"waiting", pool.waiting},
                                 {"connects", pool.connects},
                                 {"connect_failures", pool.connect_failures},
                                 {"timeouts", pool.timeouts},
                                 {"recycled", pool.recycled}};
        }
        return out;
    }

    std::string config_file_;
    fairlead::DataSource db_;
    Calls calls_;
    std::map<std::string, typename Calls::transaction> transactions_;
    std::map<std::string, typename Calls::session> sessions_;
};

void say(const json& answer) {
    std::cout << answer.dump(-1, ' ', false, json::error_handler_t::replace) << std::endl;
}

template <typename Calls>
void serve(const std::string& config_file) {
    client<Calls> made(config_file);
    say(made.open());
    for (std::string line; std::getline(std::cin, line);) say(made.answer(json::parse(line)));
}

}  // namespace

int main(int argc, char** argv) {
    const bool asynchronous = argc == 3 && std::string_view(argv[2]) == "--async";
    if (argc != 2 && !asynchronous) {
        std::cerr << "usage: library_client CONFIG_FILE [--async]\n";
        return 2;
    }
    asynchronous ? serve<waited_calls>(argv[1]) : serve<blocking_calls>(argv[1]);
}
