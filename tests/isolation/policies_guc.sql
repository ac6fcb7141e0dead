-- What an application with row policies of its own has (isolation = "guc"): a plain variable, FORCE, a column default.
-- Run by shop_owner after fixture.sql.

DO $$
DECLARE relation text;
BEGIN
    FOREACH relation IN ARRAY ARRAY['customers', 'orders', 'order_items', 'coupons', 'part', 'part_acme', 'part_globex'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', relation);
        EXECUTE format('ALTER TABLE %I ALTER COLUMN tenant_id SET DEFAULT current_setting(''app.current_tenant'', true)', relation);
        EXECUTE format('CREATE POLICY tenant_only ON %I USING (tenant_id = (SELECT current_setting(''app.current_tenant'', true)))
                        WITH CHECK (tenant_id = (SELECT current_setting(''app.current_tenant'', true)))', relation);
    END LOOP;
END $$;
