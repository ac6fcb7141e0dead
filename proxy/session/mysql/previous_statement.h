#pragma once

#include "proxy/wire/mysql/capabilities.h"
#include "proxy/wire/mysql/ok_packet.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fairlead::proxy::mysql {

/// One row of SHOW WARNINGS.
struct condition {
    std::string level;  // Error, Warning, Note
    std::uint16_t code = 0;
    std::string message;  // masked, where that is due
};

/// What a client may ask about the statement before, kept for it because the server connection is lent to
/// others in between.
struct previous_statement {
    std::int64_t row_count = 0;         // ROW_COUNT()
    std::uint64_t found_rows = 0;       // FOUND_ROWS()
    std::uint64_t last_insert_id = 0;   // LAST_INSERT_ID()
    bool found_rows_uncertain = false;  // SQL_CALC_FOUND_ROWS: the server knows
    /// The server gave an insert id, which may be the client's own value and then is not LAST_INSERT_ID():
    /// the server is asked before the link goes back.
    bool last_insert_id_uncertain = false;
    std::unique_ptr<std::vector<condition>> conditions{};  // null: none

    std::size_t errors() const;
    void set_error(std::uint16_t code, std::string message);
};

/// A statement that only asks about the one before, in a form that can be answered from memory.
struct previous_question {
    enum class asked : std::uint8_t { row_count, found_rows, last_insert_id, warning_count, error_count };
    struct item {
        asked what;
        std::string name;  // of the column
    };
    std::vector<item> items;  // empty: SHOW WARNINGS or SHOW ERRORS
    bool errors_only = false;
    std::uint64_t offset = 0;
    std::uint64_t limit = ~std::uint64_t{0};
};
/// nullopt: another statement, or one that is not this simple.
std::optional<previous_question> read_question(std::string_view sql);

/// Appends the answer as packets.
void append_previous_answer(std::string& out, std::uint8_t& sequence, const previous_question& question,
                            const previous_statement& previous, std::uint16_t status,
                            capability_set capabilities);

}  // namespace fairlead::proxy::mysql
