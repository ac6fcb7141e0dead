#pragma once

#include "policy/postgres/guard/tree.h"
#include "policy/postgres/rules.h"

#include <cstdint>
#include <string_view>

namespace fairlead::policy::postgres::guard {

/// A kind of statement that is refused as such in some reaches.
struct refused_statement {
    const ProtobufCMessageDescriptor* descriptor;
    rule why;
    std::string_view words;   // as the user typed it: "CREATE FUNCTION"
    std::uint8_t refused_in;  // bits of guard::reach
};
/// Null if this kind of statement is not refused as such.
const refused_statement* find_refused_statement(const ProtobufCMessageDescriptor* descriptor);

}  // namespace fairlead::policy::postgres::guard
