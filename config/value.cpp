#include "config/value.h"

#include "config/environment.h"

#include <algorithm>
#include <limits>

namespace fairlead::config {

namespace {

std::string_view kind_of(const toml::node& node) {
    switch (node.type()) {
        case toml::node_type::none:
            return "nothing";
        case toml::node_type::table:
            return "a table";
        case toml::node_type::array:
            return "a list";
        case toml::node_type::string:
            return "a string";
        case toml::node_type::integer:
            return "a whole number";
        case toml::node_type::floating_point:
            return "a decimal number";
        case toml::node_type::boolean:
            return "true or false";
        case toml::node_type::date:
            return "a date";
        case toml::node_type::time:
            return "a time of day";
        case toml::node_type::date_time:
            return "a date and time";
    }
    return "something else";
}

bool comes_from_environment(const toml::node& node) {
    if (const auto* text = node.as_string()) return refers_to_environment(text->get());
    const auto* list = node.as_array();
    return list != nullptr && std::any_of(list->begin(), list->end(),
                                          [](const toml::node& e) { return comes_from_environment(e); });
}

}  // namespace

Location location(const toml::source_region& region, const Source& source) {
    constexpr auto widest = std::numeric_limits<std::uint16_t>::max();
    auto column = static_cast<std::uint16_t>(std::min<toml::source_index>(region.begin.column, widest));
    return {region.begin.line, column, source.file, false};
}

Location Value::at() const {
    Location at = location(node.source(), source);
    at.from_environment = comes_from_environment(node);
    return at;
}

void Value::wrong_type(std::string_view expected) const {
    mistake("expected " + std::string(expected) + ", found " + std::string(kind_of(node)));
}

std::optional<std::string> read_string(const Value& value, std::string_view expected) {
    const auto* text = value.node.as_string();
    if (text == nullptr) {
        value.wrong_type(expected);
        return std::nullopt;
    }
    std::string string = text->get();
    if (refers_to_environment(string)) {
        auto expanded = expand_environment(string, value.source.environment);
        if (!expanded) {
            value.mistake(expanded.error().message);
            return std::nullopt;
        }
        string = *std::move(expanded);
    }
    // A NUL would cut the text short in libpq and on the wire: "shop\0x" must not become "shop".
    if (string.find('\0') != std::string::npos) {
        value.mistake("must not contain a NUL character");
        return std::nullopt;
    }
    return string;
}

std::string raw_text(const Value& value) {
    const auto* text = value.node.as_string();
    return text == nullptr ? std::string() : in_quotes(text->get());
}

}  // namespace fairlead::config
