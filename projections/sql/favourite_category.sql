-- The category in most of a person's counted orders, by the rule of preferences.sql; `settled_categories` are their (time,
-- category) in order, an order with several having several.
arrayReduce('argMax', settled_categories.2, arrayMap(
    (nth, time) -> nth * 4294967296 + time,
    arrayEnumerateUniq(settled_categories.2), arrayEnumerateDense(settled_categories.1)
)) AS favourite_category
