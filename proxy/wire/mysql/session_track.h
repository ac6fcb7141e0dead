#pragma once

#include "proxy/wire/mysql/field.h"

#include <optional>
#include <string>
#include <string_view>

/// What the OK packet says of changed session state
/// (https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_basic_ok_packet.html).
namespace fairlead::proxy::mysql {

enum class session_change : std::uint8_t {
    system_variable = 0,
    schema = 1,
    state = 2,
    gtids = 3,
    transaction_characteristics = 4,  // the statements that would set them again; empty: none in force
    transaction_state = 5,            // eight letters, '_' where nothing is: "T_______", see below
};

/// One entry. Texts point into the packet.
struct session_change_entry {
    session_change kind = session_change::state;
    std::string_view name;   // of a system variable, in lower case
    std::string_view value;  // the variable's value, the schema, "1", the statements, the eight letters
};

/// Reads the entries one by one. A server may send kinds that are newer than us: they come out with their
/// number as `kind` and their raw bytes as `value`.
class session_change_reader {
public:
    explicit session_change_reader(Bytes state) : reader_(state), inner_(Bytes()) {}

    /// nullopt: no more, or malformed: see ok().
    std::optional<session_change_entry> next();
    bool ok() const { return ok_; }

private:
    std::optional<session_change_entry> next_variable();
    std::optional<session_change_entry> fail() {
        ok_ = false;
        return std::nullopt;
    }

    field_reader reader_;
    field_reader inner_;  // the rest of an entry that holds several variables
    bool ok_ = true;
};

/// Appends one entry, for OK packets of our own.
void append_session_change(std::string& state, const session_change_entry& entry);

}  // namespace fairlead::proxy::mysql
