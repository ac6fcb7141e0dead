#pragma once

#include "fairlead/api.h"
#include "fairlead/statement.h"
#include "fairlead/value.h"

#include <array>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace fairlead {

/// A text with its values that owns copies of both, for calls that outlive their caller's variables: batches
/// and the asynchronous API. A value. Made by bind().
class FAIRLEAD_API BoundStatement {
public:
    /// Copies all of it; see bind().
    explicit BoundStatement(std::string_view sql, std::span<const Argument> arguments = {});
    ~BoundStatement();
    BoundStatement(const BoundStatement& other);             ///< copies text and values
    BoundStatement& operator=(const BoundStatement& other);  ///< copies text and values
    BoundStatement(BoundStatement&&) noexcept;               ///< leaves an empty one
    BoundStatement& operator=(BoundStatement&&) noexcept;    ///< leaves an empty one

    /// The text; lives as long as this.
    std::string_view sql() const { return sql_; }
    /// The values; live as long as this.
    std::span<const Argument> arguments() const { return arguments_; }
    /// Valid while this lives, also after it was moved from elsewhere.
    Statement statement() const { return {sql_, arguments_}; }

private:
    std::unique_ptr<char[]> bytes_;  // the text, then the names and contents of the values
    std::string_view sql_;
    std::vector<Argument> arguments_;
};

/// Copies `sql` and its values. Call it qualified, fairlead::bind(...): with a std::string among the values
/// an unqualified call also finds std::bind.
template <typename... Arguments>
BoundStatement bind(std::string_view sql, const Arguments&... arguments) {
    const std::array<Argument, sizeof...(Arguments)> values{Argument(arguments)...};
    return BoundStatement(sql, values);
}

}  // namespace fairlead
