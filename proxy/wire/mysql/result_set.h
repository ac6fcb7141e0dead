#pragma once

#include "proxy/wire/mysql/capabilities.h"
#include "proxy/wire/mysql/ok_packet.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// Text result sets: those that we answer with, and the small ones that we read
/// (https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_com_query_response_text_resultset.html).
namespace fairlead::proxy::mysql {

/// enum_field_types, as far as answers of ours use them.
enum class column_type : std::uint8_t {
    tiny = 0x01,
    int32 = 0x03,
    null = 0x06,
    int64 = 0x08,
    var_string = 0xfd,
};

inline constexpr std::uint16_t collation_utf8mb4_general_ci = 45;
inline constexpr std::uint16_t collation_binary = 63;

/// One column of an answer. Texts must outlive the call that takes it, or point into the parsed packet.
struct column_definition {
    std::string_view schema = {};
    std::string_view table = {};
    std::string_view org_table = {};
    std::string_view name = {};
    std::string_view org_name = {};
    std::uint16_t collation = collation_utf8mb4_general_ci;
    std::uint32_t length = 1024;  // bytes that a value may have at most
    column_type type = column_type::var_string;
    std::uint16_t flags = 0;
    std::uint8_t decimals = 0;
};

void append_column_count(std::string& out, std::uint8_t& sequence, std::uint64_t count);
void append_column(std::string& out, std::uint8_t& sequence, const column_definition& column);
/// The layout without MariaDB's extended types, which we never negotiate. nullopt: malformed.
std::optional<column_definition> parse_column(Bytes payload);

/// A row in text form; nullopt is NULL.
using text_row = std::vector<std::optional<std::string>>;
void append_text_row(std::string& out, std::uint8_t& sequence,
                     std::span<const std::optional<std::string>> values);
/// nullopt: malformed, or not of `columns` values.
std::optional<text_row> parse_text_row(Bytes payload, std::size_t columns);

/// A whole answer: count, columns, rows, end. `end` carries status and warnings.
void append_text_result(std::string& out, std::uint8_t& sequence, std::span<const column_definition> columns,
                        std::span<const text_row> rows, const ok_packet& end, capability_set capabilities);

}  // namespace fairlead::proxy::mysql
