// The client's side of a session: which command, in which state; commands without a text.
#include "proxy/session/mysql/client_session.h"
#include "proxy/session/mysql/error_words.h"
#include "proxy/wire/mysql/field.h"
#include "proxy/wire/mysql/session_track.h"

#include <algorithm>

namespace fairlead::proxy::mysql {
namespace {

constexpr std::size_t command_begin = packet_header_size;

bool same_name(std::string_view a, std::string_view b, bool any_case) {
    auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [&](char x, char y) { return any_case ? lower(x) == lower(y) : x == y; });
}

// The known ones whose body is short, or has to be understood.
bool is_read_whole(command what) {
    switch (what) {
        case command::query:
        case command::stmt_prepare:
        case command::init_db:
        case command::field_list:
        case command::stmt_reset:
        case command::stmt_close:
        case command::stmt_fetch:
        case command::quit:
        case command::ping:
        case command::statistics:
        case command::set_option:
        case command::process_kill:
        case command::reset_connection:
            return true;
        default:
            return false;
    }
}

std::string quoted(std::string_view name) {
    std::string out = "`";
    for (char c : name) out.append(c == '`' ? 2 : 1, c);
    return out + "`";
}

}  // namespace

client_session::client_session(session_services& services, session_identity identity,
                               session_observer& observer, capability_set capabilities,
                               settings_ptr startup_settings)
    : services_(services),
      observer_(observer),
      identity_(std::move(identity)),
      // The id names the worker, whose sessions are counted: connections go from worker to worker.
      number_(std::uint64_t{identity_.connection_id} << 32 | services.next_session++),
      capabilities_(capabilities),
      startup_(std::move(startup_settings)),
      settings_(startup_),
      database_(identity_.database),
      multi_statements_(has(capabilities, capability::multi_statements)) {}

client_step client_session::on_client(Bytes input, server_session* server, outgoing& to_client,
                                      outgoing& to_server) {
    turn t{server, to_client, to_server};
    std::size_t consumed = 0;
    while (consumed < input.size()) {
        Bytes available = input.subspan(consumed);
        if (in_body_ || (server != nullptr && server->infile)) {
            std::size_t taken = in_body_ ? continue_body(t, available) : continue_infile(t, available);
            if (taken == 0) break;
            consumed += taken;
            continue;
        }
        auto header = read_packet_header(available);
        if (!header) break;
        if (must_wait(t)) return {client_next::wait_server, consumed};
        if (header->length > 0 && available.size() <= command_begin) break;
        t.consumed = 0;
        handled result = handle(t, *header, available);
        if (result == handled::incomplete) break;
        if (result == handled::stop) return {t.result, consumed};
        consumed += t.consumed;
        if (t.result != client_next::read_more) break;
    }
    // A pin may have ended with a command that has no answer: ask before the link goes back.
    bool stays = t.result == client_next::read_more || t.result == client_next::kill;
    if (stays && server != nullptr && server->idle() && !pinned()) append_questions(*server, to_server);
    return {t.result, consumed};
}

// One command at a time: what the answer to one says decides how the next is read and where it goes.
bool client_session::must_wait(const turn& t) const {
    return t.server != nullptr && !t.server->expected.empty();
}

std::size_t client_session::continue_body(turn& t, Bytes input) {
    bool forward = body_mode_ == body_mode::forward && t.server != nullptr;
    std::size_t taken = 0;
    if (body_left_ == 0) {
        auto header = read_packet_header(input);
        if (!header) return 0;
        taken = packet_header_size;
        body_left_ = header->length;
        body_continues_ = header->continues();
        next_sequence_ = static_cast<std::uint8_t>(header->sequence + 1);
    }
    std::size_t size = std::min<std::size_t>(body_left_, input.size() - taken);
    body_left_ -= static_cast<std::uint32_t>(size);
    taken += size;
    if (forward) t.to_server.slice(input.first(taken));
    if (body_left_ == 0 && !body_continues_) end_body(t);
    return taken;
}

void client_session::end_body(turn& t) {
    in_body_ = false;
    if (body_mode_ == body_mode::forward) {
        if (t.server == nullptr) return;
        t.server->command_incomplete = false;
        if (!t.server->expected.empty()) t.server->expected.back().client_sequence = next_sequence_;
        return;
    }
    late_error error = std::exchange(late_error_, {});
    if (error.code != 0) say_error(t, {error.code, error.sqlstate}, error.text);
}

// The packets of a file that the server asked for. An empty one ends it, unless it only ends a packet of
// 16 MB.
std::size_t client_session::continue_infile(turn& t, Bytes input) {
    if (body_left_ > 0) {
        std::size_t size = std::min<std::size_t>(body_left_, input.size());
        t.to_server.slice(input.first(size));
        body_left_ -= static_cast<std::uint32_t>(size);
        return size;
    }
    auto header = read_packet_header(input);
    if (!header) return 0;
    bool ends = header->length == 0 && !infile_continues_;
    infile_continues_ = header->continues();
    body_left_ = header->length;
    t.to_server.own([&](std::string& out) {
        append_packet_header(out, header->length,
                             static_cast<std::uint8_t>(header->sequence + infile_shift_));
    });
    if (ends) t.server->infile = false;
    return packet_header_size;
}

