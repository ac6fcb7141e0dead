// Two clients of two tenants on two server connections, in any interleaving of what they send, what the
// servers answer and when links are made. No sockets: the session and reply_reader as the worker drives them.
//
// Input: byte 0 chooses the kind of run, the rest is a few bytes for each step.
//   bit 0 of byte 0: servers answer like PostgreSQL (relay_server_model.h) and clients speak the protocol, so
//   that deep states are reached and properties can be checked; otherwise both sides are the input's raw
//   bytes.
#include "fuzz/relay_server_model.h"
#include "proxy/session/postgres/client_session.h"
#include "proxy/session/postgres/reply_reader.h"

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
using fairlead::proxy::server_next;
using fairlead::proxy::server_step;
using fairlead::proxy::session_observer;
using namespace fairlead::proxy::postgres;

/// A guard that knows a few words: what the session does with verdicts is tested here, not verdicts.
policy::Verdict judge(const policy::postgres::GuardScope&, std::string_view, std::string_view sql,
                      std::vector<std::uint32_t>*) {
    policy::Verdict verdict;
    auto starts = [&](std::string_view word) { return sql.starts_with(word); };
    using effect = policy::TransactionEffect;
    using session_command = policy::SessionCommand;
    verdict.refused = starts("LISTEN");
    verdict.refusal = {.rule = "listen", .message = "LISTEN is refused", .hint = "poll"};
    if (starts("BEGIN")) verdict.transaction = effect::begin;
    if (starts("COMMIT")) verdict.transaction = effect::commit;
    if (starts("ROLLBACK")) verdict.transaction = effect::rollback;
    verdict.needs_context = fuzz::needs_context(sql);
    if (starts("SET timezone = "))
        verdict.settings.push_back({.name = "timezone", .value = std::string(sql.substr(15))});
    if (starts("RESET ALL")) verdict.settings.push_back({.kind = policy::SettingChange::Kind::reset_all});
    if (starts("SELECT pin")) verdict.pins = policy::Pin::advisory_lock;
    auto command = [&](policy::SessionCommand what, std::size_t from, std::size_t to) {
        verdict.command = what;
        verdict.name_begin = static_cast<std::uint32_t>(from);
        verdict.name_end = static_cast<std::uint32_t>(std::min(to, sql.size()));
        verdict.command_name = sql.substr(verdict.name_begin, verdict.name_end - verdict.name_begin);
    };
    if (starts("DEALLOCATE ")) command(session_command::deallocate, 11, sql.size());
    if (starts("DISCARD ALL")) command(session_command::discard_all, 0, 0);
    if (starts("PREPARE ")) command(session_command::prepare, 8, sql.find(' ', 8));
    if (starts("EXECUTE ")) command(session_command::execute, 8, sql.size());
    if (starts("SET fairlead.tenant = ")) command(session_command::set_tenant, 22, sql.size());
    return verdict;
}

constexpr std::array texts = {
    "SELECT 1",  "BEGIN",          "COMMIT",         "ROLLBACK",         "FAIL",
    "LISTEN x",  "COPY t",         "SELECT pin",     "SET timezone = a", "SET timezone = b",
    "RESET ALL", "PREPARE p AS 1", "EXECUTE p",      "DEALLOCATE p",     "DISCARD ALL",
    "",          "SYNTAX",         "PREPARE q AS 2", "EXECUTE q",        "SET fairlead.tenant = acme",
};
constexpr std::array names = {"", "a", "b"};

/// One message that a client may send.
std::string client_message(std::uint8_t what, std::uint8_t detail) {
    std::string out;
    const char* text = texts[detail % texts.size()];
    const char* name = names[detail % names.size()];
    const char* other = names[detail / 3 % names.size()];
    switch (what % 13) {
        case 0:
        case 1:
            append_query(out, text);
            break;
        case 2:
        case 3:
            append_parse(out, names[detail / texts.size() % names.size()], text);
            break;
        case 4:
        case 5:
            append_bind(out, name, other, {});
            break;
        case 6:
            append_execute(out, name);
            break;
        case 7:
        case 8:
            append_sync(out);
            break;
        case 9:
            append_close(out, detail % 2 == 0 ? 'S' : 'P', other);
            break;
        case 10: {
            append_close(out, detail % 2 == 0 ? 'S' : 'P', other);
            out[0] = 'D';
            break;
        }
        case 11:
            append_empty(out, "Hcd"[detail % 3]);
            break;
        default:
            out.append("f\0\0\0\5\0", 6);
            break;
    }
    return out;
}

