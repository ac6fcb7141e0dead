#pragma once

#include <pg_query/pg_query.pb-c.h>

#include <cstddef>
#include <cstdint>
#include <protobuf-c/protobuf-c.h>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// Reading a libpg_query parse tree without knowing its shapes: children are found by the message
/// descriptors, so a new field or an unusual position of an expression cannot be missed.
namespace fairlead::policy::postgres::guard {

using tree_node = ProtobufCMessage;

/// The concrete message inside a PgQuery__Node; any other message itself; null for an empty Node.
const tree_node* unwrap(const tree_node* node);

inline const tree_node* unwrap(const PgQuery__Node* node) {
    return node == nullptr ? nullptr : unwrap(&node->base);
}

/// `node` as the message type `Message` when its descriptor is `descriptor`, else null.
template <typename Message>
const Message* as(const tree_node* node, const ProtobufCMessageDescriptor& descriptor) {
    return node != nullptr && node->descriptor == &descriptor ? reinterpret_cast<const Message*>(node)
                                                              : nullptr;
}

/// Calls `visit(child)` for every message directly below `node`, Nodes unwrapped, in field order.
template <typename Visit>
void for_each_child(const tree_node& node, Visit&& visit) {
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(&node);
    for (unsigned i = 0; i < node.descriptor->n_fields; ++i) {
        const ProtobufCFieldDescriptor& field = node.descriptor->fields[i];
        if (field.type != PROTOBUF_C_TYPE_MESSAGE) continue;
        if (field.label == PROTOBUF_C_LABEL_REPEATED) {
            auto count = *reinterpret_cast<const std::size_t*>(bytes + field.quantifier_offset);
            auto items = *reinterpret_cast<tree_node* const* const*>(bytes + field.offset);
            for (std::size_t k = 0; k < count; ++k)
                if (const tree_node* child = unwrap(items[k])) visit(*child);
            continue;
        }
        if ((field.flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0 &&
            *reinterpret_cast<const std::uint32_t*>(bytes + field.quantifier_offset) != field.id)
            continue;
        if (const tree_node* child = unwrap(*reinterpret_cast<tree_node* const*>(bytes + field.offset)))
            visit(*child);
    }
}

/// The text of a String node; empty when `node` is something else.
std::string_view string_of(const PgQuery__Node* node);

/// The strings of a name list ("pg_catalog", "upper"); other nodes (a star) become empty strings.
std::vector<std::string_view> strings_of(PgQuery__Node* const* items, std::size_t count);

/// Name lists as the grammar gives them, split into the qualifier just before the name and the name itself.
struct qualified_name {
    std::string_view schema;
    std::string_view name;
};
qualified_name qualified(PgQuery__Node* const* items, std::size_t count);

/// protobuf-c gives "" for an absent string, but a null where a message was not unpacked: both read as empty.
inline std::string_view text(const char* value) {
    return value == nullptr ? std::string_view() : std::string_view(value);
}

}  // namespace fairlead::policy::postgres::guard
