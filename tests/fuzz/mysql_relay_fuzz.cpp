// Two clients of two tenants on two server connections, in any interleaving of what they send, what the
// servers answer and when links are made. No sockets: the session and reply_reader as the worker drives them.
//
// Input: byte 0 chooses the kind of run, the rest is a few bytes for each step.
//   bit 0 of byte 0: servers answer like MySQL (mysql_server_model.h) and clients speak the protocol, so that
//   deep states are reached and properties can be checked; otherwise both sides are the input's raw bytes.
//   bit 1: one client negotiated neither deprecate_eof nor session_track.
#include "fuzz/mysql_server_model.h"
#include "proxy/session/mysql/client_session.h"
#include "proxy/session/mysql/reply_reader.h"

#include <algorithm>
#include <array>
#include <deque>
#include <memory>

namespace {

using namespace fairlead;
using fairlead::fuzz::require;
using fairlead::proxy::client_next;
using fairlead::proxy::client_step;
using fairlead::proxy::outgoing;
using fairlead::proxy::reply_stream;
using fairlead::proxy::server_next;
using fairlead::proxy::server_step;
using fairlead::proxy::session_observer;
using fairlead::proxy::statement_registry;
using namespace fairlead::proxy::mysql;

/// A guard that knows the model's verbs.
class verb_judge final : public statement_judge {
public:
    policy::VerdictPtr check(const policy::mysql::GuardScope&, const policy::mysql::Speaker&,
                             std::string_view sql) override {
        auto verdict = std::make_shared<policy::Verdict>();
        auto has_verb = [&](std::string_view verb) {
            return sql.size() > 2 && sql.substr(2).starts_with(verb);
        };
        if (has_verb("REFUSED")) verdict->refused = true;
        if (has_verb("SETX"))
            verdict->settings.push_back({.name = "x", .value = std::string(sql.substr(sql.rfind(' ') + 1))});
        if (has_verb("LID") || sql == "SELECT LAST_INSERT_ID()")
            verdict->reads_previous = policy::Previous::last_insert_id;
        verdict->writes = verdict->inserts = !sql.starts_with("SELECT") && !sql.starts_with("SHOW");
        if (sql == "SHOW WARNINGS") verdict->reads_previous = policy::Previous::diagnostics;
        if (has_verb("PIN")) verdict->pins = policy::Pin::table_lock;
        if (has_verb("CALC")) verdict->pins = policy::Pin::found_rows;
        if (has_verb("CALL")) verdict->may_change_mode = true;
        return verdict;
    }
    bool render(const policy::Verdict&, const policy::mysql::Speaker&, std::uint32_t, std::string_view,
                std::string&) override {
        return false;
    }
};

constexpr std::array verbs = {"OK",   "ROWS", "FAIL", "WARN",    "INSERT", "BEGIN", "COMMIT",
                              "SETX", "BOTH", "PIN",  "REFUSED", "CALL",   "LID",   "CALC"};

struct input_bytes {
    Bytes rest;
    std::uint8_t next() {
        if (rest.empty()) return 0;
        std::uint8_t value = rest[0];
        rest = rest.subspan(1);
        return value;
    }
};

/// What a command will be answered with.
struct asked {
    enum class shape : std::uint8_t { any, prepare, rows_only, insert_id, reset } what = shape::any;
    std::uint64_t serial = 0;
    int executed = -1;  // the statement
};

constexpr std::uint64_t awaiting_eof = ~std::uint64_t{0};

struct client_end;
struct server_end {
    explicit server_end(std::map<char, fuzz::mysql_client_model>& clients) : model(clients) {}
    std::unique_ptr<server_session> session;
    fuzz::mysql_server_model model;
    reply_stream stream;
    std::string replies;  // what the server has said and the proxy has not read
    client_end* client = nullptr;
};

struct client_end : session_observer {
    char name = 0;
    capability_set capabilities = 0;
    std::unique_ptr<client_session> session;
    server_end* link = nullptr;
    std::string input, output;
    std::deque<asked> outstanding;
    bool waiting = false, closed = false, pinned = false;
    std::uint8_t next_sequence = 1;  // of the answer at hand
    bool in_rows = false;
    std::uint64_t columns = 0;

