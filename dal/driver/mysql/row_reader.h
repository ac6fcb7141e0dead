#pragma once

#include "dal/driver/mysql/row_block.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

struct st_mysql_bind;
struct st_mysql_field;
struct st_mysql_stmt;

namespace fairlead::dal::mysql {

/// Takes the rows of one prepared statement out of the client library: numbers in binary and then by
/// to_chars (the library's own text of a double loses digits), everything else in the library's text form,
/// bytes as they are. Buffers grow with what comes, up to a limit; longer values are fetched straight to
/// where they stay.
class row_reader {
public:
    row_reader();
    ~row_reader();
    row_reader(const row_reader&) = delete;
    row_reader& operator=(const row_reader&) = delete;

    /// After the statement was executed and has rows. Fails only when the library does.
    bool bind(st_mysql_stmt* statement);
    const std::shared_ptr<const column_names>& names() const { return names_; }

    /// The row that was fetched just now. False: the library failed, see the statement's error.
    bool take_row(st_mysql_stmt* statement, row_block& to);

private:
    struct column;

    bool is_laid_out_for(const st_mysql_field* fields, unsigned count) const;
    void lay_out(const st_mysql_field* fields, unsigned count);
    void place_buffers();
    bool take_text(st_mysql_stmt* statement, unsigned index, row_block& to);
    bool grow_buffers(st_mysql_stmt* statement);

    std::shared_ptr<const column_names> names_;
    std::vector<column> columns_;
    std::vector<st_mysql_bind> binds_;
    std::unique_ptr<char[]> buffer_;
    bool bound_ = false;
    bool too_small_ = false;  // a value did not fit, and a larger buffer is allowed
};

}  // namespace fairlead::dal::mysql
