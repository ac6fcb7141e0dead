#include "proxy/wire/mysql/err_packet.h"
#include "proxy/wire/mysql/ok_packet.h"
#include "proxy/wire/mysql/packet.h"
#include "proxy/wire/mysql/result_set.h"
#include "proxy/wire/mysql/session_track.h"

#include <gtest/gtest.h>

namespace fairlead::proxy::mysql {
namespace {

using namespace std::string_view_literals;
using namespace std::string_literals;

constexpr capability_set modern =
    capability::protocol_41 | capability::session_track | capability::deprecate_eof;

/// The payloads of the packets in `bytes`, checking that their sequence ids ascend from `first`.
std::vector<std::string> payloads(std::string_view bytes, std::uint8_t first = 0) {
    std::vector<std::string> all;
    Bytes input = as_bytes(bytes);
    while (auto packet = read_packet(input)) {
        EXPECT_EQ(packet->header.sequence, first++);
        all.emplace_back(as_text(packet->payload));
        input = input.subspan(packet->header.total());
    }
    EXPECT_TRUE(input.empty());
    return all;
}

std::string state_of_everything() {
    std::string state;
    append_session_change(state, {session_change::system_variable, "sql_mode", "ANSI"});
    append_session_change(state, {session_change::schema, {}, "shop"});
    append_session_change(state, {session_change::state, {}, "1"});
    append_session_change(state, {session_change::gtids, {}, "0-1-7"});
    append_session_change(state, {session_change::transaction_characteristics, {}, "START TRANSACTION;"});
    append_session_change(state, {session_change::transaction_state, {}, "T_______"});
    return state;
}

TEST(mysql_ok, comes_back_as_it_was_built) {
    std::string state = state_of_everything();
    ok_packet ok{70000, 5, status::in_transaction, 3, "Rows matched: 1", state};
    std::string bytes;
    std::uint8_t sequence = 1;
    append_ok(bytes, sequence, ok, modern);
    std::string payload = payloads(bytes, 1).at(0);
    auto parsed = parse_ok(as_bytes(payload), modern);
    ASSERT_TRUE(parsed);
    EXPECT_EQ(parsed->affected_rows, 70000u);
    EXPECT_EQ(parsed->last_insert_id, 5u);
    EXPECT_EQ(parsed->status, status::in_transaction | status::session_state_changed);
    EXPECT_EQ(parsed->warnings, 3);
    EXPECT_EQ(parsed->info, "Rows matched: 1");
    EXPECT_EQ(parsed->session_state, state);
    std::size_t accepted = 0;
    for (std::size_t size = 0; size < payload.size(); ++size)
        if (parse_ok(as_bytes(payload).first(size), modern)) ++accepted;
    // Cut behind the counters, and behind the text, it is a shorter valid packet; nowhere else.
    EXPECT_EQ(accepted, 2u);
}

TEST(mysql_ok, state_goes_only_to_whoever_can_read_it) {
    const std::string state = state_of_everything();
    ok_packet ok{1, 0, status::autocommit | status::session_state_changed, 0, "note", state};
    std::string bytes;
    std::uint8_t sequence = 0;
    append_ok(bytes, sequence, ok, capability::protocol_41);
    EXPECT_EQ(payloads(bytes).at(0), "\x00\x01\x00\x02\x00\x00\x00\x04note"sv);
    auto parsed = parse_ok(as_bytes(bytes).subspan(4), capability::protocol_41);
    ASSERT_TRUE(parsed);
    EXPECT_EQ(parsed->info, "note");
}

TEST(mysql_session_track, entries_come_one_by_one) {
    std::string state = state_of_everything();
    session_change_reader reader(as_bytes(state));
    std::vector<std::string> seen;
    while (auto entry = reader.next())
        seen.push_back(std::to_string(static_cast<int>(entry->kind)) + std::string(entry->name) + "=" +
                       std::string(entry->value));
    EXPECT_TRUE(reader.ok());
    EXPECT_EQ(seen, (std::vector<std::string>{"0sql_mode=ANSI", "1=shop", "2=1", "3=0-1-7",
                                              "4=START TRANSACTION;", "5=T_______"}));
}

// MariaDB 10.11 sends "02 01 31", MySQL 8.0 "02 02 01 31"; what stands behind is read either way.
TEST(mysql_session_track, a_change_of_state_with_and_without_length) {
    for (const std::string& state : {"\x02\x01\x31\x01\x05\x04shop"s, "\x02\x02\x01\x31\x01\x05\x04shop"s}) {
        session_change_reader reader(as_bytes(state));
        auto changed = reader.next();
        auto schema = reader.next();
        ASSERT_TRUE(changed && schema);
        EXPECT_EQ(changed->kind, session_change::state);
        EXPECT_EQ(changed->value, "1");
        EXPECT_EQ(schema->value, "shop");
        EXPECT_FALSE(reader.next());
        EXPECT_TRUE(reader.ok());
    }
}

TEST(mysql_session_track, several_variables_in_one_entry_and_kinds_of_the_future) {
    std::string state =
        "\x00\x08\x01"
        "a\x01"
        "1\x01"
        "b\x01"
        "2\x09\x02??"s;
    session_change_reader reader(as_bytes(state));
    auto a = reader.next();
    auto b = reader.next();
    auto future = reader.next();
    ASSERT_TRUE(a && b && future);
    EXPECT_EQ(a->name, "a");
    EXPECT_EQ(b->value, "2");
    EXPECT_EQ(static_cast<int>(future->kind), 9);
    EXPECT_EQ(future->value, "??");
    EXPECT_FALSE(reader.next());
    EXPECT_TRUE(reader.ok());
}

TEST(mysql_session_track, a_cut_entry_is_malformed) {
    std::string entry;
    append_session_change(entry, {session_change::system_variable, "sql_mode", "ANSI"});
    for (std::size_t size = 1; size < entry.size(); ++size) {
        session_change_reader reader(as_bytes(entry).first(size));
        EXPECT_FALSE(reader.next()) << size;
        EXPECT_FALSE(reader.ok()) << size;
    }
    std::string inner_too_long =
        "\x01\x03\x09"
        "ab"s;
    session_change_reader reader(as_bytes(inner_too_long));
    EXPECT_FALSE(reader.next());
    EXPECT_FALSE(reader.ok());
}

TEST(mysql_err, comes_back_as_it_was_built) {
    std::string bytes;
    std::uint8_t sequence = 2;
    append_err(bytes, sequence, errors::access_denied, "Access denied");
    std::string payload = payloads(bytes, 2).at(0);
    auto err = parse_err(as_bytes(payload));
    ASSERT_TRUE(err);
    EXPECT_EQ(err->code, 1045);
    EXPECT_EQ(err->sqlstate, "28000");
    EXPECT_EQ(err->message, "Access denied");
    for (std::size_t size = 0; size < 9; ++size)
        EXPECT_EQ(parse_err(as_bytes(payload).first(size)).has_value(), size == 3) << size;
}

TEST(mysql_err, without_or_with_broken_sqlstate_it_is_general) {
    auto plain = parse_err(as_bytes("\xff\x10\x04Too many connections"sv));
    ASSERT_TRUE(plain);
    EXPECT_EQ(plain->code, 1040);
    EXPECT_EQ(plain->sqlstate, "HY000");
    EXPECT_EQ(plain->message, "Too many connections");
    auto broken = parse_err(as_bytes("\xff\x10\x04#a\nb;cText"sv));
    ASSERT_TRUE(broken);
    EXPECT_EQ(broken->sqlstate, "HY000");
    EXPECT_EQ(broken->message, "Text");
}

TEST(mysql_err, progress_is_no_error) {
    std::string_view progress =
        "\xff\xff\xff\x01\x02\x03\x00\x00\x05"
        "stage"sv;
    EXPECT_TRUE(is_progress(as_bytes(progress)));
    EXPECT_FALSE(parse_err(as_bytes(progress)));
    EXPECT_FALSE(is_progress(as_bytes("\xff\x10\x04"sv)));
}

TEST(mysql_eof, has_five_bytes) {
    std::string bytes;
    std::uint8_t sequence = 0;
    append_eof(bytes, sequence, {status::more_results, 4});
    auto eof = parse_eof(as_bytes(bytes).subspan(4));
    ASSERT_TRUE(eof);
    EXPECT_EQ(eof->status, status::more_results);
    EXPECT_EQ(eof->warnings, 4);
    for (std::size_t size = 0; size < 5; ++size) EXPECT_FALSE(parse_eof(as_bytes(bytes).subspan(4, size)));
}

TEST(mysql_eof, the_end_of_rows_is_told_by_length) {
    EXPECT_TRUE(is_end_of_rows(0xfe, 5, 0));
    EXPECT_FALSE(is_end_of_rows(0xfe, 9, 0));  // a row whose first value has an eight byte length
    EXPECT_TRUE(is_end_of_rows(0xfe, 9, modern));
    EXPECT_TRUE(is_end_of_rows(0xfe, 0xfffffe, modern));
    EXPECT_FALSE(is_end_of_rows(0xfe, 0xffffff, modern));
    EXPECT_FALSE(is_end_of_rows(0x00, 5, modern));
}

TEST(mysql_result_set, is_built_for_both_kinds_of_client) {
    std::vector<column_definition> columns(2);
    columns[0].name = "a";
    columns[1].name = "b";
    std::vector<text_row> rows = {{"1", std::nullopt}, {"", std::string(300, 'x')}};
    for (capability_set capabilities : {modern, capability_set{capability::protocol_41}}) {
        bool deprecated = has(capabilities, capability::deprecate_eof);
        std::string bytes;
        std::uint8_t sequence = 1;
        append_text_result(bytes, sequence, columns, rows, {}, capabilities);
        std::vector<std::string> packets = payloads(bytes, 1);
        std::size_t first_row = deprecated ? 3 : 4;
        ASSERT_EQ(packets.size(), first_row + 3);
        EXPECT_EQ(packets[0], "\x02");
        EXPECT_EQ(parse_column(as_bytes(packets[2]))->name, "b");
        EXPECT_EQ(parse_text_row(as_bytes(packets[first_row]), 2), rows[0]);
        EXPECT_EQ(parse_text_row(as_bytes(packets[first_row + 1]), 2), rows[1]);
        EXPECT_TRUE(is_end_of_rows(static_cast<std::uint8_t>(packets.back()[0]), packets.back().size(),
                                   capabilities));
        EXPECT_EQ(parse_eof(as_bytes(packets.back())).has_value(), !deprecated);
    }
}

TEST(mysql_result_set, cut_columns_and_rows_are_malformed) {
    std::string column, row;
    std::uint8_t sequence = 0;
    column_definition definition;
    definition.name = "a";
    append_column(column, sequence, definition);
    for (std::size_t size = 4; size < column.size(); ++size)
        EXPECT_FALSE(parse_column(as_bytes(column).subspan(4, size - 4))) << size;
    append_text_row(row, sequence, text_row{"abc", std::nullopt});
    for (std::size_t size = 4; size < row.size(); ++size)
        EXPECT_FALSE(parse_text_row(as_bytes(row).subspan(4, size - 4), 2)) << size;
    EXPECT_FALSE(parse_text_row(as_bytes(row).subspan(4), 1));
    EXPECT_FALSE(parse_text_row(as_bytes(row).subspan(4), ~std::size_t{0}));
}

}  // namespace
}  // namespace fairlead::proxy::mysql
