#include "proxy/session/mysql/prepare_reply.h"

#include "proxy/wire/mysql/field.h"
#include "proxy/wire/mysql/ok_packet.h"
#include "proxy/wire/mysql/packet.h"

namespace fairlead::proxy::mysql {
namespace {

std::optional<std::string_view> next_kept(field_reader& reader) {
    auto length = reader.u24();
    if (!length) return std::nullopt;
    return reader.text(*length);
}

}  // namespace

std::optional<prepare_head> parse_prepare_head(std::string_view payload) {
    field_reader reader(as_bytes(payload));
    prepare_head head;
    if (reader.u8().value_or(1) != ok_header) return std::nullopt;
    head.id = reader.u32().value_or(0);
    head.columns = reader.u16().value_or(0);
    head.parameters = reader.u16().value_or(0);
    (void)reader.u8();
    head.warnings = reader.u16().value_or(0);
    if (!reader.ok()) return std::nullopt;
    return head;
}

void keep_packet(std::string& kept, std::string_view payload) {
    field_writer writer(kept);
    writer.u24(static_cast<std::uint32_t>(payload.size()));
    writer.raw(payload);
}

std::optional<prepare_head> head_of(std::string_view kept) {
    field_reader reader(as_bytes(kept));
    auto first = next_kept(reader);
    return first ? parse_prepare_head(*first) : std::nullopt;
}

void append_prepare_reply(std::string& out, std::uint8_t& sequence, std::string_view kept, std::uint32_t id,
                          std::uint16_t status, capability_set capabilities) {
    field_reader reader(as_bytes(kept));
    auto first = next_kept(reader);
    auto head = first ? parse_prepare_head(*first) : std::nullopt;
    if (!head) return;
    append_packet(out, sequence, [&](std::string& body) {
        field_writer writer(body);
        writer.u8(ok_header);
        writer.u32(id);
        writer.raw(first->substr(5));
    });
    bool eof = !has(capabilities, capability::deprecate_eof);
    for (std::uint16_t count : {head->parameters, head->columns}) {
        for (std::uint16_t i = 0; i < count; ++i) {
            auto packet = next_kept(reader);
            if (packet) append_message(out, sequence, *packet);
        }
        if (count > 0 && eof) append_eof(out, sequence, {status, 0});
    }
}

}  // namespace fairlead::proxy::mysql
