#include "fairlead/bound_statement.h"

#include <cstddef>
#include <cstring>
#include <span>
#include <string_view>
#include <utility>

namespace fairlead {
namespace {

bool has_text(const Argument& argument) {
    return argument.kind() == Argument::Kind::text || argument.kind() == Argument::Kind::bytes;
}

std::size_t total_size(std::string_view sql, std::span<const Argument> arguments) {
    std::size_t size = sql.size();
    for (const Argument& argument : arguments) {
        size += argument.name().size() + (has_text(argument) ? argument.text().size() : 0);
    }
    return size;
}

/// Copies `text` to `at`, which moves behind it.
std::string_view keep(char*& at, std::string_view text) {
    if (!text.empty()) std::memcpy(at, text.data(), text.size());
    const std::string_view kept(at, text.size());
    at += text.size();
    return kept;
}

Argument keep(char*& at, const Argument& argument) {
    const std::string_view name = keep(at, argument.name());
    if (!has_text(argument)) return Argument::named(name, argument);
    const std::string_view text = keep(at, argument.text());
    if (argument.kind() == Argument::Kind::text) return Argument::named(name, text);
    const auto* bytes = reinterpret_cast<const std::byte*>(text.data());
    return Argument::named(name, BytesView(bytes, text.size()));
}

}  // namespace

BoundStatement::BoundStatement(std::string_view sql, std::span<const Argument> arguments)
    // One byte more: an empty text must not be a null pointer.
    : bytes_(new char[total_size(sql, arguments) + 1]) {
    char* at = bytes_.get();
    sql_ = keep(at, sql);
    arguments_.reserve(arguments.size());
    for (const Argument& argument : arguments) arguments_.push_back(keep(at, argument));
}

BoundStatement::~BoundStatement() = default;

BoundStatement::BoundStatement(const BoundStatement& other) : BoundStatement(other.sql_, other.arguments_) {}

BoundStatement& BoundStatement::operator=(const BoundStatement& other) {
    if (this != &other) *this = BoundStatement(other);
    return *this;
}

BoundStatement::BoundStatement(BoundStatement&& other) noexcept
    : bytes_(std::move(other.bytes_)),
      sql_(std::exchange(other.sql_, {})),
      arguments_(std::exchange(other.arguments_, {})) {}

BoundStatement& BoundStatement::operator=(BoundStatement&& other) noexcept {
    bytes_ = std::move(other.bytes_);
    sql_ = std::exchange(other.sql_, {});
    arguments_ = std::exchange(other.arguments_, {});
    return *this;
}

}  // namespace fairlead