struct input_bytes {
    Bytes rest;
    std::uint8_t next() {
        if (rest.empty()) return 0;
        std::uint8_t value = rest[0];
        rest = rest.subspan(1);
        return value;
    }
};

struct client_end;

struct server_end {
    std::unique_ptr<server_session> session;
    fuzz::relay_server_model model;
    reply_stream stream;
    std::string replies;  // what the server has said and the proxy has not read
    client_end* client = nullptr;
    bool faithful = true;
};

struct client_end : session_observer {
    std::string tenant;
    placement_slot slot;
    std::unique_ptr<client_session> session;
    server_end* link = nullptr;
    std::string input, output;
    bool waiting = false, closed = false;
    int asked = 0;  // Query and Sync messages: each is answered by one ReadyForQuery

    void on_refusal(const policy::Refusal&, std::string_view) override {}
    void on_error(std::string_view, bool) override {}
    void on_statement() override {}
    void on_pin(policy::Pin) override { require(!std::exchange(pinned, true), "a pin is taken once"); }
    void on_unpin() override { require(std::exchange(pinned, false), "a pin is dropped once"); }
    bool pinned = false;
};

class relay_run {
public:
    relay_run(bool faithful, std::uint8_t options)
        : faithful_(faithful),
          wants_context_((options & 2) == 0),
          verdicts_({.max_bytes = 1 << 20, .max_variants = 8, .max_tokens = 1000}, judge),
          services_{
              .verdicts = verdicts_, .statements = registry_, .max_client_statements = 3, .unix_seconds = [] {
                  return std::int64_t{1000};
              }} {
        make_scope();
        int number = 0;
        for (client_end& client : clients_) make_client(client, number++ == 0 ? "acme" : "globex");
        for (server_end& server : servers_) replace(server);
    }
    ~relay_run() {
        for (client_end& client : clients_) client.session.reset();
    }

    void step(input_bytes& in) {
        std::uint8_t action = in.next();
        client_end& client = clients_[action & 1];
        server_end& server = servers_[(action >> 1) & 1];
        switch ((action >> 2) % 10) {
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
            case 8:
                return odd_event(client, server, in.next());
            default:
                return leaves(client);
        }
    }

    /// Everything that was sent is answered, and nobody waits for what will not come.
    void finish() {
        // A client may have said hundreds of things that wait for each other.
        for (int i = 0; i < 3 || (i < 100 && is_busy()); ++i) everybody();
        if (!faithful_) return;
        for (client_end& client : clients_) {
            if (client.closed || client.waiting) continue;
            require(client.input.empty(), "nothing of a client is left lying");
            if (client.link != nullptr && client.link->model.copy_in()) continue;
            if (client.link == nullptr) continue;
            const server_session& at = *client.link->session;
            require(at.expected.empty() || at.sent_since_sync, "every expected answer comes");
        }
        for (client_end& client : clients_) check_answers(client);
    }

private:
    void make_scope() {
        auto scope = std::make_shared<placement_scope>();
        scope->name = "shared";
        scope->guard.model = config::Model::pool;
        scope->context = wants_context_ ? context_kind::variable : context_kind::none;
        scope->context_variable = "app.tenant";
        scopes_.push_back(std::move(scope));
    }

    void make_client(client_end& client, std::string tenant) {
        client.tenant = std::move(tenant);
        client.slot.current = scopes_.back();
        session_identity identity;
        identity.tenant = client.tenant;
        identity.plan_scope = "pg1/shop/";
        identity.slot = &client.slot;
        client.session = std::make_unique<client_session>(services_, identity, client, no_settings());
    }

    // A new server connection in the place of one that was closed.
    void replace(server_end& server) {
        server = {};
        server.session = std::make_unique<server_session>();
        server.session->max_prepared = 2;
        server.session->applied = server.session->applied_before = no_settings();
        server.faithful = faithful_;
        server.model.wants_context = wants_context_;
    }

