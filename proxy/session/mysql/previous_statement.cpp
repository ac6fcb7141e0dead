#include "proxy/session/mysql/previous_statement.h"

#include "proxy/wire/mysql/result_set.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <span>

namespace fairlead::proxy::mysql {
namespace {

using asked = previous_question::asked;

// Words, numbers, and single characters of punctuation; nothing else is taken.
class word_reader {
public:
    explicit word_reader(std::string_view text) : rest_(text) { next(); }

    std::string_view word() const { return word_; }  // as written; empty at the end
    bool failed() const { return failed_; }
    bool take(std::string_view wanted) {
        if (!is(wanted)) return false;
        next();
        return true;
    }
    bool is(std::string_view wanted) const {
        auto same = [](char a, char b) { return lower(a) == b; };
        return std::equal(word_.begin(), word_.end(), wanted.begin(), wanted.end(), same);
    }
    const char* begin() const { return word_.data(); }
    const char* last_end() const { return last_end_; }
    std::optional<std::uint64_t> number() {
        std::uint64_t value = 0;
        auto [end, error] = std::from_chars(word_.data(), word_.data() + word_.size(), value);
        if (error != std::errc() || end != word_.data() + word_.size()) return std::nullopt;
        next();
        return value;
    }
    bool at_end() {
        while (take(";")) {
        }
        return word_.empty() && !failed_;
    }
    void next() {
        last_end_ = word_.data() + word_.size();
        std::size_t skip = rest_.find_first_not_of(" \t\r\n");
        rest_.remove_prefix(std::min(skip, rest_.size()));
        std::size_t length = 0;
        while (length < rest_.size() && is_word(rest_[length])) ++length;
        if (length == 0 && !rest_.empty()) {
            failed_ |= std::string_view("@().,*;").find(rest_.front()) == std::string_view::npos;
            length = 1;
        }
        word_ = failed_ ? std::string_view() : rest_.substr(0, length);
        rest_.remove_prefix(length);
    }

private:
    static char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
    static bool is_word(char c) {
        return (c >= '0' && c <= '9') || (lower(c) >= 'a' && lower(c) <= 'z') || c == '_';
    }

