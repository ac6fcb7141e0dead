#include "tests/integration/support/mariadb_tls_server.h"

#include "tests/integration/support/server_process.h"

#include <cstdlib>
#include <filesystem>
#include <vector>

namespace fairlead::test {

MariaDbTlsServer::MariaDbTlsServer() {
    char folder[] = "/tmp/fairlead-certificates-XXXXXX";
    folder_ = mkdtemp(folder);
    const std::string script =
        "cd " + folder_ +
        " && for ca in ca other; do openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=$ca"
        " -keyout $ca.key -out $ca.crt; done"
        " && for who in localhost client; do openssl req -newkey rsa:2048 -nodes -subj /CN=$who"
        " -keyout $who.key -out $who.csr && openssl x509 -req -in $who.csr -CA ca.crt -CAkey ca.key"
        " -CAcreateserial -days 2 -out $who.crt; done && chmod a+rx . && chmod a+r *";
    if (std::system(("(" + script + ") 2>" + folder_ + "/log").c_str()) != 0)
        give_up("no certificates in " + folder_);
    server_ = std::make_unique<MariaDbServer>(std::vector<std::string>{
        "--ssl-ca=" + folder_ + "/ca.crt", "--ssl-cert=" + folder_ + "/localhost.crt",
        "--ssl-key=" + folder_ + "/localhost.key"});
}

MariaDbTlsServer::~MariaDbTlsServer() {
    server_.reset();
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
}

dal::ConnectOptions MariaDbTlsServer::options(config::TlsMode mode, const std::string& ca,
                                              const std::string& host, const std::string& user) const {
    dal::ConnectOptions options = server_->options(user);
    options.host = host;
    options.tls.mode = mode;
    if (!ca.empty()) options.tls.ca = folder_ + "/" + ca + ".crt";
    if (user != "root") {
        options.tls.cert = folder_ + "/client.crt";
        options.tls.key = folder_ + "/client.key";
    }
    return options;
}

}  // namespace fairlead::test
