#include "cli/serve_command.h"

#include "common/log.h"
#include "config/loader.h"
#include "proxy/admin/admin_server.h"
#include "proxy/metrics/collector.h"
#include "proxy/worker/engine.h"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <csignal>
#include <iostream>
#include <sys/resource.h>
#include <thread>
#include <vector>

namespace fairlead::cli {
namespace {

namespace asio = boost::asio;

// The signal set takes its handlers with it: one more SIGTERM while memory is given back would end the
// process by itself, and whoever waits for it would read a failure.
void hold_signals() {
    sigset_t held;
    sigemptyset(&held);
    for (int signal : {SIGHUP, SIGTERM, SIGINT}) sigaddset(&held, signal);
    pthread_sigmask(SIG_BLOCK, &held, nullptr);
}

// Every client is a descriptor; the usual soft limit of 1024 would be met before any setting of ours.
void raise_descriptor_limit() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
}

/// HTTP on a thread of its own: a scrape waits for the workers and must hold up nobody.
class admin_thread {
public:
    explicit admin_thread(proxy::worker::engine& engine, unsigned busiest)
        : collector_(engine, busiest, {FAIRLEAD_VERSION, "gcc " __VERSION__}),
          work_(asio::make_work_guard(io_)),
          server_(io_, routes(engine)) {}
    ~admin_thread() {
        server_.stop();
        work_.reset();
        if (thread_.joinable()) thread_.join();
    }

    Status listen(const std::string& address) {
        auto port = server_.listen(address);
        if (!port) return port.error();
        thread_ = std::thread([this] { io_.run(); });
        return {};
    }

private:
    proxy::admin::admin_routes routes(proxy::worker::engine& engine) {
        return {{"/metrics", "Prometheus metrics",
                 [this] {
                     return proxy::admin::admin_response{200, collector_.content_type, collector_.text()};
                 }},
                {"/healthz", "whether the process lives", [] { return proxy::admin::healthz(); }},
                {"/readyz", "whether clients can be served",
                 [&engine] { return proxy::admin::readyz(engine.readiness()); }}};
    }

    proxy::metrics::collector collector_;
    asio::io_context io_{1};
    asio::executor_work_guard<asio::io_context::executor_type> work_;
    proxy::admin::admin_server server_;
    std::thread thread_;
};

/// Signals and the life of one engine.
class service {
public:
    service(std::string config_file, config::SnapshotPtr snapshot)
        : config_file_(std::move(config_file)),
          snapshot_(std::move(snapshot)),
          log_(snapshot_->settings().log.format, snapshot_->settings().log.level),
          engine_(control_, log_, config_file_),
          signals_(control_, SIGHUP, SIGTERM, SIGINT),
          timer_(control_) {}

    void log_warnings(const std::vector<config::Diagnostic>& warnings) {
        for (const auto& warning : warnings)
            log_.warning("configuration warning", {{"where", config::to_string(warning)}});
    }

    int run() {
        const config::Settings& settings = snapshot_->settings();
        if (Status started = engine_.start(snapshot_); !started) return failed(started.error());
        std::unique_ptr<admin_thread> admin;
        if (!settings.admin.address.empty()) {
            admin = std::make_unique<admin_thread>(engine_, settings.admin.busiest_tenants);
            if (Status opened = admin->listen(settings.admin.address); !opened) return failed(opened.error());
            log_.info("listening", {{"engine", "admin"}, {"address", settings.admin.address}});
        }
        wait_signal();
        control_.run();
        admin.reset();
        engine_.stop();
        log_.info("stopped");
        hold_signals();
        return 0;
    }

private:
    int failed(const Error& error) {
        log_.error("cannot start", {{"error", error.message}, {"hint", error.hint}});
        return 1;
    }

    void wait_signal() {
        signals_.async_wait([this](boost::system::error_code error, int signal) {
            if (error) return;
            if (signal == SIGHUP) {
                reload();
            } else if (draining_) {
                log_.info("second signal: ending at once");
                return control_.stop();
            } else {
                start_drain();
            }
            wait_signal();
        });
    }

    void reload() {
        config::LoadResult loaded =
            config::load(config_file_, config::process_environment(), snapshot_->generation() + 1);
        for (const auto& mistake : loaded.mistakes) {
            log_.error("configuration mistake", {{"where", config::to_string(mistake)}});
        }
        if (loaded.snapshot == nullptr) return log_.error("reload refused: the old configuration stays");
        log_warnings(loaded.warnings);
        if (Status taken = engine_.reload(loaded.snapshot); !taken) {
            return log_.error("reload refused: the old configuration stays",
                              {{"error", taken.error().message}});
        }
        snapshot_ = loaded.snapshot;
        log_.set_level(snapshot_->settings().log.level);
    }

    void start_drain() {
        draining_ = true;
        log_.info("draining", {{"timeout_ms", snapshot_->settings().proxy.shutdown_timeout.count()}});
        engine_.drain();
        deadline_ = std::chrono::steady_clock::now() + snapshot_->settings().proxy.shutdown_timeout;
        watch_drain();
    }

    void watch_drain() {
        bool late = std::chrono::steady_clock::now() >= deadline_;
        if (late) log_.warning("drain timed out: closing the rest");
        if (late || engine_.drained()) return control_.stop();
        timer_.expires_after(std::chrono::milliseconds(50));
        timer_.async_wait([this](boost::system::error_code error) {
            if (!error) watch_drain();
        });
    }

    std::string config_file_;
    config::SnapshotPtr snapshot_;
    Logger log_;
    asio::io_context control_{1};
    proxy::worker::engine engine_;
    asio::signal_set signals_;
    asio::steady_timer timer_;
    std::chrono::steady_clock::time_point deadline_{};
    bool draining_ = false;
};

}  // namespace

int run_serve(const std::string& config_file) {
    config::LoadResult loaded = config::load(config_file, config::process_environment(), 1);
    if (loaded.snapshot == nullptr) {
        for (const auto& warning : loaded.warnings)
            std::cerr << "warning: " << config::to_string(warning) << '\n';
        for (const auto& mistake : loaded.mistakes) std::cerr << config::to_string(mistake) << '\n';
        return 1;
    }
    std::signal(SIGPIPE, SIG_IGN);  // SSL_write has no MSG_NOSIGNAL
    raise_descriptor_limit();
    service serving(config_file, loaded.snapshot);
    serving.log_warnings(loaded.warnings);
    return serving.run();
}

}  // namespace fairlead::cli