    void says(client_end& client, input_bytes& in) {
        if (client.closed) return;
        std::string message;
        if (faithful_) {
            std::uint8_t what = in.next();
            message = client_message(what, in.next());
            if (message[0] == 'Q' || message[0] == 'S') ++client.asked;
        } else {
            std::size_t length = std::min<std::size_t>(in.next() & 63, in.rest.size());
            message = as_text(in.rest.first(length));
            in.rest = in.rest.subspan(length);
        }
        client.input += message;
        // Most of the time the proxy reads at once.
        if ((message.size() & 7) != 7) read_client(client, 0);
    }

    // `piece`: how much of what the client sent has arrived, 0: all.
    void read_client(client_end& client, std::uint8_t piece) {
        for (int turns = 0; !client.closed && !client.waiting && !client.input.empty(); ++turns) {
            require(turns < 10000, "a client's bytes are got through");
            std::size_t arrived =
                piece == 0 ? client.input.size() : std::min<std::size_t>(piece, client.input.size());
            outgoing to_client, to_server;
            // A copy of its own, so that reading past the end is seen.
            std::vector<std::uint8_t> bytes(client.input.begin(),
                                            client.input.begin() + static_cast<long>(arrived));
            auto step = client.session->on_client(bytes, client.link ? client.link->session.get() : nullptr,
                                                  to_client, to_server);
            require(step.consumed <= arrived, "no more is consumed than was given");
            require(client.link != nullptr || to_server.empty(), "nothing is sent without a link");
            client.output += to_client.flatten();
            if (client.link != nullptr) send(*client.link, to_server);
            client.input.erase(0, step.consumed);
            if (!after(client, step)) return;
        }
    }

    // False: nothing more can be read now.
    bool after(client_end& client, const client_step& step) {
        using next = client_next;
        switch (step.what) {
            case next::close:
                leaves(client);
                return false;
            case next::need_link:
                require(client.link == nullptr, "a client that has a link asks for none");
                client.waiting = true;
                grant();
                return !client.waiting;
            case next::set_tenant: {
                outgoing out;
                session_identity identity = client.session->identity();
                if (client.session->requested_tenant() == client.tenant) {
                    client.session->change_identity(identity);
                    client.session->finish_set_tenant(out);
                } else {
                    client.session->reject_set_tenant({.sqlstate = "42501", .message = "no"}, out);
                }
                client.output += out.flatten();
                break;
            }
            default:
                break;
        }
        if (client.link != nullptr && client.link->session->idle() && !client.session->pinned())
            unlink(client);
        return step.consumed > 0;
    }

    void send(server_end& server, const outgoing& out) {
        if (faithful_) server.model.receive(out.flatten());
    }

    void grant() {
        for (client_end& client : clients_) {
            if (!client.waiting || client.closed) continue;
            for (server_end& server : servers_) {
                if (server.client != nullptr || !server.session->idle() || !server.replies.empty()) continue;
                client.waiting = false;
                client.link = &server;
                server.client = &client;
                server.model.tenant = client.tenant;
                require(!server.model.has_context(), "an idle server connection holds no context");
                outgoing to_server;
                client.session->on_linked(*server.session, to_server);
                send(server, to_server);
                break;
            }
        }
    }

    void unlink(client_end& client) {
        server_end& server = *std::exchange(client.link, nullptr);
        client.session->on_unlinked();
        server.client = nullptr;
        settle(server);
    }

    void settle(server_end& server) {
        if (faithful_)
            require(server.model.idle() || server.model.has_work(), "a server that is given back is idle");
        server.model.tenant.clear();
        if (!server.session->needs_full_reset) return;
        clean(server, true);
    }

