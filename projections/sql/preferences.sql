-- What most of a person's counted orders have in common; `settled_orders` are their (time, channel) in order.
-- Of several as frequent it is that of the latest order, then the first by name: counted along time, the last occurrence
-- of a value has its count, so the greatest (count, time) is the one.
arrayReduce('argMax', settled_orders.2, arrayMap(
    (nth, said, time) -> (said != '') * nth * 4294967296 + time,
    arrayEnumerateUniq(settled_orders.2), settled_orders.2, arrayEnumerateDense(settled_orders.1)
)) AS preferred_channel,
if(empty(settled_orders), NULL, toHour(arrayReduce('argMax', settled_orders.1, arrayMap(
    (nth, time) -> nth * 4294967296 + time,
    arrayEnumerateUniq(arrayMap(at -> toHour(at, {zone:String}), settled_orders.1)), arrayEnumerate(settled_orders.1)
)), {zone:String})) AS preferred_hour,
if(empty(settled_orders), NULL, toDayOfWeek(arrayReduce('argMax', settled_orders.1, arrayMap(
    (nth, time) -> nth * 4294967296 + time,
    arrayEnumerateUniq(arrayMap(at -> toDayOfWeek(at, 0, {zone:String}), settled_orders.1)), arrayEnumerate(settled_orders.1)
)), 0, {zone:String})) AS preferred_weekday
