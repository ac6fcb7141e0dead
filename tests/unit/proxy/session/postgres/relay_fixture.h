#pragma once

#include "proxy/session/postgres/client_session.h"
#include "proxy/session/postgres/reply_reader.h"
#include "proxy/wire/postgres/build.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

namespace fairlead::proxy::postgres {

/// One client and one server connection without sockets: bytes in, bytes out. The guard is a fake that knows
/// a few words, since only what the session does with a verdict is tested here.
class relay_fixture : public testing::Test, public session_observer {
protected:
    relay_fixture()
        : verdicts_({.max_bytes = 1 << 20, .max_variants = 8, .max_tokens = 1000}, judge),
          services_{.verdicts = verdicts_, .statements = registry_, .unix_seconds = [] {
                        return std::int64_t{1000};
                    }} {
        auto scope = std::make_shared<placement_scope>();
        scope->name = "shared";
        scope->context = context_kind::variable;
        scope->context_variable = "app.tenant";
        slot_.current = scope;
        session_identity identity;
        identity.tenant = "acme";
        identity.plan_scope = "pg1/shop/";
        identity.slot = &slot_;
        session_ = std::make_unique<client_session>(services_, identity, *this, no_settings());
        make_server();
    }

    void make_server() {
        server_ = std::make_unique<server_session>();
        server_->applied = server_->applied_before = no_settings();
        linked_ = false;
    }

    static policy::Verdict judge(const policy::postgres::GuardScope&, std::string_view, std::string_view sql,
                                 std::vector<std::uint32_t>*) {
        policy::Verdict verdict;
        auto starts = [&](std::string_view word) { return sql.starts_with(word); };
        using policy::TransactionEffect;
        verdict.refused = starts("LISTEN");
        verdict.refusal = {.rule = "listen", .message = "LISTEN is refused", .hint = "poll"};
        if (starts("BEGIN")) verdict.transaction = TransactionEffect::begin;
        if (starts("COMMIT")) verdict.transaction = TransactionEffect::commit;
        if (starts("ROLLBACK")) verdict.transaction = TransactionEffect::rollback;
        verdict.needs_context = verdict.transaction == TransactionEffect::none;
        if (starts("SET timezone = ")) {
            verdict.settings.push_back(
                {policy::SettingChange::Kind::set, false, "timezone", std::string(sql.substr(15))});
        }
        if (starts("RESET ALL"))
            verdict.settings.push_back({policy::SettingChange::Kind::reset_all, false, {}, {}});
        if (starts("DEALLOCATE ")) {
            verdict.command = policy::SessionCommand::deallocate;
            verdict.command_name = sql.substr(11);
        }
        if (starts("PREPARE ")) {
            verdict.command = policy::SessionCommand::prepare;
            verdict.name_begin = 8;
            verdict.name_end = static_cast<std::uint32_t>(sql.find(' ', 8));
            verdict.command_name = sql.substr(8, verdict.name_end - 8);
        }
        if (starts("EXECUTE ")) {
            verdict.command = policy::SessionCommand::execute;
            verdict.name_begin = 8;
            verdict.name_end = static_cast<std::uint32_t>(std::min(sql.find('(', 8), sql.size()));
            verdict.command_name = sql.substr(8, verdict.name_end - 8);
        }
        return verdict;
    }

    /// Gives bytes to the session, linking when it asks for that. Returns what it did last.
    client_next client_says(std::string_view bytes) {
        input_.append(bytes);
        for (;;) {
            outgoing to_client, to_server;
            auto step = session_->on_client(as_bytes(input_), linked_ ? server_.get() : nullptr, to_client,
                                            to_server);
            to_client_ += to_client.flatten();
            to_server_ += to_server.flatten();
            input_.erase(0, step.consumed);
            if (step.what != client_next::need_link) return step.what;
            EXPECT_FALSE(linked_);
            link();
        }
    }

    void link() {
        outgoing to_server;
        linked_ = true;
        session_->on_linked(*server_, to_server);
        to_server_ += to_server.flatten();
    }

    server_next server_says(std::string_view bytes) {
        outgoing to_client, to_server;
        server_input_.append(bytes);
        reply_reader reader(*server_, linked_ ? session_.get() : nullptr, *this, to_client, to_server);
        auto step = reader.read(as_bytes(server_input_), stream_);
        to_client_ += to_client.flatten();
        to_server_ += to_server.flatten();
        server_input_.erase(0, step.consumed);
        if (step.what == server_next::release && !session_->pinned()) {
            session_->on_unlinked();
            linked_ = false;
        }
        return step.what;
    }

    /// Types of the messages in a byte string, in order: "BEQ".
    static std::string types(const std::string& bytes) {
        std::string result;
        for (std::size_t at = 0; at < bytes.size();) {
            FrameHeader header;
            if (read_header(as_bytes(std::string_view(bytes).substr(at)), header) != Decode::ok)
                return result + "?";
            result.push_back(header.type);
            at += header.total();
        }
        return result;
    }
    std::string take_to_server() { return std::exchange(to_server_, {}); }
    std::string take_to_client() { return std::exchange(to_client_, {}); }

    template <typename... Builders>
    static std::string build(Builders... builders) {
        std::string out;
        (builders(out), ...);
        return out;
    }
    static std::string query(std::string_view sql) {
        std::string out;
        append_query(out, sql);
        return out;
    }
    static std::string parse(std::string_view name, std::string_view sql) {
        std::string out;
        append_parse(out, name, sql);
        return out;
    }
    static std::string bind(std::string_view portal, std::string_view statement) {
        std::string out;
        append_bind(out, portal, statement, {});
        return out;
    }
    static std::string execute(std::string_view portal = "") {
        std::string out;
        append_execute(out, portal);
        return out;
    }
    static std::string sync() {
        std::string out;
        append_sync(out);
        return out;
    }
    static std::string empty(char type) {
        std::string out;
        append_empty(out, type);
        return out;
    }
    static std::string complete(std::string_view tag) {
        std::string out;
        append_command_complete(out, tag);
        return out;
    }
    static std::string ready(char status) {
        std::string out;
        append_ready_for_query(out, status);
        return out;
    }
    static std::string error(std::string_view sqlstate, std::string_view message = "no") {
        std::string out;
        append_error(out, {.sqlstate = sqlstate, .message = message});
        return out;
    }
    /// What the server answers to our context messages.
    static std::string context_done() { return empty('2') + complete("SELECT 1"); }

    void on_refusal(const policy::Refusal& refusal, std::string_view) override {
        refusals_.push_back(refusal.rule);
    }
    void on_error(std::string_view sqlstate, bool) override { errors_.emplace_back(sqlstate); }
    void on_statement() override { ++statements_; }
    void on_pin(policy::Pin) override {}
    void on_unpin() override {}

    policy::postgres::VerdictCache verdicts_;
    statement_registry registry_;
    session_services services_;
    placement_slot slot_;
    std::unique_ptr<client_session> session_;
    std::unique_ptr<server_session> server_;
    reply_stream stream_;
    bool linked_ = false;
    std::string input_, server_input_, to_client_, to_server_;
    std::vector<std::string> refusals_, errors_;
    int statements_ = 0;
};

}  // namespace fairlead::proxy::postgres
