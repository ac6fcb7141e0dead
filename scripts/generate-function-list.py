#!/usr/bin/env python3
"""Writes policy/postgres/guard/built_in_functions.inc: every function name of pg_catalog with the family the guard puts
it into, and the output column names of those functions.

Run it against a PostgreSQL of the newest supported version, with the usual PG* environment variables:

    PGHOST=127.0.0.1 PGUSER=postgres scripts/generate-function-list.py > policy/postgres/guard/built_in_functions.inc

A name stands in the family `allowed` only if it is known to be harmless for a tenant of shared tables: immutable and
stable functions that no pattern below takes out, and the volatile ones that `VOLATILE_ALLOWED` names. Names that begin
with pg_, txid_, ts_ and the like are taken out unless `NAMED_ALLOWED` has them, so a new server version adds nothing
dangerous by itself.
"""
import re
import subprocess
import sys

# First match wins: (family, pattern of the whole name).
FAMILIES = [
    ("session_setting", r"set_config|current_setting"),
    ("advisory_unlock_all", r"pg_advisory_unlock_all"),
    ("advisory_transaction", r"pg_(try_)?advisory_xact_lock.*"),
    ("advisory", r"pg_(try_)?advisory_.*"),
    ("dynamic_sql", r"(query|table|schema|database|cursor)_to_xml.*|ts_stat"),
    ("text_search_rewrite", r"ts_rewrite"),
    ("server_file", r"pg_(read|ls|stat)_(file|binary_file|dir).*|pg_read_.*|pg_ls_.*|pg_stat_file|pg_current_logfile"
                    r"|pg_hba_file_rules|pg_ident_file_mappings|pg_show_all_file_settings|lo_import|lo_export"
                    r"|pg_control_.*|pg_config|pg_relation_filepath|pg_relation_filenode|pg_filenode_relation"
                    r"|pg_tablespace_location"),
    ("large_object", r"lo_.*|loread|lowrite"),
    ("sleep", r"pg_sleep.*"),
    ("signal", r"pg_(terminate|cancel)_backend|pg_reload_conf|pg_rotate_logfile.*|pg_log_backend.*|pg_promote"
               r"|pg_switch_wal|pg_wal_replay_.*|pg_create_restore_point|pg_backup_.*"),
    ("replication", r"pg_(create|drop|copy)_.*slot|pg_logical.*|pg_replication.*|pg_get_replication.*"
                    r"|pg_show_replication.*|pg_current_wal.*|pg_last_wal.*|pg_walfile.*|pg_get_wal.*"
                    r"|pg_is_wal_replay_paused|pg_last_xact_replay.*"),
    ("activity", r"pg_stat.*get.*|pg_stat_.*|pg_lock_status|pg_blocking_pids|pg_safe_snapshot.*|pg_cursor"
                 r"|pg_prepared_.*|pg_show_all_settings|pg_get_backend_memory.*|pg_get_shmem.*|pg_listening_channels"
                 r"|pg_notification_queue_usage|pg_isolation_test.*|pg_settings_get_flags|pg_conf_load_time"),
    ("snapshot", r"txid_.*|pg_(current_)?snapshot.*|pg_export_snapshot|pg_current_xact.*|pg_xact_.*"
                 r"|pg_last_committed_xact|pg_visible_in_snapshot|pg_get_multixact.*|mxid_age"),
    ("sequence_state", r"setval|currval|lastval|pg_sequence_last_value"),
    ("sequence", r"nextval"),
    ("random_seed", r"setseed"),
    ("size", r"pg_.*_size|pg_tablespace_databases"),
    ("notify", r"pg_notify"),
    ("internal", r"RI_FKey.*|binary_upgrade.*|pg_nextoid|pg_stop_making.*|pg_import_system.*|pg_event_trigger.*"
                 r"|unique_key_recheck|.*(handler|validator)|fmgr_.*|brin_(de)?summarize.*|gin_clean.*|currtid2"
                 r"|pg_extension_config_dump|shobj_description|amvalidate|tsvector_update_trigger.*"
                 r"|suppress_redundant.*|.*(sel|_typanalyze)|pg_database_collation_actual.*"),
]
# size family catches these by pattern although they are harmless
HARMLESS_SIZE = {"pg_column_size"}
NAMED_ALLOWED = set("""
    pg_backend_pid pg_char_to_encoding pg_client_encoding pg_collation_actual_version pg_collation_for
    pg_collation_is_visible pg_column_compression pg_column_is_updatable pg_column_size pg_conversion_is_visible
    pg_describe_object pg_encoding_max_length pg_encoding_to_char pg_function_is_visible pg_get_constraintdef
    pg_get_expr pg_get_function_arg_default pg_get_function_arguments pg_get_function_identity_arguments
    pg_get_function_result pg_get_function_sqlbody pg_get_functiondef pg_get_indexdef pg_get_keywords
    pg_get_object_address pg_get_partition_constraintdef pg_get_partkeydef pg_get_publication_tables
    pg_get_replica_identity_index pg_get_ruledef pg_get_serial_sequence pg_get_statisticsobjdef
    pg_get_statisticsobjdef_columns pg_get_statisticsobjdef_expressions pg_get_triggerdef pg_get_userbyid
    pg_get_viewdef pg_has_role pg_identify_object pg_identify_object_as_address pg_index_column_has_property
    pg_index_has_property pg_indexam_has_property pg_is_in_recovery pg_is_other_temp_schema pg_jit_available
    pg_lsn pg_my_temp_schema pg_opclass_is_visible pg_operator_is_visible pg_opfamily_is_visible pg_options_to_table
    pg_partition_ancestors pg_partition_root pg_partition_tree pg_postmaster_start_time pg_relation_is_publishable
    pg_relation_is_updatable pg_sequence_parameters pg_size_bytes pg_size_pretty pg_statistics_obj_is_visible
    pg_table_is_visible pg_timezone_abbrevs pg_timezone_names pg_trigger_depth pg_ts_config_is_visible
    pg_ts_dict_is_visible pg_ts_parser_is_visible pg_ts_template_is_visible pg_type_is_visible pg_typeof
    pg_wal_lsn_diff pg_available_extensions pg_available_extension_versions
    ts_debug ts_delete ts_filter ts_headline ts_lexize ts_parse ts_rank ts_rank_cd ts_token_type
    has_any_column_privilege has_column_privilege has_database_privilege has_foreign_data_wrapper_privilege
    has_function_privilege has_language_privilege has_parameter_privilege has_schema_privilege
    has_sequence_privilege has_server_privilege has_table_privilege has_tablespace_privilege has_type_privilege
""".split())
VOLATILE_ALLOWED = set("""
    clock_timestamp gen_random_uuid random timeofday current_query pg_is_in_recovery pg_jit_available
    pg_partition_ancestors pg_partition_tree pg_collation_actual_version
""".split())
NAMES_THAT_NEED_NAMING = re.compile(r"(pg_|txid_|ts_|has_|lo_|binary_upgrade|dblink).*|.*_to_xml.*")

