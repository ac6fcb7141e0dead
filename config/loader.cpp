#include "config/loader.h"

#include "config/directory.h"
#include "config/document.h"
#include "config/reader.h"
#include "config/validate.h"

namespace fairlead::config {

namespace {

/// Everything the files say, as far as they can be read.
Draft read_everything(const std::filesystem::path& path, const Environment& environment, Purpose purpose,
                      Report& report) {
    Draft draft;
    std::uint8_t file = report.add_file(path);
    auto document = read_document(path, file, report);
    if (!document) return draft;
    const Source source{file, path.parent_path(), environment, report, draft.places, purpose};
    DirectorySource directory = read_settings_file(*document, source, draft);
    if (!directory.source.empty()) {
        draft.settings.directory_source = directory.source;
        read_directory(directory, source, draft);
    }
    settle_defaults(draft);
    validate(draft, report, purpose);
    return draft;
}

}  // namespace

LoadResult load(const std::string& file, const Environment& environment, std::uint64_t generation,
                Purpose purpose) {
    Report report;
    Draft draft = read_everything(file, environment, purpose, report);
    LoadResult result;
    if (report.clean())
        result.snapshot = std::make_shared<const Snapshot>(
            std::move(draft.settings), std::move(draft.tenants), std::move(draft.users), generation);
    result.mistakes = report.take_mistakes();
    result.warnings = report.take_warnings();
    result.files = report.files();
    return result;
}

}  // namespace fairlead::config