    void on_refusal(const policy::Refusal&, std::string_view) override {}
    void on_error(std::string_view, bool) override {}
    void on_statement() override {}
    void on_pin(policy::Pin) override { require(!std::exchange(pinned, true), "a pin is taken once"); }
    void on_unpin() override { require(std::exchange(pinned, false), "a pin is dropped once"); }
};

class relay_run {
public:
    explicit relay_run(std::uint8_t options) : faithful_((options & 1) != 0) {
        auto scope = std::make_shared<placement_scope>();
        scope->name = "shared";
        scope->guard.model = config::Model::bridge;
        slot_.current = std::move(scope);
        make_client(clients_[0], 'A', "first", asked_of_servers);
        capability_set less = capability::deprecate_eof | capability::session_track;
        make_client(clients_[1], 'B', "second",
                    (options & 2) != 0 ? asked_of_servers & ~less : asked_of_servers);
        for (auto& server : servers_) replace(server);
    }
    ~relay_run() {
        for (client_end& client : clients_) client.session.reset();
    }

    void step(input_bytes& in) {
        std::uint8_t action = in.next();
        client_end& client = clients_[action & 1];
        server_end& server = *servers_[(action >> 1) & 1];
        switch ((action >> 2) % 9) {
            case 0:
            case 1:
            case 2:
            case 3:
                return says(client, in);
            case 4:
                return read_client(client, in.next());
            case 5:
                return server_works(server, in);
            case 6:
                return read_server(server, in.next());
            case 7:
                return everybody();
            default:
                return odd_event(client, server, in.next());
        }
    }

    /// Everything that was sent is answered, and nobody waits for what will not come.
    void finish() {
        auto at_work = [&](const auto& server) {
            return server->model.has_work() || !server->replies.empty();
        };
        for (int i = 0; i < 4; ++i) everybody();
        if (!faithful_) return;
        // A long pipeline needs more rounds than a short one; a livelock would need them all.
        for (int i = 0; i < 400 && std::any_of(servers_.begin(), servers_.end(), at_work); ++i) everybody();
        for (client_end& client : clients_) {
            if (client.closed || client.waiting) continue;
            require(client.input.empty(), "nothing of a client is left lying");
            require(client.outstanding.empty(), "every command is answered");
            require(client.link == nullptr || client.link->session->expected.empty(),
                    "every expected answer comes");
        }
    }

private:
    void make_client(client_end& client, char name, const char* database, capability_set capabilities) {
        client.name = name;
        client.capabilities = capabilities;
        models_[name].database = database;
        session_identity identity;
        identity.tenant = std::string(1, name);
        identity.database = database;
        identity.exposed = "shop";
        identity.slot = &slot_;
        client.session = std::make_unique<client_session>(services_, identity, client, capabilities,
                                                          startup_settings(45, ""));
    }

    // A new server connection in the place of one that was closed; it is being set up.
    void replace(std::unique_ptr<server_end>& server) {
        server = std::make_unique<server_end>(models_);
        server->session = std::make_unique<server_session>();
        server->session->max_prepared = 2;
        server->session->database = "first";
        clean(*server);
    }
    void lost(server_end& server) {
        if (client_end* client = server.client) {
            client->link = nullptr;
            client->session->on_unlinked();
            client->closed = true;
        }
        for (auto& held : servers_)
            if (held.get() == &server) graveyard_.push_back(std::exchange(held, nullptr));
        for (auto& held : servers_)
            if (held == nullptr) replace(held);
        grant();
    }

    static std::string command_of(command what, std::string_view body) {
        std::string out;
        std::uint8_t sequence = 0;
        append_message(out, sequence, std::string(1, static_cast<char>(what)).append(body));
        return out;
    }

