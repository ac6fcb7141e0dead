#pragma once

#include "config/loader.h"
#include "dal/library/estate.h"
#include "dal/session/call_services.h"
#include "fairlead/data_source.h"

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace fairlead::detail {

/// What the handles of one data source share. Thread-safe.
class data_source_impl {
public:
    /// Null: `failed` has every mistake of the file.
    static std::shared_ptr<data_source_impl> open(const std::string& config_file, const OpenOptions& options,
                                                  Diagnostics& failed);
    ~data_source_impl();
    data_source_impl(const data_source_impl&) = delete;
    data_source_impl& operator=(const data_source_impl&) = delete;

    void reload(Diagnostics& failed);
    std::uint64_t generation() const { return estate_.version()->snapshot->generation(); }

    dal::estate& estate() { return estate_; }
    const dal::estate& estate() const { return estate_; }
    dal::call_services& services() { return services_; }

private:
    data_source_impl(config::LoadResult loaded, const std::string& config_file, const OpenOptions& options);
    void watch();
    bool files_have_changed();
    void reload_changed();
    std::chrono::milliseconds check_interval() const;

    const std::string config_file_;
    const std::chrono::milliseconds watch_interval_;
    dal::call_services services_;
    dal::estate estate_;

    std::mutex reloading_;                  // one reload at a time, so that generations grow in order
    std::vector<config::FileStamp> files_;  // as they were read last; under reloading_
    std::mutex mutex_;                      // guards stopping_
    std::condition_variable stop_watching_;
    bool stopping_ = false;
    std::thread watcher_;
};

}  // namespace fairlead::detail
