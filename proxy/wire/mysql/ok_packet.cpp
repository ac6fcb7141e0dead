#include "proxy/wire/mysql/ok_packet.h"

#include "proxy/wire/mysql/field.h"
#include "proxy/wire/mysql/packet.h"

namespace fairlead::proxy::mysql {

std::optional<ok_packet> parse_ok(Bytes payload, capability_set capabilities) {
    field_reader reader(payload);
    ok_packet ok;
    (void)reader.u8();
    ok.affected_rows = reader.lenenc().value_or(0);
    ok.last_insert_id = reader.lenenc().value_or(0);
    ok.status = reader.u16().value_or(0);
    ok.warnings = reader.u16().value_or(0);
    if (!reader.ok()) return std::nullopt;
    if (!has(capabilities, capability::session_track)) {
        // Documented as the rest of the packet, but servers put a length in front, and clients read one.
        // The text is for people only, so both are taken.
        field_reader with_length(reader.rest());
        std::optional<std::string_view> text = with_length.lenenc_text();
        ok.info = text && with_length.at_end() ? *text : as_text(reader.rest());
        return ok;
    }
    if (!reader.at_end()) ok.info = reader.lenenc_text().value_or(std::string_view());
    if ((ok.status & status::session_state_changed) != 0 && !reader.at_end())
        ok.session_state = reader.lenenc_text().value_or(std::string_view());
    if (!reader.ok() || !reader.at_end()) return std::nullopt;
    return ok;
}

void append_ok(std::string& out, std::uint8_t& sequence, const ok_packet& ok, capability_set capabilities,
               std::uint8_t header) {
    bool tracked = has(capabilities, capability::session_track);
    bool with_state = tracked && !ok.session_state.empty();
    auto without_bit = static_cast<std::uint16_t>(ok.status & ~status::session_state_changed);
    append_packet(out, sequence, [&](std::string& body) {
        field_writer writer(body);
        writer.u8(header);
        writer.lenenc(ok.affected_rows);
        writer.lenenc(ok.last_insert_id);
        writer.u16(with_state ? without_bit | status::session_state_changed : without_bit);
        writer.u16(ok.warnings);
        if (!ok.info.empty() || with_state) writer.lenenc_text(ok.info);
        if (with_state) writer.lenenc_text(ok.session_state);
    });
}

std::optional<eof_packet> parse_eof(Bytes payload) {
    if (payload.size() != 5 || payload[0] != eof_header) return std::nullopt;
    field_reader reader(payload.subspan(1));
    eof_packet eof;
    eof.warnings = reader.u16().value_or(0);
    eof.status = reader.u16().value_or(0);
    return eof;
}

void append_eof(std::string& out, std::uint8_t& sequence, const eof_packet& eof) {
    append_packet(out, sequence, [&](std::string& body) {
        field_writer writer(body);
        writer.u8(eof_header);
        writer.u16(eof.warnings);
        writer.u16(eof.status);
    });
}

void append_end_of_rows(std::string& out, std::uint8_t& sequence, const ok_packet& end,
                        capability_set capabilities) {
    if (has(capabilities, capability::deprecate_eof))
        return append_ok(out, sequence, end, capabilities, eof_header);
    append_eof(out, sequence,
               {static_cast<std::uint16_t>(end.status & ~status::session_state_changed), end.warnings});
}

}  // namespace fairlead::proxy::mysql