    std::string message(client_end& client, std::uint8_t what, std::uint8_t detail) {
        std::uint64_t serial = next_serial_++;
        std::string head;
        field_writer(head).u32(detail % 4);
        std::string text = std::string(1, client.name) + " " + verbs[detail % verbs.size()];
        asked answer{asked::shape::any, serial};
        std::string out;
        switch (what % 12) {
            case 0: {  // executes with or without types, with or without a cursor
                field_writer writer(head);
                writer.u8((detail >> 3) & 1);
                writer.u32(1);
                writer.u8(0);
                bool bound = (detail & 4) != 0 || !bound_[client.name][detail % 4];
                writer.u8(bound ? 1 : 0);
                if (bound) writer.u16(8);
                writer.u64(serial);
                answer.executed = detail % 4;
                out = command_of(command::stmt_execute, head);
                break;
            }
            case 1:
                answer.what = asked::shape::prepare;
                if (text.ends_with("SETX")) text = std::string(1, client.name) + " OK";  // it has no value
                out = command_of(command::stmt_prepare, text);
                break;
            case 2:
                answer.what = asked::shape::rows_only;
                field_writer(head).u32(1);
                out = command_of(command::stmt_fetch, head);
                break;
            case 3:
                client.input += command_of(detail & 4 ? command::stmt_close : command::stmt_send_long_data,
                                           head + "\0\0abc");
                if (detail & 4) bound_[client.name][detail % 4] = false;
                return {};
            case 4:
                out = command_of(detail & 4 ? command::ping : command::stmt_reset, head);
                break;
            case 5:
                answer.what = asked::shape::insert_id;
                out = command_of(command::query, "SELECT LAST_INSERT_ID()");
                break;
            case 6:
                out = command_of(command::query, "SHOW WARNINGS");
                break;
            case 7:
                if (detail % 8 != 0) return {};
                bound_[client.name] = {};
                answer.what = asked::shape::reset;
                out = command_of(command::reset_connection, "");
                break;
            default:
                out = command_of(command::query, text + " " + std::to_string(serial));
        }
        client.outstanding.push_back(answer);
        return out;
    }

    void says(client_end& client, input_bytes& in) {
        if (client.closed) return;
        if (faithful_) {
            std::uint8_t what = in.next();
            client.input += message(client, what, in.next());
        } else {
            std::size_t length = std::min<std::size_t>(in.next() & 63, in.rest.size());
            client.input += as_text(in.rest.first(length));
            in.rest = in.rest.subspan(length);
        }
        if ((client.input.size() & 7) != 7) read_client(client, 0);
    }

    // `piece`: how much of what the client sent has arrived, 0: all.
    void read_client(client_end& client, std::uint8_t piece) {
        for (int turns = 0; !client.closed && !client.waiting && !client.input.empty(); ++turns) {
            require(turns < 10000, "a client's bytes are got through");
            std::size_t arrived =
                piece == 0 ? client.input.size() : std::min<std::size_t>(piece, client.input.size());
            outgoing to_client, to_server;
            std::vector<std::uint8_t> bytes(client.input.begin(),
                                            client.input.begin() + static_cast<long>(arrived));
            auto step = client.session->on_client(bytes, client.link ? client.link->session.get() : nullptr,
                                                  to_client, to_server);
            require(step.consumed <= arrived, "no more is consumed than was given");
            require(client.link != nullptr || to_server.empty(), "nothing is sent without a link");
            if (client.link != nullptr) client.link->model.receive(faithful_ ? to_server.flatten() : "");
            client.input.erase(0, step.consumed);
            told(client, to_client.flatten());
            if (!after(client, step)) return;
        }
    }

    // False: nothing more can be read now.
    bool after(client_end& client, const client_step& step) {
        using next = client_next;
        outgoing out;
        switch (step.what) {
            case next::close:
            case next::change_user:
                require(!faithful_, "a client that speaks the protocol is not thrown out");
                leaves(client);
                return false;
            case next::need_link:
                require(client.link == nullptr, "a client that has a link asks for none");
                client.waiting = true;
                grant();
                return !client.waiting;
            case next::set_tenant:
                client.session->reject_set_tenant({.sqlstate = "42501", .message = "no"}, out);
                break;
            case next::kill:
                client.session->finish_kill(false, out);
                break;
            default:
                break;
        }
        if (client.link != nullptr && client.link->session->idle() && !client.session->pinned())
            unlink(client);
        return step.consumed > 0;
    }

    void grant() {
        for (client_end& client : clients_) {
            if (!client.waiting || client.closed) continue;
            for (auto& server : servers_) {
                if (server == nullptr || server->client != nullptr || !server->session->idle() ||
                    server->session->needs_full_reset || !server->replies.empty())
                    continue;
                client.waiting = false;
                client.link = server.get();
                server->client = &client;
                server->model.client = client.name;
                // A Close that nobody answers may be on its way.
                bool clean = server->model.clean() || server->model.has_work();
                if (faithful_) require(clean, "an idle server connection holds nothing");
                outgoing to_server;
                client.session->on_linked(*server->session, to_server);
                server->model.receive(faithful_ ? to_server.flatten() : "");
                break;
            }
        }
    }