// `taken`: of the command's first packet, what is already dealt with.
client_session::handled client_session::start_body(turn& t, const packet_header& header, std::size_t taken,
                                                   Bytes available, body_mode mode) {
    Bytes rest = available.subspan(taken, std::min(available.size(), header.total()) - taken);
    bool forward = mode == body_mode::forward;
    if (forward) t.to_server.slice(rest);
    t.consumed = taken + rest.size();
    body_mode_ = mode;
    body_left_ = static_cast<std::uint32_t>(header.total() - t.consumed);
    body_continues_ = header.continues();
    next_sequence_ = static_cast<std::uint8_t>(header.sequence + 1);
    in_body_ = body_left_ > 0 || body_continues_;
    if (forward) t.server->command_incomplete = in_body_;
    if (!in_body_) end_body(t);
    return handled::yes;
}

client_session::handled client_session::refuse_later(turn& t, const packet_header& header, Bytes available,
                                                     late_error error) {
    pending_verdict_.reset();
    late_error_ = std::move(error);
    return start_body(t, header, packet_header_size, available, body_mode::discard);
}

client_session::handled client_session::violation(turn& t, error_number number, std::string_view text) {
    say_error(t, number, text);
    t.result = client_next::close;
    return handled::stop;
}

client_session::handled client_session::handle(turn& t, const packet_header& header, Bytes available) {
    next_sequence_ = static_cast<std::uint8_t>(header.sequence + 1);
    if (header.sequence != 0) return violation(t, errors::packets_out_of_order, "Got packets out of order");
    if (header.length == 0) return violation(t, errors::malformed_packet, "Malformed communication packet");
    if (scope() == nullptr) {
        return violation(t, errors::server_shutdown,
                         "fairlead: this placement is not being served any more (look at the proxy's log and "
                         "at /readyz)");
    }
    auto what = static_cast<command>(available[command_begin]);
    if (restore_failed_ != nullptr) {
        late_error error = std::move(*restore_failed_);
        restore_failed_.reset();
        if (what == command::stmt_send_long_data) error = {};
        return refuse_later(t, header, available, std::move(error));
    }
    switch (what) {
        case command::stmt_execute:
            return on_execute(t, header, available);
        case command::stmt_bulk_execute:
            return on_bulk_execute(t, header, available);
        case command::stmt_send_long_data:
            return on_long_data(t, header, available);
        case command::change_user:
            t.result = client_next::change_user;
            return handled::stop;
        default: {
            if (!is_read_whole(what)) {
                return refuse_later(t, header, available,
                                    late_error::of(errors::unknown_command, "Unknown command"));
            }
            whole_command whole;
            handled result = read_whole(t, available, whole);
            return result == handled::yes && !whole.body.empty() ? on_complete(t, what, whole) : result;
        }
    }
}

// `whole.body` empty with `yes`: it is too long, and dealt with.
client_session::handled client_session::read_whole(turn& t, Bytes available, whole_command& whole) {
    std::size_t end = 0;
    std::size_t length = 0;
    packet_header header;
    do {
        auto next = read_packet_header(available.subspan(end));
        if (next) header = *next;
        if (next && length + next->length > services_.max_statement_bytes + 1)
            return on_too_long(t, *read_packet_header(available), available);
        if (!next || available.size() - end < next->total()) return handled::incomplete;
        length += next->length;
        end += next->total();
    } while (header.continues());
    t.consumed = end;
    next_sequence_ = static_cast<std::uint8_t>(header.sequence + 1);
    whole.message = available.first(end);
    if (length < max_packet_payload) {
        whole.body = as_text(whole.message.subspan(packet_header_size));
        return handled::yes;
    }
    services_.assembled.clear();
    for (Bytes rest = whole.message; !rest.empty();) {
        auto packet = read_packet(rest);
        services_.assembled.append(as_text(packet->payload));
        rest = rest.subspan(packet->header.total());
    }
    whole.body = services_.assembled;
    return handled::yes;
}

// Statements that nobody reads harm nobody on a server of the tenant's own.
client_session::handled client_session::on_too_long(turn& t, const packet_header& header, Bytes available) {
    bool text = static_cast<command>(available[command_begin]) == command::query;
    if (text && scope()->own_server()) return send_unread(t, header, available);
    return refuse_later(t, header, available,
                        late_error::of(errors::packet_too_large,
                                       "fairlead: the statement is longer than this proxy reads "
                                       "(proxy.max_statement_bytes)"));
}

client_session::handled client_session::on_complete(turn& t, command what, const whole_command& whole) {
    std::string_view argument = whole.body.substr(1);
    switch (what) {
        case command::query:
            return on_query(t, whole);
        case command::stmt_prepare:
            return on_prepare(t, argument);
        case command::init_db:
            return change_database(t, argument, whole);
        case command::field_list:
            return on_field_list(t, whole);
        case command::stmt_reset:
            return on_statement_reset(t, whole);
        case command::stmt_close:
            return on_statement_close(t, argument);
        case command::stmt_fetch:
            return on_fetch(t, whole);
        default:
            return on_simple(t, what, whole);
    }
}

