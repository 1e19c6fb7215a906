-- A place for everybody's figures on their way from the models into segments_customervalue.
-- Grain: one row per customer. NaN stands for what isn't known, since the copy into it has no NULL.
-- It lasts until the end of the transaction, or until the next time it is asked for within one.
drop table if exists pg_temp.value_staging;
create temporary table value_staging (
    customer_id bigint,
    expected_orders double precision,
    p_alive double precision,
    expected_spend double precision,
    expected_value double precision
) on commit drop