    void unlink(client_end& client) {
        server_end& server = *std::exchange(client.link, nullptr);
        client.session->on_unlinked();
        server.client = nullptr;
        server.model.client = 0;
        if (server.session->needs_full_reset) clean(server);
    }
    void clean(server_end& server) {
        outgoing to_server;
        server.session->start_full_reset(to_server);
        server.model.receive(to_server.flatten());
    }

    void server_works(server_end& server, input_bytes& in) {
        if (faithful_) return server.model.work(server.replies);
        std::size_t length = std::min<std::size_t>(in.next() & 63, in.rest.size());
        server.replies += as_text(in.rest.first(length));
        in.rest = in.rest.subspan(length);
    }

    void read_server(server_end& server, std::uint8_t piece) {
        while (!server.replies.empty()) {
            std::size_t arrived =
                piece == 0 ? server.replies.size() : std::min<std::size_t>(piece, server.replies.size());
            outgoing to_client, to_server;
            client_end* client = server.client;
            reply_reader reader(*server.session, client ? client->session.get() : nullptr,
                                client ? static_cast<session_observer&>(*client) : nobody_, to_client,
                                to_server);
            std::vector<std::uint8_t> bytes(server.replies.begin(),
                                            server.replies.begin() + static_cast<long>(arrived));
            auto step = reader.read(bytes, server.stream);
            require(step.consumed <= arrived, "no more is consumed than was given");
            server.model.receive(faithful_ ? to_server.flatten() : "");
            server.replies.erase(0, step.consumed);
            if (client != nullptr) told(*client, to_client.flatten());
            if (!after_replies(server, step) || step.consumed == 0) return;
        }
    }

    bool after_replies(server_end& server, const server_step& step) {
        client_end* client = server.client;
        if (step.what == server_next::broken) {
            require(!faithful_, "an honest server's answers are understood");
            lost(server);
            return false;
        }
        if (step.what == server_next::release && client != nullptr && !client->session->pinned())
            unlink(*client);
        if (client != nullptr) read_client(*client, 0);
        grant();
        return true;
    }

    void leaves(client_end& client) {
        if (client.closed) return;
        client.closed = true;
        client.waiting = false;
        if (client.link == nullptr) return client.session->on_unlinked();
        server_end& server = *client.link;
        bool idle = server.session->idle() && server.replies.empty();
        if (idle && !faithful_) return unlink(client);
        client.link = nullptr;
        client.session->on_unlinked();
        server.client = nullptr;
        server.model.client = 0;
        if (idle && server.session->needs_full_reset) return clean(server);
        if (!idle) lost(server);
    }

    void odd_event(client_end& client, server_end& server, std::uint8_t which) {
        switch (which % 4) {
            case 0:
                server.model.fail_next = true;
                break;
            case 1:
                server.model.use_fails = true;
                break;
            case 2: {  // the pool has no connection for it
                if (!client.waiting) break;
                client.waiting = false;
                outgoing out;
                std::size_t consumed = client.session->fail_waiting(
                    as_bytes(client.input), {.sqlstate = "53300", .message = "no"}, out);
                require(consumed <= client.input.size(), "no more is consumed than was given");
                client.input.erase(0, consumed);
                told(client, out.flatten());
                read_client(client, 0);
                break;
            }
            default:
                if (which >= 240) leaves(client);
        }
    }

    void everybody() {
        for (int i = 0; i < 20; ++i) {
            for (std::size_t s = 0; s < servers_.size(); ++s) {
                if (faithful_) servers_[s]->model.work(servers_[s]->replies);
                read_server(*servers_[s], 0);
            }
            for (client_end& client : clients_) read_client(client, 0);
            grant();
        }
    }