client_session::handled client_session::on_simple(turn& t, command what, const whole_command& whole) {
    std::string_view argument = whole.body.substr(1);
    switch (what) {
        case command::ping:
            say_ok(t);
            return handled::yes;
        case command::set_option:
            return on_set_option(t, argument);
        case command::statistics:
            return on_statistics(t, whole);
        case command::reset_connection:
            return on_reset_connection(t, whole);
        case command::process_kill: {
            auto id = field_reader(as_bytes(argument)).u32();
            if (!id) return violation(t, errors::malformed_packet, "Malformed communication packet");
            return ask_kill(t, std::to_string(*id), false);
        }
        default:
            t.result = client_next::close;
            return handled::yes;
    }
}

client_session::handled client_session::on_set_option(turn& t, std::string_view argument) {
    auto option = field_reader(as_bytes(argument)).u16();
    if (!option || *option > 1) return say_error(t, errors::unknown_command, "Unknown command");
    multi_statements_ = *option == static_cast<std::uint16_t>(set_option::multi_statements_on);
    ok_packet end;
    end.status = told_status(t);
    t.to_client.own([&](std::string& out) { append_end_of_rows(out, next_sequence_, end, capabilities_); });
    return handled::yes;
}

// What the server counts is about everybody on it.
client_session::handled client_session::on_statistics(turn& t, const whole_command& whole) {
    if (!scope()->own_server()) {
        t.to_client.own([&](std::string& out) {
            append_message(out, next_sequence_,
                           "Uptime: 0  Threads: 1  Questions: 0  Slow queries: 0  Opens: 0  Open tables: 0  "
                           "Queries per second avg: 0.0");
        });
        return handled::yes;
    }
    if (t.server == nullptr) return need_link(t);
    t.to_server.slice(whole.message);
    t.server->expect(reply_kind::text);
    return handled::yes;
}

client_session::handled client_session::on_reset_connection(turn& t, const whole_command& whole) {
    if (t.server == nullptr) {
        reset_session();
        say_ok(t);
        return handled::yes;
    }
    t.to_server.slice(whole.message);
    t.server->expect(reply_kind::simple).resets = true;
    return handled::yes;
}

// The table's name reaches the server unread, so the guard is asked about a statement that names it.
client_session::handled client_session::on_field_list(turn& t, const whole_command& whole) {
    auto table = field_reader(as_bytes(whole.body.substr(1))).cstring();
    if (!table) return violation(t, errors::malformed_packet, "Malformed communication packet");
    policy::VerdictPtr verdict = check_once("SELECT * FROM " + quoted(*table) + " LIMIT 0", false);
    if (verdict->refused) return refuse(t, verdict->refusal, *table);
    if (t.server == nullptr) return need_link(t, std::move(verdict));
    if (!known_state(t) || restore_state(t, true)) {
        pending_verdict_ = std::move(verdict);
        return handled::stop;
    }
    t.to_server.slice(whole.message);
    expectation& added = t.server->expect(reply_kind::field_list);
    added.client_sequence = next_sequence_;
    return handled::yes;
}

client_session::handled client_session::change_database(turn& t, std::string_view name,
                                                        const whole_command& whole) {
    bool any_case = scope()->guard.lower_case_table_names != 0;
    bool own = same_name(name, identity_.exposed, any_case) || same_name(name, identity_.database, any_case);
    if (own) {
        database_ = identity_.database;
        previous_.row_count = 0;
        disturbed_ = true;
        std::string state;
        append_session_change(state, {session_change::schema, {}, identity_.exposed});
        say_ok(t, state);
        return handled::yes;
    }
    if (!scope()->own_server()) {
        return say_error(t, errors::database_access_denied,
                         "fairlead: access denied to database '" + std::string(name) +
                             "': this connection has one database, '" + identity_.exposed + "'");
    }
    if (t.server == nullptr) return need_link(t);
    if (!known_state(t) || restore_state(t, true)) return handled::stop;
    t.to_server.slice(whole.message);
    t.server->expect(reply_kind::simple).client_sequence = next_sequence_;
    return handled::yes;
}

std::size_t client_session::fail_waiting(Bytes input, const client_error& error, outgoing& to_client) {
    pending_verdict_.reset();
    preparing_.reset();
    auto header = read_packet_header(input);
    if (!header) return 0;
    outgoing nothing;
    turn t{nullptr, to_client, nothing};
    error_number number = number_of(error);
    bool answered = input.size() > command_begin && static_cast<command>(input[command_begin]) !=
                                                        command::stmt_send_long_data;  // has no answer
    refuse_later(t, *header, input, answered ? late_error::of(number, text_of(error)) : late_error{});
    return t.consumed;
}

}  // namespace fairlead::proxy::mysql
