#include "proxy/wire/mysql/result_set.h"

#include "proxy/wire/mysql/field.h"
#include "proxy/wire/mysql/packet.h"

namespace fairlead::proxy::mysql {
namespace {

constexpr std::uint8_t null_value = 0xfb;
constexpr std::uint64_t fixed_fields = 12;  // bytes behind the texts of a column definition

}  // namespace

void append_column_count(std::string& out, std::uint8_t& sequence, std::uint64_t count) {
    append_packet(out, sequence, [&](std::string& body) { field_writer(body).lenenc(count); });
}

void append_column(std::string& out, std::uint8_t& sequence, const column_definition& column) {
    append_packet(out, sequence, [&](std::string& body) {
        field_writer writer(body);
        writer.lenenc_text("def");
        for (std::string_view text :
             {column.schema, column.table, column.org_table, column.name, column.org_name})
            writer.lenenc_text(text);
        writer.lenenc(fixed_fields);
        writer.u16(column.collation);
        writer.u32(column.length);
        writer.u8(static_cast<std::uint8_t>(column.type));
        writer.u16(column.flags);
        writer.u8(column.decimals);
        writer.zeros(2);
    });
}

std::optional<column_definition> parse_column(Bytes payload) {
    field_reader reader(payload);
    column_definition column;
    (void)reader.lenenc_text();  // the catalogue, always "def"
    for (std::string_view* text :
         {&column.schema, &column.table, &column.org_table, &column.name, &column.org_name})
        *text = reader.lenenc_text().value_or(std::string_view());
    if (reader.lenenc() != fixed_fields) return std::nullopt;
    column.collation = reader.u16().value_or(0);
    column.length = reader.u32().value_or(0);
    column.type = static_cast<column_type>(reader.u8().value_or(0));
    column.flags = reader.u16().value_or(0);
    column.decimals = reader.u8().value_or(0);
    (void)reader.u16();
    // COM_FIELD_LIST adds the default value behind it.
    if (!reader.ok()) return std::nullopt;
    return column;
}

void append_text_row(std::string& out, std::uint8_t& sequence,
                     std::span<const std::optional<std::string>> values) {
    append_packet(out, sequence, [&](std::string& body) {
        field_writer writer(body);
        for (const std::optional<std::string>& value : values) {
            if (value) {
                writer.lenenc_text(*value);
            } else {
                writer.u8(null_value);
            }
        }
    });
}

std::optional<text_row> parse_text_row(Bytes payload, std::size_t columns) {
    // A value takes at least one byte, so a count from the wire cannot make us reserve more than was sent.
    if (columns > payload.size()) return std::nullopt;
    field_reader reader(payload);
    text_row row;
    row.reserve(columns);
    for (std::size_t i = 0; i < columns; ++i) {
        if (reader.next_is(null_value)) {
            (void)reader.u8();
            row.emplace_back();
            continue;
        }
        std::optional<std::string_view> value = reader.lenenc_text();
        if (!value) return std::nullopt;
        row.emplace_back(std::string(*value));
    }
    if (!reader.at_end()) return std::nullopt;
    return row;
}

void append_text_result(std::string& out, std::uint8_t& sequence, std::span<const column_definition> columns,
                        std::span<const text_row> rows, const ok_packet& end, capability_set capabilities) {
    append_column_count(out, sequence, columns.size());
    for (const column_definition& column : columns) append_column(out, sequence, column);
    if (!has(capabilities, capability::deprecate_eof)) append_eof(out, sequence, {end.status, 0});
    for (const text_row& row : rows) append_text_row(out, sequence, row);
    append_end_of_rows(out, sequence, end, capabilities);
}

}  // namespace fairlead::proxy::mysql
