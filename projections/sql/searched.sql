-- Whether a row of profile_search is one asked for. Every word begins an identifier, is one as written there, or stands
-- in a text; or the words are one identifier together. Of each trait's values one is there. What is not asked is not read.
(
    (
        NOT {worded:Bool}
        OR ({whole:String} != '' AND position(identifiers, concat('\0', {whole:String}, '\0')) > 0)
        OR arrayAll(
            (begins, is, stands) -> begins > 0 OR is > 0 OR stands > 0,
            multiSearchAllPositions(identifiers, (SELECT groupArray(concat('\0', word)) FROM words)),
            multiSearchAllPositions(identifiers, (SELECT groupArray(concat('\0', exact, '\0')) FROM words)),
            multiSearchAllPositionsCaseInsensitiveUTF8(texts, (SELECT groupArray(word) FROM words)))
    )
    AND (
        NOT {filtered:Bool}
        OR arrayAll(
            alternatives -> hasAny(trait_values, alternatives),
            (SELECT groupArray(said) FROM (SELECT groupArray(concat(name, '\0', value)) AS said FROM traits GROUP BY name)))
    )
)