FUNCTIONS = r"""
select p.proname,
       bool_or(p.provolatile = 'v'),
       bool_or(not (p.proargtypes::oid[] && array['internal'::regtype, 'cstring'::regtype,
                    'pg_ddl_command'::regtype, 'event_trigger'::regtype]::oid[])
               and p.prorettype not in ('trigger'::regtype, 'event_trigger'::regtype, 'internal'::regtype,
                    'cstring'::regtype, 'index_am_handler'::regtype, 'table_am_handler'::regtype,
                    'tsm_handler'::regtype, 'fdw_handler'::regtype, 'language_handler'::regtype)
               and not p.prosecdef)
  from pg_catalog.pg_proc p where p.pronamespace = 'pg_catalog'::regnamespace group by 1
"""
OUTPUTS = r"""
select distinct n from pg_catalog.pg_proc p, unnest(p.proargnames, p.proargmodes) as a(n, m)
 where p.pronamespace in ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)
   and a.m in ('o', 'b', 't') and n <> ''
"""


def query(sql):
    run = subprocess.run(["psql", "-XAtq", "-F", "\t", "-c", sql], check=True, capture_output=True, text=True)
    return [line.split("\t") for line in run.stdout.splitlines() if line]


def family(name, volatile, callable_by_sql):
    if name in NAMED_ALLOWED or name in HARMLESS_SIZE:
        return "allowed"
    for candidate, pattern in FAMILIES:
        if re.fullmatch(pattern, name):
            return candidate
    if not callable_by_sql or NAMES_THAT_NEED_NAMING.fullmatch(name):
        return "internal"
    if volatile and name not in VOLATILE_ALLOWED:
        return "internal"
    return "allowed"


def main():
    rows = sorted((n, family(n, v == "t", c == "t")) for n, v, c in query(FUNCTIONS))
    outputs = sorted(row[0] for row in query(OUTPUTS))
    print("// Made by scripts/generate-function-list.py; do not edit by hand. Sorted bytewise.")
    print("inline constexpr built_in_function built_in_functions[] = {")
    for name, group in rows:
        print(f'    {{"{name}", function_family::{group}}},')
    print("};")
    print("inline constexpr std::string_view output_column_names[] = {")
    for name in outputs:
        print(f'    "{name}",')
    print("};")
    print(f"{len(rows)} functions, {len(outputs)} output names", file=sys.stderr)


if __name__ == "__main__":
    main()
