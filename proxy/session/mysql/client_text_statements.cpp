// PREPARE, EXECUTE and DEALLOCATE as statements, where the guard reads what is prepared.
#include "proxy/session/mysql/client_session.h"
#include "proxy/session/mysql/error_words.h"
#include "proxy/session/mysql/session_settings.h"

#include <string_view>

namespace fairlead::proxy::mysql {
namespace {

// MariaDB reads the literal in collation_connection's character set and the statement in
// character_set_client's. Between two families it converts, after the guard has read the text; what the other
// one lacks becomes a question mark, a backslash too.
bool one_character_set(const settings_map& settings) {
    const std::string* client = find_setting(settings, "character_set_client");
    if (client == nullptr || *client == "binary") return false;
    if (const std::string* set = find_setting(settings, "character_set_connection")) return *set == *client;
    const std::string* collation = find_setting(settings, "collation_connection");
    return collation != nullptr && collation->starts_with(*client + "_");
}

}  // namespace

client_session::handled client_session::on_text_statement(turn& t, const whole_command& whole,
                                                          std::string_view sql,
                                                          const policy::VerdictPtr& verdict) {
    const std::string& name = verdict->command_name;
    if (verdict->command == policy::SessionCommand::prepare) return on_text_prepare(t, whole, sql, verdict);
    bool executes = verdict->command == policy::SessionCommand::execute;
    text_statements::statement* known =
        t.server != nullptr && named_ != nullptr ? named_->find(name) : nullptr;
    if (known == nullptr) {
        return say_error(t, {1243, "HY000"},
                         "Unknown prepared statement handler (" + name + ") given to " +
                             (executes ? "EXECUTE" : "DEALLOCATE PREPARE"));
    }
    if (!executes) return send_query(t, whole, sql, verdict);
    if (!mode_ || !(speaker(false).mode == known->mode)) {
        return say_error(t, {1615, "HY000"},
                         "fairlead: sql_mode or the character set changed since the statement was prepared; "
                         "prepare it again");
    }
    if (auto refused = judge_again(*known)) {
        if (refused->refused) return refuse(t, refused->refusal, known->sql);
        return say_error(t, {1615, "HY000"},
                         "fairlead: tables changed since the statement was prepared; prepare it again");
    }
    return send_query(t, whole, sql, verdict);
}

client_session::handled client_session::on_text_prepare(turn& t, const whole_command& whole,
                                                        std::string_view sql,
                                                        const policy::VerdictPtr& verdict) {
    if (!one_character_set(*settings_)) {
        return refuse(t,
                      {.rule = "text-prepare",
                       .message = "PREPARE while character_set_client and collation_connection are of two "
                                  "character sets",
                       .hint = "SET NAMES to one character set."},
                      sql);
    }
    if (named_ != nullptr && named_->size() >= services_.max_client_statements) {
        return say_error(t, {1461, "42000"},
                         "fairlead: too many prepared statements on this connection (close some, or raise "
                         "proxy.max_prepared_statements)");
    }
    return send_query(t, whole, sql, verdict);
}

// The catalogue may have changed since it was prepared, and the server prepares it anew by itself. What it
// has must be what it would be given now: nullptr. Otherwise the verdict of now.
policy::VerdictPtr client_session::judge_again(text_statements::statement& known) {
    if (known.scope == identity_.slot->current) return nullptr;
    policy::VerdictPtr now = services_.judge.check(scope()->guard, speaker(false), known.sql);
    bool same = !now->refused && now->command == policy::SessionCommand::prepare &&
                same_splices(*now, *known.verdict);
    if (!same) return now;
    known.verdict = std::move(now);
    known.scope = identity_.slot->current;
    return nullptr;
}

// It is on its way. From here on the connection must not come to anybody else uncleaned, whatever becomes of
// this client.
void client_session::text_statement_sent(server_session& server, std::string_view sql,
                                         const policy::VerdictPtr& verdict) {
    if (verdict->command != policy::SessionCommand::prepare) return;
    if (named_ == nullptr) named_ = std::make_unique<text_statements>();
    named_->sent(verdict->command_name,
                 {std::string(sql), speaker(false).mode, verdict, identity_.slot->current});
    left_behind_ = true;
    pins_changed(&server);
}

void client_session::text_statement_answered(const policy::Verdict& verdict, bool ok) {
    if (named_ == nullptr) return;
    if (verdict.command == policy::SessionCommand::prepare) named_->answered(ok);
    if (verdict.command == policy::SessionCommand::deallocate) {
        named_->remove(verdict.command_name);
        if (ok && named_->empty()) pins_.end(policy::Pin::text_prepare);
    }
    // A routine may have prepared another text under a name of the client's.
    if (verdict.may_change_mode && verdict.pins.has(policy::Pin::user_variable)) named_.reset();
}

}  // namespace fairlead::proxy::mysql
