// The headers whose libraries come with the components, and that these can be linked.
#include <boost/asio/io_context.hpp>
#include <prometheus/registry.h>

#include <fairlead/async.h>
#include <fairlead/data_source.h>
#include <fairlead/metrics.h>
#include <iostream>

int main(int argc, char** argv) {
    if (argc != 3) return 2;
    const auto source = fairlead::DataSource::open(argv[1]);
    boost::asio::io_context context;
    const fairlead::AsyncTenant tenant(source.tenant(argv[2]), context.get_executor());
    tenant.execute(fairlead::bind("SELECT username FROM users ORDER BY user_id"),
                   [](const std::exception_ptr& failure, const fairlead::ResultSet& users) {
                       if (!failure) std::cout << users.front().get<std::string>(0) << "\n";
                   });
    context.run();

    const auto registry = std::make_shared<prometheus::Registry>();
    const auto families = fairlead::metrics_collector(source, registry)->Collect();
    std::cout << (families.empty() ? "no" : "some") << " metrics\n";
}
