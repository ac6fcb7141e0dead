#include "policy/mysql/guard/filter_rules.h"

#include "policy/mysql/guard/dictionary_list.h"
#include "policy/mysql/guard/exposed_name.h"
#include "policy/mysql/guard/names.h"
#include "policy/mysql/guard/table_rules.h"

#include <algorithm>
#include <string>
#include <vector>

namespace fairlead::policy::mysql::guard {

namespace {

using parse::query_block;
using parse::table_reference;
using parse::table_role;

const query_block* block_of(const analysis& a, node_id id) {
    if (a.at(id).kind == node_kind::query_block) return &a.tree.blocks[a.at(id).detail];
    for (const query_block& block : a.tree.blocks)
        if (block.at == id) return &block;
    return nullptr;
}

/// The block's rows are locked: by its own clause, or by that of the query whose body it is.
bool is_locking(const analysis& a, const query_block& block) {
    if (block.locking.present()) return true;
    for (node_id id = a.at(block.at).parent; id != no_node; id = a.at(id).parent) {
        node_kind kind = a.at(id).kind;
        if (kind == node_kind::query)
            for (node_id child = a.at(id).first_child; child != no_node; child = a.at(child).next_sibling)
                if (a.at(child).kind == node_kind::locking) return true;
        if (kind != node_kind::query && kind != node_kind::set_operation &&
            kind != node_kind::parenthesised_query)
            return false;
    }
    return false;
}

/// Where a condition can stand.
struct place {
    enum class kind : std::uint8_t { none, where, on };
    kind where = kind::none;
    node_id join = no_node;  // on
};

node_id on_of(const analysis& a, node_id join) {
    node_id last = a.at(join).last_child;
    return last != no_node && a.at(last).kind == node_kind::join_on ? last : no_node;
}

/// `operand` is the side of `join` whose rows the join may replace by NULLs.
bool is_optional_side(const analysis& a, node_id join, node_id operand) {
    auto kind = static_cast<parse::join_kind>(a.at(join).detail);
    bool left = a.at(join).first_child == operand;
    if (kind == parse::join_kind::left || kind == parse::join_kind::natural_left) return !left;
    return (kind == parse::join_kind::right || kind == parse::join_kind::natural_right) && left;
}

/// The innermost place where a condition on the reference removes its rows and nothing else: ON of an inner
/// join, ON of the outer join for which it is optional, else WHERE.
place place_of(const analysis& a, const table_reference& reference) {
    node_id operand = reference.at;
    for (node_id id = a.at(operand).parent; id != reference.block && id != no_node;
         operand = id, id = a.at(id).parent) {
        if (a.at(id).kind != node_kind::join) continue;
        bool optional = is_optional_side(a, id, operand);
        bool outer = parse::is_outer(static_cast<parse::join_kind>(a.at(id).detail));
        if (on_of(a, id) == no_node) {
            if (optional) return {};
        } else if (optional || !outer) {
            return {place::kind::on, id};
        }
    }
    return {place::kind::where, no_node};
}

/// Another reference of the block may go by the same name (`c` and `C`): a condition could not tell them
/// apart.
bool shares_name(const analysis& a, const table_reference& reference) {
    std::string name = a.name(reference.exposed());
    return std::any_of(a.tree.tables.begin(), a.tree.tables.end(), [&](const table_reference& other) {
        return other.block == reference.block && other.at != reference.at && other.exposed() != no_token &&
               could_be(a.name(other.exposed()), name);
    });
}

/// The select list that takes a dictionary's table's place.
std::string dictionary_columns(const analysis& a, const dictionary_table& table) {
    bool renames = has_another_name(a) && !table.database_column.empty();
    if (!table.hides_figures && !renames) return "*";
    std::string out;
    for (std::string_view rest = table.columns; !rest.empty();) {
        std::size_t end = std::min(rest.find(", "), rest.size());
        std::string_view column = rest.substr(0, end);
        rest.remove_prefix(std::min(end + 2, rest.size()));
        if (column.starts_with('+')) {
            if (a.speaker.mode.server != flavour::mariadb) continue;
            column.remove_prefix(1);
        }
        bool database = renames && (column.ends_with("_SCHEMA") || column == "SCHEMA_NAME");
        if (!out.empty()) out += ", ";
        out += database ? exposed_column(a, column) : std::string(column);
    }
    return out;
}

class filter {
public:
    explicit filter(analysis& under_way) : a_(under_way) {}

    void add(const table_reference& reference);
    void write();

private:
    struct conjunction {
        node_id at;  // the block or the join
        std::string text;
    };

    void add_tenant(const table_reference& reference, const query_block& block);
    void add_dictionary(const table_reference& reference);
    void put_around(const table_reference& reference, std::string opening, std::string condition);
    void write_where(const query_block& block, std::string text);
    void write_on(node_id join, const std::string& text);
    static void append(std::vector<conjunction>& to, node_id at, const std::string& text);

