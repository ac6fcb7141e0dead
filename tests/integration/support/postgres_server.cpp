#include "tests/integration/support/postgres_server.h"

#include <algorithm>
#include <arpa/inet.h>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <grp.h>
#include <memory>
#include <netinet/in.h>
#include <pwd.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace fairlead::test {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void give_up(const std::string& why) {
    std::fprintf(stderr, "the test's PostgreSQL cannot be used: %s\n", why.c_str());
    std::abort();
}

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

/// In the child: PostgreSQL refuses to run as root.
void become_unprivileged() {
    if (geteuid() != 0) return;
    const passwd* const user = getpwnam("postgres");
    if (user == nullptr || initgroups("postgres", user->pw_gid) != 0 || setgid(user->pw_gid) != 0 ||
        setuid(user->pw_uid) != 0) {
        _exit(126);
    }
}

pid_t spawn(const std::vector<std::string>& words, const std::string& log) {
    std::vector<char*> arguments;
    for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    const pid_t child = fork();
    if (child < 0) give_up("fork failed");
    if (child > 0) return child;
    become_unprivileged();
    prctl(PR_SET_PDEATHSIG, SIGQUIT);  // immediate shutdown, should the test program die
    const int out = open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
    if (out >= 0) {
        dup2(out, STDOUT_FILENO);
        dup2(out, STDERR_FILENO);
    }
    execv(arguments[0], arguments.data());
    _exit(127);
}

std::uint16_t free_port() {
    const int descriptor = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (bind(descriptor, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
        getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
        give_up("no free port");
    }
    close(descriptor);
    return ntohs(address.sin_port);
}

std::string make_folder() {
    std::string name = (fs::temp_directory_path() / "fairlead-pg-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) give_up("no temporary folder");
    if (geteuid() == 0) {
        const passwd* const user = getpwnam("postgres");
        if (user == nullptr || chown(name.c_str(), user->pw_uid, user->pw_gid) != 0)
            give_up("no user postgres");
    }
    return name;
}

}  // namespace

PostgresServer::PostgresServer(const std::vector<std::string>& settings) : folder_(make_folder()) {
    const pid_t initdb = spawn({binary("initdb"), "-D", folder_ + "/data", "-U", "postgres", "-A", "trust",
                                "-N", "--locale=C.UTF-8", "-E", "UTF8"},
                               folder_ + "/initdb.log");
    int status = 0;
    if (waitpid(initdb, &status, 0) != initdb || status != 0) give_up("initdb failed, see " + folder_);
    start(settings);
}

void PostgresServer::start(const std::vector<std::string>& settings) {
    port_ = free_port();
    std::vector<std::string> words{
        binary("postgres"), "-D", folder_ + "/data", "-p", std::to_string(port_), "-k", folder_};
    std::vector<std::string> all{"fsync=off", "full_page_writes=off", "synchronous_commit=off",
                                 "listen_addresses=127.0.0.1", "max_connections=40"};
    all.insert(all.end(), settings.begin(), settings.end());
    for (const std::string& setting : all) {
        words.push_back("-c");
        words.push_back(setting);
    }
    process_ = spawn(words, folder_ + "/server.log");
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
