// What ends a result or a whole answer, and what follows from it.
#include "proxy/session/mysql/error_words.h"
#include "proxy/session/mysql/prepare_reply.h"
#include "proxy/session/mysql/reply_reader.h"
#include "proxy/session/mysql/statement_number.h"
#include "proxy/wire/mysql/session_track.h"

namespace fairlead::proxy::mysql {
namespace {

constexpr std::size_t longest_shared_metadata = 64 << 10;
constexpr std::uint16_t query_interrupted = 1317;

}  // namespace

reply_reader::outcome reply_reader::on_ok(const packet& p) {
    auto ok = parse_ok(p.payload(), server_.capabilities);
    if (!ok) return outcome::broken;
    server_.status = ok->status;
    if (server_.reply.infile_denied) {
        say_error(p.header.sequence,
                  {1148, "42000", "The used command is not allowed with this MariaDB version"});
        return finish(nullptr);
    }
    if (client_ != nullptr && front().own_results > 0) {
        --front().own_results;
        if ((ok->status & status::more_results) != 0) return outcome::go_on;
        // Nothing stood behind ours: the client's text was empty.
        front().own_results = 0;
        say_error(p.header.sequence, {1065, "42000", "Query was empty"});
        return finish(nullptr);
    }
    if (front().own() || client_ == nullptr) return on_own_ok(*ok);
    const policy::Verdict* verdict = front().verdict.get();
    client_->note_result(server_, *ok, false, 0, verdict);
    forward_ok(p, *ok, false);
    return end_result(*ok);
}

reply_reader::outcome reply_reader::on_own_ok(const ok_packet& ok) {
    server_.reply.at = reply_progress::phase::first;
    if ((ok.status & status::more_results) != 0) return outcome::go_on;
    return front().own() ? finish_own(nullptr) : finish(&ok);
}

reply_reader::outcome reply_reader::on_end_of_rows(const packet& p) {
    auto ok = parse_ok(p.payload(), server_.capabilities);
    if (!ok) return outcome::broken;
    server_.status = ok->status;
    if (front().own() || client_ == nullptr) return on_own_ok(*ok);
    if (front().own_results > 0) return outcome::broken;  // ours give no rows
    bool list = front().kind == reply_kind::field_list;
    if (!list) client_->note_result(server_, *ok, true, server_.reply.rows, front().verdict.get());
    bool cursor = (ok->status & status::cursor_exists) != 0 && server_.reply.rows == 0 &&
                  front().kind == reply_kind::results;
    if (server_.reply.eof_due && !cursor) say_due_eof(p.header.sequence);
    server_.reply.eof_due = false;
    forward_ok(p, *ok, true);
    return end_result(*ok);
}

reply_reader::outcome reply_reader::end_result(const ok_packet& ok) {
    server_.reply.at = reply_progress::phase::first;
    if ((ok.status & status::more_results) != 0 && front().kind == reply_kind::results) return outcome::go_on;
    return finish(&ok);
}

// As it came if both sides negotiated the same and nothing in it is ours or another tenant's.
void reply_reader::forward_ok(const packet& p, const ok_packet& ok, bool behind_rows) {
    std::uint8_t sequence = client_sequence(p.header.sequence);
    capability_set capabilities = client_->capabilities_;
    bool same_form = !behind_rows || has(capabilities, capability::deprecate_eof);
    bool silent = (ok.status & status::session_state_changed) == 0;
    if (same_form && silent && server_.reply.shift == 0) {
        return to_client_.slice(p.available.first(p.header.total()));
    }
    ok_packet told = ok;
    std::string state = state_for_client(ok);
    told.session_state = state;
    to_client_.own([&](std::string& out) {
        if (behind_rows) {
            append_end_of_rows(out, sequence, told, capabilities);
        } else {
            append_ok(out, sequence, told, capabilities);
        }
    });
}

// The server's current database may be another tenant's: a prepared statement runs in its own, and the server
// reports the one it comes back to.
std::string reply_reader::state_for_client(const ok_packet& ok) const {
    std::string state;
    if (!has(client_->capabilities_, capability::session_track)) return state;
    session_change_reader reader(as_bytes(ok.session_state));
    while (auto entry = reader.next()) {
        if (entry->kind == session_change::schema) {
            const session_identity& identity = client_->identity_;
            if (entry->value == identity.database) {
                entry->value = identity.exposed;
            } else if (client_->scope() == nullptr || !client_->scope()->own_server()) {
                continue;
            }
        }
        append_session_change(state, *entry);
    }
    return state;
}

void reply_reader::say_error(std::uint8_t sequence, const err_packet& err) {
    observer_.on_error(err.sqlstate, true);
    if (client_ == nullptr) return;
    std::uint8_t next = client_sequence(sequence);
    to_client_.own([&](std::string& out) { append_err(out, next, err); });
    client_->note_failure(err.code, std::string(err.message));
}

reply_reader::outcome reply_reader::on_error(const packet& p) {
    auto err = parse_err(p.payload());
    if (!err) return is_progress(p.payload()) && p.whole() ? outcome::go_on : outcome::broken;
    if (front().own()) return finish_own(&*err);
    if (front().early != nullptr && front().early->missed()) return on_missed(p, *err);
    if (front().own_results > 0) {
        // Ours failed, so the client's text was not run. What of ours was, is not known.
        front().own_results = 0;
        server_.applied.reset();
        server_.database.clear();
    }
    server_.infile = false;
    if (client_ != nullptr) {
        bool mask = client_->scope() == nullptr || client_->scope()->shared_tables();
        std::string text = mask ? masked_message(err->code, err->message) : std::string(err->message);
        if (server_.reply.infile_denied) text = "The used command is not allowed with this MariaDB version";
        if (server_.reply.eof_due) say_due_eof(p.header.sequence);
        say_error(p.header.sequence, {err->code, err->sqlstate, text});
    }
    return finish(nullptr);
}

// An execution under a guessed id met no statement: that could not be prepared, or got another id.
reply_reader::outcome reply_reader::on_missed(const packet& p, const err_packet& err) {
    std::unique_ptr<early_execution> missed = std::move(front().early);
    if (client_ == nullptr) return finish(nullptr);
    if (missed->given != 0) {
        if (err.code != unknown_handler.code) return on_error(p);
        server_session::send_execution(missed->given, missed->rest, to_server_);
        return outcome::go_on;
    }
    auto failed = std::move(client_->prepare_failed_);
    if (failed == nullptr) return outcome::broken;
    const auto& error = failed->error;
    say_error(p.header.sequence, {error.code, error.sqlstate, error.text});
    client_->conditions_on_link_ = false;  // there the statement is unknown, and nothing else
    return finish(nullptr);
}

// The server asks for a file. Only this very statement may have made it do so; a server (or who stands in its
// place) could otherwise read the client's disk.
reply_reader::outcome reply_reader::on_infile(const packet& p) {
    const expectation& asked = front();
    bool allowed = for_client() && asked.verdict != nullptr && asked.verdict->local_infile &&
                   asked.client_statement == 0 && has(client_->capabilities_, capability::local_files);
    if (!allowed) {
        if (asked.own()) return outcome::broken;
        server_.reply.infile_denied = true;
        to_server_.own([&](std::string& out) {
            append_packet_header(out, 0, static_cast<std::uint8_t>(p.header.sequence + 1));
        });
        return outcome::go_on;
    }
    std::uint8_t sequence = client_sequence(p.header.sequence);
    to_client_.own([&](std::string& out) { append_message(out, sequence, as_text(p.payload())); });
    client_->infile_shift_ = static_cast<std::uint8_t>(-server_.reply.shift);
    client_->infile_continues_ = false;
    server_.infile = true;
    return outcome::go_on;
}

reply_reader::outcome reply_reader::on_prepared() {
    auto head = head_of(server_.reply.kept);
    const statement_ptr& statement = front().statement;
    if (!head || statement == nullptr) return outcome::broken;
    server_.add_statement(statement, head->id);
    if (statement->reply.load() == nullptr && server_.reply.kept.size() <= longest_shared_metadata)
        statement->reply.store(std::make_shared<const std::string>(server_.reply.kept));
    if (front().own()) {
        bool executed = server_.expected.size() > 1 && server_.expected[1].early != nullptr;
        if (executed) server_.note_given(*server_.expected[1].early, head->id);
        return finish_own(nullptr);
    }
    ok_packet ok;
    ok.status = server_.status;
    ok.warnings = head->warnings;
    if (client_ != nullptr) {
        client_->note_result(server_, ok, false, 0, nullptr);
        client_->finish_prepare(server_, server_.reply.kept, front().client_sequence, to_client_);
    }
    return finish(&ok);
}

// The client's command is answered.
reply_reader::outcome reply_reader::finish(const ok_packet* ok) {
    expectation done = std::move(server_.expected.front());
    server_.expected.pop_front();
    server_.reply = {};
    server_.error_in_reply = ok == nullptr;
    if (client_ != nullptr) {
        client_->end_command(server_, done, ok, to_server_);
        client_->append_questions(server_, to_server_);
    }
    return server_.idle() ? outcome::release : outcome::go_on;
}

// One of ours is answered. `err`: it failed.
reply_reader::outcome reply_reader::finish_own(const err_packet* err) {
    expectation done = std::move(server_.expected.front());
    server_.expected.pop_front();
    reply_progress reply = std::exchange(server_.reply, {});
    bool waits = false;  // a command of the client waits for it
    switch (done.purpose) {
        case own_purpose::settings:
        case own_purpose::prepare:
            waits = true;
            if (err == nullptr) break;
            if (client_ == nullptr) return outcome::broken;
            client_->note_own_failure(server_, done, *err);
            break;
        case own_purpose::setup:
        case own_purpose::cleanup:
            waits = true;
            if (err != nullptr) return outcome::broken;
            if (done.purpose == own_purpose::setup && !server_.take_baseline(reply.kept_rows))
                return outcome::broken;
            break;
        case own_purpose::insert_id:
            waits = true;
            if (err != nullptr) return outcome::broken;
            break;
        default:
            if (client_ == nullptr) break;
            if (err != nullptr)
                return err->code == query_interrupted ? ask_again(done.purpose) : outcome::broken;
            if (!client_->take_answer(server_, done.purpose, reply.kept_rows)) return outcome::broken;
            break;
    }
    if (waits && client_ != nullptr) return outcome::go_on;
    return server_.idle() ? outcome::release : outcome::go_on;
}

// A KILL QUERY that was meant for the client's statement hit a question of ours behind it.
reply_reader::outcome reply_reader::ask_again(own_purpose purpose) {
    if (purpose == own_purpose::sql_mode) server_.send_query("SELECT @@sql_mode", purpose, to_server_);
    if (purpose == own_purpose::last_insert_id)
        server_.send_query("SELECT @@last_insert_id", purpose, to_server_);
    if (purpose == own_purpose::found_rows) return outcome::broken;  // the answer is lost
    return server_.idle() ? outcome::release : outcome::go_on;
}

}  // namespace fairlead::proxy::mysql
