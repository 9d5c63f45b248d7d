-- The resolver's last version, and whom the steps for records after those it has done have still to touch.
SELECT
    (SELECT max(version) FROM resolutions) AS last,
    groupUniqArrayArray(touched)
FROM resolutions
WHERE version > last - least(last, 1000) AND until >= {next:UInt64}
