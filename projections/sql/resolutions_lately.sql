-- The resolver's last version, and whom the steps after the last finished one have still to touch.
SELECT
    (SELECT max(version) FROM resolutions) AS last,
    groupUniqArrayArray(touched)
FROM resolutions
WHERE version > last - least(last, 1000)
  AND version > (SELECT maxIf(version, done = 1) FROM resolutions WHERE version > last - least(last, 1000))
