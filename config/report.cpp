#include "config/report.h"

#include <algorithm>
#include <tuple>

namespace fairlead::config {

std::string to_string(const Diagnostic& diagnostic) {
    std::string line = diagnostic.file;
    if (diagnostic.line != 0)
        line += ":" + std::to_string(diagnostic.line) + ":" + std::to_string(diagnostic.column);
    if (!diagnostic.key.empty()) line += ": " + diagnostic.key;
    return line + ": " + diagnostic.message;
}

std::uint8_t Report::add_file(const std::filesystem::path& file) {
    files_.push_back(stamp_of(file));
    return static_cast<std::uint8_t>(files_.size() - 1);
}

void Report::mistake(Location at, std::string key, std::string message) {
    mistakes_.push_back({at, std::move(key), std::move(message)});
}

void Report::warning(Location at, std::string key, std::string message) {
    warnings_.push_back({at, std::move(key), std::move(message)});
}

bool Report::reported(std::string_view key) const {
    return std::any_of(mistakes_.begin(), mistakes_.end(),
                       [&](const Entry& entry) { return entry.key == key; });
}

std::vector<Diagnostic> Report::take(std::vector<Entry>& entries) {
    std::stable_sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
        return std::tie(a.at.file, a.at.line, a.at.column) < std::tie(b.at.file, b.at.line, b.at.column);
    });
    std::vector<Diagnostic> diagnostics;
    diagnostics.reserve(entries.size());
    for (Entry& entry : entries)
        diagnostics.push_back({files_.at(entry.at.file).file.string(), entry.at.line, entry.at.column,
                               std::move(entry.key), std::move(entry.message)});
    entries.clear();
    return diagnostics;
}

std::string in_quotes(std::string_view text) {
    constexpr std::size_t longest = 60;
    std::string result = "\"";
    for (char c : text.substr(0, longest))
        result += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? '?' : c;
    if (text.size() > longest) result += "...";
    return result + "\"";
}

std::string shown(Location at, std::string_view text) {
    return at.from_environment ? "(a value from the environment)" : in_quotes(text);
}

}  // namespace fairlead::config
