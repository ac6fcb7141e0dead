#include "proxy/wire/mysql/err_packet.h"

#include "proxy/wire/mysql/field.h"
#include "proxy/wire/mysql/packet.h"
#include "proxy/wire/sqlstate.h"

namespace fairlead::proxy::mysql {
namespace {

constexpr std::size_t sqlstate_size = 5;

}  // namespace

bool is_progress(Bytes payload) {
    return payload.size() >= 3 && payload[0] == err_header && payload[1] == 0xff && payload[2] == 0xff;
}

std::optional<err_packet> parse_err(Bytes payload) {
    field_reader reader(payload);
    std::optional<std::uint8_t> header = reader.u8();
    std::optional<std::uint16_t> code = reader.u16();
    if (!code || *header != err_header || *code == progress_code) return std::nullopt;
    err_packet err;
    err.code = *code;
    // An error before the server has read what we can do has no SQLSTATE on some servers.
    if (reader.next_is('#')) {
        (void)reader.u8();
        std::optional<std::string_view> sqlstate = reader.text(sqlstate_size);
        if (!sqlstate) return std::nullopt;
        if (is_sqlstate(*sqlstate)) err.sqlstate = *sqlstate;
    }
    err.message = as_text(reader.rest());
    return err;
}

void append_err(std::string& out, std::uint8_t& sequence, const err_packet& err) {
    append_packet(out, sequence, [&](std::string& body) {
        field_writer writer(body);
        writer.u8(err_header);
        writer.u16(err.code);
        writer.u8('#');
        writer.raw(err.sqlstate.substr(0, sqlstate_size));
        writer.raw(err.message);
    });
}

}  // namespace fairlead::proxy::mysql
