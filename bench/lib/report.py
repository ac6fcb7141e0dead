"""The numbers as Markdown, put between the markers of docs/performance.md."""

import os

from load import median

BASE = {"simple": "pgbouncer", "prepared": "pgbouncer-session"}  # other modes: haproxy
RATE = {"postgres": ("tps", "transaction"), "mysql": ("queries / s", "query")}


def ratios(rounds, name, base, key):
    """Round by round, so that what disturbed the machine in one round disturbs both sides of its ratio."""
    return median([each[name][key] / each[base][key] for each in rounds
                   if each.get(name) and each.get(base) and each[name].get(key) and each[base].get(key)])


def number(value, digits=1, unit=""):
    return "–" if value is None else f"{value:,.{digits}f}{unit}"


def transactions_table(engine, mode, clients, rounds):
    names = [name for name in dict.fromkeys(name for each in rounds for name in each)]
    base = BASE.get(mode, "haproxy")
    against, (rate, unit) = base.split("-")[0], RATE[engine]
    lines = [f"### {mode}, {clients} clients", "",
             f"| | {rate} | {rate} / {against} | CPU us / {unit} | user share | CPU / {against} | p50 us | p99 us | p99 / p50 | rounds |",
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


def paced_table(found, rate):
    if not found:
        return []
    lines = [f"### {rate:,} transactions / s, simple (pgbench -R)", "",
             "| | clients | CPU us / transaction | CPU / pgbouncer | sleeps / transaction | p50 us | p99 us | rounds |",
             "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"]
    for clients, rounds in found.items():
        for name in dict.fromkeys(name for each in rounds for name in each):
            mine = [each[name] for each in rounds if each.get(name)]
            pick = lambda key: median([one.get(key) for one in mine])
            lines.append(f"| {name} | {clients} | {number(pick('cpu_us'))} | {number(ratios(rounds, name, 'pgbouncer', 'cpu_us'), 2)} | "
                         f"{number(pick('sleeps'), 2)} | {number(pick('p50_us'), 0)} | {number(pick('p99_us'), 0)} | {len(mine)} |")
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


def bridge_table(found):
    if not found:
        return []
    return [f"### {found['databases']:,} bridge databases on one pool of {found['pool_size']}", "",
            "| | |", "| --- | ---: |",
            f"| clients connected at once, each another tenant | {found['clients']:,} |",
            f"| server connections, the most that the server saw | {found['most_connections']} |",
            f"| connections that the server was asked for while all asked {found['statements']:,} times | {found['opened']} |",
            f"| statements / s, 32 threads of one Python client | {number(found['rate'], 0)} |",
            f"| CPU us of the proxy / statement | {number(found['cpu_us'])} |",
            f"| resident memory of the proxy | {number(found['resident'] / 2**20, 0)} MiB |", ""]


def markdown(data):
    machine = data["machine"]
    lines = [f"Command: `{data['command']}`, {data['date']}.", "",
             f"Machine: {machine['cores']} cores, {machine['cpu']}, kernel {machine['kernel']}, load average at the start "
             f"{machine['load_average']:.2f}. {', '.join(machine['programs'])}. "
             f"Placement: {data['cpu_plan']}.", ""]
    for key, rounds in data["transactions"].items():
        mode, clients = key.split("/")
        lines += transactions_table(data["engine"], mode, clients, rounds)
    lines += paced_table(data.get("paced"), data.get("rate"))
    if data.get("syscalls"):
        lines += syscalls_table(data["syscalls"])
    if data.get("memory") or data.get("logins"):
        lines += clients_table(data["memory"], data["logins"])
    lines += directory_table(data.get("directory"))
    lines += bridge_table(data.get("bridge"))
    if data["notes"]:
        lines += ["### Notes of this run", "", *[f"- {note}" for note in dict.fromkeys(data["notes"])], ""]
    return "\n".join(lines)


def write(path, engine, text):
    """Replaces what stands between the engine's markers and leaves the words around it alone."""
    begin, end = f"<!-- bench:{engine}:begin -->", f"<!-- bench:{engine}:end -->"
    old = ""
    if os.path.exists(path):
        with open(path) as file:
            old = file.read()
    if begin not in old or end not in old:
        old = old.rstrip() + f"\n\n{begin}\n{end}\n"
    before, rest = old.split(begin, 1)
    with open(path, "w") as file:
        file.write(f"{before}{begin}\n\n{text}\n{end}{rest.split(end, 1)[1]}")