    void clean(server_end& server, bool full) {
        outgoing to_server;
        server.model.tenant.clear();
        if (full) server.session->needs_full_reset = false;
        full ? server.session->start_full_reset(to_server) : server.session->start_rollback(to_server);
        send(server, to_server);
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
            if (client != nullptr) client->output += to_client.flatten();
            send(server, to_server);
            server.replies.erase(0, step.consumed);
            if (!after_replies(server, step) || step.consumed == 0) return;
        }
        if (server.model.gone()) lost(server);
    }

    bool after_replies(server_end& server, const server_step& step) {
        using next = server_next;
        client_end* client = server.client;
        if (step.what == next::broken) {
            require(!faithful_ || failed_settings_ || server.model.gone(),
                    "an honest server's answers are understood");
            lost(server);
            return false;
        }
        if (step.what == next::release && client == nullptr) {
            settle(server);
        } else if (step.what == next::release && !client->session->pinned()) {
            unlink(*client);
        }
        if (client != nullptr) read_client(*client, 0);
        grant();
        return true;
    }

    // The server connection is gone; so is the client that was on it.
    void lost(server_end& server) {
        if (client_end* client = server.client) {
            client->link = nullptr;
            client->session->on_unlinked();
            client->closed = true;
        }
        replace(server);
        grant();
    }

    void leaves(client_end& client) {
        if (client.closed) return;
        client.closed = true;
        client.waiting = false;
        if (client.link == nullptr) return client.session->on_unlinked();
        server_end& server = *std::exchange(client.link, nullptr);
        server_session& at = *server.session;
        bool pinned = client.session->pinned();
        client.session->on_unlinked();
        server.client = nullptr;
        if (at.idle()) {
            at.needs_full_reset |= pinned;
            settle(server);
        } else if (at.expected.empty() && !at.copy_in && !at.sent_since_sync && server.replies.empty() &&
                   server.stream.remaining == 0) {
            clean(server, pinned);
        } else {
            replace(server);
        }
        grant();
    }

    void odd_event(client_end& client, server_end& server, std::uint8_t which) {
        switch (which % 4) {
            case 0:
                server.model.fail_next = true;
                failed_settings_ = true;
                break;
            case 1: {  // the pool has no connection for it
                if (!client.waiting) break;
                client.waiting = false;
                outgoing out;
                std::size_t consumed = client.session->fail_waiting(
                    as_bytes(client.input), {.sqlstate = "53300", .message = "no"}, out);
                require(consumed <= client.input.size(), "no more is consumed than was given");
                client.output += out.flatten();
                client.input.erase(0, consumed);
                read_client(client, 0);
                break;
            }
            case 2:  // the catalogue was read again
                make_scope();
                client.slot.current = scopes_.back();
                break;
            default:
                if (faithful_ && server.replies.empty())
                    append_parameter_status(server.replies, "application_name", "x");
                break;
        }
    }

    void everybody() {
        for (int i = 0; i < 20; ++i) {
            for (server_end& server : servers_) {
                if (faithful_) server.model.work(server.replies);
                read_server(server, 0);
            }
            for (client_end& client : clients_) read_client(client, 0);
            grant();
        }
    }

    bool is_busy() const {
        return std::any_of(servers_.begin(), servers_.end(), [](const server_end& server) {
            return server.model.has_work() || !server.replies.empty();
        });
    }

    void check_answers(const client_end& client) {
        int ready = 0;
        std::string_view rest = client.output;
        while (!rest.empty()) {
            FrameHeader header;
            require(read_header(as_bytes(rest), header) == Decode::ok && header.total() <= rest.size(),
                    "clients get whole messages");
            ready += header.type == 'Z';
            rest.remove_prefix(header.total());
        }
        require(ready <= client.asked, "no ReadyForQuery that nobody asked for");
    }

    struct silent : session_observer {
        void on_refusal(const policy::Refusal&, std::string_view) override {}
        void on_error(std::string_view, bool) override {}
        void on_statement() override {}
        void on_pin(policy::Pin) override {}
        void on_unpin() override {}
    } nobody_;

    bool faithful_, wants_context_;
    bool failed_settings_ = false;
    std::deque<std::shared_ptr<const placement_scope>> scopes_;  // kept: verdicts are found by their address
    policy::postgres::VerdictCache verdicts_;
    statement_registry registry_;
    session_services services_;
    std::array<server_end, 2> servers_;
    std::array<client_end, 2> clients_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2 || size > 4096) return 0;
    input_bytes in{Bytes(data, size)};
    std::uint8_t options = in.next();
    relay_run run((options & 1) != 0, options);
    while (!in.rest.empty()) run.step(in);
    run.finish();
    return 0;
}