    std::string name_of(const table_reference& reference) const {
        return quoted(a_.name(reference.exposed()));
    }
    std::string tenant_test(const table_reference& reference) const {
        return name_of(reference) + "." + quoted(a_.scope.tenant_column) + " = " +
               tenant_mark_for(resolved(a_, reference).relation->tenant_is_text);
    }

    analysis& a_;
    std::vector<conjunction> where_;
    std::vector<conjunction> on_;
};

void filter::append(std::vector<conjunction>& to, node_id at, const std::string& text) {
    for (conjunction& known : to)
        if (known.at == at) {
            known.text += " AND " + text;
            return;
        }
    to.push_back({at, text});
}

void filter::put_around(const table_reference& reference, std::string opening, std::string condition) {
    const node& at = a_.at(reference.at);
    a_.tables[at.detail].derived = true;
    a_.edits.around(at.first, at.end, std::move(opening),
                    " WHERE " + std::move(condition) + ") AS " + name_of(reference));
}

/// A condition where one can stand. A derived table in its place elsewhere: next to NATURAL and USING, and
/// where a name does not tell which reference is meant. Not by default, since MariaDB 10.11 answers some
/// queries wrongly that join one optionally (windows over it come out empty). Rows behind a derived table
/// cannot be changed, and MariaDB silently takes no locks on them.
void filter::add_tenant(const table_reference& reference, const query_block& block) {
    place where = shares_name(a_, reference) ? place{} : place_of(a_, reference);
    if (where.where == place::kind::where) return append(where_, block.at, tenant_test(reference));
    if (where.where == place::kind::on) return append(on_, where.join, tenant_test(reference));
    bool may_be_derived = !is_locking(a_, block) && block.kind != parse::block_kind::update &&
                          block.kind != parse::block_kind::delete_rows;
    if (may_be_derived) return put_around(reference, "(SELECT * FROM ", tenant_test(reference));
    a_.refuse(rule::outer_join,
              "table " + a_.name(reference.name) + " cannot be filtered: an outer join without ON",
              reference.name);
}

/// The dictionary shows all databases of the account, and figures of all tenants' rows.
void filter::add_dictionary(const table_reference& reference) {
    std::string name = lower_case(a_.name(reference.name));
    const dictionary_table* table = find_dictionary_table(name);
    bool in_reach = table != nullptr && (table->of_shared_tables || !a_.pool());
    if (!in_reach || reference.role != table_role::source)
        return a_.refuse(rule::information_schema,
                         "information_schema." + name + " is refused for " + std::string(a_.whom()),
                         reference.name);
    std::string columns = dictionary_columns(a_, *table);
    std::string condition = "TRUE";
    if (!table->database_column.empty()) condition = std::string(table->database_column) + " = DATABASE()";
    put_around(reference, "(SELECT " + columns + " FROM ", std::move(condition));
}

void filter::add(const table_reference& reference) {
    const resolved_table& table = resolved(a_, reference);
    if (table.kind == table_class::dictionary) return add_dictionary(reference);
    if (table.kind != table_class::tenant && table.kind != table_class::global) return;
    bool read = reference.role == table_role::source || reference.role == table_role::update_target ||
                reference.role == table_role::delete_target;
    const query_block* block = read ? block_of(a_, reference.block) : nullptr;
    if (!read) return;
    if (block == nullptr)
        return a_.refuse(rule::unknown_syntax, "a table stands where none can be filtered", reference.name);
    if (table.kind == table_class::tenant) return add_tenant(reference, *block);
    if (is_locking(a_, *block))
        a_.refuse(rule::global_table_write,
                  "table " + a_.name(reference.name) + " is global: its rows cannot be locked",
                  reference.name);
}

/// The tenant's test goes first: the server makes the first plain comparison with a constant before others,
/// so that no expression of the client's sees a foreign row.
void filter::write_where(const query_block& block, std::string text) {
    if (block.condition != no_node) {
        const node& condition = a_.at(block.condition);
        a_.edits.around(condition.first, condition.end, std::move(text) + " AND (", ")");
    } else if (block.where_insert != no_token) {
        token_index first = block.from.present() ? block.from.first : a_.at(block.at).first;
        a_.edits.behind(first, block.where_insert, " WHERE " + std::move(text) + " ");
    } else {
        a_.refuse(rule::unknown_syntax, "a condition has no place in this statement", a_.at(block.at).first);
    }
}

void filter::write_on(node_id join, const std::string& text) {
    const node& condition = a_.at(a_.at(on_of(a_, join)).first_child);
    a_.edits.around(condition.first, condition.end, text + " AND (", ")");
}

void filter::write() {
    for (conjunction& each : where_) write_where(*block_of(a_, each.at), std::move(each.text));
    for (const conjunction& each : on_) write_on(each.at, each.text);
}

}  // namespace

void filter_tables(analysis& a, node_id statement) {
    filter all(a);
    for (const table_reference& reference : a.tree.tables) {
        if (a.refused()) return;
        if (a.at(reference.at).first >= a.at(statement).first &&
            a.at(reference.at).end <= a.at(statement).end)
            all.add(reference);
    }
    all.write();
}

}  // namespace fairlead::policy::mysql::guard
