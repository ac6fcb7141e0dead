#include "tests/integration/support/postgres_server.h"

#include "tests/integration/support/server_process.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <signal.h>
#include <sys/wait.h>
#include <thread>

namespace fairlead::test {
namespace {

namespace fs = std::filesystem;

/// FAIRLEAD_POSTGRES_BIN, or the newest version that Debian's packages installed.
std::string binary(const std::string& name) {
    if (const char* folder = std::getenv("FAIRLEAD_POSTGRES_BIN")) return std::string(folder) + "/" + name;
    std::vector<std::string> found;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator("/usr/lib/postgresql", error)) {
        const fs::path candidate = entry.path() / "bin" / name;
        if (fs::exists(candidate)) found.push_back(candidate.string());
    }
    if (found.empty()) give_up("no PostgreSQL binaries found; install postgresql");
    return *std::max_element(found.begin(), found.end());
}

constexpr const char* account = "postgres";

}  // namespace

PostgresServer::PostgresServer(const std::vector<std::string>& settings)
    : settings_(settings), folder_(make_server_folder("fairlead-pg", account)) {
    const pid_t initdb = spawn({binary("initdb"), "-D", folder_ + "/data", "-U", "postgres", "-A", "trust",
                                "-N", "--locale=C.UTF-8", "-E", "UTF8"},
                               folder_ + "/initdb.log", account, SIGQUIT);
    must_succeed(initdb, "initdb in " + folder_);
    start(settings);
}

void PostgresServer::start(const std::vector<std::string>& settings) {
    if (port_ == 0) port_ = free_port();
    std::vector<std::string> words{
        binary("postgres"), "-D", folder_ + "/data", "-p", std::to_string(port_), "-k", folder_};
    std::vector<std::string> all{"fsync=off", "full_page_writes=off", "synchronous_commit=off",
                                 "listen_addresses=127.0.0.1", "max_connections=40"};
    all.insert(all.end(), settings.begin(), settings.end());
    for (const std::string& setting : all) {
        words.push_back("-c");
        words.push_back(setting);
    }
    process_ = spawn(words, folder_ + "/server.log", account, SIGQUIT);
    for (int attempt = 0; attempt < 300; ++attempt) {
        if (dal::postgres::Connection::open(options("postgres", "postgres"))) return;
        if (waitpid(process_, nullptr, WNOHANG) == process_)
            give_up("the server ended at once, see " + folder_);
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    give_up("no answer within 15 s");
}

void PostgresServer::kill() {
    if (process_ == 0) return;
    ::kill(process_, SIGQUIT);
    waitpid(process_, nullptr, 0);
    process_ = 0;
}

// The backends are its children.
void PostgresServer::signal_all(int number) const {
    const std::string own = std::to_string(process_);
    std::ifstream children("/proc/" + own + "/task/" + own + "/children");
    ::kill(process_, number);
    for (pid_t child = 0; children >> child;) ::kill(child, number);
}

void PostgresServer::pause() {
    signal_all(SIGSTOP);
}
void PostgresServer::resume() {
    signal_all(SIGCONT);
}

PostgresServer::~PostgresServer() {
    kill();
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
}

dal::ConnectOptions PostgresServer::options(const std::string& user, const std::string& database) const {
    dal::ConnectOptions options;
    options.host = "127.0.0.1";
    options.port = port_;
    options.user = user;
    options.database = database;
    return options;
}

dal::postgres::Connection PostgresServer::connect(const std::string& user,
                                                  const std::string& database) const {
    auto connection = dal::postgres::Connection::open(options(user, database));
    if (!connection) give_up(connection.error().message);
    return std::move(connection).value();
}

PostgresServer& shared_server() {
    static PostgresServer server;
    return server;
}

}  // namespace fairlead::test
