-- What persons are searched by, in the order pages go. Older versions stay here until a merge: a reader asks the latest
-- of whomever it finds, and shows the row of `profiles`.
CREATE TABLE profile_search
(
    person_id   String,
    version     UInt64,
    root        String,                        -- where the person's row lies in profiles (personal data)
    present     UInt8,
    identifiers String,                        -- \0value\0value\0: each identifier's value (personal data)
    texts       String,                        -- the traits that are text, \0 between them (personal data)
    trait_values Array(String)                 -- name\0value of every trait, and of each element of a list (personal data)
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (person_id, root)
SETTINGS index_granularity = 1024;

CREATE MATERIALIZED VIEW profile_search_of_profiles TO profile_search AS
SELECT
    person_id, version, root, present,
    -- a scoped value, or one of a namespace, is found without what stands before its slash
    if(present, concat('\0', arrayStringConcat(arrayMap(
        address -> arrayStringConcat(arrayDistinct(arrayFilter(value -> value != '', [
            if(match(address, '^(wechat_openid|buyer_nick|ouid|oaid):'), '', substring(address, position(address, ':') + 1)),
            extract(address, '^[a-z_]+:[a-z0-9][a-z0-9_-]*/((?s).*)$')])), '\0'),
        members), '\0'), '\0'), '') AS identifiers,
    if(present, arrayStringConcat(arrayMap(
        trait -> JSONExtractString(trait.value),
        arrayFilter(trait -> startsWith(trait.value, '"'), mapValues(traits))), '\0'), '') AS texts,
    if(present, arrayFlatten(arrayMap(
        (name, trait) -> arrayMap(
            said -> concat(name, '\0', if(startsWith(said, '"'), JSONExtractString(said), said)),
            arrayFilter(
                said -> said != 'null' AND NOT match(said, '^[\\[{]'),
                if(startsWith(trait.value, '['), JSONExtractArrayRaw(trait.value), [trait.value]))),
        mapKeys(traits), mapValues(traits))), []) AS trait_values
FROM profiles;

-- Passing what there is through once more fills it; a row that is there twice is one.
INSERT INTO profiles SELECT * FROM profiles FINAL;
