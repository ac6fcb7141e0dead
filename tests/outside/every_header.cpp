// Every public header that needs no other library, in an application that has no other; and what is exported
// can be caught: an exception crosses the library's border with its type.
#include <fairlead.h>
#include <fairlead/batch.h>
#include <fairlead/bulk_load.h>
#include <fairlead/data_source.h>
#include <fairlead/error.h>
#include <fairlead/metrics.h>
#include <fairlead/options.h>
#include <fairlead/result_set.h>
#include <fairlead/row_stream.h>
#include <fairlead/session.h>
#include <fairlead/statement.h>
#include <fairlead/tenant.h>
#include <fairlead/trace.h>
#include <fairlead/transaction.h>
#include <fairlead/value.h>
#include <iostream>

int main() {
    try {
        fairlead::DataSource::open("/there is no such file.toml");
    } catch (const fairlead::ConfigurationError& failure) {
        if (failure.code() == fairlead::errc::configuration) {
            std::cout << "fairlead " << fairlead_version() << ": " << failure.what() << "\n";
            return 0;
        }
    }
    return 1;
}
