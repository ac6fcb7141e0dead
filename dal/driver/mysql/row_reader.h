#pragma once

#include "dal/driver/mysql/row_block.h"

#include <cstdint>
#include <memory>
#include <vector>

struct st_mysql_field;
struct st_mysql_stmt;

namespace fairlead::dal::mysql {

/// Takes the rows of one prepared statement out of the client library: numbers in binary and then by
/// to_chars (the library's own text of a double loses digits), everything else in the library's text form,
/// bytes as they are.
///
/// Nothing is bound: values are taken one by one out of the row that was fetched, straight to where they
/// stay. Bound buffers would be lost unseen whenever the library lays a statement out anew (each further
/// result of a CALL, a table that was altered), and the values of the last row read again (measured).
class row_reader {
public:
    /// After the statement was executed and has rows. False: the library failed, see the statement's error.
    bool look_at(st_mysql_stmt* statement);
    const std::shared_ptr<const column_names>& names() const { return names_; }

    /// The row that was fetched just now. False: the library failed, see the statement's error.
    bool take_row(st_mysql_stmt* statement, row_block& to) const;

private:
    enum class kind : std::uint8_t { signed_number, unsigned_number, float_number, double_number, text };
    struct column {
        kind what;
        int type;
        unsigned flags;
    };
    static kind kind_of(const st_mysql_field& field);
    bool is_laid_out_for(const st_mysql_field* fields, unsigned count) const;
    void lay_out(const st_mysql_field* fields, unsigned count);

    std::shared_ptr<const column_names> names_;
    std::vector<column> columns_;
};

}  // namespace fairlead::dal::mysql
