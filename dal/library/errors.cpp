#include "fairlead/error.h"

#include <string>
#include <utility>

namespace fairlead {
namespace {

const char* name_of(errc code) {
    switch (code) {
        case errc::configuration:
            return "configuration";
        case errc::refused:
            return "statement refused";
        case errc::pool_timeout:
            return "no server connection within pool_timeout";
        case errc::deadline:
            return "deadline passed";
        case errc::cancelled:
            return "cancelled";
        case errc::connection:
            return "connection failed";
        case errc::outcome_unknown:
            return "connection broke, outcome unknown";
        case errc::data:
            return "data error";
        case errc::integrity:
            return "integrity constraint violation";
        case errc::transaction_state:
            return "invalid transaction state";
        case errc::serialization:
            return "serialization failure";
        case errc::syntax_or_access:
            return "syntax error or access rule violation";
        case errc::resources:
            return "insufficient resources";
        case errc::server:
            return "server error";
        case errc::usage:
            return "wrong use of the library";
        case errc::conversion:
            return "value cannot be converted";
    }
    return "unknown error";
}

class category final : public std::error_category {
public:
    const char* name() const noexcept override { return "fairlead"; }
    std::string message(int code) const override { return name_of(static_cast<errc>(code)); }
};

}  // namespace

const std::error_category& error_category() noexcept {
    static const category instance;
    return instance;
}

DatabaseError::DatabaseError(Diagnostics diagnostics)
    : std::runtime_error(diagnostics.message), diagnostics_(std::move(diagnostics)) {}

// Out of line, so that each class has its type information in the library only: an exception that crosses
// from one shared object into another is caught by its type's address.
DatabaseError::~DatabaseError() = default;
ConfigurationError::~ConfigurationError() = default;
StatementRefused::~StatementRefused() = default;
PoolTimeout::~PoolTimeout() = default;
CallInterrupted::~CallInterrupted() = default;
DeadlineExceeded::~DeadlineExceeded() = default;
CallCancelled::~CallCancelled() = default;
ConnectionFailed::~ConnectionFailed() = default;
OutcomeUnknown::~OutcomeUnknown() = default;
ServerError::~ServerError() = default;
DataError::~DataError() = default;
IntegrityError::~IntegrityError() = default;
TransactionStateError::~TransactionStateError() = default;
SerializationError::~SerializationError() = default;
SyntaxOrAccessError::~SyntaxOrAccessError() = default;
ResourceError::~ResourceError() = default;
UsageError::~UsageError() = default;
ConversionError::~ConversionError() = default;

void throw_error(Diagnostics diagnostics) {
    switch (diagnostics.kind()) {
        case errc::configuration:
            throw ConfigurationError(std::move(diagnostics));
        case errc::refused:
            throw StatementRefused(std::move(diagnostics));
        case errc::pool_timeout:
            throw PoolTimeout(std::move(diagnostics));
        case errc::deadline:
            throw DeadlineExceeded(std::move(diagnostics));
        case errc::cancelled:
            throw CallCancelled(std::move(diagnostics));
        case errc::connection:
            throw ConnectionFailed(std::move(diagnostics));
        case errc::outcome_unknown:
            throw OutcomeUnknown(std::move(diagnostics));
        case errc::data:
            throw DataError(std::move(diagnostics));
        case errc::integrity:
            throw IntegrityError(std::move(diagnostics));
        case errc::transaction_state:
            throw TransactionStateError(std::move(diagnostics));
        case errc::serialization:
            throw SerializationError(std::move(diagnostics));
        case errc::syntax_or_access:
            throw SyntaxOrAccessError(std::move(diagnostics));
        case errc::resources:
            throw ResourceError(std::move(diagnostics));
        case errc::server:
            throw ServerError(std::move(diagnostics));
        case errc::usage:
            throw UsageError(std::move(diagnostics));
        case errc::conversion:
            throw ConversionError(std::move(diagnostics));
    }
    throw DatabaseError(std::move(diagnostics));
}

}  // namespace fairlead
