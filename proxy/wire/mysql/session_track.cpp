#include "proxy/wire/mysql/session_track.h"

namespace fairlead::proxy::mysql {

std::optional<session_change_entry> session_change_reader::next() {
    if (!ok_) return std::nullopt;
    if (!inner_.at_end()) return next_variable();
    if (reader_.at_end()) return std::nullopt;
    std::optional<std::uint8_t> kind = reader_.u8();
    std::optional<std::string_view> data = reader_.lenenc_text();
    if (!kind || !data) return fail();
    inner_ = field_reader(as_bytes(*data));
    session_change_entry entry;
    entry.kind = static_cast<session_change>(*kind);
    switch (entry.kind) {
        case session_change::system_variable:
            return next_variable();
        case session_change::state:
            // MySQL puts a length before the one character, MariaDB does not (measured on 10.11).
            inner_ = field_reader(Bytes());
            entry.value = data->substr(data->size() == 2 ? 1 : 0);
            return entry;
        case session_change::gtids:
            (void)inner_.u8();  // the encoding, always 0
            [[fallthrough]];
        case session_change::schema:
        case session_change::transaction_characteristics:
        case session_change::transaction_state: {
            std::optional<std::string_view> value = inner_.lenenc_text();
            if (!value || !inner_.at_end()) return fail();
            entry.value = *value;
            return entry;
        }
    }
    inner_ = field_reader(Bytes());
    entry.value = *data;
    return entry;
}

/// One entry holds one variable on MySQL; the layout allows more.
std::optional<session_change_entry> session_change_reader::next_variable() {
    std::optional<std::string_view> name = inner_.lenenc_text();
    std::optional<std::string_view> value = inner_.lenenc_text();
    if (!name || !value) return fail();
    return session_change_entry{session_change::system_variable, *name, *value};
}

void append_session_change(std::string& state, const session_change_entry& entry) {
    std::string data;
    field_writer inner(data);
    if (entry.kind == session_change::system_variable) inner.lenenc_text(entry.name);
    if (entry.kind == session_change::gtids) inner.u8(0);
    inner.lenenc_text(entry.value);
    field_writer writer(state);
    writer.u8(static_cast<std::uint8_t>(entry.kind));
    writer.lenenc_text(data);
}

}  // namespace fairlead::proxy::mysql
