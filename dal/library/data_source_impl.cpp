#include "dal/library/data_source_impl.h"

#include <algorithm>
#include <utility>

namespace fairlead::detail {
namespace {

constexpr std::chrono::milliseconds retry_refused{2'000};

/// Without a snapshot `failed` has every mistake.
config::LoadResult load(const std::string& file, std::uint64_t generation, Diagnostics& failed) {
    config::LoadResult loaded =
        config::load(file, config::process_environment(), generation, config::Purpose::library);
    if (loaded.snapshot != nullptr) return loaded;
    failed.set(errc::configuration);
    failed.message = "the configuration cannot be used";
    for (const config::Diagnostic& mistake : loaded.mistakes) failed.message += "\n" + to_string(mistake);
    return loaded;
}

}  // namespace

std::shared_ptr<data_source_impl> data_source_impl::open(const std::string& config_file,
                                                         const OpenOptions& options, Diagnostics& failed) {
    config::LoadResult loaded = load(config_file, 1, failed);
    if (loaded.snapshot == nullptr) return nullptr;
    return std::shared_ptr<data_source_impl>(new data_source_impl(std::move(loaded), config_file, options));
}

data_source_impl::data_source_impl(config::LoadResult loaded, const std::string& config_file,
                                   const OpenOptions& options)
    : config_file_(config_file),
      watch_interval_(options.watch_interval),
      services_(loaded.snapshot->settings().proxy.guard_cache_bytes, options.tracer),
      estate_(std::move(loaded.snapshot), config_file, options.application_name, services_),
      files_(std::move(loaded.files)) {
    watcher_ = std::thread([this] { watch(); });
}

data_source_impl::~data_source_impl() {
    {
        std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    stop_watching_.notify_all();
    watcher_.join();
}

void data_source_impl::reload(Diagnostics& failed) {
    std::lock_guard lock(reloading_);
    config::LoadResult loaded = load(config_file_, generation() + 1, failed);
    files_ = std::move(loaded.files);
    if (loaded.snapshot != nullptr) estate_.take_over(std::move(loaded.snapshot));
}

bool data_source_impl::files_have_changed() {
    std::lock_guard lock(reloading_);
    return !config::are_current(files_);
}

void data_source_impl::reload_changed() {
    if (!files_have_changed()) return;
    Diagnostics failed;
    reload(failed);
    if (failed) estate_.log().error("reload refused", {{"why", failed.message}});
}

std::chrono::milliseconds data_source_impl::check_interval() const {
    const auto version = estate_.version();
    std::chrono::milliseconds interval = std::chrono::hours(1);
    for (const auto& [name, placement] : version->placements) {
        if (!placement.served.served()) interval = std::min(interval, retry_refused);
        if (const config::Placement* settings = version->snapshot->placement(name))
            interval = std::min(interval, settings->catalogue_refresh);
    }
    return interval;
}

void data_source_impl::watch() {
    using clock = std::chrono::steady_clock;
    clock::time_point next_check = clock::now() + check_interval();
    clock::time_point next_look = clock::now() + watch_interval_;
    for (;;) {
        {
            std::unique_lock lock(mutex_);
            const auto next = watch_interval_.count() > 0 ? std::min(next_check, next_look) : next_check;
            if (stop_watching_.wait_until(lock, next, [this] { return stopping_; })) return;
        }
        if (watch_interval_.count() > 0 && clock::now() >= next_look) {
            reload_changed();
            next_look = clock::now() + watch_interval_;
        }
        if (clock::now() >= next_check) {
            estate_.check_again();
            next_check = clock::now() + check_interval();
        }
    }
}

}  // namespace fairlead::detail