    // Reads what the client got as a client would: whole packets, numbered from 1 in each answer, each answer
    // to the command that is next, with its serial.
    void told(client_end& client, const std::string& bytes) {
        client.output += bytes;
        if (!faithful_) return client.output.clear();
        while (auto packet = read_packet(as_bytes(client.output))) {
            require(!client.outstanding.empty(), "no answer that nobody asked for");
            require(packet->header.sequence == client.next_sequence, "packets are numbered without a gap");
            ++client.next_sequence;
            bool failed = !packet->payload.empty() && packet->payload[0] == err_header;
            bool done = answer_packet(client, packet->payload);
            client.output.erase(0, packet->header.total());
            if (!done) continue;
            if (client.outstanding.front().what == asked::shape::reset) models_[client.name].state = {};
            // Without their types it executes again only what it has executed.
            int executed = client.outstanding.front().executed;
            if (executed >= 0 && !failed) bound_[client.name][static_cast<std::size_t>(executed)] = true;
            client.outstanding.pop_front();
            client.next_sequence = 1;
            client.in_rows = false;
            client.columns = 0;
        }
    }

    // True: the answer ends with it.
    bool answer_packet(client_end& client, Bytes payload) {
        const asked& expected = client.outstanding.front();
        bool eof = !has(client.capabilities, capability::deprecate_eof);
        require(!payload.empty(), "no empty packet");
        if (payload[0] == err_header) return true;
        if (expected.what == asked::shape::prepare) return prepare_packet(client, payload, eof);
        if (expected.what == asked::shape::rows_only) return payload[0] == eof_header;
        if (client.columns == awaiting_eof) {
            auto end = parse_eof(payload);
            require(end.has_value(), "old clients get the end of columns");
            client.columns = 0;
            return (end->status & status::cursor_exists) != 0;  // then it is the only end
        }
        if (client.columns > 0) {
            if (--client.columns > 0) return false;
            client.in_rows = true;
            if (eof) client.columns = awaiting_eof;
            return false;
        }
        if (client.in_rows) return row_packet(client, payload);
        if (payload[0] == ok_header) {
            auto ok = parse_ok(payload, client.capabilities);
            require(ok.has_value(), "OK packets are well formed");
            require(ok->affected_rows == 0 || ok->affected_rows == expected.serial, "the answer is its own");
            return (ok->status & status::more_results) == 0;
        }
        client.columns = payload[0];
        return false;
    }

    bool row_packet(client_end& client, Bytes payload) {
        const asked& expected = client.outstanding.front();
        if (payload[0] == eof_header) {
            std::uint16_t now = 0;
            if (has(client.capabilities, capability::deprecate_eof)) {
                auto ok = parse_ok(payload, client.capabilities);
                require(ok.has_value(), "ends of rows are well formed");
                now = ok->status;
            } else {
                auto eof = parse_eof(payload);
                require(eof.has_value(), "old clients get EOF packets");
                now = eof->status;
            }
            client.in_rows = false;
            return (now & status::more_results) == 0;
        }
        auto row = parse_text_row(payload, expected.what == asked::shape::insert_id ? 1 : payload.size());
        if (expected.what == asked::shape::insert_id && row) {
            require(row->front() == std::to_string(models_[client.name].state.insert_id),
                    "LAST_INSERT_ID() is the client's own");
        }
        return false;
    }

    bool prepare_packet(client_end& client, Bytes payload, bool eof) {
        if (client.next_sequence == 2) client.columns = eof ? 2 : 1;  // one parameter, no columns
        if (client.next_sequence == 2) {
            require(payload[0] == ok_header && payload.size() == 12, "an answer to PREPARE");
            return false;
        }
        return --client.columns == 0;
    }

    struct silent : session_observer {
        void on_refusal(const policy::Refusal&, std::string_view) override {}
        void on_error(std::string_view, bool) override {}
        void on_statement() override {}
        void on_pin(policy::Pin) override {}
        void on_unpin() override {}
    } nobody_;

    bool faithful_;
    verb_judge judge_;
    statement_registry registry_;
    session_services services_{judge_, registry_, 200, 3};
    placement_slot slot_;
    std::map<char, fuzz::mysql_client_model> models_;
    std::map<char, std::array<bool, 4>> bound_;

    std::uint64_t next_serial_ = 1;
    std::array<std::unique_ptr<server_end>, 2> servers_;
    std::vector<std::unique_ptr<server_end>> graveyard_;
    std::array<client_end, 2> clients_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2 || size > 4096) return 0;
    input_bytes in{Bytes(data, size)};
    std::uint8_t options = in.next();
    relay_run run(options);
    while (!in.rest.empty()) run.step(in);
    run.finish();
    return 0;
}
