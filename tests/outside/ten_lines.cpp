#include <fairlead/data_source.h>
#include <iostream>

int main() {
    auto db = fairlead::DataSource::open("fairlead.toml");
    auto acme = db.tenant("acme");  // routes to pool, bridge or silo
    for (auto [id, name] : acme.query<int, std::string>("SELECT user_id, username FROM users"))
        std::cout << id << " " << name << "\n";
    acme.transaction([](auto& tx) { tx.execute("DELETE FROM users WHERE user_id = $1", 10); });
}
