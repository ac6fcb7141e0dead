#include "dal/driver/postgres/parameters.h"

#include <algorithm>
#include <charconv>

namespace fairlead::dal::postgres {
namespace {

constexpr unsigned bytea = 17;            // pg_type.dat
constexpr std::size_t number_size = 32;   // the longest double, to_chars's shortest form, has 24
constexpr std::size_t kept_size = 65536;  // of the buffer, from one statement to the next
constexpr std::size_t most_parameters = 65535;
constexpr std::size_t most_bytes = std::size_t{1} << 30;

bool refuse(Diagnostics& failed, errc code, const char* message) {
    failed.clear();
    failed.set(code);
    failed.message = message;
    return false;
}

bool has_zero(std::string_view text) {
    return text.find('\0') != std::string_view::npos;
}

std::size_t room_for(const Argument& argument) {
    switch (argument.kind()) {
        case Argument::Kind::text:
            return argument.text().size() + 1;
        case Argument::Kind::null:
        case Argument::Kind::boolean:
        case Argument::Kind::bytes:
            return 0;
        case Argument::Kind::integer:
        case Argument::Kind::unsigned_integer:
        case Argument::Kind::real:
            break;
    }
    return number_size;
}

}  // namespace

void Parameters::set(std::span<const Argument> arguments) {
    std::size_t size = 0;
    for (const Argument& argument : arguments) size += room_for(argument);
    prepare(arguments.size(), size);
    for (const Argument& argument : arguments) add(argument);
}

void Parameters::set(std::span<const std::string_view> texts) {
    std::size_t size = 0;
    for (std::string_view text : texts) size += text.size() + 1;
    prepare(texts.size(), size);
    for (std::string_view text : texts) add_text(text);
}

void Parameters::prepare(std::size_t count, std::size_t text_size) {
    if (text_.size() > kept_size && text_size <= kept_size) text_ = std::string();
    if (text_.size() < text_size) text_.resize(text_size);
    at_ = text_.data();
    values_.clear(), lengths_.clear(), formats_.clear(), types_.clear();
    values_.reserve(count), lengths_.reserve(count), formats_.reserve(count);
}

void Parameters::add(const Argument& argument) {
    switch (argument.kind()) {
        case Argument::Kind::null:
            return add_value(nullptr, 0);
        case Argument::Kind::boolean:
            return add_value(argument.unsigned_integer() != 0 ? "t" : "f", 1);
        case Argument::Kind::integer:
            return add_number(argument.integer());
        case Argument::Kind::unsigned_integer:
            return add_number(argument.unsigned_integer());
        case Argument::Kind::real:
            return add_number(argument.real());
        case Argument::Kind::text:
            return add_text(argument.text());
        case Argument::Kind::bytes:
            return add_bytes(argument.text());
    }
}

void Parameters::add_text(std::string_view text) {
    const char* const value = at_;
    at_ = std::copy(text.begin(), text.end(), at_);
    *at_++ = '\0';  // libpq takes the length of a text from its end
    add_value(value, static_cast<int>(text.size()));
}

template <typename Number>
void Parameters::add_number(Number number) {
    char* const value = at_;
    at_ = std::to_chars(at_, at_ + number_size - 1, number).ptr;
    *at_++ = '\0';
    add_value(value, static_cast<int>(at_ - value) - 1);
}

void Parameters::add_bytes(std::string_view bytes) {
    types_.resize(values_.size(), 0);
    types_.push_back(bytea);
    add_value(bytes.data() == nullptr ? "" : bytes.data(), static_cast<int>(bytes.size()));
    formats_.back() = 1;
}

void Parameters::add_value(const char* value, int length) {
    values_.push_back(value);
    lengths_.push_back(length);
    formats_.push_back(0);
    if (!types_.empty()) types_.resize(values_.size(), 0);
}

void append_types_key(std::span<const Argument> arguments, std::string& key) {
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        if (arguments[i].kind() == Argument::Kind::bytes) key += std::to_string(i) + ",";
    }
}

bool is_sendable(std::string_view sql, std::span<const Argument> arguments, Diagnostics& failed) {
    if (has_zero(sql)) return refuse(failed, errc::usage, "the statement contains a zero byte");
    if (arguments.size() > most_parameters)
        return refuse(failed, errc::usage, "PostgreSQL takes at most 65535 values in one statement");
    for (const Argument& argument : arguments) {
        const bool text = argument.kind() == Argument::Kind::text;
        if (!text && argument.kind() != Argument::Kind::bytes) continue;
        if (argument.text().size() > most_bytes)
            return refuse(failed, errc::data, "a value is longer than PostgreSQL takes (1 GiB)");
        if (text && has_zero(argument.text()))
            return refuse(failed, errc::data,
                          "a text contains a zero byte, which PostgreSQL cannot store; give bytes");
    }
    return true;
}

}  // namespace fairlead::dal::postgres