    std::string_view rest_;
    std::string_view word_;
    const char* last_end_ = nullptr;
    bool failed_ = false;
};

std::optional<asked> read_variable(word_reader& words) {
    if (!words.take("@")) return std::nullopt;
    if (words.take("session") || words.take("local")) {
        if (!words.take(".")) return std::nullopt;
    }
    if (words.take("warning_count")) return asked::warning_count;
    if (words.take("error_count")) return asked::error_count;
    if (words.take("last_insert_id") || words.take("identity")) return asked::last_insert_id;
    return std::nullopt;
}

std::optional<asked> read_function(word_reader& words) {
    std::optional<asked> what;
    if (words.take("row_count")) {
        what = asked::row_count;
    } else if (words.take("found_rows")) {
        what = asked::found_rows;
    } else if (words.take("last_insert_id")) {
        what = asked::last_insert_id;
    }
    if (!what || !words.take("(") || !words.take(")")) return std::nullopt;
    return what;
}

bool read_item(word_reader& words, previous_question& question) {
    const char* begin = words.begin();
    std::optional<asked> what = words.take("@") ? read_variable(words) : read_function(words);
    if (!what) return false;
    std::string name(begin, words.last_end());
    if (words.take("as")) {
        if (words.word().empty() ||
            std::string_view("@().,*;").find(words.word().front()) != std::string_view::npos)
            return false;
        name = words.word();
        words.next();
    }
    question.items.push_back({*what, std::move(name)});
    return true;
}

bool read_select(word_reader& words, previous_question& question) {
    do {
        if (!read_item(words, question)) return false;
    } while (words.take(","));
    return true;
}

bool read_show(word_reader& words, previous_question& question) {
    if (words.take("count")) {
        if (!words.take("(") || !words.take("*") || !words.take(")")) return false;
        bool errors = words.is("errors");
        if (!errors && !words.is("warnings")) return false;
        words.next();
        question.items.push_back({errors ? asked::error_count : asked::warning_count,
                                  errors ? "@@session.error_count" : "@@session.warning_count"});
        return true;
    }
    question.errors_only = words.take("errors");
    if (!question.errors_only && !words.take("warnings")) return false;
    if (!words.take("limit")) return true;
    std::optional<std::uint64_t> first = words.number();
    if (!first) return false;
    question.limit = *first;
    if (!words.take(",")) return true;
    std::optional<std::uint64_t> second = words.number();
    if (!second) return false;
    question.offset = *first;
    question.limit = *second;
    return true;
}

std::string value_of(asked what, const previous_statement& previous) {
    switch (what) {
        case asked::row_count:
            return std::to_string(previous.row_count);
        case asked::found_rows:
            return std::to_string(previous.found_rows);
        case asked::last_insert_id:
            return std::to_string(previous.last_insert_id);
        case asked::warning_count:
            return std::to_string(previous.conditions != nullptr ? previous.conditions->size() : 0);
        case asked::error_count:
            return std::to_string(previous.errors());
    }
    return "0";
}

column_definition number_column(std::string_view name) {
    constexpr std::uint16_t not_null_binary = 0x81;
    return {.name = name,
            .collation = collation_binary,
            .length = 21,
            .type = column_type::int64,
            .flags = not_null_binary};
}

void append_conditions(std::string& out, std::uint8_t& sequence, const previous_question& question,
                       const previous_statement& previous, const ok_packet& end,
                       capability_set capabilities) {
    column_definition code = number_column("Code");
    code.type = column_type::int32;
    code.length = 4;
    const std::array columns{column_definition{.name = "Level", .length = 28}, code,
                             column_definition{.name = "Message", .length = 2048}};
    std::vector<text_row> rows;
    std::uint64_t seen = 0;
    if (previous.conditions != nullptr) {
        for (const condition& one : *previous.conditions) {
            if (question.errors_only && one.level != "Error") continue;
            if (seen++ < question.offset || rows.size() >= question.limit) continue;
            rows.push_back({one.level, std::to_string(one.code), one.message});
        }
    }
    append_text_result(out, sequence, columns, rows, end, capabilities);
}

}  // namespace

std::size_t previous_statement::errors() const {
    if (conditions == nullptr) return 0;
    return static_cast<std::size_t>(std::count_if(conditions->begin(), conditions->end(),
                                                  [](const condition& c) { return c.level == "Error"; }));
}

void previous_statement::set_error(std::uint16_t code, std::string message) {
    row_count = -1;
    conditions = std::make_unique<std::vector<condition>>();
    conditions->push_back({"Error", code, std::move(message)});
}

std::optional<previous_question> read_question(std::string_view sql) {
    constexpr std::size_t longest = 400;
    if (sql.size() > longest) return std::nullopt;
    word_reader words(sql);
    previous_question question;
    bool read = words.take("select") ? read_select(words, question)
                                     : words.take("show") && read_show(words, question);
    if (!read || !words.at_end()) return std::nullopt;
    return question;
}

void append_previous_answer(std::string& out, std::uint8_t& sequence, const previous_question& question,
                            const previous_statement& previous, std::uint16_t status,
                            capability_set capabilities) {
    ok_packet end;
    end.status = status;
    if (question.items.empty())
        return append_conditions(out, sequence, question, previous, end, capabilities);
    std::vector<column_definition> columns;
    text_row row;
    for (const auto& item : question.items) {
        columns.push_back(number_column(item.name));
        row.emplace_back(value_of(item.what, previous));
    }
    append_text_result(out, sequence, columns, std::span(&row, 1), end, capabilities);
}

}  // namespace fairlead::proxy::mysql
