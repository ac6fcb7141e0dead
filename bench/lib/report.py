"""The numbers as Markdown, put between the markers of docs/performance.md."""

import os

from load import median

BEGIN, END = "<!-- bench:postgres:begin -->", "<!-- bench:postgres:end -->"
BASE = {"simple": "pgbouncer", "prepared": "pgbouncer-session"}


def ratios(rounds, name, base, key):
    """Round by round, so that what disturbed the machine in one round disturbs both sides of its ratio."""
    return median([each[name][key] / each[base][key] for each in rounds
                   if each.get(name) and each.get(base) and each[name].get(key) and each[base].get(key)])


def number(value, digits=1, unit=""):
    return "–" if value is None else f"{value:,.{digits}f}{unit}"


def transactions_table(mode, clients, rounds):
    names = [name for name in dict.fromkeys(name for each in rounds for name in each)]
    base = BASE[mode]
    lines = [f"### {mode}, {clients} clients", "",
             "| | tps | tps / pgbouncer | CPU us / transaction | user share | CPU / pgbouncer | p50 us | p99 us | p99 / p50 | rounds |",
             "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"]
    for name in names:
        found = [each[name] for each in rounds if each.get(name)]
        if not found:
            lines.append(f"| {name} | failed, see notes | | | | | | | | 0 |")
            continue
        pick = lambda key: median([one.get(key) for one in found])
        spread = median([one["p99_us"] / one["p50_us"] for one in found])
        share = pick("user_share")
        lines.append(f"| {name} | {number(pick('tps'), 0)} | {number(ratios(rounds, name, base, 'tps'), 2)} | "
                     f"{number(pick('cpu_us'))} | {number(share and share * 100, 0, ' %')} | "
                     f"{number(ratios(rounds, name, base, 'cpu_us'), 2)} | {number(pick('p50_us'), 0)} | "
                     f"{number(pick('p99_us'), 0)} | {number(spread, 2)} | {len(found)} |")
    return lines + [""]


def syscalls_table(results):
    lines = ["### System calls per transaction, 16 clients (strace)", "",
             "| | mode | total | recv | send | wait | other | recv and send that failed |",
             "| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |"]
    for name, mode, found in results:
        cells = " | ".join(number(found.get(key, 0), 2) for key in ("total", "recv", "send", "wait", "other", "failed"))
        lines.append(f"| {name} | {mode} | {cells} |")
    return lines + [""]


def clients_table(memory, logins):
    lines = ["### Idle clients and logins (SCRAM-SHA-256, no TLS)", "",
             "| | idle clients | bytes each after login | bytes each after one statement | logins / s, one client | CPU us / login |",
             "| --- | ---: | ---: | ---: | ---: | ---: |"]
    for name in dict.fromkeys([*memory, *logins]):
        held, rate = memory.get(name) or {}, logins.get(name) or {}
        lines.append(f"| {name} | {number(held.get('clients'), 0)} | {number(held.get('bytes_after_login'), 0)} | "
                     f"{number(held.get('bytes_after_query'), 0)} | {number(rate.get('per_second'), 0)} | {number(rate.get('cpu_us'), 0)} |")
    return lines + [""]


def directory_table(found):
    if not found:
        return []
    few, many = found.get("few_cpu_us"), found.get("many_cpu_us")
    return [f"### {found['tenants']:,} tenants in the directory", "",
            "| | |", "| --- | ---: |",
            f"| start, exec to ready | {number(found.get('start_seconds'), 2)} s |",
            f"| resident memory after start | {number((found.get('resident') or 0) / 2**20, 0)} MiB |",
            f"| CPU us / transaction with {found['few_tenants']} tenants | {number(few)} |",
            f"| CPU us / transaction with {found['tenants']:,} tenants | {number(many)} |",
            f"| ratio, round by round | {number(found.get('ratio'), 2)} |", ""]


def markdown(data):
    machine = data["machine"]
    lines = [f"Command: `{data['command']}`, {data['date']}.", "",
             f"Machine: {machine['cores']} cores, {machine['cpu']}, kernel {machine['kernel']}, load average at the start "
             f"{machine['load_average']:.2f}. {machine['postgres']}, {machine['pgbouncer']}, {machine['haproxy']}. "
             f"Placement: {data['cpu_plan']}.", ""]
    for key, rounds in data["transactions"].items():
        mode, clients = key.split("/")
        lines += transactions_table(mode, clients, rounds)
    if data["syscalls"]:
        lines += syscalls_table(data["syscalls"])
    if data["memory"] or data["logins"]:
        lines += clients_table(data["memory"], data["logins"])
    lines += directory_table(data["directory"])
    if data["notes"]:
        lines += ["### Notes of this run", "", *[f"- {note}" for note in dict.fromkeys(data["notes"])], ""]
    return "\n".join(lines)


def write(path, text):
    """Replaces what stands between the markers and leaves the words around it alone."""
    old = ""
    if os.path.exists(path):
        with open(path) as file:
            old = file.read()
    if BEGIN not in old or END not in old:
        old = old.rstrip() + f"\n\n{BEGIN}\n{END}\n"
    before, rest = old.split(BEGIN, 1)
    with open(path, "w") as file:
        file.write(f"{before}{BEGIN}\n\n{text}\n{END}{rest.split(END, 1)[1]}")
