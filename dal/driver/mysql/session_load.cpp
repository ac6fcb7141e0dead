#include "dal/driver/mysql/nonblocking_session.h"
#include "dal/driver/server_error.h"

#include <mysql.h>
#include <mysqld_error.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace fairlead::dal::mysql {
namespace {

/// The number behind `word` in "Records: 3  Deleted: 0  Skipped: 1  Warnings: 1".
std::uint64_t number_behind(std::string_view text, std::string_view word) {
    const std::size_t at = text.find(word);
    if (at == std::string_view::npos) return 0;
    text.remove_prefix(at + word.size());
    text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
    std::uint64_t out = 0;
    std::from_chars(text.data(), text.data() + text.size(), out);
    return out;
}

/// A warning bears no SQLSTATE; these would be errors of class 23 without LOCAL.
bool is_integrity(std::uint32_t code) {
    static constexpr std::array codes{
        std::uint32_t{ER_DUP_ENTRY},         std::uint32_t{ER_DUP_ENTRY_WITH_KEY_NAME},
        std::uint32_t{ER_BAD_NULL_ERROR},    std::uint32_t{ER_NO_REFERENCED_ROW_2},
        std::uint32_t{ER_NO_REFERENCED_ROW}, std::uint32_t{ER_WARN_NULL_TO_NOTNULL},
        std::uint32_t{ER_CONSTRAINT_FAILED}};
    return std::find(codes.begin(), codes.end(), code) != codes.end();
}

}  // namespace

Wait nonblocking_session::start_load(std::string_view sql, std::string data, const SessionContext& context,
                                     std::string_view begin) {
    begin_operation();
    load_text_ = sql;
    load_.arm(std::move(data));
    add_prologue(context, begin);
    return texts_.empty() ? load() : run_texts(&nonblocking_session::load);
}

Wait nonblocking_session::load() {
    sent_ = true;
    texts_.clear();
    texts_.push_back(std::move(load_text_));
    return run_texts(&nonblocking_session::loaded);
}

Wait nonblocking_session::loaded() {
    const bool spent = load_.is_spent();
    load_.disarm();
    if (!spent) {
        Diagnostics why;
        why.set(errc::usage);
        why.message = "the statement did not take the data: it is no LOAD DATA LOCAL INFILE";
        return fail(std::move(why));
    }
    const char* const said = mysql_info(connection_.get());
    const std::string_view info = said == nullptr ? std::string_view() : said;
    const bool clean = mysql_warning_count(connection_.get()) == 0 && number_behind(info, "Skipped:") == 0 &&
                       number_behind(info, "Warnings:") == 0;
    if (clean) {
        results_.emplace_back(nullptr, mysql_affected_rows(connection_.get()), 0);
        return Wait::nothing;
    }
    texts_ = {"SHOW WARNINGS LIMIT 1"};
    return run_texts(&nonblocking_session::warning_was_read);
}

/// LOCAL makes warnings of errors, since the data cannot be sent back half way.
Wait nonblocking_session::warning_was_read() {
    Diagnostics why = connection_error("the server skipped or changed rows");
    if (text_row_.size() == 3) {
        std::uint32_t code = 0;
        std::from_chars(text_row_[1].data(), text_row_[1].data() + text_row_[1].size(), code);
        why = server_error({}, text_row_[2], "the rows before it may be loaded: roll back", code);
        why.set(is_integrity(code) ? errc::integrity : errc::data);
    }
    if (!why.server_code) why.set(errc::data);
    return fail(std::move(why));
}

}  // namespace fairlead::dal::mysql
