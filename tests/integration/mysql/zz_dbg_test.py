from support.estate import CLIENT_PASSWORD
def test_x(start_proxy, estate):
    s = estate.settings()
    for b in s["backends"].values(): b.update({"pool_size": 1, "pool_timeout": "300ms"})
    proxy = start_proxy(s)
    a, b = proxy.raw("b1_app", CLIENT_PASSWORD), proxy.raw("b2_app", CLIENT_PASSWORD)
    for sql in ["SELECT 1", "SET @x = 1", "SET time_zone = '+09:00'", "SELECT 1"]:
        r = a.query(sql)
        print(sql, r.error, r.results)
        print("   b:", b.query("SELECT 1").error)
        m = proxy.metrics()
        import urllib.request; print([l for l in urllib.request.urlopen(f"http://127.0.0.1:{proxy.admin_port}/metrics").read().decode().splitlines() if "pin" in l and not l.startswith("#") and not l.endswith(" 0")])
    assert False
