#include "config/document.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <limits>

namespace fairlead::config {

namespace {

std::optional<std::string> read_whole(const std::filesystem::path& path, std::string& why) {
    std::error_code ignored;
    if (std::filesystem::is_directory(path, ignored)) {
        why = "it is a directory";
        return std::nullopt;
    }
    errno = 0;
    std::ifstream file(path, std::ios::binary);
    if (!file) {
        why = std::strerror(errno != 0 ? errno : EIO);
        return std::nullopt;
    }
    std::string content;
    char block[65'536];
    while (file.read(block, sizeof block) || file.gcount() > 0)
        content.append(block, static_cast<std::size_t>(file.gcount()));
    if (file.bad()) {
        why = std::strerror(errno != 0 ? errno : EIO);
        return std::nullopt;
    }
    return content;
}

/// The parser repeats what it found between single quotes ("'hunter2' could not be interpreted as a value"),
/// and an unquoted password is a common syntax error. Kept: what it expected, and the names of keys that
/// stand twice.
std::string without_found_text(std::string_view description) {
    if (description.find("cannot redefine existing") != std::string_view::npos)
        return std::string(description);
    description = description.substr(0, description.find(", saw"));
    for (auto quote = description.find('\''); quote != std::string_view::npos;) {
        auto end = description.find('\'', quote + 1);
        if (end == std::string_view::npos || end - quote > 3)
            return std::string(description.substr(0, quote)) +
                   "(text not shown) cannot be read here; strings need quotes";
        quote = description.find('\'', end + 1);
    }
    return std::string(description);
}

Location place_of(const toml::source_position& position, std::uint8_t file) {
    constexpr auto widest = std::numeric_limits<std::uint16_t>::max();
    return {position.line, static_cast<std::uint16_t>(std::min<toml::source_index>(position.column, widest)),
            file, false};
}

}  // namespace

std::optional<toml::table> read_document(const std::filesystem::path& path, std::uint8_t file, Report& report,
                                         std::string_view named_by, const Location& named_at) {
    std::string why;
    auto content = read_whole(path, why);
    if (!content) {
        const bool shown = named_at.given() && !named_at.from_environment;
        report.mistake(
            named_at.given() ? named_at : Location{0, 0, file, false}, std::string(named_by),
            "cannot read the file" + (shown ? " \"" + path.string() + "\"" : std::string()) + ": " + why);
        return std::nullopt;
    }
    try {
        return toml::parse(*content);
    } catch (const toml::parse_error& error) {
        report.mistake(place_of(error.source().begin, file), "",
                       "not valid TOML: " + without_found_text(error.description()));
        return std::nullopt;
    }
}

}  // namespace fairlead::config
