#include "config/directory.h"

#include "config/document.h"

#include <algorithm>

namespace fairlead::config {

namespace {

constexpr std::string_view key = "directory.source";
constexpr std::string_view file_scheme = "file:";
constexpr std::string_view later_schemes[] = {"postgres://", "postgresql://", "mysql://", "etcd://"};

/// A URL may carry a password, so a source that is refused is named by its scheme only.
std::string refusal(std::string_view source) {
    for (std::string_view scheme : later_schemes)
        if (source.starts_with(scheme))
            return "a tenant directory in \"" + std::string(scheme) +
                   "...\" is not available yet; use \"file:PATH\"";
    return "expected \"file:PATH\", a TOML file with [[tenants]] and [[users]]";
}

}  // namespace

void read_directory(const DirectorySource& from, const Source& main, Draft& draft) {
    std::string_view source = from.source;
    if (!source.starts_with(file_scheme) || source.size() == file_scheme.size()) {
        draft.tenants_complete = false;
        main.report.mistake(from.at, std::string(key), refusal(source));
        return;
    }
    std::filesystem::path path = (main.folder / source.substr(file_scheme.size())).lexically_normal();
    std::uint8_t file = main.report.add_file(path);
    auto document = read_document(path, file, main.report, key, from.at);
    if (!document) {
        draft.tenants_complete = false;
        return;
    }
    const Source own{file, path.parent_path(), main.environment, main.report, draft.places, main.purpose};
    read_directory_file(*document, own, draft);
}

}  // namespace fairlead::config
