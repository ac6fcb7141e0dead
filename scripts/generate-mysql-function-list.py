#!/usr/bin/env python3
"""Writes policy/mysql/guard/built_in_functions.inc: the built-in functions of MariaDB and MySQL that the guard knows,
with the family it puts each into.

    scripts/generate-mysql-function-list.py SOCKET [USER] > policy/mysql/guard/built_in_functions.inc

The names come from a MariaDB (information_schema.SQL_FUNCTIONS) and from the lists below, which hold
what the parser makes of keywords and what only MySQL 8 has. Every name that no list below judges stands in none: a new
server version adds nothing by itself. The program prints what it left out to stderr.
"""
import sys

import pymysql

# Judged harmless for a tenant of shared tables: their result depends on their arguments, on the clock or on chance only.
ALLOWED = set("""
abs acos adddate addtime add_months aes_decrypt aes_encrypt any_value ascii asin atan atan2 avg bin binary bin_to_uuid
bit_and bit_count bit_length bit_or bit_xor case cast ceil ceiling char character_length charset char_length chr coalesce
coercibility collation column_add column_check column_create column_delete column_exists column_get column_json
column_list compress concat concat_ws conv convert convert_tz cos cot count crc32 crc32c cume_dist curdate current_date
current_role current_time current_timestamp current_user curtime database date datediff date_add date_format date_sub
day dayname dayofmonth dayofweek dayofyear decode default degrees dense_rank elt encode exists exp export_set extract
extractvalue field find_in_set first_value floor format format_bytes format_pico_time from_base64 from_days from_unixtime
get_format greatest grouping group_concat hex hour if ifnull in inet6_aton inet6_ntoa inet_aton inet_ntoa insert instr
interval isnull is_ipv4 is_ipv4_compat is_ipv4_mapped is_ipv6 is_uuid json_array json_arrayagg json_array_append
json_array_insert json_compact json_contains json_contains_path json_depth json_detailed json_equals json_exists
json_extract json_insert json_keys json_length json_loose json_merge json_merge_patch json_merge_preserve json_normalize
json_object json_objectagg json_overlaps json_pretty json_query json_quote json_remove json_replace json_schema_valid
json_schema_validation_report json_search json_set json_storage_free json_storage_size json_type json_unquote json_valid
json_value lag last_day last_value lcase lead least left length lengthb ln localtime localtimestamp locate log log10 log2
lower lpad ltrim makedate maketime make_set match max md5 median microsecond mid min minute mod month monthname
natural_sort_key now nth_value ntile nullif nvl nvl2 oct octet_length ord percentile_cont percentile_disc percent_rank
period_add period_diff pi position pow power quarter quote radians rand random_bytes rank regexp_instr regexp_like
regexp_replace regexp_substr repeat replace reverse right round row row_number rpad rtrim schema second sec_to_time
sformat sha sha1 sha2 sign sin soundex space sqrt std stddev stddev_pop stddev_samp strcmp str_to_date subdate substr
substring substring_index subtime sum sysdate tan time timediff timestamp timestampadd timestampdiff time_format
time_to_sec to_base64 to_char to_days to_seconds trim trunc truncate ucase uncompress uncompressed_length unhex
unix_timestamp updatexml upper utc_date utc_time utc_timestamp uuid uuid_to_bin value values variance var_pop var_samp
version week weekday weekofyear weight_string year yearweek
user session_user system_user connection_id
""".split())
# Each of these has a form that begins with st_.
SPATIAL = set("""
area asbinary astext aswkb aswkt boundary buffer centroid contains convexhull crosses dimension disjoint distance
endpoint envelope equals exteriorring geomcollfromtext geomcollfromwkb geometrycollection geometrycollectionfromtext
geometrycollectionfromwkb geometryfromtext geometryfromwkb geometryn geometrytype geomfromtext geomfromwkb glength
interiorringn intersects isclosed isempty isring issimple linefromtext linefromwkb linestring linestringfromtext
linestringfromwkb mbrcontains mbrcoveredby mbrcovers mbrdisjoint mbrequal mbrequals mbrintersects mbroverlaps mbrtouches
mbrwithin mlinefromtext mlinefromwkb mpointfromtext mpointfromwkb mpolyfromtext mpolyfromwkb multilinestring
multilinestringfromtext multilinestringfromwkb multipoint multipointfromtext multipointfromwkb multipolygon
multipolygonfromtext multipolygonfromwkb numgeometries numinteriorrings numpoints overlaps point pointfromtext
pointfromwkb pointn pointonsurface polyfromtext polyfromwkb polygon polygonfromtext polygonfromwkb srid startpoint
touches within x y
""".split())
SPATIAL_MYSQL8 = set("""st_asgeojson st_geohash st_latfromgeohash st_longfromgeohash st_pointfromgeohash st_simplify
st_validate st_transform st_swapxy st_latitude st_longitude st_makeenvelope st_isvalid st_frechetdistance
st_hausdorffdistance st_collect st_distance_sphere st_lineinterpolatepoint st_lineinterpolatepoints st_pointatdistance
st_buffer_strategy st_union st_intersection st_difference st_symdifference st_geomfromgeojson st_length st_relate st_area st_x st_y""".split())
FAMILIES = {
    "last_insert_id": "last_insert_id",
    "row_count": "row_count",
    "found_rows": "found_rows",
    "get_lock": "advisory_lock", "release_lock": "advisory_lock", "is_free_lock": "advisory_lock",
    "is_used_lock": "advisory_lock", "release_all_locks": "advisory_unlock_all",
    "sleep": "sleep", "benchmark": "sleep",
    "load_file": "server_file",
    "master_pos_wait": "replication", "master_gtid_wait": "replication", "binlog_gtid_pos": "replication",
    "wsrep_last_written_gtid": "replication", "wsrep_last_seen_gtid": "replication",
    "wsrep_sync_wait_upto_gtid": "replication", "source_pos_wait": "replication", "gtid_subset": "replication",
    "gtid_subtract": "replication", "wait_for_executed_gtid_set": "replication",
    "wait_until_sql_thread_after_gtids": "replication",
    "group_replication_switch_to_single_primary_mode": "replication",
    "ps_current_thread_id": "internal", "ps_thread_id": "internal", "statement_digest": "internal",
    "statement_digest_text": "internal", "can_access_table": "internal", "can_access_database": "internal",
    "icu_version": "internal", "roles_graphml": "internal", "decode_histogram": "internal", "name_const": "internal",
    "uuid_short": "internal", "sys_guid": "allowed",
    "encrypt": "internal", "des_encrypt": "internal", "des_decrypt": "internal",  # crypt(3); a server's key file
    "password": "allowed", "old_password": "allowed",
}


def server_names(connection) -> list:
    with connection.cursor() as cursor:
        cursor.execute("SELECT FUNCTION FROM information_schema.SQL_FUNCTIONS")
        return [row[0].lower() for row in cursor]


def main() -> None:
    connection = pymysql.connect(unix_socket=sys.argv[1], user=sys.argv[2] if len(sys.argv) > 2 else "root")
    functions = server_names(connection)
    families = {name: "allowed" for name in ALLOWED | SPATIAL | {"st_" + n for n in SPATIAL} | SPATIAL_MYSQL8}
    families.update(FAMILIES)
    # Names that are functions only when the parenthesis follows at once; with a blank between (or in quotes) they are
    # stored functions, unless IGNORE_SPACE is on. They stand in front of the ordinary ones in the server's list.
    immediate = set(functions[: functions.index("abs")]) | {"sysdate"}
    print("// Made by scripts/generate-mysql-function-list.py.")
    print("constexpr built_in_function built_in_functions[] = {")
    for name in sorted(families):
        print(f'    {{"{name}", function_family::{families[name]}, {"true" if name in immediate else "false"}}},')
    print("};")
    left_out = sorted(set(functions) - set(families))
    print("left out: " + " ".join(left_out), file=sys.stderr)


main()
