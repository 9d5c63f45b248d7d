-- The types that count as interactions (contract, "Counts").
match(type, '^(product\\.|custom\\.|coupon\\.|(page|screen)\\.viewed$|search\\.performed$|checkout\\.started$|app\\.opened$|store\\.visited$|group\\.joined$|service\\.contacted$|message\\.(opened|clicked)$)')
