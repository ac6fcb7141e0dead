#include "tests/integration/support/command_line.h"
#include "tests/integration/support/mysql_shop.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <filesystem>
#include <fstream>

namespace fairlead::test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

/// The command line against a shop on MariaDB with a configuration file of its own.
class MysqlCommands : public ::testing::Test {
protected:
    MysqlCommands() {
        file_ =
            (std::filesystem::temp_directory_path() / ("fairlead-my-" + shop_.placement.database + ".toml"))
                .string();
        write_config(shop_.backend.port);
    }
    ~MysqlCommands() override { std::filesystem::remove(file_); }

    void write_config(unsigned port) {
        std::ofstream(file_) << "[listen.mysql]\naddress = [\"127.0.0.1:6033\"]\n[backends.my1]\nengine = "
                                "\"mysql\"\nhost = \"127.0.0.1\"\nport = "
                             << port << "\nuser = \"" << shop_.backend.user
                             << "\"\npassword = \"app password\"\ntls = { mode = \"disable\" }\n"
                                "[placements.shared]\nbackend = \"my1\"\ndatabase = \""
                             << shop_.placement.database
                             << "\"\ntenant_column = \"tenant_id\"\nglobal_tables = [\"plans\"]\n";
    }
    CommandResult policy(const std::string& action) {
        return run_command({"policy", action, "--config", file_, "--placement", "shared", "--as", "nobody"});
    }

    MysqlShop shop_;
    std::string file_;
};

TEST_F(MysqlCommands, VerifySaysWhatHoldsAndWhatDoesNot) {
    CommandResult result = policy("verify");
    EXPECT_EQ(result.status, 0) << result.out << result.err;
    EXPECT_THAT(result.out, HasSubstr("placement shared holds: 2 tables with filters"));
    shop_.run({"GRANT FILE ON *.* TO %A"});
    result = policy("verify");
    EXPECT_EQ(result.status, 1);
    EXPECT_THAT(result.out, HasSubstr("error: account " + shop_.account + ": has FILE"));
    EXPECT_THAT(result.out, HasSubstr("does not hold and is not served"));
}

TEST_F(MysqlCommands, PrintListsGrantsAndAltersAndNoSecret) {
    shop_.run({"CREATE TABLE loose (tenant_id varchar(9) CHARACTER SET latin1 NOT NULL PRIMARY KEY)"});
    CommandResult result = policy("print");
    EXPECT_EQ(result.status, 0);
    EXPECT_THAT(result.out, HasSubstr("\nGRANT SELECT, INSERT, UPDATE, DELETE, SHOW VIEW ON `" +
                                      shop_.placement.database + "`.* TO " + shop_.account + ";\n"));
    EXPECT_THAT(result.out, HasSubstr("\nALTER TABLE `" + shop_.placement.database + "`.`loose` MODIFY"));
    EXPECT_THAT(result.out, Not(HasSubstr("app password")));
    write_config(1);  // nobody listens there
    result = policy("print");
    EXPECT_EQ(result.status, 0);
    EXPECT_THAT(result.out, HasSubstr("could not be asked"));
    EXPECT_EQ(policy("verify").status, 1);
}

TEST_F(MysqlCommands, ThereIsNothingToInstall) {
    const CommandResult result = policy("install");
    EXPECT_EQ(result.status, 1);
    EXPECT_THAT(result.err, HasSubstr("nothing to install"));
}

TEST_F(MysqlCommands, EstateAsTextAndAsJson) {
    CommandResult result = run_command({"estate", "--config", file_});
    EXPECT_EQ(result.status, 0) << result.err;
    EXPECT_THAT(result.out, HasSubstr("backend my1, MariaDB 10."));
    EXPECT_THAT(result.out, HasSubstr("tables            3\n"));
    EXPECT_THAT(result.out, HasSubstr("table cache"));
    result = run_command({"estate", "--config", file_, "--json"});
    EXPECT_EQ(result.status, 0);
    const auto backend = nlohmann::json::parse(result.out)["backends"][0];
    EXPECT_EQ(backend["tables_by_placement"]["shared"], 3);
    EXPECT_GT(backend["connection_attempts"], 0);
    EXPECT_EQ(backend["max_connections"], 60);
    write_config(1);
    EXPECT_EQ(run_command({"estate", "--config", file_, "--json"}).status, 1);
}

}  // namespace
}  // namespace fairlead::test
