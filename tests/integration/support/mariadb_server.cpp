#include "tests/integration/support/mariadb_server.h"

#include "tests/integration/support/server_process.h"

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <signal.h>
#include <sys/wait.h>
#include <thread>
#include <utility>

namespace fairlead::test {
namespace {

namespace fs = std::filesystem;

constexpr const char* account = "mysql";

std::string program(const std::string& name) {
    for (const char* folder : {"/usr/sbin/", "/usr/bin/"}) {
        if (fs::exists(folder + name)) return folder + name;
    }
    give_up("no " + name + " found; install mariadb-server");
}

}  // namespace

MariaDbServer::MariaDbServer(const std::vector<std::string>& settings)
    : settings_(settings), folder_(make_server_folder("fairlead-my", account)) {
    install();
    start(settings);
}

void MariaDbServer::install() {
    must_succeed(spawn({program("mariadb-install-db"), "--no-defaults", "--datadir=" + folder_ + "/data",
                        "--auth-root-authentication-method=normal", "--skip-test-db"},
                       folder_ + "/install.log", account, SIGKILL),
                 "mariadb-install-db in " + folder_);
}

void MariaDbServer::start(const std::vector<std::string>& settings) {
    if (port_ == 0) port_ = free_port();
    std::vector<std::string> words{program("mariadbd"), "--no-defaults", "--datadir=" + folder_ + "/data",
                                   "--socket=" + socket(), "--port=" + std::to_string(port_),
                                   // A server that starts removes what it takes for another's left-overs in a
                                   // shared one.
                                   "--tmpdir=" + folder_, "--bind-address=127.0.0.1", "--skip-log-bin",
                                   "--innodb-buffer-pool-size=32M", "--innodb-flush-log-at-trx-commit=0",
                                   "--max-connections=60"};
    words.insert(words.end(), settings.begin(), settings.end());
    process_ = spawn(words, folder_ + "/server.log", account, SIGKILL);
    for (int attempt = 0; attempt < 600; ++attempt) {
        if (dal::mysql::Connection::open(options("root"))) return;
        if (waitpid(process_, nullptr, WNOHANG) == process_)
            give_up("mariadbd ended at once, see " + folder_);
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    give_up("no answer of mariadbd within 30 s");
}

void MariaDbServer::kill() {
    if (process_ == 0) return;
    ::kill(process_, SIGKILL);
    waitpid(process_, nullptr, 0);
    process_ = 0;
}

void MariaDbServer::pause() {
    ::kill(process_, SIGSTOP);
}
void MariaDbServer::resume() {
    ::kill(process_, SIGCONT);
}

MariaDbServer::~MariaDbServer() {
    kill();
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
}

dal::ConnectOptions MariaDbServer::options(const std::string& user, const std::string& password,
                                           const std::string& database) const {
    dal::ConnectOptions options;
    options.host = "127.0.0.1";
    options.port = port_;
    options.user = user;
    options.password = password;
    options.database = database;
    return options;
}

dal::mysql::Connection MariaDbServer::connect(const std::string& user, const std::string& password,
                                              const std::string& database) const {
    auto connection = dal::mysql::Connection::open(options(user, password, database));
    if (!connection) give_up(connection.error().message);
    return std::move(connection).value();
}

MariaDbServer& shared_mariadb() {
    static MariaDbServer server;
    return server;
}

dal::Rows must(dal::mysql::Connection& connection, const std::string& statement) {
    auto rows = connection.execute(statement, std::chrono::seconds(60));
    if (rows) return std::move(rows).value();
    ADD_FAILURE() << statement << "\n" << rows.error().sqlstate << " " << rows.error().message;
    return {};
}

}  // namespace fairlead::test
