#pragma once

#include "policy/mysql/lexer.h"
#include "policy/splice.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace fairlead::policy::mysql {

/// What the marks in splices stand for.
struct render_values {
    std::string_view tenant{};        // [A-Za-z0-9_-]{1,63}
    std::string_view database{};      // on the server; ASCII without control characters
    std::uint32_t connection_id = 0;  // what CONNECTION_ID() says
};

/// Appends `sql` with the splices put in; everything else stays as written, comments and layout too. A blank
/// is put between a splice and its neighbours where they would run together. `tokens` are those of
/// lex(sql); `splices` ascend and do not overlap.
///
/// False, with `out` as it was, when that cannot be done safely: splices that do not fit the tokens, that
/// replace what stands in an executable comment or insert into one without a blank in front, an id or a name
/// outside its alphabet, an id that is no number for tenant_number_mark, a blank that would make a comment of
/// two minus signs. The guard refuses statements that would need such a splice; nothing may be sent then.
///
/// Why 'acme' for the tenant: measured on MariaDB 10.11, a plain string literal and one with an introducer
/// (_ascii'acme', _utf8mb4 0x61636d65) use the same index and find the same rows for character columns of
/// every character set and collation, binary columns and all client character sets that we allow, under every
/// sql_mode. (Only a ucs2 column under SET NAMES binary differs: the plain literal finds nothing there.) A
/// quoted number does so for integer columns, but reads '42x' as 42, hence tenant_number_mark.
bool render(std::string_view sql, const std::vector<token>& tokens, const std::vector<Splice>& splices,
            const render_values& values, std::string& out);

/// As tenant_mark and tenant_number_mark accept them.
bool is_tenant_id(std::string_view id);
bool is_tenant_number(std::string_view id);

}  // namespace fairlead::policy::mysql
